"""What must be so before a copy goes out: on record, fresh, and of a partition that is still ours."""

from types import SimpleNamespace

import pytest

from chassis.messaging.retry import Outage
from contracts import envelope as envelopes
from services.gateway.domain.copies import CopyBuilder
from services.gateway.exchange import delivery
from tests.gateway.exchange.samples import NAMES, PERSON, RING, departed, raised, selection
from tests.gateway.exchange.surroundings import RECEIVER, Around, alerts, persons, told


async def test_a_copy_goes_out_after_it_was_put_on_record() -> None:
    around = Around()
    await persons(around).deliver([told(departed())], lambda _: True)
    await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.done[-3:] == ["send", f"disclose {RECEIVER}", "send"]
    assert around.done[0] == f"disclose {RECEIVER}"


async def test_nothing_is_sent_while_it_cannot_be_put_on_record() -> None:
    around = Around()
    around.away = True
    with pytest.raises(Outage):
        await persons(around).deliver([told(departed())], lambda _: True)
    with pytest.raises(Outage):
        await alerts(around).deliver([told(raised())], lambda _: True)
    assert around.sent == []


async def test_what_was_fetched_over_five_seconds_ago_is_fetched_again(monkeypatch: pytest.MonkeyPatch) -> None:
    around = Around()
    around.slow = True
    monkeypatch.setattr(delivery, "time", SimpleNamespace(monotonic=lambda: around.seconds))
    await persons(around).deliver([told(departed())], lambda _: True)
    assert around.reads == 2
    (copy,) = around.sent
    assert b"read 2" in copy.value
    assert b"read 1" not in copy.value


async def test_a_record_whose_partition_was_lost_is_left_to_its_new_owner() -> None:
    around = Around()
    theirs = PERSON.replace("3", "4")
    kept = told(departed(), offset=1)
    lost = told(departed(person=theirs), offset=2, id="44444444-4444-8444-8444-000000000009")
    await persons(around).deliver([kept, lost], lambda one: one.offset == 1)
    (copy,) = around.sent
    assert envelopes.read(copy.headers).id == CopyBuilder(RING, NAMES).copy_id(
        selection(RECEIVER).of_person(departed())[0], kept.envelope.id
    )
    await alerts(around).deliver([told(raised())], lambda _: False)
    assert len(around.sent) == 1
