import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulation.scenario.identifier_scanner import IdentifierScanner
from simulation.scenario.people import SimulatedPerson, people

PEOPLE = people(500, seed=5)
SCANNER = IdentifierScanner(PEOPLE, ["sisko"])
SOMEBODY = next(person for person in PEOPLE if " " in person.full_name and len(person.full_name) > 12)

HARMLESS = [
    b"",
    b'{"person":"6f1f7c4e-6f0b-8d0a-9c1e-2f6d3b8a7e10","facets":{"owner":"KP2MI","home_regency":"33.07"}}',
    b"ce_time: 2026-03-01T01:30:00.000Z\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    b"registry.person.registered.v1",
]


@pytest.mark.parametrize("content", HARMLESS)
def test_what_the_platform_says_by_itself_is_no_leak(content: bytes) -> None:
    assert list(SCANNER.find(content)) == []


@given(st.sampled_from(PEOPLE), st.data())
@settings(max_examples=200)
def test_every_identifier_is_found_among_other_text(person: SimulatedPerson, data: st.DataObject) -> None:
    identifier = data.draw(st.sampled_from(sorted(person.identifiers())))
    before, after = data.draw(st.sampled_from([("", ""), ("/", "/daftar"), ('{"note":"', '"}'), ("id=", ", seq=4")]))
    assert list(SCANNER.find(f"{before}{identifier}{after}".encode()))


def test_a_number_is_found_inside_a_longer_one() -> None:
    assert list(SCANNER.find(f"20260301{SOMEBODY.nik}0001".encode()))
    assert list(SCANNER.find(f"nik{SOMEBODY.nik}x".encode()))


def test_an_identifier_is_found_in_json_and_in_a_record_id() -> None:
    assert list(SCANNER.find(json.dumps({SOMEBODY.nik: SOMEBODY.full_name}).encode()))
    assert list(SCANNER.find(f"{SOMEBODY.passport}-2026".encode()))


def test_what_a_partner_calls_its_own_system_is_found_as_a_word() -> None:
    assert list(SCANNER.find(b"source: /KP2MI/sisko"))
    assert not list(SCANNER.find(b"siskohutan"))


def test_a_short_name_inside_ciphertext_is_chance() -> None:
    word = next(w for w in SOMEBODY.full_name.split() if len(w) >= 5)
    assert not list(SCANNER.find(b"A" * 30 + f"_{word}_".encode() + b"B" * 30))
    assert list(SCANNER.find(b"A" * 30 + f" {word} ".encode() + b"B" * 30))


def test_a_leak_tells_the_place_and_never_the_thing() -> None:
    (leak, *_) = SCANNER.leaks({"registry.events.v1 key": SOMEBODY.nik.encode()})
    assert leak.place == "registry.events.v1 key"
    assert SOMEBODY.nik not in repr(leak)
