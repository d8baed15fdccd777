"""The table of who may do what is complete, names only what exists, and refuses what it does not name."""

import pytest

from contracts import authority, exchange, indicators, notifications, registry
from contracts.authority import ROLES, TABLE, Kind, Row
from contracts.authority_page import FILE, page
from contracts.codes import organisations
from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.schemas import members, message_type

LISTED = {function.partition(":")[0] for organisation in organisations().values() for function in organisation.roles}
COMMANDS = {
    message_type(model)
    for union in (registry.Command, indicators.Command, notifications.Command)
    for model in members(union)
}
MESSAGES = {message_type(model) for model in members(exchange.Submission)}


def person(organisation: str, *roles: str, purpose: str | None = None) -> Principal:
    return Principal(organisation=organisation, user="u-1", roles=roles, purpose=purpose)


def refusal(operation: str, principal: Principal) -> str | None:
    try:
        authority.check(operation, principal)
    except Refused as refused:
        return refused.problems[0].code
    return None


def test_every_command_and_every_message_of_a_partner_has_a_row() -> None:
    assert {row.operation for row in TABLE} >= COMMANDS
    doors = {door for row in TABLE for door in row.doors}
    assert {door for door in doors if door.startswith("partner.")} == MESSAGES


def test_the_table_names_only_functions_that_organisations_have_and_roles_that_they_give_out() -> None:
    for row in TABLE:
        assert row.functions <= LISTED, row
        platform = {authority.EXCHANGE, authority.REGISTRY_RULE, authority.GATEWAY_RULE, authority.OPERATOR}
        assert row.roles <= (platform if row.kind in ("rule", "operator") else ROLES.keys()), row
    for role in ROLES.values():
        assert role.functions <= LISTED


def test_whoever_may_do_something_by_role_can_hold_that_role() -> None:
    for row in (row for row in TABLE if row.kind == "person" and row.functions):
        for role in row.roles:
            functions = ROLES[role].functions
            assert not functions or not row.functions.isdisjoint(functions), row


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row.operation}-{row.kind}")
def test_no_row_lets_in_everybody(row: Row) -> None:
    """A person needs a role and a system a function, except for what is its own."""
    match row.kind:
        case "person":
            assert row.roles or row.operation in ("me.read", "organisations.read")
        case "system":
            assert row.functions or row.operation.startswith(("events.", "me.", "organisations."))
        case _:
            assert row.roles


def test_what_has_no_row_is_refused_to_everybody() -> None:
    everything = person("KP2MI", *ROLES, purpose="anything")
    assert refusal("registry.person.erase.v1", everything) == "not_permitted"
    with pytest.raises(Refused):
        authority.check_door("GET /v1/everything", everything)


@pytest.mark.parametrize(
    ("organisation", "role", "holds"),
    [
        ("KEMLU", "migration_coordinator", True),
        ("KEMENKO_POLKAM", "migration_coordinator", True),
        ("UI", "migration_coordinator", False),
        ("BPS", "migration_coordinator", False),
        ("UI", "duty_officer", False),
        ("KBRI_KUL", "duty_officer", True),
        ("MIGRANTCARE", "duty_officer", True),
        ("BPS", "registrar", False),
        ("33.07-DISNAKER", "registrar", True),
        ("KEMENDAGRI", "identity_steward", True),
        ("KEMLU", "identity_steward", False),
        ("KP2MI", "mgi_coordinator", False),
        ("UI", "data_protection_officer", True),
        ("KEMLU", "operator", False),
        ("KEMLU", "exchange", False),
        ("NOSUCH", "duty_officer", False),
    ],
)
def test_roles_that_an_organisation_gives_out_follow_from_its_functions(
    organisation: str, role: str, holds: bool
) -> None:
    functions = authority.functions_of(organisation)
    assert authority.held_roles(functions, [role, "nosuch"]) == ((role,) if holds else ())


@pytest.mark.parametrize(
    ("principal", "operation", "code"),
    [
        (Principal(organisation="KP2MI"), "registry.person.register.v1", None),
        (Principal(organisation="BPS"), "registry.person.register.v1", "not_owner"),
        (Principal(organisation="NOSUCH"), "registry.person.register.v1", "not_owner"),
        (person("KP2MI"), "registry.person.register.v1", "not_permitted"),
        (person("KP2MI", "registrar"), "registry.person.register.v1", None),
        (person("KP2MI", "registrar"), "registry.departure.record.v1", "not_owner"),
        (person("KP2MI", "registrar"), "persons.read", "purpose_not_allowed"),
        (person("KP2MI", "registrar", purpose="p"), "persons.read", None),
        (person("BPS", "protection_officer", purpose="p"), "persons.read", "not_permitted"),
        (Principal(organisation="BPS", purpose="p"), "persons.read", "not_permitted"),
        (Principal(organisation="SIMPUL", roles=("registry_rule",)), "registry.pair.compare.v1", None),
        (Principal(organisation="KP2MI", roles=("registry_rule",)), "registry.pair.compare.v1", "not_permitted"),
        (Principal(organisation="SIMPUL", roles=("registry_rule",)), "registry.person.register.v1", "not_permitted"),
        (Principal(organisation="SIMPUL", user="ayu", roles=("operator",)), "dead_letters.replay", None),
        (Principal(organisation="SIMPUL", user="ayu", roles=("operator",)), "persons.read_all", "not_permitted"),
        (person("KP2MI", "operator"), "dead_letters.replay", "not_permitted"),
    ],
)
def test_kind_role_function_and_purpose_decide(principal: Principal, operation: str, code: str | None) -> None:
    assert refusal(operation, principal) == code


def test_a_relation_is_asked_for_where_the_row_has_one() -> None:
    officer, coordinator = person("KEMLU", "duty_officer"), person("KEMLU", "migration_coordinator")
    assert authority.allows("alerts.read", officer, {"told"})
    assert authority.allows("alerts.read", officer, {"own"})
    assert not authority.allows("alerts.read", officer, {"covered"})
    assert not authority.allows("alerts.read", officer)
    assert authority.allows("alerts.read", coordinator)
    assert not authority.allows("alerts.read_survivors", coordinator, {"told"})
    assert not authority.allows("alerts.read_survivors", officer, {"own"})


@pytest.mark.parametrize(
    ("principal", "kind"),
    [
        (Principal(organisation="KP2MI", user="u-1"), "person"),
        (Principal(organisation="KP2MI"), "system"),
        (Principal(organisation="SIMPUL", roles=("exchange",)), "rule"),
        (Principal(organisation="SIMPUL", user="ayu", roles=("operator",)), "operator"),
    ],
)
def test_what_a_principal_is(principal: Principal, kind: Kind) -> None:
    assert authority.kind_of(principal) == kind


def test_the_page_is_made_from_the_table() -> None:
    assert FILE.read_text(encoding="utf-8") == page(), "make schemas"
