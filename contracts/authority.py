"""Who may do what: one row for each operation and kind of caller. What no row allows is refused.

The gateway decides at its doors (kind, role, function, purpose, covered); the owning service decides again when it
settles (kind, role, function, own, led, told, member), from these same rows. `docs/authority.md` is made from them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from contracts.codes import alert_types, organisations
from contracts.commands import Principal
from contracts.outcomes import Refused

Kind = Literal["person", "system", "rule", "operator"]
"""A person signed in; an institution's IT system; the platform on its own account; an operator of the platform."""
Relation = Literal["own", "led", "told", "responds", "covered", "member"]
"""To the thing: the organisation stated or raised it; leads the question; was told of the alert; responds to it;
has an agreement that covers the person for the purpose named; works on the case."""

PLATFORM = "SIMPUL"
"""The organisation of the platform's own principals. It is in no code list, so no token and no topic can name it."""

# -- functions of organisations, by what they are needed for

PLACES_WORKERS = frozenset({"placement", "migrant_registry_owner", "placement_services"})
VERIFIES_IDENTITY = frozenset({"nik_verification"})
CONTROLS_BORDERS = frozenset({"border_control"})
KEEPS_IDENTITIES = frozenset({"migrant_registry_owner", "nik_verification"})
ASSESSED = frozenset({"mgi_respondent"})
ASSESSES = frozenset({"mgi_coordinator"})
COORDINATES = frozenset({"migration_coordinator_candidate", "coordinating", "gcm_plan_owner"})
PROTECTS = PLACES_WORKERS | {
    "border_control", "citizen_protection_abroad", "complaints", "consular", "consular_mission", "local_government",
    "nik_verification", "returnee_reception", "shelter", "social_security_pmi", "victim_services",
}  # fmt: skip
"""Serves persons one by one. Statistics and research are not among them: they never look up a person."""
ON_CALL = PROTECTS | {
    "case_support", "child_protection", "coordinating", "disaster", "evacuation", "fisheries_inspection",
    "fishing_crew", "gbv_referral", "harbour_masters", "health_screening", "health_services", "hotline",
    "incident_response", "law_enforcement", "legal_aid", "ltsa", "maritime_safety", "online_scam_takedown",
    "pdp_authority_interim", "pembina_data_statistik", "port_health", "search_and_rescue", "social_rehabilitation",
    "vessel_incident", "vessel_register", "victim_health_services", "witness_protection",
}  # fmt: skip
"""Alerts come from them or go to them."""
KEEPS_REGISTRY = frozenset({"migrant_registry_owner"})
"""Gives what those who respond to an alert are told of a person."""
ANY: frozenset[str] = frozenset()
"""In a row: whatever it is."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a person: what it is for, and the functions of which an organisation needs one to give it out."""

    purpose: str
    functions: frozenset[str]


ROLES: Mapping[str, Role] = MappingProxyType(
    {
        "registrar": Role("states the facts that the institution owns", PLACES_WORKERS | CONTROLS_BORDERS),
        "protection_officer": Role("reads persons whom an agreement covers", PROTECTS),
        "duty_officer": Role("raises, takes and ends alerts", ON_CALL),
        "identity_steward": Role("decides who is who", KEEPS_IDENTITIES),
        "indicator_focal_point": Role("answers the institution's questions", ASSESSED),
        "mgi_coordinator": Role("opens rounds, sees every answer", ASSESSES),
        "migration_coordinator": Role("sees every alert but survivors', and who has answered", COORDINATES),
        "data_protection_officer": Role("reviews what was disclosed (UU 27/2022 art. 53)", ANY),
    }
)
"""Roles that organisations give out. Any other in a token counts for nothing."""

EXCHANGE, REGISTRY_RULE, GATEWAY_RULE, OPERATOR = "exchange", "registry_rule", "gateway_rule", "operator"
"""Roles of the platform's own principals."""


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of caller may do one operation.

    A person, rule or operator needs one of `roles`, an organisation one of `functions`, the caller one of `relations`
    to the thing; an empty set asks for none. `purpose`: the token has to name one. `doors` are the partner messages and
    routes by which it is asked for.
    """

    operation: str
    kind: Kind
    roles: frozenset[str]
    functions: frozenset[str]
    relations: frozenset[Relation]
    doors: tuple[str, ...]
    purpose: bool = False


def _person(
    operation: str, roles: str, functions: frozenset[str] = ANY, *relations: Relation, by: str, purpose: bool = False
) -> Row:
    return Row(
        operation, "person", frozenset(roles.split()), functions, frozenset(relations), _doors(by), purpose=purpose
    )


def _system(operation: str, functions: frozenset[str], *relations: Relation, by: str, purpose: bool = False) -> Row:
    return Row(operation, "system", ANY, functions, frozenset(relations), _doors(by), purpose=purpose)


def _platform(operation: str, kind: Literal["rule", "operator"], role: str, by: str = "") -> Row:
    return Row(operation, kind, frozenset({role}), ANY, frozenset(), _doors(by))


def _doors(by: str) -> tuple[str, ...]:
    return tuple(door.strip() for door in by.split(",") if door)


READS_ALERTS = "GET /v1/alerts, GET /v1/alerts/count, GET /v1/alerts/{alert}, GET /v1/stream"
READS_OFFERS = "GET /v1/offers, GET /v1/offers/{offer}"
READS_ROUNDS = "GET /v1/rounds, GET /v1/rounds/{round_id}, GET /v1/stream"
READS_ANSWERS = "GET /v1/rounds/{round_id}/answers, GET /v1/rounds/{round_id}/answers/{indicator}, GET /v1/stream"
BY_AGREEMENTS = "GET /v1/agreements, GET /v1/agreements/{agreement}, GET /v1/agreements/why"
READS_ORGANISATIONS = "GET /v1/organisations, GET /v1/organisations/{organisation}"
READS_AGREEMENTS = "data_protection_officer migration_coordinator protection_officer registrar"
WRITERS = "data_protection_officer duty_officer identity_steward indicator_focal_point mgi_coordinator registrar"

TABLE: tuple[Row, ...] = (
    # -- facts about persons: one fact, one owning institution
    _system("registry.person.register.v1", PLACES_WORKERS, by="partner.registration.submitted.v1"),
    _person("registry.person.register.v1", "registrar", PLACES_WORKERS, by="POST /v1/persons"),
    _system("registry.placement.record.v1", PLACES_WORKERS, by="partner.placement.reported.v1"),
    _person("registry.placement.record.v1", "registrar", PLACES_WORKERS, by="POST /v1/placements"),
    _system("registry.departure.record.v1", CONTROLS_BORDERS, by="partner.departure.reported.v1"),
    _person("registry.departure.record.v1", "registrar", CONTROLS_BORDERS, by="POST /v1/departures"),
    _system("registry.identity.confirm.v1", VERIFIES_IDENTITY, by="partner.identity.confirmed.v1"),
    # -- reading persons
    _person("persons.read", "protection_officer registrar identity_steward", PROTECTS, "covered",
            by="GET /v1/persons/{person}", purpose=True),
    _system("persons.read", PROTECTS, "covered", by="GET /v1/persons/{person}", purpose=True),
    # -- who is who
    _person("duplicates.count", "identity_steward", KEEPS_IDENTITIES,
            by="GET /v1/duplicates/workload, GET /v1/duplicates/agreement"),
    _person("duplicates.read", "identity_steward", KEEPS_IDENTITIES,
            by="GET /v1/duplicates, GET /v1/duplicates/{duplicate}", purpose=True),
    _person("registry.duplicate.decide.v1", "identity_steward", KEEPS_IDENTITIES,
            by="POST /v1/duplicates/{duplicate}/decision"),
    _person("registry.duplicate.reopen.v1", "identity_steward", KEEPS_IDENTITIES,
            by="POST /v1/duplicates/{duplicate}/reopen"),
    _person("registry.person.merge.v1", "identity_steward", KEEPS_IDENTITIES, by="POST /v1/persons/merge"),
    _person("registry.person.unmerge.v1", "identity_steward", KEEPS_IDENTITIES, by="POST /v1/persons/{person}/unmerge"),
    _platform("registry.pair.compare.v1", "rule", REGISTRY_RULE),
    # -- registrations of somebody whom another organisation registered
    _person("offers.read", "registrar", PLACES_WORKERS, "own", by=READS_OFFERS),
    _person("offers.read_all", "identity_steward", KEEPS_IDENTITIES, by=READS_OFFERS),
    _person("registry.offer.decide.v1", "registrar", PLACES_WORKERS, "own", by="POST /v1/offers/{offer}/decision"),
    _person("registry.offer.decide.v1", "identity_steward", KEEPS_IDENTITIES, by="POST /v1/offers/{offer}/decision"),
    # -- agreements
    _person("agreements.read", READS_AGREEMENTS, ANY, "own", by=BY_AGREEMENTS),
    _person("agreements.simulate", "data_protection_officer", ANY, "own",
            by="POST /v1/agreements/{agreement}/simulation, GET /v1/agreements/simulations/{simulation}"),
    _person("gateway.agreement.propose.v1", "data_protection_officer", ANY, "own", by="POST /v1/agreements"),
    _person("gateway.agreement.approve.v1", "data_protection_officer", ANY, "own",
            by="POST /v1/agreements/{agreement}/versions/{number}/approval"),
    _person("gateway.agreement.reject.v1", "data_protection_officer", ANY, "own",
            by="POST /v1/agreements/{agreement}/versions/{number}/rejection"),
    _person("gateway.agreement.end.v1", "data_protection_officer", ANY, "own",
            by="POST /v1/agreements/{agreement}/end"),
    _platform("gateway.agreements.adopt.v1", "rule", GATEWAY_RULE),
    # -- alerts
    _system("alerts.alert.raise.v1", ON_CALL, by="partner.alert.reported.v1"),
    _person("alerts.alert.raise.v1", "duty_officer", ON_CALL, by="POST /v1/alerts"),
    _person("alerts.alert.acknowledge.v1", "duty_officer", ON_CALL, "told",
            by="POST /v1/alerts/{alert}/acknowledgement"),
    _person("alerts.alert.resolve.v1", "duty_officer", ON_CALL, "told", by="POST /v1/alerts/{alert}/resolution"),
    _system("alerts.alert.acknowledge.v1", ON_CALL, "told", by="partner.alert.acknowledged.v1"),
    _system("alerts.alert.resolve.v1", ON_CALL, "told", by="partner.alert.resolved.v1"),
    _person("alerts.read", "duty_officer", ON_CALL, "own", "told", by=READS_ALERTS),
    _person("alerts.read", "migration_coordinator", COORDINATES, by=READS_ALERTS),
    _system("alerts.read", ON_CALL, "own", "told", by=READS_ALERTS),
    _person("alerts.read_report", "duty_officer", ON_CALL, "responds",
            by="GET /v1/alerts/{alert}/report", purpose=True),
    _person("alerts.read_survivors", "duty_officer", ON_CALL, "responds", by=READS_ALERTS),
    # -- alerts that name somebody whom no agreement of their reporter covers
    _person("reviews.read", "data_protection_officer", ANY, "own", by="GET /v1/emergency-reviews"),
    _person("reviews.read_all", "data_protection_officer", KEEPS_REGISTRY, by="GET /v1/emergency-reviews"),
    _person("alerts.review.close.v1", "data_protection_officer", ANY, "own",
            by="POST /v1/emergency-reviews/{alert}/closure"),
    # -- assessment rounds
    _person("indicators.round.open.v1", "mgi_coordinator", ASSESSES, by="POST /v1/rounds"),
    _person("rounds.read", "mgi_coordinator migration_coordinator", ASSESSES | COORDINATES, by=READS_ROUNDS),
    _person("rounds.read", "indicator_focal_point", ASSESSED, by=READS_ROUNDS),
    _system("rounds.read", ASSESSED | ASSESSES, by=READS_ROUNDS),
    _platform("rounds.read", "rule", EXCHANGE),
    _person("completeness.read", "mgi_coordinator migration_coordinator", ASSESSES | COORDINATES,
            by="GET /v1/rounds/{round_id}/completeness"),
    _person("completeness.read", "indicator_focal_point", ASSESSED, by="GET /v1/rounds/{round_id}/completeness"),
    _system("indicators.answer.submit.v1", ASSESSED, "led", by="partner.answer.submitted.v1"),
    _person("indicators.answer.submit.v1", "indicator_focal_point", ASSESSED, "led",
            by="PUT /v1/rounds/{round_id}/answers/{indicator}"),
    _person("answers.read", "mgi_coordinator", ASSESSES, by=READS_ANSWERS),
    _person("answers.read", "indicator_focal_point", ASSESSED, "led", by=READS_ANSWERS),
    _system("answers.read", ASSESSED, "led", by=READS_ANSWERS),
    # -- organisations
    _person("organisations.read", "", by=READS_ORGANISATIONS),
    _system("organisations.read", ANY, by=READS_ORGANISATIONS),
    _platform("organisations.read", "operator", OPERATOR, by=READS_ORGANISATIONS),
    _platform("gateway.organisation.register.v1", "operator", OPERATOR, by="POST /v1/organisations"),
    _platform("gateway.organisation.rename.v1", "operator", OPERATOR, by="PUT /v1/organisations/{organisation}/name"),
    _platform("gateway.organisation.change_functions.v1", "operator", OPERATOR,
              by="POST /v1/organisations/{organisation}/functions"),
    _platform("gateway.organisation.name_successor.v1", "operator", OPERATOR,
              by="PUT /v1/organisations/{organisation}/successor"),
    _platform("gateway.organisation.suspend.v1", "operator", OPERATOR,
              by="PUT /v1/organisations/{organisation}/suspension"),
    _platform("gateway.organisation.lift_suspension.v1", "operator", OPERATOR,
              by="DELETE /v1/organisations/{organisation}/suspension"),
    # -- what was disclosed
    _person("disclosures.read", "data_protection_officer", ANY, "own", by="GET /v1/disclosures"),
    # -- what every caller has: its own mailbox, its own writes, its own token
    _system("events.send", ANY, "own", by="POST /v1/events"),
    _system("events.check", ANY, "own", by="POST /v1/events:check"),
    _system("events.receive", ANY, "own", by="GET /v1/events"),
    _person("outcomes.read", WRITERS, ANY, "own", by="GET /v1/outcomes/{command}"),
    _platform("outcomes.read", "operator", OPERATOR, by="GET /v1/outcomes/{command}"),
    _person("me.read", "", by="GET /v1/me"),
    _system("me.read", ANY, by="GET /v1/me"),
    _platform("me.read", "operator", OPERATOR, by="GET /v1/me"),
    # -- the platform itself
    _platform("persons.read_all", "rule", EXCHANGE),
    _platform("reports.read_all", "rule", EXCHANGE),
    _platform("alerts.find", "rule", EXCHANGE),
    _platform("operations.pass", "operator", OPERATOR, by="POST /v1/operations/pass"),
    _platform("token_denials.put", "operator", OPERATOR, by="POST /v1/operations/token-denials"),
    _platform("operators.pass", "operator", OPERATOR, by="POST /v1/operations/pass"),
    _platform("tokens.deny", "operator", OPERATOR, by="POST /v1/operations/token-denials"),
    _platform("dead_letters.list", "operator", OPERATOR, by="GET /dead-letters"),
    _platform("dead_letters.replay", "operator", OPERATOR, by="POST /dead-letters/replay"),
    _platform("dead_letters.give_up", "operator", OPERATOR, by="POST /dead-letters/give-up"),
)  # fmt: skip

FACTS = frozenset(row.operation for row in TABLE if row.operation.startswith("registry.") and row.kind == "system")
"""Facts about persons: of an institution without the function they are refused `not_owner`."""


def kind_of(principal: Principal) -> Kind:
    """What the principal is."""
    if principal.organisation == PLATFORM:
        return "operator" if OPERATOR in principal.roles else "rule"
    return "system" if principal.user is None else "person"


def functions_of(organisation: str) -> frozenset[str]:
    """The functions of an organisation in the code list, without their parameters; none of one that is not listed."""
    listed = organisations().get(organisation)
    return frozenset(function.partition(":")[0] for function in listed.roles) if listed else frozenset()


def functions_at(principal: Principal) -> frozenset[str]:
    """The functions of the principal's organisation when the gateway took what it asks for."""
    if principal.functions is None:
        return functions_of(principal.organisation)
    return frozenset(principal.functions)


def that_decide(functions: Iterable[str]) -> tuple[str, ...]:
    """Those of these functions, without their parameters, for which a row, a role or a type of alert asks.

    The others tell what an organisation does, and open nothing.
    """
    return tuple(sorted({function.partition(":")[0] for function in functions} & _deciding()))


@cache
def _deciding() -> frozenset[str]:
    of_rows = (*(row.functions for row in TABLE), *(role.functions for role in ROLES.values()))
    return frozenset[str]().union(*of_rows, *(alert_type.raised_by for alert_type in alert_types().values()))


def held_roles(functions: Collection[str], roles: Iterable[str]) -> tuple[str, ...]:
    """Of these roles those that an organisation with these functions may give out."""
    return tuple(role for role in roles if role in ROLES and _is_one(ROLES[role].functions, functions))


def check(operation: str, principal: Principal) -> tuple[Row, ...]:
    """The rows by which the principal may do the operation to things it has the right relation to.

    Raises Refused `not_permitted`, `not_owner` for a fact of another institution's, or `purpose_not_allowed`.
    """
    return _allowing(_BY_OPERATION.get(operation, ()), principal, fact=operation in FACTS)


def check_door(door: str, principal: Principal) -> tuple[Row, ...]:
    """As `check`, for whatever is asked for by a partner message or a route."""
    rows = _BY_DOOR.get(door, ())
    return _allowing(rows, principal, fact=any(row.operation in FACTS for row in rows))


def check_any(operations: Iterable[str], principal: Principal) -> tuple[Row, ...]:
    """As `check`, for whoever may do one of several operations."""
    return _allowing([row for name in operations for row in _BY_OPERATION[name]], principal, fact=False)


def allows(operation: str, principal: Principal, relations: Collection[Relation] = ()) -> bool:
    """Whether the principal may do it to a thing to which it has these relations."""
    try:
        rows = check(operation, principal)
    except Refused:
        return False
    return any(not row.relations or not row.relations.isdisjoint(relations) for row in rows)


def _allowing(rows: Iterable[Row], principal: Principal, *, fact: bool) -> tuple[Row, ...]:
    kind, functions = kind_of(principal), functions_at(principal)
    roles = principal.roles if principal.organisation == PLATFORM else held_roles(functions, principal.roles)
    rows = [row for row in rows if row.kind == kind and _is_one(row.roles, roles)]
    if not rows:
        raise Refused("not_permitted")
    rows = [row for row in rows if _is_one(row.functions, functions)]
    if not rows:
        raise Refused("not_owner" if fact else "not_permitted")
    rows = [row for row in rows if principal.purpose or not row.purpose]
    if not rows:
        raise Refused("purpose_not_allowed")
    return tuple(rows)


def _is_one(wanted: frozenset[str], held: Iterable[str]) -> bool:
    return not wanted or not wanted.isdisjoint(held)


def _grouped(pairs: Iterable[tuple[str, Row]]) -> Mapping[str, tuple[Row, ...]]:
    groups: dict[str, tuple[Row, ...]] = {}
    for name, row in pairs:
        groups[name] = (*groups.get(name, ()), row)
    return MappingProxyType(groups)


_BY_OPERATION = _grouped((row.operation, row) for row in TABLE)
_BY_DOOR = _grouped((door, row) for row in TABLE for door in row.doors)
