"""Traits: what of a person is compared with others."""

from collections.abc import Mapping
from typing import TypeAlias

from contracts.nik import home_region
from linkage.people import Role
from services.registry.domain.birth_dates import known_birth
from services.registry.domain.person import Person

Traits: TypeAlias = Mapping[Role, str]
"""Values by the role in which they are compared; what is not known is absent."""

_ROLES: Mapping[str, Role] = {
    "full_name": "full_name",
    "sex": "sex",
    "phone": "phone",
    "address": "street",
    "mother_name": "mother_name",
    "nik": "nik",
    "passport": "passport",
}


def has_traits(personal: Mapping[str, str]) -> bool:
    """Whether a record says enough: nobody is compared without a name."""
    return "full_name" in personal


def traits_of(personal: Mapping[str, str], home_regency: str | None) -> Traits:
    """What a record, or an origin person by all its facts, says of who it is; nothing where that is not enough."""
    if not has_traits(personal):
        return {}
    traits: dict[Role, str] = {role: personal[name] for name, role in _ROLES.items() if name in personal}
    if birth := known_birth(personal):
        traits["birth_date"] = birth
    if regency := home_regency or home_region(personal.get("nik", "")):
        traits["regency"] = regency
    return traits


def origin_traits(person: Person, origin: str) -> Traits:
    """What one origin person of a person says of who it is."""
    state = person.state_of(origin)
    return traits_of(state.personal, state.facets.home_regency)
