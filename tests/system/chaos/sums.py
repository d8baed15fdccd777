"""What must be true when everything has settled: nothing lost, doubled or reordered, and nothing left over."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AdminClient, OffsetSpec
from motor.motor_asyncio import AsyncIOMotorClient

from chassis.commands.outbox import UNMARKED
from contracts.topics import Names
from deploy.local.service import SERVICES
from deploy.local.stack import Stack
from tests.system.chaos.traffic import PLACE, TOLD, Traffic
from tests.system.load import RECEIVERS, SENDER

REGISTERED, PLACED, DEPARTED = (
    "registry.person.registered.v1",
    "registry.episode.placement_recorded.v1",
    "registry.episode.departed.v1",
)
PERSON = "exchange.person.copied.v1"
SHOWN = 3
"""Examples of each kind of fault that are named."""


class Sums:
    """`unsettled` says what is still under way, `wrong` what is wrong once nothing is."""

    def __init__(self, stack: Stack, traffic: Traffic) -> None:
        self.stack, self.traffic = stack, traffic
        self.names = Names(stack.prefix)
        self._clients: dict[str, AsyncIOMotorClient] = {}

    def close(self) -> None:
        """Disconnect from the databases."""
        for client in self._clients.values():
            client.close()

    # -- under way

    async def unsettled(self) -> list[str]:
        """Records without a final receipt, and copies that have not come."""
        return [*self._unanswered(), *self._missing_copies(), *self._missing_alerts()]

    def _unanswered(self) -> Iterator[str]:
        for code, sent in self.traffic.sent.items():
            missing = sorted(sent.expected.keys() - self.traffic.inboxes[code].final)
            if missing:
                kinds = Counter(one.rpartition("/")[2].rstrip("0123456789") for one in missing)
                yield f"{len(missing)} of {len(sent.expected)} records of {code} have no final receipt: {dict(kinds)}"

    def _missing_copies(self) -> Iterator[str]:
        expected = self._expected_events()
        for code in RECEIVERS:
            for event, count in expected.items():
                if (came := self.traffic.inboxes[code].events[event]) < count:
                    yield f"{code} has {came} of {count} copies of {event}"

    def _expected_events(self) -> Counter[str]:
        people = len(self.traffic.registered)
        return Counter(
            {
                REGISTERED: people + len(self.traffic.officers.registered),
                PLACED: people,
                DEPARTED: len(self.traffic.departed),
            }
        )

    def _missing_alerts(self) -> Iterator[str]:
        for code in TOLD:
            alerts = self.traffic.inboxes[code].alerts
            steps = Counter(copy.body["state"] for copies in alerts.values() for copy in copies)
            for state, count in (
                ("raised", len(self.traffic.calls)),
                ("acknowledged", len(self.traffic.officers.taken)),
            ):
                if steps[state] < count:
                    yield f"{code} has {steps[state]} of {count} copies of alerts {state}"

    # -- in the end

    def seen(self) -> list[str]:
        """What partners and people see that is not as it should be, one line each."""
        return [*self._receipts(), *self._copies(), *self._alerts(), *self._answers_to_people()]

    async def wrong(self) -> list[str]:
        """That, and what is wrong inside."""
        return [*self.seen(), *await self.left_over(), *await self._log(), *self._lag()]

    async def left_over(self) -> list[str]:
        """What the databases hold that should be done with, and copies that went out without being put on record."""
        found = [line for service in SERVICES async for line in self._left_over(service)]
        return [*found, *[line async for line in self._undisclosed()]]

    def _receipts(self) -> Iterator[str]:
        """Each record has one receipt, of the result that it must have."""
        for code, sent in self.traffic.sent.items():
            receipts = self.traffic.inboxes[code].receipts
            faults = {
                record: said
                for record, result in sent.expected.items()
                if (said := [(r.result, r.code) for r in receipts.get(record, ())]) and [s[0] for s in said] != [result]
            }
            kinds = Counter(f"{sent.expected[record]} expected, said {said}" for record, said in faults.items())
            for kind, count in kinds.most_common(SHOWN):
                yield f"{count} records of {code}: {kind}"
            unknown = receipts.keys() - sent.expected.keys()
            if strange := [record for record in unknown if not record.startswith(PLACE)]:
                yield f"{code} has receipts for {len(strange)} records that it never sent"

    def _copies(self) -> Iterator[str]:
        """Each receiver got each fact about each person once, in the order in which they were recorded."""
        people, departed = len(self.traffic.registered), len(self.traffic.departed)
        expected = Counter(
            {
                (REGISTERED, PLACED, DEPARTED): departed,
                (REGISTERED, PLACED): people - departed,
                (REGISTERED,): len(self.traffic.officers.registered),
            }
        )
        for code in RECEIVERS:
            inbox = self.traffic.inboxes[code]
            events: dict[str, list[str]] = defaultdict(list)
            recorded: dict[str, list[str]] = defaultdict(list)
            for copy in inbox.of_type(PERSON):
                events[copy.body["person"]].append(copy.body["event"])
                recorded[copy.body["person"]].append(inbox.recorded[copy.id])
            found = Counter(tuple(one) for one in events.values())
            for story in found | expected:
                if found[story] != expected[story]:
                    yield f"{code}: {found[story]} people with {[*map(_short, story)]}, expected {expected[story]}"
            if disordered := sum(times != sorted(times) for times in recorded.values()):
                yield f"{code}: copies about {disordered} people came in another order than they were recorded in"

    def _alerts(self) -> Iterator[str]:
        """Each call is one alert, told once to each, and completed where its personal part was missing at first."""
        receipts = self.traffic.inboxes[SENDER].receipts
        raised = {r.body.get("subject") for call in self.traffic.calls for r in receipts.get(call.record, ())}
        if len(raised) != len(self.traffic.calls):
            yield f"{len(self.traffic.calls)} calls became {len(raised)} alerts"
        for code in TOLD:
            alerts = self.traffic.inboxes[code].alerts
            if strange := alerts.keys() - raised:
                yield f"{code} was told of {len(strange)} alerts that nobody raised"
            for alert in raised & alerts.keys():
                copies = alerts[str(alert)]
                main = [copy.body["state"] for copy in copies if not copy.body.get("completes")]
                if len(main) != len(set(main)) or main[:1] != ["raised"]:
                    yield f"{code} was told of one alert as {main}"
                if not any("report" in copy.body for copy in copies):
                    yield f"{code} was never told what was reported of an alert: {main}"

    def _answers_to_people(self) -> Iterator[str]:
        for answer, count in self.traffic.officers.wrong.items():
            yield f"{count} answers to people: {answer}"

    async def _left_over(self, service: str) -> Any:
        """Outbox documents that were never published, dead letters, completions still owed, messages held back."""
        database = self._database(service)
        if count := await database["outbox"].count_documents({"state": UNMARKED}):
            yield f"{service}: {count} documents of the outbox are not published"
        letters = await database["dead_letters"].find({}, {"payload": 0}).to_list(None)
        for kind, count in Counter(f"{one['topic']}, {one['state']}: {one['reason']}" for one in letters).items():
            yield f"{service}: {count} dead letters of {kind}"
        for left in ("pending_enrichments", "held_back") if service == "gateway" else ():
            if count := await database[left].count_documents({}):
                yield f"{service}: {count} documents are left in {left}"

    async def _undisclosed(self) -> Any:
        """Every copy about a person stands in the record of disclosures."""
        known: set[str] = set()
        async for document in self._database("gateway")["disclosures"].find({}, {"disclosed.copies": 1}):
            known |= {copy[0] for group in document["disclosed"] for copy in group["copies"]}
        for code, inbox in self.traffic.inboxes.items():
            personal = {copy.id for copy in inbox.copies.values() if "person" in copy.body}
            if missing := personal - known:
                yield f"{len(missing)} of {len(personal)} copies that {code} got are in no record of disclosures"

    async def _log(self) -> list[str]:
        """The events of each person stand in the log as 1, 2, 3 …, whatever is repeated."""
        order: dict[bytes, list[int]] = defaultdict(list)
        async for record in self._records(self.names.events("registry")):
            headers = dict(record.headers)
            sequence = int(headers["ce_sequence"])
            if sequence not in order[record.key]:
                order[record.key].append(sequence)
        broken = [found for found in order.values() if found != list(range(1, len(found) + 1))]
        examples = f", for example {broken[:SHOWN]}" if broken else ""
        return [f"the log tells of {len(broken)} people out of order{examples}"] if broken else []

    async def _records(self, topic: str) -> Any:
        async with AIOKafkaConsumer(**self.stack.kafka.client, enable_auto_commit=False) as consumer:
            numbers = self.stack.kafka.admin().list_topics(topic, timeout=30).topics[topic].partitions
            places = [TopicPartition(topic, number) for number in numbers]
            consumer.assign(places)
            ends = await consumer.end_offsets(places)
            await consumer.seek_to_beginning(*places)
            while any([await consumer.position(place) < ends[place] for place in places]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        yield record

    def _lag(self) -> list[str]:
        """Every group of the services has acknowledged everything."""
        admin = self.stack.kafka.admin()
        groups = [one.group_id for one in admin.list_consumer_groups().result(30).valid]
        ours = [name for name in groups if name.removeprefix(self.stack.prefix).startswith((*SERVICES,))]
        return [line for group in ours for line in _behind(admin, group)]

    def _database(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = AsyncIOMotorClient(self.stack.url(f"db-{service}"))
        return self._clients[service][f"{self.stack.prefix}{service}".replace(".", "_")]

    async def stored(self) -> Mapping[str, int]:
        """Documents of each collection, by service and name."""
        counts: dict[str, int] = {}
        for service in SERVICES:
            database = self._database(service)
            for name in sorted(await database.list_collection_names()):
                counts[f"{service}.{name}"] = await database[name].count_documents({})
        return counts

    async def oldest(self, collections: Sequence[str]) -> Mapping[str, datetime]:
        """When the oldest document of each was stored, by service and name; empty collections are absent."""
        found: dict[str, datetime] = {}
        for service in SERVICES:
            for name in collections:
                if first := await self._database(service)[name].find_one({}, {"at": 1}, sort=[("at", 1)]):
                    found[f"{service}.{name}"] = first["at"].replace(tzinfo=UTC)
        return found


def _short(event: str) -> str:
    return event.split(".")[-2]


def _behind(admin: AdminClient, group: str) -> Iterator[str]:
    asked = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group].result(30)
    ends = dict(_ends(admin, asked.topic_partitions))
    behind = sum(ends[place.topic, place.partition] - place.offset for place in asked.topic_partitions)
    if behind > 0:
        yield f"{group} is {behind} records behind"


def _ends(admin: AdminClient, places: Any) -> Iterator[tuple[tuple[str, int], int]]:
    latest: Any = OffsetSpec.latest
    for place, future in admin.list_offsets({place: latest() for place in places}).items():
        yield (place.topic, place.partition), future.result(30).offset
