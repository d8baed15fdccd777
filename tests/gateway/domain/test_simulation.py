"""Past events under a changed agreement: who gains and who loses, as copies themselves would tell."""

import json
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts import codes, registry
from services.gateway.domain.agreements import Agreement
from services.gateway.domain.routing import Routing
from services.gateway.domain.simulation import Change, compare, shape_of
from tests.gateway.domain.agreements import AGREEMENTS, EVENTS, TODAY, an_agreement
from tests.gateway.exchange.samples import facets, raised, registered

EVERYBODY = frozenset(codes.organisations())


def shapes(*events: Any, times: int = 1) -> Counter[Any]:
    found = [shape_of(json.loads(event.model_dump_json())) for event in events]
    return Counter({shape: times for shape in found if shape is not None})


def changes(before: list[Agreement], after: list[Agreement], *events: Any, times: int = 1) -> list[Change]:
    old, new = (Routing(agreements, EVERYBODY, TODAY) for agreements in (before, after))
    return compare(shapes(*events, times=times), old, new)


def test_a_new_field_is_gained_and_one_taken_away_is_lost() -> None:
    before, after = an_agreement(facts=["status"]), an_agreement(version=2, facts=["destination"])
    assert changes([before], [after], registered(), times=7) == [
        Change("BPJS_TK", "insurance", "facts.destination", 7, 0, depends=False),
        Change("BPJS_TK", "insurance", "facts.status", 0, 7, depends=False),
    ]


def test_fewer_than_five_events_are_not_counted() -> None:
    after = an_agreement(facts=["status"])
    assert [one.gained for one in changes([], [after], registered(), times=4)] == [None]
    assert [one.gained for one in changes([], [after], registered(), times=5)] == [5]


def test_what_depends_on_who_stated_it_says_so() -> None:
    narrow, wide = (an_agreement(facts=["scheme"], stated_in=kinds) for kinds in (["PLACEMENT"], "all"))
    (change,) = changes([narrow], [wide], registered(), times=5)
    assert (change.gained, change.lost, change.depends) == (5, 0, True)


def test_whoever_is_reached_by_a_wider_filter_gains_those_events_alone() -> None:
    malaysia = an_agreement(facts=["status"], filter={"destination": ["MY"]})
    both = an_agreement(facts=["status"], filter={"destination": ["MY", "HK"]})
    events = [registered(facets=facets(destination=code)) for code in ("MY", "HK", "TW")]
    assert [one.gained for one in changes([malaysia], [both], *events, times=9)] == [9]


def test_events_of_others_than_persons_have_no_part_in_it() -> None:
    assert shapes(raised()) == {}


@given(AGREEMENTS, EVENTS, st.integers(0, 4))
def test_removing_an_agreement_gains_nobody_anything(
    agreements: tuple[Agreement, ...], event: registry.PersonEvent, index: int
) -> None:
    fewer = [one for number, one in enumerate(agreements) if number != index]
    assert all(one.gained == 0 for one in changes(list(agreements), fewer, event, times=5))
    assert all(one.lost == 0 for one in changes(fewer, list(agreements), event, times=5))
