"""What every process knows of agreements, and who gets what by it at this moment."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord

from chassis.settings import Settings
from contracts.envelope import Envelope
from contracts.model import Model
from contracts.topics import Names
from services.gateway.commands import LoadedBatch
from services.gateway.directory import CurrentRouting, Directory
from services.gateway.domain.agreements import Agreement
from tests.domain_service import command
from tests.gateway.agreements import NOW, an_agreement, approval, officer
from tests.gateway.test_settlement import a_batch, adoption, proposal, settle

MIDNIGHT = datetime(2026, 4, 30, 17, tzinfo=UTC)
"""Of Jakarta: the first of May begins."""


def a_directory(*, adopts: bool = False) -> Directory:
    given: Any = {"kafka_url": "127.0.0.1:9", "mongo_url": "mongodb://127.0.0.1:9", "mongo_database": "gateway"}
    settings = Settings(**given, keys=Path("keys.json"), instance="test-0", kafka_security="PLAINTEXT")
    return Directory(settings, Names(""), adopts=adopts)


def record(event: Model | bytes, sequence: int | None = 1) -> Any:
    """As it stands in the log."""
    envelope = Envelope("e-1", "/simpul/gateway", "x", NOW, sequence=sequence)
    value = event if isinstance(event, bytes) else event.model_dump_json(exclude_none=True).encode()
    return ConsumerRecord(
        topic="gateway.events.v1", partition=0, offset=0, timestamp=0, timestamp_type=0, key=None, value=value,
        checksum=None, serialized_key_size=-1, serialized_value_size=len(value), headers=tuple(envelope.headers()),
    )  # fmt: skip


def feed(directory: Directory, batch: LoadedBatch, *commands: Any) -> None:
    for one in commands:
        for emitted in settle(batch, one, NOW).events:
            directory.take(record(emitted.event, emitted.sequence))


def test_it_knows_what_was_adopted_and_what_waits_or_was_approved_since() -> None:
    directory, batch = a_directory(), a_batch()
    feed(directory, batch, adoption(an_agreement()))
    feed(directory, batch, proposal(an_agreement(version=2), officer("KP2MI")))
    assert [one.name for one in directory.agreements()] == ["housing-statistics/1"]
    assert [one.name for one in directory.proposals()] == ["housing-statistics/2"]
    feed(directory, batch, *(command(approval(2, f"s-{code}"), officer(code)) for code in ("KP2MI", "BPS")))
    assert [one.name for one in directory.agreements()] == ["housing-statistics/1", "housing-statistics/2"]
    assert directory.proposals() == ()


def test_what_only_a_later_release_knows_is_passed_over() -> None:
    directory, batch = a_directory(), a_batch()
    for unknown in (b"\xff", b"{}", b'{"type": "gateway.agreement.sung.v1", "agreement": "x"}', b""):
        directory.take(record(unknown))
    feed(directory, batch, adoption(an_agreement()))
    assert directory.agreements()


def test_one_that_begins_with_agreements_is_not_ready_without() -> None:
    for adopts in (True, False):
        directory = a_directory(adopts=adopts)
        assert directory.knows_enough is not adopts
        feed(directory, a_batch(), adoption(an_agreement()))
        assert directory.knows_enough


def test_who_gets_what_changes_with_agreements_with_connections_and_at_midnight_in_jakarta() -> None:
    known: list[tuple[Agreement, ...]] = [(an_agreement(valid_to="2026-04-30"),)]
    at = [MIDNIGHT - timedelta(seconds=1)]
    routing = CurrentRouting(lambda: known[-1], lambda: at[-1])
    first = routing()
    assert routing() is first
    assert [one.name for one in first.agreements] == ["housing-statistics/1"]
    routing.connected = frozenset({"BPS"})
    assert routing().connected == {"BPS"}
    at.append(MIDNIGHT)
    assert routing().agreements == ()
    known.append((an_agreement(valid_to="2026-04-30"), an_agreement(version=2)))
    assert [one.name for one in routing().agreements] == ["housing-statistics/2"]
