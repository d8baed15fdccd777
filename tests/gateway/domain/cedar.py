"""Agreements as Cedar policies (docs.cedarpolicy.com), for a second opinion on every decision."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from contracts import codes
from services.gateway.domain.agreements import Agreement, Filter, Receiver

DERIVED = ("facts.status", "facts.flags", "facts.owner", "facts.absorbed", "facts.separated")


def policies(agreements: Iterable[Agreement]) -> tuple[str, list[tuple[str, str]]]:
    """A permit for each field of each version of each agreement, and of which field of which it is, in their order.

    Cedar denies what none permits, and names all that do.
    """
    versions, texts, fields = list(agreements), [], []
    for one in versions:
        newer = [other for other in versions if other.id == one.id and other.version > one.version]
        for field in one.fields:
            texts.append(_policy(one, field, newer))
            fields.append((one.name, field))
    return "\n".join(texts), fields


def entities(organisations: Iterable[str]) -> list[dict[str, Any]]:
    """Organisations, with the countries where they are a mission and the regencies that they are."""
    missions = {country: codes.missions(country) for country in codes.destinations()}
    regencies = {code: codes.regency_organisation(code) for code in codes.regions()}
    return [
        {
            "uid": {"type": "Organisation", "id": organisation},
            "attrs": {
                "code": organisation,
                "countries": [country for country, found in missions.items() if organisation in found],
                "regencies": [code for code, found in regencies.items() if organisation == found],
            },
            "parents": [],
        }
        for organisation in organisations
    ]


def request(receiver: str, event: str, **context: Any) -> dict[str, Any]:
    """Asks for all fields at once; what is None in the context is left out."""
    known = {name: value for name, value in context.items() if value is not None}
    return {
        "principal": {"type": "Organisation", "id": receiver},
        "action": {"type": "Action", "id": event},
        "resource": {"type": "Copy", "id": "any"},
        "context": known,
    }


def _policy(agreement: Agreement, field: str, newer: Iterable[Agreement]) -> str:
    actions = ", ".join(f'Action::"{event}"' for event in agreement.events)
    conditions = [
        f"context.purpose == {_text(agreement.purpose)}",
        f"context.pseudonym == {_text(agreement.id if agreement.pseudonymised else '')}",
        _receiver(agreement.receiver),
        *_filter(agreement.filter),
        f"context.today >= {agreement.valid_from.toordinal()}",
        f"context.today <= {(agreement.valid_to or date.max).toordinal()}",
        *(f"context.today < {later.valid_from.toordinal()}" for later in newer),
    ]
    if agreement.stated_in != "all" and field not in DERIVED:
        conditions.append(f"context.stated_in.containsAny({_set(agreement.stated_in)})")
    return f"permit(principal, action in [{actions}], resource) when {{\n  {' && '.join(conditions)}\n}};"


def _receiver(receiver: Receiver) -> str:
    if receiver.mission_of:
        return "context has destination && principal.countries.contains(context.destination)"
    if receiver.regency_of:
        return "context has home_regency && principal.regencies.contains(context.home_regency)"
    return "context.owner == principal.code" if receiver.owner else f"principal.code == {_text(receiver.organisation)}"


def _filter(limits: Filter) -> Iterable[str]:
    of_facets: Mapping[str, list[str] | None] = {
        "home_regency": None if limits.region is None else [t for code in limits.region for t in (code, f"{code}.*")],
        "destination": None if limits.destination is None else list(limits.destination),
        "phase": None if limits.phase is None else list(limits.phase),
        "sector": None if limits.sector is None else [f"{code}*" for code in limits.sector],
    }
    for facet, patterns in of_facets.items():
        if patterns is not None:
            alike = " || ".join(f"context.{facet} like {_text(pattern)}" for pattern in patterns) or "false"
            yield f"(context has {facet} && ({alike}))"


def _set(names: Iterable[str]) -> str:
    return f"[{', '.join(_text(name) for name in names)}]"


def _text(value: str | None) -> str:
    return f'"{value}"'
