"""Copies of an alert whose reporter gave no reason: they name somebody only if an agreement of its own covers them."""

import json
from typing import Any

import pytest

from contracts import notifications
from tests.gateway.exchange.samples import NOW, PERSON, raised
from tests.gateway.exchange.surroundings import Around, alerts, told


async def copies(event: notifications.Event, *, silent: bool = False) -> list[dict[str, Any]]:
    """What KBRI_KUL gets of it; `silent`: the registry answers only after the first copy."""
    around = Around()
    around.silent = silent
    await alerts(around).deliver([told(event)], lambda _: True)
    around.silent = False
    await alerts(around).complete()
    return [json.loads(message.value) for message in around.sent]


@pytest.mark.parametrize("silent", [False, True])
async def test_whom_an_agreement_of_the_reporter_covers_is_named(silent: bool) -> None:
    copy = (await copies(raised(named_under="unconfirmed", source="KP2MI"), silent=silent))[-1]
    assert (bool(copy["person"]), "personal" in copy, copy.get("person_withheld")) == (True, True, None)


@pytest.mark.parametrize("silent", [False, True])
@pytest.mark.parametrize("person", [PERSON, None])
async def test_whom_none_covers_is_not_and_nor_is_whoever_nobody_knows(person: str | None, silent: bool) -> None:
    event = raised(named_under="unconfirmed", source="KEMENKES", person=person)
    bodies = await copies(event, silent=silent)
    assert bodies[-1]["person_withheld"] == "no_reason"
    assert bodies[-1]["report"]["narrative"]
    for body in bodies:
        assert body.keys().isdisjoint({"person", "personal", "candidates", "asof"})


async def test_a_reason_names_whom_no_agreement_covers_and_stands_in_the_copy() -> None:
    (copy,) = await copies(raised(named_under="reason", source="KEMENKES", reason="violence"))
    assert (bool(copy["person"]), copy["reason"]) == (True, "violence")


async def test_what_becomes_of_an_unconfirmed_alert_names_nobody() -> None:
    given = raised(named_under="unconfirmed").model_dump(exclude={"type", "acknowledge_by"})
    (copy,) = await copies(notifications.AlertAcknowledged(**given, by="KEMLU", at=NOW))
    assert (copy["state"], copy.get("person")) == ("acknowledged", None)


async def test_whom_nobody_may_be_told_is_marked() -> None:
    (copy,) = await copies(raised(named_under=None, person=None, withheld="limit"))
    assert (copy["person_withheld"], copy.get("person")) == ("limit", None)
