"""Who may state which kind of fact."""

from typing import get_args

import pytest

from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import FactKind
from services.registry.domain.authority import OWNERS, check_authority

OWNING = {"REGISTRATION": "KP2MI", "PLACEMENT": "KP2MI", "IDENTITY": "KEMENDAGRI", "DEPARTURE": "KEMENIMIPAS"}
FOREIGN = "KEMENKES"


def may(kind: FactKind, principal: Principal) -> bool:
    """Whether the registry takes this kind of fact from them; if not, it says that they do not own it."""
    try:
        check_authority(kind, principal)
    except Refused as refused:
        if [problem.code for problem in refused.problems] != ["not_owner"]:
            raise
        return False
    return True


@pytest.mark.parametrize("kind", get_args(FactKind))
def test_the_institution_that_owns_a_kind_of_fact_states_it_and_others_do_not(kind: FactKind) -> None:
    assert may(kind, Principal(organisation=OWNING[kind]))
    assert may(kind, Principal(organisation=OWNING[kind], user="u-1"))
    assert not may(kind, Principal(organisation=FOREIGN))
    assert not may(kind, Principal(organisation="NOBODY"))


@pytest.mark.parametrize("kind", get_args(FactKind))
def test_a_role_of_their_own_lets_people_register_and_state_nothing_else(kind: FactKind) -> None:
    for role in OWNERS[kind]:
        assert may(kind, Principal(organisation=FOREIGN, user="u-1", roles=(role,))) is (kind == "REGISTRATION")
        assert not may(kind, Principal(organisation=FOREIGN, roles=(role,)))
