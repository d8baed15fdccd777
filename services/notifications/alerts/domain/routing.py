"""Which organisations receive an alert: the column `notify` of alert_types.csv, read once into rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache

from contracts import codes
from contracts.outcomes import Refused


@dataclass(frozen=True, slots=True)
class Place:
    """Where an alert happens: ISO country, and the current Kemendagri code of a province or regency."""

    country: str | None = None
    region: str | None = None


Finder = Callable[[Place], tuple[str, ...]]
"""The codes of the organisations that an entry names at a place."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One entry of the column, for example `BP3MI or province`."""

    entry: str
    find: Finder
    needs_country: bool = False
    responds: bool = False


@dataclass(frozen=True, slots=True)
class Routing:
    """`recipients`: organisation codes in the order of the list. `unrouted`: entries that name nobody here by code.

    `responders`: those of the recipients that are given the person and the report.
    """

    recipients: tuple[str, ...]
    unrouted: tuple[str, ...]
    responders: tuple[str, ...] = ()


class NotUnderstood(ValueError):
    """The code list names a recipient in words that no rule knows."""


def route(alert_type: str, place: Place) -> Routing:
    """The recipients. Raises KeyError for an unknown type, Refused `missing_value` when a rule needs the country."""
    recipients: dict[str, None] = {}
    responders: dict[str, None] = {}
    unrouted = []
    for rule in rules()[alert_type]:
        if rule.needs_country and place.country is None:
            raise Refused("missing_value", "/country", "the country where it happens: its mission receives the alert")
        organisations = rule.find(place)
        recipients.update(dict.fromkeys(organisations))
        responders.update(dict.fromkeys(organisations if rule.responds else ()))
        if not organisations:
            unrouted.append(rule.entry)
    return Routing(tuple(recipients), tuple(unrouted), tuple(responders))


@cache
def rules() -> Mapping[str, tuple[Rule, ...]]:
    """The rules of every alert type. Raises NotUnderstood."""
    return {alert_type.code: _rules(alert_type) for alert_type in codes.alert_types().values()}


def _rules(alert_type: codes.AlertType) -> tuple[Rule, ...]:
    if unknown := set(alert_type.responders) - set(alert_type.notify):
        raise NotUnderstood(f"responders that are not told: {', '.join(sorted(unknown))}")
    return tuple(replace(_rule(entry), responds=entry in alert_type.responders) for entry in alert_type.notify)


def _rule(entry: str) -> Rule:
    if entry in _MISSIONS:
        return Rule(entry, _mission, needs_country=True)
    if find := _finder(entry):
        return Rule(entry, find)
    if "/" in entry:
        return Rule(entry, _each([_part(name, entry) for name in entry.split("/")]))
    if " or " in entry:
        return Rule(entry, _first([_part(name, entry) for name in entry.split(" or ")]))
    raise NotUnderstood(entry)


def _finder(words: str) -> Finder | None:
    if words in codes.organisations():
        return lambda _: (words,)
    if words in _POSTS:
        return lambda _: (_POSTS[words],)
    return (lambda _: ()) if words in _NOBODY_BY_CODE else _BY_PLACE.get(words)


def _part(words: str, entry: str) -> Finder:
    find = _finder(words)
    if find is None:
        raise NotUnderstood(entry)
    return find


def _each(finders: list[Finder]) -> Finder:
    """`KP2MI/BP3MI`: the institution, and its office in the region where there is one."""
    return lambda place: tuple(code for find in finders for code in find(place))


def _first(finders: list[Finder]) -> Finder:
    """`mission or BP3MI`: whichever comes first and exists at the place."""
    return lambda place: next((organisations for find in finders if (organisations := find(place))), ())


def _mission(place: Place) -> tuple[str, ...]:
    return codes.missions(place.country) if place.country else ()


def _province(place: Place) -> tuple[str, ...]:
    return _listed("PROV", place)


def _protection_centre(place: Place) -> tuple[str, ...]:
    return _listed("BP3MI", place)


def _listed(prefix: str, place: Place) -> tuple[str, ...]:
    code = f"{prefix}-{place.region[:2]}" if place.region else ""
    return (code,) if code in codes.organisations() else ()


def _regency(place: Place) -> tuple[str, ...]:
    organisation = codes.regency_organisation(place.region) if place.region else None
    return (organisation,) if organisation else ()


def _data_steward(_: Place) -> tuple[str, ...]:
    return tuple(
        code for code, organisation in codes.organisations().items() if "migrant_registry_owner" in organisation.roles
    )


_MISSIONS = frozenset(
    {"mission", "mission for the country", "mission of flag or coastal state", "mission labour attache"}
)

_BY_PLACE: Mapping[str, Finder] = {
    "mission": _mission,
    "BP3MI": _protection_centre,
    "province": _province,
    "origin province": _province,
    "provinces of origin": _province,
    "regency of origin": _regency,
    "registry data steward": _data_steward,
}

_POSTS: Mapping[str, str] = {"KEMENPPPA focal point": "KEMENPPPA", "KEMLU coordinator": "KEMLU"}
"""A post inside an institution: the institution is the recipient."""

_NOBODY_BY_CODE = frozenset({
    "BASARNAS if at sea",
    "BPJS_TK for insurance",
    "KEMENDAGRI for civil documents",
    "LTSA units",
    "PDP authority",
    "POLRI women unit where consent or law requires",
    "affected controllers",
    "chosen service unit (UPTD PPA or mission shelter)",
    "coordinator without survivor details",
    "data protection officer",
    "every case officer with a pending departure",
    "gateway operator",
    "head of unit",
    "indicator lead_org",
    "placement company",
    "placement company after consent",
    "produsen data",
    "producing organisation",
    "receiving unit head",
    "referring case manager",
    "respondent focal point",
    "walidata",
    "watchers of the area",
    "worker",
})  # fmt: skip
"""Recipients that hang on a condition an officer must judge, or that no organisation code names."""
