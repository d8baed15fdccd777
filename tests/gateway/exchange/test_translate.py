"""What a partner submits, as the command of the service that settles it."""

import json

import pytest

from chassis.security.keys import KeyRing
from chassis.security.sealing import Opener
from contracts import envelope as envelopes
from contracts import indicators, notifications, registry
from contracts.commands import Frame, Principal
from contracts.outcomes import Refused
from services.gateway.domain.receiver_ids import UnknownToken, person_of, person_token
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.domain.validation import read_body
from services.gateway.outbound_commands import CommandWriter, OutboundCommand
from tests.gateway.exchange.samples import (
    ANSWER,
    DEPARTURE,
    DISTRESS,
    IDENTITY,
    NAMES,
    NIK,
    NOW,
    PERSON,
    PLACEMENT,
    REGISTRATION,
    RING,
    RINGS,
    TRACE,
    TYPES,
    with_,
)


def translated(kind: str, body: dict[str, object]) -> CommandDraft:
    submission = read_body(kind, json.dumps(body).encode())
    return translate(submission, lambda text: person_of(RING, "KP2MI", text), NOW)


@pytest.mark.parametrize("kind", TYPES)
def test_no_identifier_stands_in_the_open_part_of_a_command(kind: str) -> None:
    found = translated(kind, TYPES[kind])
    clear = found.body.model_dump_json() + (found.key or "")
    for secret in (NIK, "Sulastri", "Z0000001", "628340000001", "Contoh", "majikan", "Pelindungan"):
        assert secret not in clear


def test_a_registration_takes_its_personal_part_sealed() -> None:
    found = translated("partner.registration.submitted.v1", REGISTRATION)
    assert found.service == "registry"
    assert isinstance(found.personal, registry.PersonDetails)
    assert (found.personal.nik, found.personal.birth_date_precision) == (NIK, "day")
    assert found.key is None
    assert found.identifier == ("nik", NIK)


def test_a_birth_date_is_as_precise_as_it_is_written() -> None:
    found = translated("partner.registration.submitted.v1", with_(REGISTRATION, "person.birth_date", "1998"))
    assert isinstance(found.personal, registry.PersonDetails)
    assert found.personal.birth_date_precision == "year"


def test_an_old_papua_code_becomes_the_current_one() -> None:
    found = translated("partner.registration.submitted.v1", with_(REGISTRATION, "person.home_regency", "91.01"))
    assert isinstance(found.body, registry.RegisterPerson)
    assert found.body.home_regency == "93.01"


def test_the_senders_own_token_becomes_the_person_and_the_key() -> None:
    mine = person_token(RING, "KP2MI", PERSON)
    found = translated("partner.identity.confirmed.v1", with_(IDENTITY, "person", {"id": mine, "nik": NIK}))
    assert isinstance(found.body, registry.ConfirmIdentity)
    assert (found.body.person, found.key, found.personal) == (PERSON, PERSON, None)


def test_the_token_of_another_receiver_names_nobody() -> None:
    theirs = person_token(RING, "KEMLU", PERSON)
    with pytest.raises(UnknownToken):
        person_of(RING, "KP2MI", theirs)
    with pytest.raises(Refused, match="person_unknown /person/id"):
        translated("partner.placement.reported.v1", with_(PLACEMENT, "person", {"id": theirs}))


def test_a_departure_by_passport_is_ordered_by_the_passport() -> None:
    found = translated("partner.departure.reported.v1", DEPARTURE)
    assert found.identifier == ("passport", "Z0000001")
    assert isinstance(found.body, registry.RecordDeparture)
    assert found.body.occurred.precision == "day"


def test_an_answer_is_ordered_by_its_question() -> None:
    found = translated("partner.answer.submitted.v1", ANSWER)
    assert isinstance(found.body, indicators.SubmitAnswer)
    assert found.service == "indicators"
    assert found.key == f"{ANSWER['round']}/MGI-1.01"
    assert isinstance(found.personal, indicators.AnswerDetails)
    assert found.personal.evidence[0].number == "18"


@pytest.mark.parametrize(
    ("indicator", "value", "code"),
    [
        ("MGI-1.06", 3307994101950001, "value_kind"),
        ("MGI-1.06", None, "value_kind"),
        ("MGI-1.01", 3307994101950001, "value_kind"),
        ("MGI-1.01", "yes", "value_kind"),
        ("MGI-2.18", 1, "value_kind"),
        ("MGI-1.18", "yes", "value_kind"),
        ("MGI-1.18", 3307994101950001, "invalid_value"),
        ("MGI-1.18", -3307994101950001, "invalid_value"),
        ("MGI-1.18", 0.3307994101950001, "invalid_value"),
        ("MGI-1.18", 33079941.01950001, "invalid_value"),
        ("MGI-1.18", 3307994101950000, "invalid_value"),
        ("MGI-1.18", 3.307994101950001e30, "invalid_value"),
    ],
)
def test_an_answer_in_clear_fits_its_question_and_can_hold_no_nik(indicator: str, value: object, code: str) -> None:
    with pytest.raises(Refused, match=f"{code} /value"):
        translated("partner.answer.submitted.v1", ANSWER | {"indicator": indicator, "value": value})


@pytest.mark.parametrize("value", [0, 6, -1.5, 66.67, 999_999_999_999])
def test_a_number_of_at_most_twelve_digits_goes_on(value: float) -> None:
    found = translated("partner.answer.submitted.v1", ANSWER | {"indicator": "MGI-1.18", "value": value})
    assert isinstance(found.body, indicators.SubmitAnswer)
    assert found.body.value == value


def test_a_distress_call_takes_who_and_where_sealed() -> None:
    found = translated("partner.alert.reported.v1", DISTRESS)
    assert isinstance(found.body, notifications.RaiseAlert)
    assert isinstance(found.personal, notifications.AlertDetails)
    assert (found.service, found.body.person, found.personal.nik) == ("alerts", None, NIK)


def test_a_survivors_alert_says_who_and_where_in_its_sealed_part_alone() -> None:
    about = {"id": person_token(RING, "KP2MI", PERSON)}
    body = with_(with_(DISTRESS, "alert_type", "ALT-TPPO"), "person", about) | {"region": "33.07"}
    found = translated("partner.alert.reported.v1", body)
    assert isinstance(found.body, notifications.RaiseAlert)
    assert isinstance(found.personal, notifications.AlertDetails)
    assert (found.body.person, found.body.region) == (None, "33")
    assert (found.personal.person, found.personal.region) == (PERSON, "33.07")
    order = OutboundCommand(
        "66666666-6666-8666-8666-666666666666", "d", Principal(organisation="KP2MI"), found, traceparent=TRACE
    )
    message = CommandWriter(RING, NAMES).message(order)
    head = envelopes.read(message.headers)
    assert (head.dataclassification, head.traceparent) == ("survivor", None)
    assert PERSON.encode() not in message.value


def test_the_service_alone_opens_the_sealed_part() -> None:
    found = translated("partner.registration.submitted.v1", REGISTRATION)
    order = OutboundCommand(
        "66666666-6666-8666-8666-666666666666", "d", Principal(organisation="KP2MI"), found, bulk=True
    )
    message = CommandWriter(RING, NAMES).message(order)
    assert message.topic == "registry.bulk.v1"
    frame = Frame.model_validate_json(message.value)
    assert frame.sealed is not None
    opener = Opener(KeyRing(**RINGS["registry"]), "registry")
    opened = opener.open(frame.sealed, type=found.type, command_id=order.id, organisation="KP2MI")
    assert registry.PersonDetails.model_validate_json(opened) == found.personal
    for secret in (NIK, "Sulastri", "Z0000001"):
        assert secret.encode() not in message.value + (message.key or b"")
