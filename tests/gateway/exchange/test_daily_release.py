"""The release of a day: who knows people by pseudonyms learns neither the moment nor the order of what happened."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest

from chassis.messaging.message import Message
from chassis.messaging.record import Record
from contracts import envelope as envelopes
from contracts.model import Moment
from services.gateway.domain.routing import Routing
from services.gateway.exchange.daily_release import DailyRelease
from services.gateway.exchange.event_log import EventLog, Positions
from services.gateway.exchange.receivers import HeldAgain
from services.gateway.store.daily_releases import DailyReleases, Progress
from tests.gateway.domain.agreements import an_agreement
from tests.gateway.exchange.samples import NAMES, NIK, RING, departed, envelope, facets, record, registered
from tests.gateway.exchange.surroundings import Around, Died, persons

DAY = date(2026, 6, 1)
NOON = datetime(2026, 6, 1, 5, tzinfo=UTC)
NEXT = NOON + timedelta(days=1)
RECEIVERS = ("BPS", "BPJS_TK")
PEOPLE = [str(UUID(int=number, version=4)) for number in range(1, 41)]


def pseudonyms(receiver: str) -> Any:
    return an_agreement(
        id=f"research-{receiver.lower().replace('_', '-')}",
        receiver={"organisation": receiver}, pseudonymised=True, release="daily",
        events=["registry.person.registered.v1", "registry.episode.departed.v1"], facts=["status", "home_regency"],
        personal={"nik": "hashed", "birth_date": "year", "sex": "clear"},
    )  # fmt: skip


class Log(EventLog):
    """The registry's log, in memory: one partition."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, event: Any, at: datetime) -> None:
        origin = envelope(event, id=str(UUID(int=len(self.records) + 1, version=4)), time=at, recordedtime=at)
        body = event.model_dump_json().encode()
        self.records.append(record(body, origin.headers(), topic=NAMES.events("registry"), offset=len(self.records)))

    async def end(self) -> Positions:
        return {0: len(self.records)}

    async def read(self, first: Positions, end: Positions) -> AsyncIterator[list[Record]]:
        yield self.records[first.get(0, 0) : end[0]]


class Progressed(DailyReleases):
    """How far it came, in memory."""

    def __init__(self) -> None:
        self.progress: dict[str, Progress] = {}

    async def find(self, name: str) -> Progress | None:
        return self.progress.get(name)

    async def begin(self, name: str, day: date, positions: dict[int, int]) -> None:
        self.progress.setdefault(name, Progress(day, positions, None))

    async def take(self, name: str, day: date) -> bool:
        return True

    async def fix_end(self, name: str, positions: dict[int, int]) -> None:
        before = self.progress[name]
        self.progress[name] = Progress(before.day, before.next, before.end or positions)

    async def done(self, name: str, day: date, progress: Progress) -> None:
        self.progress[name] = Progress(day, progress.end or {}, None)

    async def give_back(self, name: str) -> None:
        pass


class Known(Around):
    """Whose registry knows everybody's number."""

    async def read_persons(self, versions: Mapping[str, int], **_: Any) -> dict[str, Any]:
        states = await super().read_persons(versions)
        personal = {"nik": NIK, "birth_date": "1998-12-05", "sex": "P", "full_name": "Sulastri"}
        return {person: state.model_copy(update={"personal": personal}) for person, state in states.items()}


class Releasing:
    """A day in which everybody registers, one after another, and the first ten depart."""

    def __init__(self, receivers: Iterable[str] = RECEIVERS, log: EventLog | None = None) -> None:
        self.around, self.log, self.store = Known(), Log(), Progressed()
        agreements = [pseudonyms(code) for code in receivers]
        self.routing = Routing(agreements, frozenset(receivers), DAY)
        self.copies = persons(self.around, *receivers)
        self.copies._routing = lambda: self.routing
        self.daily = DailyRelease(RING, self.copies, self.store, log or self.log, lambda: self.routing)

    async def a_day(self, begin: datetime = NOON) -> None:
        await self.daily.run_due(begin)
        for number, person in enumerate(PEOPLE):
            at = begin + timedelta(minutes=number)
            home = facets(home_regency=f"33.{number % 20 + 1:02}")
            self.log.append(registered(person=person, facets=home, occurred=Moment(at=at, offset=480)), at)
        for number, person in enumerate(PEOPLE[:10]):
            at = begin + timedelta(hours=1, minutes=number)
            self.log.append(departed(person=person, occurred=Moment(at=at, offset=540)), at)

    def sent_to(self, receiver: str) -> list[Message]:
        return [message for message in self.around.sent if message.topic == NAMES.delivery(receiver)]


def body_of(message: Message) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.value)
    return body


async def a_release() -> Releasing:
    releasing = Releasing()
    await releasing.a_day()
    await releasing.daily.run_due(NEXT)
    return releasing


async def test_nothing_goes_out_before_the_day_is_over_and_everything_once_it_is() -> None:
    releasing = Releasing()
    await releasing.a_day()
    await releasing.daily.run_due(NOON + timedelta(hours=11))
    assert releasing.around.sent == []
    for _ in range(2):
        await releasing.daily.run_due(NEXT)
        assert [len(releasing.sent_to(code)) for code in RECEIVERS] == [50, 50]
    assert len(releasing.around.disclosed) == 100


async def test_each_person_is_told_of_in_order_and_persons_stand_together_and_shuffled() -> None:
    releasing = await a_release()
    bodies = [body_of(message) for message in releasing.sent_to("BPS")]
    order = [body["person"] for body in bodies]
    changes = sum(one != other for one, other in pairwise(order))
    assert changes == len(PEOPLE) - 1, "what is told of one person stands together"
    departing = [(one["event"], other["event"]) for one, other in pairwise(bodies) if one["person"] == other["person"]]
    assert departing == [("registry.person.registered.v1", "registry.episode.departed.v1")] * 10
    regencies = [body["facts"]["home_regency"] for body in bodies if body["event"].endswith("registered.v1")]
    assert regencies != [f"33.{number % 20 + 1:02}" for number in range(len(PEOPLE))], "not as they arrived"


async def test_a_release_that_dies_on_the_way_goes_on_with_the_same_copies_in_the_same_order() -> None:
    whole = [message.value for message in (await a_release()).sent_to("BPJS_TK")]
    releasing = Releasing()
    await releasing.a_day()
    releasing.around.dies_before = releasing.around.steps + 1
    with pytest.raises(Died):
        await releasing.daily.run_due(NEXT)
    releasing.log.append(registered(), NEXT)
    releasing.around.dies_before, releasing.around.sent = None, []
    await releasing.daily.run_due(NEXT)
    assert [message.value for message in releasing.sent_to("BPJS_TK")] == whole


async def test_a_day_that_takes_the_registry_too_long_goes_out_in_smaller_parts() -> None:
    whole = [message.value for message in (await a_release()).sent_to("BPS")]
    releasing = Releasing()
    await releasing.a_day()
    releasing.around.at_most = 7
    await releasing.daily.run_due(NEXT)
    assert [message.value for message in releasing.sent_to("BPS")] == whole


async def test_a_receiver_whose_topic_takes_nothing_gets_the_day_later() -> None:
    releasing = Releasing(["BPS"])
    await releasing.a_day()
    releasing.around.faulty = frozenset({NAMES.delivery("BPS")})
    with pytest.raises(HeldAgain):
        await releasing.daily.run_due(NEXT)
    releasing.around.faulty = frozenset()
    await releasing.daily.run_due(NEXT)
    assert len(releasing.sent_to("BPS")) == 50


async def test_nobody_waits_for_another_receivers_topic() -> None:
    releasing = Releasing()
    await releasing.a_day()
    first, second = (receiver for receiver, _ in releasing.routing.daily())
    releasing.around.faulty = frozenset({NAMES.delivery(first)})
    with pytest.raises(HeldAgain):
        await releasing.daily.run_due(NEXT)
    assert len(releasing.sent_to(second)) == 50


async def test_a_successor_gets_what_those_whom_it_took_over_were_not_given_yet() -> None:
    releasing = Releasing(["BPS"])
    await releasing.a_day()
    connected = frozenset({"BPS", "BAPPENAS"})
    releasing.routing = Routing([pseudonyms("BPS")], connected, DAY, {"BPS": "BAPPENAS"})
    for _ in range(3):
        await releasing.daily.run_due(NEXT)
    assert (len(releasing.sent_to("BPS")), len(releasing.sent_to("BAPPENAS"))) == (0, 50)


async def test_a_suspension_stops_a_release_that_has_begun() -> None:
    releasing = Releasing(["BPS"])
    await releasing.a_day()
    looks = iter([set[str]()])
    releasing.copies._receivers.suspended = lambda: next(looks, {"BPS"})
    with pytest.raises(HeldAgain):
        await releasing.daily.run_due(NEXT)
    assert releasing.around.sent == []


# -- two receivers lay their copies side by side


def scalars(value: Any) -> set[str]:
    """Every text and number of a copy, wherever it stands."""
    if isinstance(value, dict):
        return set().union(*(scalars(one) for one in value.values()))
    if isinstance(value, list):
        return set().union(*(scalars(one) for one in value))
    return {str(value)}


def everything(messages: Iterable[Message]) -> set[str]:
    """All that a receiver can lay beside what another has: bodies, keys and headers."""
    found: set[str] = set()
    for message in messages:
        found |= scalars(body_of(message)) | {str(message.key), str(message.timestamp_ms)}
        found |= {value.decode() for _, value in message.headers}
    return found


FACTS = {f"33.{number:02}" for number in range(1, 21)} | {"C1_REGISTERED", "1998", "P"}
"""Equal facts are equal for both: docs/security.md says so."""


async def test_two_receivers_have_no_id_time_or_trace_in_common_that_tells_one_person_from_another() -> None:
    releasing = await a_release()
    one, other = (releasing.sent_to(code) for code in RECEIVERS)
    common = everything(one) & everything(other)
    told_of_each = [common & everything([message]) - FACTS for message in one]
    registrations = [index for index, message in enumerate(one) if b"registered" in message.value]
    of_registrations = {frozenset(told_of_each[index]) for index in registrations}
    assert len(of_registrations) == 1, "what both have is the same for everybody"
    assert everything(one) & everything(other) >= FACTS


async def test_times_are_by_the_day_and_nothing_leads_back() -> None:
    releasing = await a_release()
    midnight = datetime(2026, 5, 31, 17, tzinfo=UTC)
    for message in releasing.sent_to("BPS"):
        head, body = envelopes.read(message.headers), body_of(message)
        assert (head.time, head.recordedtime, head.correlationid, head.traceparent) == (midnight, midnight, None, None)
        assert message.timestamp_ms == midnight.timestamp() * 1000
        assert (body["occurred_at"], "asof" in body) == ("2026-06-01+07:00", False)


async def test_places_in_the_release_tell_nothing_of_places_in_anothers_or_in_the_next() -> None:
    releasing = await a_release()
    await releasing.a_day(NEXT)
    await releasing.daily.run_due(NEXT + timedelta(days=1))
    places = []
    for code in RECEIVERS:
        regencies = [body_of(message)["facts"]["home_regency"] for message in releasing.sent_to(code)]
        places += [regencies[:50], regencies[50:]]
    assert all(first != second for index, first in enumerate(places) for second in places[index + 1 :])
    assert all(sorted(place) == sorted(places[0]) for place in places)
