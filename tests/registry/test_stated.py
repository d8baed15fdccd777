"""Which kinds of fact state a value: whoever said what holds now, in whatever order."""

from itertools import permutations

from contracts.registry import PlacementDetails
from services.registry.domain.stated import kinds_stating
from tests.registry.builders import (
    NIK,
    command,
    departure,
    identity,
    only,
    person,
    placement,
    registration,
    settle,
)


def stated(*facts: object) -> dict[str, tuple[str, ...]]:
    placed = PlacementDetails(nik=NIK, employer="Contoh Ltd")
    commands = [command(fact, *((placed,) if fact == PLACEMENT else ()), number=n) for n, fact in enumerate(facts)]
    found = only(settle(*commands)[0])
    return {name: tuple(kinds) for name, kinds in kinds_stating(found.actions, found.state).items()}


PLACEMENT = placement()
FACTS = (registration(), identity(), PLACEMENT, departure())


def test_a_value_that_two_kinds_of_fact_state_was_stated_in_both() -> None:
    kinds = stated(*FACTS)
    assert kinds["full_name"] == kinds["sector"] == ("REGISTRATION",)
    assert (kinds["employer"], kinds["contract_start"]) == (("PLACEMENT",), ("PLACEMENT",))
    assert kinds["destination"] == ("DEPARTURE", "PLACEMENT", "REGISTRATION")
    assert kinds["identity_matched"] == ("IDENTITY",)
    assert "mother_name" not in kinds


def test_a_value_that_was_replaced_is_stated_by_what_replaced_it() -> None:
    assert stated(*FACTS[:3], departure(destination="TW"))["destination"] == ("DEPARTURE",)
    assert stated(*FACTS[:2], placement(destination="TW"))["destination"] == ("PLACEMENT",)


def test_a_home_regency_read_off_the_nik_is_stated_where_the_nik_is() -> None:
    kinds = stated(*FACTS)
    assert kinds["home_regency"] == kinds["nik"]
    assert stated(registration(home_regency="33.08"))["home_regency"] == ("REGISTRATION",)


def test_order_has_no_part_in_it() -> None:
    assert person().nik == NIK
    first = stated(*FACTS)
    assert all(stated(FACTS[0], *rest) == first for rest in permutations(FACTS[1:]))
