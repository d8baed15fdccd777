"""Intake: partners' records become commands, or refusals to their senders. Input, output with derived ids, commit."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from chassis import telemetry
from chassis.messaging.consumer import Record
from chassis.messaging.priority import Breathe
from chassis.messaging.publisher import Message, Publisher
from chassis.security.keys import KeyRing, person_of
from chassis.security.sealing import ReplyToCipher
from contracts import codes
from contracts.commands import Principal
from contracts.envelope import Headers
from contracts.exchange import Receipt
from contracts.indicators import SubmitAnswer
from contracts.outcomes import Problem, Refused, problem
from contracts.topics import Names, partner_slug
from services.gateway.clients import Services
from services.gateway.domain import receipts
from services.gateway.domain.cloudevents import as_binary, find_header
from services.gateway.domain.receipts import ReplyTo
from services.gateway.domain.submissions import Submitted, read_submission
from services.gateway.domain.validation import check_size
from services.gateway.exchange.delivery import Owns
from services.gateway.outbound_commands import CommandWriter, OutboundCommand, digest_of
from services.gateway.person_lookup import with_person

Refusal = tuple[ReplyTo, Receipt]


@dataclass(frozen=True, slots=True)
class Accepted:
    """A record that can be a command, and where to answer."""

    to: ReplyTo
    order: OutboundCommand


class Intake:
    """What stands behind the subscribers of `from.<org>.v1` and `from.<org>.urgent.v1`."""

    keyed = False
    """Partners choose their keys freely: they bind nothing."""

    def __init__(
        self,
        ring: KeyRing,
        names: Names,
        publisher: Publisher,
        services: Services,
        rounds: "Rounds",
        *,
        urgent: bool,
        trace_ratio: float,
        breathe: Breathe,
    ) -> None:
        self._ring, self._names, self._publisher = ring, names, publisher
        self._services, self._rounds = services, rounds
        self._urgent, self._trace_ratio, self._breathe = urgent, trace_ratio, breathe
        self._reply_to = ReplyToCipher(ring)
        self._organisations = {code.lower(): code for code in codes.organisations()}

    async def take(self, records: Sequence[Record], _: Owns) -> None:
        """Publish what the records ask for. Raises an outage; a bad record never raises.

        Answers to a round not heard of go last: while indicators cannot be asked, nothing else of the batch waits.
        """
        accepted, refused = await self._sort([record for record in records if self._is_known(record)])
        unsure = [one for one in accepted if not self._rounds.heard_of(_round(one))]
        await self._pass_on([one for one in accepted if self._rounds.heard_of(_round(one))], refused)
        if unsure:
            await self._pass_on(*await self._sure(unsure))

    async def _pass_on(self, accepted: list[Accepted], refused: list[Refusal]) -> None:
        accepted = await self._with_persons(accepted)
        spans = [telemetry.hop(f"take {a.order.translation.type}", a.order.traceparent) for a in accepted]
        try:
            writer = CommandWriter(self._ring, self._names)
            made: list[Message] = []
            for index, (one, span) in enumerate(zip(accepted, spans, strict=True)):
                await self._breathe(index)
                onward = telemetry.onward(span, one.order.traceparent)
                made.append(writer.message(replace(one.order, traceparent=onward)))
            made += receipts.messages(self._ring, self._names, refused)
            await self._publisher.send_all(made)
        finally:
            telemetry.end(spans)
        _count(len(accepted), refused)

    def _is_known(self, record: Record) -> bool:
        """Only an administrator can make a topic of no organisation; what stands on it is nobody's."""
        known = partner_slug(record.topic, self._names.prefix) in self._organisations
        if not known:
            telemetry.log.error("unknown_sender", topic=record.topic, offset=record.offset)
        return known

    async def hold(self, record: Record) -> None:
        """Tell the sender that the platform keeps this record."""
        to, name = self._address(record)
        await self._tell(to, receipts.held(self._ring, to, name))

    async def end(self, record: Record) -> None:
        """Tell the sender that an operator ended this record."""
        to, name = self._address(record)
        await self._tell(to, receipts.refusal(self._ring, to, name, (problem("platform_gave_up"),)))

    async def _tell(self, to: ReplyTo, receipt: Receipt) -> None:
        await self._publisher.send_all([*receipts.messages(self._ring, self._names, [(to, receipt)])])

    async def _sort(self, records: Sequence[Record]) -> tuple[list[Accepted], list[Refusal]]:
        accepted: list[Accepted] = []
        refused: list[Refusal] = []
        now = datetime.now(UTC)
        for index, record in enumerate(records):
            await self._breathe(index)
            to, name = self._address(record)
            try:
                accepted.append(self._accept(record, to, now))
            except Refused as refusal:
                refused.append((to, receipts.refusal(self._ring, to, name, refusal.problems)))
        return accepted, refused

    def _accept(self, record: Record, to: ReplyTo, now: datetime) -> Accepted:
        check_size(record.value or b"")
        headers, value = as_binary(record.headers, record.value or b"")
        mine = partial(person_of, self._ring, to.organisation)
        submitted = read_submission(headers, value, to.organisation, mine, now, urgent=self._urgent)
        return Accepted(to, self._order(submitted, to))

    def _order(self, submitted: Submitted, to: ReplyTo) -> OutboundCommand:
        envelope, draft = submitted.envelope, submitted.draft
        return OutboundCommand(
            id=self._ring.id("intake", to.organisation, envelope.source, envelope.id),
            digest=digest_of(self._ring, draft.type, submitted.body),
            principal=Principal(organisation=to.organisation),
            translation=draft,
            reply_to=self._reply_to.seal_address(to.sealable()),
            bulk=not to.urgent,
            traceparent=self._trace(envelope.traceparent),
        )

    def _trace(self, given: str | None) -> str | None:
        """The sender's trace, or for an urgent record without one that of its batch. Loads are sampled as we choose."""
        found = telemetry.clean_traceparent(given)
        if self._urgent:
            return found or telemetry.clean_traceparent(telemetry.current_traceparent())
        return found and _thinned(found, self._trace_ratio)

    def _address(self, record: Record) -> tuple[ReplyTo, tuple[str, ...]]:
        """Where to answer, and what names a refusal of this record: its id and body, or else its place in the log."""
        organisation = self._organisations[partner_slug(record.topic, self._names.prefix)]
        headers = _headers(record)
        found, source = find_header(headers, "ce_id"), find_header(headers, "ce_source")
        if found is None:
            place = (record.topic, str(record.timestamp), str(record.offset))
            return ReplyTo(organisation, self._urgent, None, record.offset), place
        command_id = self._ring.id("intake", organisation, source or "", found)
        return ReplyTo(organisation, self._urgent, found), (
            command_id,
            self._ring.mac("digest", record.value or b"").hex(),
        )

    async def _sure(self, unsure: list[Accepted]) -> tuple[list[Accepted], list[Refusal]]:
        """A round's id comes from the sender and would go on in clear: only ids that we made pass."""
        await self._rounds.ask()
        known = [one for one in unsure if self._rounds.heard_of(_round(one))]
        unknown = [one for one in unsure if not self._rounds.heard_of(_round(one))]
        return known, [(one.to, self._refuse(one, (problem("not_found", "/round"),))) for one in unknown]

    def _refuse(self, one: Accepted, problems: tuple[Problem, ...]) -> Receipt:
        return receipts.refusal(self._ring, one.to, (one.order.id, one.order.digest), problems)

    async def _with_persons(self, accepted: list[Accepted]) -> list[Accepted]:
        """Alerts about a NIK or passport number learn whom it names, all at once and within 150 ms, or go without."""
        if not any(one.order.translation.service == "alerts" for one in accepted):
            return accepted
        return list(await asyncio.gather(*(self._with_person(one) for one in accepted)))

    async def _with_person(self, one: Accepted) -> Accepted:
        with telemetry.following(one.order.traceparent):
            work = await with_person(self._services, one.order.translation)
        return replace(one, order=replace(one.order, translation=work))


class Rounds:
    """Ids of the assessment rounds, asked of the indicators service when an unknown one turns up."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._ids: set[str] = set()

    def heard_of(self, name: str | None) -> bool:
        """True for a round that was there when last asked, and for what names none."""
        return name is None or name in self._ids

    async def ask(self) -> None:
        """Raises an outage of the indicators service."""
        self._ids.update(summary.round for summary in (await self._services.list_rounds()).rounds)


def _round(one: Accepted) -> str | None:
    body = one.order.translation.body
    return body.round if isinstance(body, SubmitAnswer) else None


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
