"""Commands that change organisations: of operators alone, each seeing what those before it changed."""

from datetime import UTC, date, datetime

import pytest

from chassis.commands.overlay import Overlay
from contracts.commands import Principal
from contracts.gateway import LiftSuspension, NameSuccessor, OrganisationChanged, SuspendOrganisation
from contracts.outcomes import Refused
from services.gateway.commands import LoadedBatch, apply, decide
from tests.domain_service import carry_out, command

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
OPERATOR = Principal(organisation="SIMPUL", user="ayu", roles=("operator",))
SUSPEND = SuspendOrganisation(organisation="BNPB", reason="credentials_stolen")
settle = carry_out(decide, apply)


@pytest.mark.parametrize(
    "principal",
    [
        Principal(organisation="BNPB"),
        Principal(organisation="KEMLU", user="u-1", roles=("data_protection_officer",)),
        Principal(organisation="KEMLU", user="u-1", roles=("operator",)),
        Principal(organisation="SIMPUL", roles=("exchange",)),
        Principal(organisation="SIMPUL", roles=("gateway_rule",)),
    ],
)
def test_nobody_but_an_operator_changes_an_organisation(principal: Principal) -> None:
    with pytest.raises(Refused) as refused:
        settle(LoadedBatch(Overlay()), command(SUSPEND, principal), NOW)
    assert refused.value.problems[0].code == "not_permitted"


def test_every_change_is_announced_whole_under_the_operators_name() -> None:
    batch = LoadedBatch(Overlay())
    first, again, lifted = (
        settle(batch, command(body, OPERATOR), NOW) for body in (SUSPEND, SUSPEND, LiftSuspension(organisation="BNPB"))
    )
    assert (first.version, again.version, again.events, lifted.version) == (1, 1, (), 2)
    events = [event.event for applied in (first, lifted) for event in applied.events]
    assert all(isinstance(event, OrganisationChanged) for event in events)
    assert [(event.change, event.by, event.state.suspension is None) for event in events] == [  # type: ignore[attr-defined]
        ("suspended", "ayu", False), ("suspension_lifted", "ayu", True),
    ]  # fmt: skip
    assert lifted.events[0].recorded > first.events[0].recorded


def test_a_circle_within_one_batch_is_refused() -> None:
    batch, today = LoadedBatch(Overlay()), date(2026, 4, 1)
    settle(batch, command(NameSuccessor(organisation="BPS", successor="BI", since=today), OPERATOR), NOW)
    with pytest.raises(Refused) as refused:
        settle(batch, command(NameSuccessor(organisation="BI", successor="BPS", since=today), OPERATOR), NOW)
    assert refused.value.problems[0].code == "state_conflict"
