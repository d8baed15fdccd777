"""Whatever a partner writes: it is answered, and nothing raises."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from chassis.messaging.message import Message
from chassis.messaging.publisher import SEND_SECONDS
from chassis.messaging.record import APPENDED, place
from chassis.messaging.subscription import Batch, Postponed
from contracts.envelope import ATTRIBUTES
from contracts.exchange import ReceiptsReported
from services.gateway.domain.organisations import Organisations
from services.gateway.exchange.intake import Intake, _thinned
from services.gateway.exchange.receivers import Receivers
from tests.builders import a_record
from tests.gateway.exchange.samples import (
    ACKNOWLEDGEMENT,
    ALERT,
    NAMES,
    NIK,
    REGISTRATION,
    RESOLUTION,
    RING,
    headers,
    selection,
)
from tests.gateway.exchange.surroundings import Around, Kept

KNOWN = [*(f"ce_{name}" for name in ATTRIBUTES), "content-type", "traceparent", "CE_ID"]
NAME = st.sampled_from(KNOWN) | st.text(max_size=9)
HEADERS = st.lists(st.tuples(NAME, st.none() | st.binary(max_size=40)), max_size=1000)
GOOD = headers()


class Silent(Around):
    """Keeps the commands that go out."""

    async def send_all(self, messages: Any, *, within: float = SEND_SECONDS) -> None:
        self.commands: list[Message] = list(messages)


async def nobody_new(_: set[str]) -> None:
    """Every topic is known."""


def intake(around: Silent) -> Intake:
    receivers = Receivers(around, Kept())
    return Intake(
        RING, NAMES, around, receivers, around, nobody_new, selection, Organisations, urgent=False, trace_ratio=0.01
    )


@settings(deadline=None, max_examples=200)
@given(st.booleans(), HEADERS, st.none() | st.binary(max_size=60), st.none() | st.binary(max_size=60))
def test_every_record_gets_one_answer_whatever_its_bytes(
    like_a_good_one: bool, odd: list[tuple[str, bytes | None]], key: bytes | None, value: bytes | None
) -> None:
    around = Silent()
    given_headers = [*(GOOD if like_a_good_one else ()), *odd]
    record = a_record(7, key, value, given_headers, topic=NAMES.intake("KP2MI"))
    asyncio.run(intake(around).handle(Batch([record])))
    answers = [one for message in around.sent for one in ReceiptsReported.model_validate_json(message.value).receipts]
    assert len(around.commands) + len(answers) == 1
    assert [one.result for one in answers] in ([], ["refused"])


def at(when: datetime, *, appended: datetime, kind: int) -> Any:
    """A record whose sender's clock says `when`, and which carries a time of its own of one of Kafka's two kinds."""
    body, stamped = json.dumps(REGISTRATION).encode(), headers(time=when.isoformat())
    record = a_record(7, None, body, stamped, topic=NAMES.intake("KP2MI"))
    return replace(record, timestamp=int(appended.timestamp() * 1000), timestamp_type=kind)


HOUR, CREATED = timedelta(hours=1), 0


@pytest.mark.parametrize(
    ("ahead", "appended", "kind", "codes"),
    [
        (HOUR, HOUR, APPENDED, []),  # our clock was set back
        (timedelta(0), -HOUR, APPENDED, []),  # the broker's was
        (HOUR, timedelta(0), APPENDED, ["clock_out_of_range"]),  # the sender's is ahead
        (HOUR, HOUR, CREATED, ["clock_out_of_range"]),  # and of the record's time it may say what it likes
    ],
)
async def test_no_clock_of_ours_that_is_set_back_makes_a_sender_early(
    ahead: timedelta, appended: timedelta, kind: int, codes: list[str]
) -> None:
    around, now = Silent(), datetime.now(UTC)
    await intake(around).handle(Batch([at(now + ahead, appended=now + appended, kind=kind)]))
    answers = [one for message in around.sent for one in ReceiptsReported.model_validate_json(message.value).receipts]
    assert [problem.code for one in answers for problem in one.problems] == codes
    assert len(around.commands) == (not codes)


def step(kind: str, body: dict[str, Any], offset: int = 7) -> Any:
    """What the system of the ministry says of an alert."""
    given = headers(kind, source="/KEMLU/peduli", id=f"step-{offset}")
    return a_record(offset, None, json.dumps(body).encode(), given, topic=NAMES.intake("KEMLU"))


@pytest.mark.parametrize(
    ("kind", "body"),
    [("partner.alert.acknowledged.v1", ACKNOWLEDGEMENT), ("partner.alert.resolved.v1", RESOLUTION)],
)
async def test_what_a_system_decides_of_an_alert_is_passed_on_if_there_is_such_an_alert(
    kind: str, body: dict[str, Any]
) -> None:
    """Its id goes on in clear, and one that a sender made up could hold a number of somebody's."""
    around, made_up = Silent(), f"22222222-{NIK[:4]}-{NIK[4:8]}-{NIK[8:12]}-{NIK[12:]}22222222"
    around.alerts = frozenset({ALERT})
    await intake(around).handle(Batch([step(kind, body), step(kind, body | {"alert": made_up}, 8)]))
    (command,) = around.commands
    assert (command.topic, command.key) == (NAMES.commands("alerts"), ALERT.encode())
    (told,) = [one for message in around.sent for one in ReceiptsReported.model_validate_json(message.value).receipts]
    assert [(one.code, one.pointer) for one in told.problems] == [("not_found", "/alert")]


async def test_what_names_an_alert_waits_while_nobody_says_whether_it_is_one_and_keeps_nothing_waiting() -> None:
    around = Silent()
    around.silent = True
    waits = step("partner.alert.acknowledged.v1", ACKNOWLEDGEMENT)
    with pytest.raises(Postponed) as postponed:
        await intake(around).handle(Batch([waits, at(datetime.now(UTC), appended=datetime.now(UTC), kind=CREATED)]))
    assert list(postponed.value.reasons) == [place(waits)]


def refused() -> float:
    labels = {"organisation": "KP2MI", "code": "bad_json"}
    return REGISTRY.get_sample_value("simpul_refused_total", labels) or 0.0


async def test_what_is_refused_is_counted_and_what_is_held_is_not() -> None:
    around, before = Silent(), refused()
    record = a_record(7, None, b"nothing", GOOD, topic=NAMES.intake("KP2MI"))
    await intake(around).handle(Batch([record]))
    assert refused() == before + 1
    await intake(around).hold(record)
    assert (refused(), len(around.sent)) == (before + 1, 2)


@pytest.mark.parametrize(("ratio", "kept"), [(0.0, 0), (1.0, 64), (0.5, 32)])
def test_of_the_traces_that_senders_sample_our_share_goes_on(ratio: float, kept: int) -> None:
    """By the lower half of the trace id, as OpenTelemetry decides it."""
    traces = [f"00-{'a' * 16}{n * (2**64 // 64):016x}-b7ad6b7169203331-01" for n in range(64)]
    thinned = [_thinned(trace, ratio) for trace in traces]
    assert thinned[:kept] == traces[:kept]
    assert {trace[-2:] for trace in thinned[kept:]} <= {"00"}
    assert [trace[:-2] for trace in thinned] == [trace[:-2] for trace in traces]
