"""Intake: partners' records become commands, or refusals to their senders. Input, output with derived ids, commit."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from chassis import telemetry
from chassis.messaging.message import Message
from chassis.messaging.priority import in_slices
from chassis.messaging.publisher import Publisher
from chassis.messaging.record import APPENDED, Record, place
from chassis.messaging.subscription import Batch, Postponed, Unreadable
from chassis.security.keys import KeyRing
from chassis.security.sealing import ReplyToCipher
from contracts.commands import Principal
from contracts.envelope import Headers
from contracts.exchange import Receipt
from contracts.outcomes import Problem, Refused, problem
from contracts.topics import Names, partner_slug
from services.gateway.clients import Services
from services.gateway.domain import receipts
from services.gateway.domain.cloudevents import as_binary, find_header
from services.gateway.domain.organisations import Organisations
from services.gateway.domain.receipts import ReplyTo
from services.gateway.domain.receiver_ids import person_of_any
from services.gateway.domain.routing import Routing
from services.gateway.domain.submissions import Submitted, of_suspended, read_submission
from services.gateway.domain.validation import check_size
from services.gateway.exchange.named_ids import NamedIds, NotAnswered
from services.gateway.exchange.receivers import Receivers, ToReceiver
from services.gateway.exchange.refusal_counts import count_refusals
from services.gateway.outbound_commands import CommandWriter, OutboundCommand, digest_of
from services.gateway.person_lookup import with_person

Refusal = tuple[ReplyTo, Receipt]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be a command, and where to answer."""

    record: Record
    to: ReplyTo
    command: OutboundCommand


class Intake:
    """Handles records of `from.<org>.v1`, or of `from.<org>.urgent.v1`.

    `note_topics` is called with the topics of each batch; `routing` gives the agreements of this moment.
    """

    def __init__(
        self,
        ring: KeyRing,
        names: Names,
        publisher: Publisher,
        receivers: Receivers,
        services: Services,
        note_topics: Callable[[set[str]], Awaitable[None]],
        routing: Callable[[], Routing],
        organisations: Callable[[], Organisations],
        *,
        urgent: bool,
        trace_ratio: float,
    ) -> None:
        self._ring, self._names, self._publisher, self._receivers = ring, names, publisher, receivers
        self._services, self._named_ids, self._note_topics = services, NamedIds(services), note_topics
        self._routing, self._urgent, self._trace_ratio = routing, urgent, trace_ratio
        self._reply_to = ReplyToCipher(ring)
        self._organisations = organisations

    async def handle(self, batch: Batch) -> None:
        """Publish what the records ask for. A record that a sender got wrong is refused and never raises.

        Raises an outage, Unreadable for what stands on a topic of no organisation, and Postponed for what names a round
        or an alert while the service that made it cannot be asked.
        """
        if nobodys := {
            place(record): "its topic is of no organisation" for record in batch.records if not self._sender(record)
        }:
            raise Unreadable(nobodys)
        await self._note_topics({record.topic for record in batch.records})
        accepted, refused = await self._sort(batch.records)
        commands = [submission.command for submission in accepted]
        try:
            unknown = await self._named_ids.unknown(commands)
        except NotAnswered as away:
            waiting = [accepted[index] for index in away.commands]
            raise Postponed({place(submission.record): str(away) for submission in waiting}) from None
        refused += [self._refusal(accepted[index], reason) for index, reason in unknown.items()]
        await self._pass_on([submission for index, submission in enumerate(accepted) if index not in unknown], refused)

    def _refusal(self, submission: Accepted, reason: Problem) -> Refusal:
        name = submission.command.id, submission.command.digest
        return submission.to, receipts.refusal(self._ring, submission.to, name, (reason,))

    async def _pass_on(self, accepted: list[Accepted], refused: list[Refusal]) -> None:
        accepted = await self._with_persons(accepted)
        spans = [
            telemetry.hop(f"take {submission.command.draft.type}", submission.command.traceparent)
            for submission in accepted
        ]
        try:
            writer = CommandWriter(self._ring, self._names)
            commands: list[Message] = []
            async for submission, span in in_slices(zip(accepted, spans, strict=True)):
                onward = telemetry.onward(span, submission.command.traceparent)
                commands.append(writer.message(replace(submission.command, traceparent=onward)))
            await self._publisher.send_all(commands)
        finally:
            telemetry.end(spans)
        await self._tell(refused)
        _count(len(accepted), refused)

    def _sender(self, record: Record) -> str | None:
        """None for a topic that an administrator made for nobody, or whose organisation nobody knows."""
        return self._organisations().by_topic_code.get(partner_slug(record.topic, self._names.prefix))

    async def hold(self, record: Record) -> None:
        """Tell the sender that the platform keeps this record."""
        if self._sender(record):
            to = self._reply_address(record)
            await self._tell([(to, receipts.held(self._ring, to, self._name(record, to)))])

    async def give_up(self, record: Record) -> None:
        """Tell the sender that an operator ended this record."""
        if self._sender(record):
            to = self._reply_address(record)
            name, problems = self._name(record, to), (problem("platform_gave_up"),)
            await self._tell([(to, receipts.refusal(self._ring, to, name, problems))])

    async def _tell(self, answers: Sequence[Refusal]) -> None:
        messages = receipts.messages(self._ring, self._names, answers)
        await self._receivers.send([ToReceiver(organisation, message) for organisation, message in messages])
        count_refusals(answers)

    async def _sort(self, records: Sequence[Record]) -> tuple[list[Accepted], list[Refusal]]:
        accepted: list[Accepted] = []
        refused: list[Refusal] = []
        now = datetime.now(UTC)
        async for record in in_slices(records):
            to = self._reply_address(record)
            try:
                accepted.append(self._accept(record, to, _received_at(record, now)))
            except Refused as refusal:
                name = self._name(record, to)
                refused.append((to, receipts.refusal(self._ring, to, name, refusal.problems)))
        return accepted, refused

    def _accept(self, record: Record, to: ReplyTo, now: datetime) -> Accepted:
        check_size(record.value or b"")
        headers, value = as_binary(record.headers, record.value or b"")
        sender = self._organisations().record_principal(to.organisation, _appended_at(record, now))
        mine = partial(person_of_any, self._ring, sender.stands_for)
        submitted = read_submission(headers, value, sender, mine, now, urgent=self._urgent)
        if sender.organisation in self._organisations().suspended:
            submitted = replace(submitted, draft=of_suspended(submitted.draft))
        return Accepted(record, to, self._command(submitted, sender, to))

    def _command(self, submitted: Submitted, sender: Principal, to: ReplyTo) -> OutboundCommand:
        envelope, draft = submitted.envelope, submitted.draft
        return OutboundCommand(
            id=self._ring.id("intake", to.organisation, envelope.source, envelope.id),
            digest=digest_of(self._ring, draft.type, submitted.body),
            principal=sender,
            draft=draft,
            reply_to=self._reply_to.seal_address(to.sealable()),
            bulk=not to.urgent,
            traceparent=self._trace(envelope.traceparent),
        )

    def _trace(self, traceparent: str | None) -> str | None:
        """The sender's trace, or for an urgent record without one that of its batch. Loads are sampled as we choose."""
        clean = telemetry.clean_traceparent(traceparent)
        if self._urgent:
            return clean or telemetry.clean_traceparent(telemetry.current_traceparent())
        return clean and _thinned(clean, self._trace_ratio)

    def _reply_address(self, record: Record) -> ReplyTo:
        """Where to answer: by the record's id, or by its place where none can be read."""
        record_id = find_header(_headers(record), "ce_id")
        offset = record.offset if record_id is None else None
        return ReplyTo(self._sender(record) or "", self._urgent, record_id, offset)

    def _name(self, record: Record, to: ReplyTo) -> tuple[str, ...]:
        """What names a refusal of this record: its id and body, or else its place in the log."""
        if to.record is None:
            return record.topic, str(record.timestamp), str(record.offset)
        source = find_header(_headers(record), "ce_source") or ""
        command_id = self._ring.id("intake", to.organisation, source, to.record)
        return command_id, self._ring.mac("digest", record.value or b"").hex()

    async def _with_persons(self, accepted: list[Accepted]) -> list[Accepted]:
        """Alerts about a NIK or passport number learn whom it names, all at once and within 150 ms, or go without."""
        if not any(submission.command.draft.service == "alerts" for submission in accepted):
            return accepted
        return list(await asyncio.gather(*(self._with_person(submission) for submission in accepted)))

    async def _with_person(self, submission: Accepted) -> Accepted:
        with telemetry.following(submission.command.traceparent):
            reporter, routing = submission.to.organisation, self._routing()
            draft = await with_person(self._services, submission.command.draft, partial(routing.knows, reporter))
        return replace(submission, command=replace(submission.command, draft=draft))


def _received_at(record: Record, now: datetime) -> datetime:
    """When the record came, by the clock of its broker or by ours, whichever is later.

    Where one of them is set back, no sender is told that its own is ahead. What the sender wrote as time of the record
    counts for nothing.
    """
    if record.timestamp_type != APPENDED:
        return now
    return max(now, datetime.fromtimestamp(record.timestamp / 1000, UTC))


def _appended_at(record: Record, now: datetime) -> datetime:
    """When the broker took the record, by which its sender's authority is judged: an outage of ours takes none away."""
    if record.timestamp_type != APPENDED:
        return now
    return min(now, datetime.fromtimestamp(record.timestamp / 1000, UTC))


def _headers(record: Record) -> Headers:
    """In binary mode; a record that cannot be read as an event keeps those it came with."""
    try:
        return as_binary(record.headers, record.value or b"")[0]
    except Refused:
        return record.headers


def _thinned(traceparent: str, ratio: float) -> str:
    """Sampled only if the trace id is among our share of all ids, as OpenTelemetry's TraceIdRatioBased decides."""
    mine = int(traceparent[19:35], 16) < round(ratio * 2**64)
    return traceparent if mine else f"{traceparent[:-2]}00"


def _count(accepted: int, refused: list[Refusal]) -> None:
    telemetry.RECORDS.labels("intake", "accepted").inc(accepted)
    for _, receipt in refused:
        telemetry.RECORDS.labels("intake", receipt.problems[0].code).inc()
