"""What every process makes of the events: the same as the aggregate itself, however often they come."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contracts.gateway import AgreementEvent, EndAgreement, RejectAgreement
from contracts.outcomes import Refused
from services.gateway.domain.agreement_record import AgreementRecord, agreement_id, approve, end, propose, reject
from services.gateway.domain.agreement_view import AgreementView
from services.gateway.domain.agreements import Agreement
from tests.gateway.agreements import DAY, NOW, an_agreement, approval, officer

ID = agreement_id("housing-statistics")
STEPS = st.sampled_from(["propose", "giver", "receiver", "reject", "end"])


def bare(agreements: tuple[Agreement, ...]) -> list[dict[str, Any]]:
    """Without words, which no event tells."""
    return [one.model_dump(exclude={"law": True, "signatories": {"__all__": {"office"}}}) for one in agreements]


def run(steps: list[str]) -> tuple[AgreementRecord | None, list[tuple[AgreementEvent, int]]]:
    """Every step that is possible, a day after the other, and the events with their sequence."""
    record: AgreementRecord | None = None
    events: list[tuple[AgreementEvent, int]] = []
    for number, step in enumerate(steps):
        now, version = NOW + number * DAY, len(record.versions) if record else 0
        try:
            record, event = one_step(step, record, version, now)
        except Refused:
            continue
        events.append((event, record.version))
    return record, events


def one_step(step: str, record: AgreementRecord | None, version: int, now: Any) -> tuple[AgreementRecord, Any]:
    match step:
        case "propose":
            return propose(record, officer("KP2MI"), an_agreement(version=version + 1), None, now)
        case "giver":
            return approve(record, officer("KP2MI"), approval(version, "s-1"), now)
        case "receiver":
            return approve(record, officer("BPS"), approval(version, "s-2"), now)
        case "reject":
            return reject(record, officer("BPS"), RejectAgreement(agreement=ID, number=version), now)
        case _:
            return end(record, officer("BPS"), EndAgreement(agreement=ID, last_day=now.date() + DAY), now)


@given(st.lists(STEPS, max_size=25), st.data())
def test_the_view_has_what_the_record_has_though_events_come_again(steps: list[str], data: st.DataObject) -> None:
    record, events = run(steps)
    view = AgreementView()
    for index, (event, sequence) in enumerate(events):
        view.apply(event, sequence)
        again = data.draw(st.integers(0, index))
        view.apply(*events[again])
    approved = record.approved if record else ()
    waiting = tuple(one.agreement for one in record.versions if one.status == "proposed") if record else ()
    assert bare(view.approved) == bare(approved)
    assert bare(view.proposed) == bare(waiting)


def test_a_change_makes_another_tuple_and_what_comes_again_does_not() -> None:
    _, events = run(["propose", "giver", "receiver"])
    view = AgreementView()
    for event in events:
        view.apply(*event)
    before = view.approved
    view.apply(*events[-1])
    assert view.approved is before


def test_approved_terms_that_cannot_be_read_leave_nothing_in_force_of_that_agreement() -> None:
    _, events = run(["propose", "giver", "receiver", "propose", "giver", "receiver"])
    assert len(events) == 6
    view = AgreementView()
    for event, sequence in events:
        if sequence == 4:
            newer = event.terms.model_copy(update={"facts": ("salary",)})  # type: ignore[attr-defined]  # a proposal
            event = event.model_copy(update={"terms": newer})
        view.apply(event, sequence)
        assert bool(view.approved) == (sequence in (3, 4, 5))
    assert view.approved == view.proposed == ()
