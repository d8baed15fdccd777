"""A second engine decides the same: 100,000 generated questions, put to the gateway and to Cedar."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

import cedarpy

from contracts import registry
from contracts.registry import FactKind
from services.gateway.domain.agreements import FACT_KINDS, PERSON_EVENTS, Agreement
from services.gateway.domain.routing import Routing
from tests.gateway.domain.agreements import an_agreement
from tests.gateway.domain.cedar import entities, policies, request
from tests.gateway.exchange.samples import departed, facets, registered

REQUESTS = 100
"""Put to one set of agreements."""
RECEIVERS = ("BPJS_TK", "BPS", "KP2MI", "KBRI_KUL", "KJRI_HKG", "KAB-33.07")
EVENTS = tuple(sorted(PERSON_EVENTS))
FIELDS = ("full_name", "nik", "passport", "birth_date")
FACTS = ("status", "destination", "scheme")
FORMS = ("clear", "masked", "hashed", "year")
PATHS = (*(f"facts.{name}" for name in FACTS), *(f"personal.{form}.{name}" for form in FORMS for name in FIELDS))
KINDS: tuple[FactKind, ...] = tuple(sorted(FACT_KINDS))
DAY = date(2026, 6, 1)
ENTITIES = cedarpy.Entities.from_json_str(json.dumps(entities(RECEIVERS)))


def some(random: Random, values: tuple[str, ...], least: int = 0) -> list[str]:
    return random.sample(values, random.randint(least, len(values)))


def a_filter(random: Random) -> dict[str, list[str]]:
    limits = {
        "region": ("33", "33.07", "35"), "destination": ("MY", "HK"),
        "phase": ("C1_REGISTERED", "P1_DEPARTED"), "sector": ("97", "97000", "01"),
    }  # fmt: skip
    return {name: some(random, values) for name, values in limits.items() if random.random() < 0.15}


def some_agreements(random: Random) -> Iterator[Agreement]:
    for number in range(random.randint(1, 6)):
        pseudonymised = random.random() < 0.25
        receivers: list[dict[str, Any]] = [
            {"organisation": "BPJS_TK"}, {"organisation": "BPS"}, {"owner": True},
            {"mission_of": "destination"}, {"regency_of": "home_regency"},
        ]  # fmt: skip
        for version in range(1, random.randint(2, 4)):
            begins = DAY + timedelta(days=random.randint(-20, 20))
            yield an_agreement(
                id=f"a-{number:02}", version=version, pseudonymised=pseudonymised,
                receiver={"organisation": "BPS"} if pseudonymised else random.choice(receivers),
                purpose=random.choice(("insurance", "claims")),
                facts=some(random, FACTS),
                personal={"nik": "hashed", "birth_date": "year"} if pseudonymised
                else {name: some(random, FORMS, 1) for name in some(random, FIELDS)},
                filter=a_filter(random), events=some(random, EVENTS, 4),
                stated_in="all" if random.random() < 0.5 else some(random, KINDS, 1),
                valid_from=begins, valid_to=begins + timedelta(days=random.randint(10, 60)),
            )  # fmt: skip


def some_facets(random: Random) -> registry.Facets:
    return facets(
        owner=random.choice(("KP2MI", "BPJS_TK")), home_regency=random.choice(("33.07", "33.08", "35.07", None)),
        destination=random.choice(("MY", "MY", "HK", None)), sector=random.choice(("97000", "97", "01000", None)),
        status=random.choice(("C1_REGISTERED", "P1_DEPARTED")),
    )  # fmt: skip


def a_question(random: Random, agreements: list[Agreement]) -> dict[str, Any]:
    asked = random.choice(agreements)
    return {
        "receiver": random.choice((*RECEIVERS, asked.receiver.organisation or "KBRI_KUL")),
        "purpose": random.choice((asked.purpose, "insurance")),
        "pseudonym": random.choice((asked.id if asked.pseudonymised else "", "")),
        "stated_in": some(random, KINDS),
    }


def our_answer(routing: Routing, event: registry.PersonEvent, asked: dict[str, Any]) -> set[tuple[str, str]]:
    """Each field that is given, with each agreement that it comes by."""
    group = asked["receiver"], asked["purpose"], asked["pseudonym"]
    for one in routing.of_person(event):
        if (one.receiver, one.purpose, one.pseudonym) == group:
            return {(name, path) for path in PATHS for name in one.grant.gives(path, asked["stated_in"])}
    return set()


def test_cedar_decides_every_generated_question_in_the_same_way() -> None:
    """A question is of one field; one request asks for all fields, because Cedar names every policy that permits."""
    random, given, questions = Random(20260601), 0, 0
    while questions < 100_000:
        agreements = list(some_agreements(random))
        routings = {day: Routing(agreements, frozenset(RECEIVERS), day) for day in (DAY, DAY + timedelta(days=15))}
        requests, ours = [], []
        for _ in range(REQUESTS):
            day, known = random.choice(list(routings)), some_facets(random)
            event, asked = random.choice((registered, departed))(facets=known), a_question(random, agreements)
            requests.append(request(
                event=event.type, owner=known.owner, home_regency=known.home_regency, destination=known.destination,
                sector=known.sector, phase=known.status, today=day.toordinal(), **asked,
            ))  # fmt: skip
            ours.append(our_answer(routings[day], event, asked))
        text, fields = policies(agreements)
        answers = cedarpy.is_authorized_batch(requests, cedarpy.PolicySet.from_str(text), ENTITIES)
        for asked, mine, answer in zip(requests, ours, answers, strict=True):
            assert not answer.diagnostics.errors
            theirs = {fields[int(policy.removeprefix("policy"))] for policy in answer.diagnostics.reasons}
            assert mine == theirs, asked
        given += sum(len({path for _, path in mine}) for mine in ours)
        questions += len(ours) * len(PATHS)
    assert given > questions / 50, "too few of the questions are about something that is given"
