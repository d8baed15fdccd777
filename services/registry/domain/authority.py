"""Who may state which kind of fact, and who decides whether two persons are one."""

from contracts.codes import organisations
from contracts.commands import Principal
from contracts.outcomes import Refused
from contracts.registry import Because, FactKind, is_steward

_PLACEMENT_ROLES = frozenset({"placement", "migrant_registry_owner", "placement_services"})
OWNERS: dict[FactKind, frozenset[str]] = {
    "REGISTRATION": _PLACEMENT_ROLES,
    "PLACEMENT": _PLACEMENT_ROLES,
    "IDENTITY": frozenset({"nik_verification"}),
    "DEPARTURE": frozenset({"border_control"}),
}
"""One fact, one owning institution: the roles of which an organisation needs one."""

RULE = Principal(organisation="SIMPUL", roles=("registry_rule",))
"""For whom the registry itself decides."""


def check_authority(kind: FactKind, principal: Principal) -> None:
    """Raises Refused `not_owner`. A person may also register by a role of their own."""
    organisation = organisations().get(principal.organisation)
    roles = organisation.roles if organisation else frozenset()
    if kind == "REGISTRATION" and principal.user:
        roles |= frozenset(principal.roles)
    if OWNERS[kind].isdisjoint(roles):
        raise Refused("not_owner")


def who_decides(principal: Principal) -> Because:
    """A steward, who has that role in an organisation that keeps the registry or verifies identities; or the rule.

    Raises Refused `not_permitted`.
    """
    if principal.organisation == RULE.organisation and set(RULE.roles) <= set(principal.roles):
        return "rule"
    if not principal.user or not is_steward(principal.organisation, principal.roles):
        raise Refused("not_permitted")
    return "steward"
