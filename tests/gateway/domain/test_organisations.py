"""Organisations: what operators may change of them, and who each is at a moment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import authority, codes
from contracts.gateway import (
    ChangeFunctions,
    LiftSuspension,
    NameSuccessor,
    OrganisationCommand,
    RegisterOrganisation,
    RenameOrganisation,
    SuspendOrganisation,
)
from contracts.outcomes import Refused
from services.gateway.domain.organisation import decide
from services.gateway.domain.organisations import Organisations

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 4, 1), date(2026, 4, 2)
DAY = timedelta(days=1)


def after(*commands: OrganisationCommand, known: Organisations | None = None, now: datetime = NOW) -> Organisations:
    """What is known when operators have stated these, one second after the other."""
    known = known or Organisations()
    for number, command in enumerate(commands):
        changed = decide(known, command, now + timedelta(seconds=number))
        known = known.with_state(changed[1]) if changed else known
    return known


def refusal(command: OrganisationCommand, known: Organisations | None = None) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        decide(known or Organisations(), command, NOW)
    problem = refused.value.problems[0]
    return problem.code, problem.pointer


def renamed(name: str, since: date = TODAY, code: str = "KP2MI") -> RenameOrganisation:
    return RenameOrganisation(organisation=code, name_id=name, name_en=name, since=since)


def functions(code: str = "BPS", since: date = TODAY, **changes: Any) -> ChangeFunctions:
    return ChangeFunctions(organisation=code, since=since, **changes)


def successor(code: str, other: str | None, since: date = TODAY) -> NameSuccessor:
    return NameSuccessor(organisation=code, successor=other, since=since)


def suspend(code: str = "KP2MI", reason: Any = "credentials_stolen") -> SuspendOrganisation:
    return SuspendOrganisation(organisation=code, reason=reason)


def registered(code: str = "BARU", **changes: Any) -> RegisterOrganisation:
    given_ = {"name_id": "Lembaga Baru", "name_en": "New", "kind": "agency", "level": "national", "region_code": "ID"}
    return RegisterOrganisation(organisation=code, **(given_ | changes))


# -- what the code list says, unchanged


def test_without_changes_everybody_is_as_the_code_list_has_them() -> None:
    institutions = Organisations().at(NOW)
    assert list(institutions) == list(codes.organisations())
    for code, listed in codes.organisations().items():
        one = institutions[code]
        assert (one.name_id, one.functions, one.successor, one.predecessors) == (listed.name_id, listed.roles, code, ())


# -- names


def test_a_name_counts_from_its_day_on_in_western_indonesia() -> None:
    known = after(renamed("Kementerian Baru", TOMORROW))
    midnight = datetime(2026, 4, 1, 17, tzinfo=UTC)
    before = codes.organisations()["KP2MI"].name_id
    assert known.at(midnight - timedelta(seconds=1))["KP2MI"].name_id == before
    assert known.at(midnight)["KP2MI"].name_id == "Kementerian Baru"


def test_it_can_be_renamed_back_and_of_two_names_of_one_day_the_last_counts() -> None:
    known = after(renamed("Satu"), renamed("Dua"), renamed("Satu"))
    assert known.at(NOW)["KP2MI"].name_id == "Satu"
    assert len(known.states["KP2MI"].names) == 3


def test_a_name_of_an_earlier_day_that_is_stated_later_does_not_displace_the_newer_one() -> None:
    known = after(renamed("Kini"), renamed("Dahulu", date(2020, 1, 1)))
    assert known.at(NOW)["KP2MI"].name_id == "Kini"
    assert known.at(datetime(2021, 1, 1, tzinfo=UTC))["KP2MI"].name_id == "Dahulu"


@pytest.mark.parametrize("name", ["3307010101900001", "Dinas 3307010101900001"])
def test_a_name_with_somebodys_number_in_it_is_refused(name: str) -> None:
    assert refusal(renamed(name)) == ("invalid_value", "/name_id")


# -- functions


def test_functions_are_given_and_taken_from_a_day_on() -> None:
    known = after(
        functions(give=("placement",), since=TOMORROW), functions(take=("placement",), since=date(2026, 5, 1))
    )
    held = ["placement" in known.at(NOW + DAY * days)["BPS"].functions for days in (0, 1, 29, 40)]
    assert held == [False, True, True, False]


def test_what_is_stated_for_a_day_that_is_past_counts_from_now_on() -> None:
    known = after(functions(give=("placement",), since=date(2020, 1, 1)))
    assert "placement" not in known.at(NOW - timedelta(seconds=1))["BPS"].functions
    assert "placement" in known.at(NOW)["BPS"].functions


def test_of_changes_that_begin_together_the_one_stated_last_counts() -> None:
    given_, taken = functions(give=("placement",), since=TOMORROW), functions(take=("placement",), since=TOMORROW)
    later = NOW + 2 * DAY
    assert "placement" not in after(given_, taken).at(later)["BPS"].functions
    assert "placement" in after(taken, given_).at(later)["BPS"].functions


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (functions(), ("invalid_value", "/give")),
        (functions(give=("placement",), take=("placement",)), ("invalid_value", "/give")),
        (functions(give=("placment",)), ("unknown_code", "/give")),
        (functions(take=("placment",)), ("unknown_code", "/take")),
        (functions("NOSUCH", give=("placement",)), ("unknown_code", "/organisation")),
        (functions(give=("placement",), since=date(1800, 1, 1)), ("invalid_value", "/since")),
        (suspend("SIMPUL"), ("unknown_code", "/organisation")),
    ],
)
def test_what_names_nothing_real_is_refused(command: OrganisationCommand, expected: tuple[str, str]) -> None:
    assert refusal(command) == expected


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["give", "take"]),
            st.sampled_from(["placement", "border_control"]),
            st.dates(date(2026, 3, 1), date(2026, 5, 1)),
        ),
        max_size=8,
    ),
    st.integers(0, 60 * 24),
)
def test_what_is_stated_later_never_changes_what_was_judged_before(
    changes: list[tuple[str, str, date]], hours: int
) -> None:
    known = Organisations()
    for number, (which, function, since) in enumerate(changes):
        stated_at = NOW + timedelta(hours=hours / 9 * number)
        earlier = {at: known.at(at)["BPS"].functions for at in (NOW - DAY, stated_at - timedelta(seconds=1))}
        change: dict[str, Any] = {which: (function,)}
        known = after(functions(since=since, **change), known=known, now=stated_at)
        assert {at: known.at(at)["BPS"].functions for at in earlier} == earlier


# -- successors


def test_a_successor_has_the_functions_of_whom_it_took_over_and_that_one_has_none() -> None:
    known = after(successor("33.07-DISNAKER", "KEMENPPPA", TOMORROW))
    before, then = known.at(NOW), known.at(NOW + 2 * DAY)
    assert "placement_services" not in before["KEMENPPPA"].functions
    assert "placement_services" in then["KEMENPPPA"].functions
    assert (then["33.07-DISNAKER"].functions, then["33.07-DISNAKER"].successor) == (frozenset(), "KEMENPPPA")
    assert then["KEMENPPPA"].predecessors == ("33.07-DISNAKER",)


def test_successors_of_successors_stand_for_all_of_them() -> None:
    known = after(successor("BPS-33", "BPS"), successor("BPS", "BAPPENAS"))
    assert known.successor("BPS-33", NOW + DAY) == "BAPPENAS"
    assert set(known.stands_for("BAPPENAS", NOW + DAY)) == {"BAPPENAS", "BPS", "BPS-33"}


@pytest.mark.parametrize(
    ("stated", "last"),
    [
        ([], successor("BPS", "BPS")),
        ([successor("BPS", "BAPPENAS")], successor("BAPPENAS", "BPS")),
        ([successor("BPS", "BAPPENAS"), successor("BAPPENAS", "BI")], successor("BI", "BPS")),
        ([successor("BPS", "BAPPENAS", date(2027, 1, 1))], successor("BAPPENAS", "BPS")),
    ],
)
def test_nobody_succeeds_itself_now_or_later(stated: list[OrganisationCommand], last: NameSuccessor) -> None:
    assert refusal(last, after(*stated)) == ("state_conflict", "/successor")


def test_after_it_stands_again_it_may_take_over_its_former_successor() -> None:
    known = after(successor("BPS", "BAPPENAS"), successor("BPS", None), successor("BAPPENAS", "BPS"))
    assert known.successor("BAPPENAS", NOW + DAY) == "BPS"
    assert known.successor("BPS", NOW + DAY) == "BPS"


def test_a_circle_that_two_processes_made_leads_nowhere() -> None:
    """Each decided on what it knew: neither saw the other's command."""
    one, other = (
        decide(Organisations(), successor("BPS", "BI"), NOW),
        decide(Organisations(), successor("BI", "BPS"), NOW),
    )
    assert one
    assert other
    known = Organisations([one[1], other[1]])
    assert (known.successor("BPS", NOW), known.successor("BI", NOW)) == ("BPS", "BI")
    assert known.at(NOW)["BPS"].functions == codes.organisations()["BPS"].roles


def test_records_of_one_that_was_succeeded_are_taken_as_what_it_was() -> None:
    """Its system may still be connected, and nothing that it sends is refused or stated in another's name."""
    known = after(successor("33.07-DISNAKER", "KP2MI"))
    sender = known.record_principal("33.07-DISNAKER", NOW + DAY)
    assert (sender.organisation, sender.succeeds) == ("33.07-DISNAKER", ())
    assert authority.check("registry.person.register.v1", sender)
    taker = known.record_principal("KP2MI", NOW + DAY)
    assert taker.stands_for == ("KP2MI", "33.07-DISNAKER")


# -- suspension


def test_a_suspension_holds_until_it_is_lifted_and_again_changes_nothing() -> None:
    known = after(suspend())
    assert known.suspended == {"KP2MI"}
    assert decide(known, suspend(), NOW + DAY) is None
    assert after(LiftSuspension(organisation="KP2MI"), known=known).suspended == frozenset()
    assert decide(Organisations(), LiftSuspension(organisation="KP2MI"), NOW) is None


def test_another_reason_does_not_begin_it_anew() -> None:
    known = after(suspend(), suspend(reason="dissolved"))
    suspension = known.states["KP2MI"].suspension
    assert suspension is not None
    assert (suspension.reason, suspension.since) == ("dissolved", NOW)


def test_a_successor_can_be_suspended_and_whom_it_took_over_is_not() -> None:
    known = after(successor("BPS", "BAPPENAS"), suspend("BAPPENAS"))
    assert known.suspended == {"BAPPENAS"}
    assert known.successor("BPS", NOW + DAY) == "BAPPENAS"


# -- organisations that the code list does not have


def test_one_that_the_list_does_not_have_is_one_like_the_others() -> None:
    known = after(registered(functions=("placement_services",)), renamed("Lembaga Lain", TOMORROW, "BARU"))
    assert "BARU" in known
    assert known.by_topic_code["baru"] == "BARU"
    assert known.at(NOW)["BARU"].name_id == "Lembaga Baru"
    assert known.at(NOW + 2 * DAY)["BARU"].name_id == "Lembaga Lain"
    assert authority.check("registry.person.register.v1", known.record_principal("BARU", NOW))


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (registered("KP2MI"), ("state_conflict", "/organisation")),
        (registered("SIMPUL"), ("state_conflict", "/organisation")),
        (registered("KAB-33_07"), ("state_conflict", "/organisation")),
        (registered("A.B"), ("invalid_value", "/organisation")),
        (registered("X.URGENT"), ("invalid_value", "/organisation")),
        (registered("3307010101900001"), ("invalid_value", "/organisation")),
        (registered(region_code="99"), ("unknown_code", "/region_code")),
        (registered(functions=("nosuch",)), ("unknown_code", "/functions")),
    ],
)
def test_a_code_that_is_taken_or_could_be_no_topic_is_refused(
    command: RegisterOrganisation, expected: tuple[str, str]
) -> None:
    assert refusal(command) == expected


def test_a_code_is_never_given_again() -> None:
    known = after(registered())
    assert refusal(registered(name_id="Lain"), known) == ("state_conflict", "/organisation")


# -- events in any order


def test_an_older_state_changes_nothing() -> None:
    first = decide(Organisations(), suspend(), NOW)
    assert first
    known = after(suspend(), LiftSuspension(organisation="KP2MI"))
    assert known.with_state(first[1]) is known
