"""The words for the values of closed lists, in English; `locale/id.po` has the Indonesian ones."""

from collections.abc import Mapping

from contracts.outcomes import CODES
from services.gateway.web.languages import mark
from services.gateway.web.vocabulary_reviews import LABELS as OF_REVIEWS
from services.gateway.web.vocabulary_rounds import LABELS as OF_ROUNDS

UNKNOWN_PROBLEM = mark("The request was refused.")
PROBLEMS: Mapping[str, str] = {code: meaning.detail for code, meaning in CODES.items()} | {
    "unauthenticated": mark("Your sign-in is not valid any more. Sign in again."),
    "token_expired": mark("The time of your sign-in is over. Sign in again."),
    "not_permitted": mark("Your role does not permit this."),
    "too_large": mark("That is too long."),
}
"""By refusal code; the catalogue has every one of them."""

LABELS: Mapping[str, Mapping[str, str]] = {
    "state": {"raised": mark("not taken"), "acknowledged": mark("taken"), "resolved": mark("ended")},
    "severity": {
        "low": mark("low"), "medium": mark("medium"), "high": mark("high"), "critical": mark("critical"),
    },
    "resolution": {
        "helped": mark("The person was helped"),
        "handed_over": mark("Handed over to another institution"),
        "false_alarm": mark("False alarm"),
        "unreachable": mark("The person could not be reached"),
    },
    "withheld": {
        "no_reason": mark("The reporter gave no reason for naming somebody: ask the reporter whom it is about."),
        "limit": mark("The reporter named too many persons before: ask the reporter whom it is about."),
    },
    "role": {
        "registrar": mark("registrar"),
        "protection_officer": mark("protection officer"),
        "duty_officer": mark("duty officer"),
        "identity_steward": mark("identity steward"),
        "indicator_focal_point": mark("indicator focal point"),
        "mgi_coordinator": mark("indicator coordinator"),
        "migration_coordinator": mark("migration coordinator"),
        "data_protection_officer": mark("data protection officer"),
        "operator": mark("operator"),
    },
    "purpose": {
        "consular_protection": mark("Consular protection"),
        "data_protection": mark("Data protection"),
        "emergency_protection": mark("Emergency protection"),
        "identity_stewardship": mark("Identity stewardship"),
        "local_services": mark("Local services"),
        "migration_governance": mark("Migration governance"),
        "migration_governance_indicators": mark("Migration governance indicators"),
        "official_statistics": mark("Official statistics"),
        "operations": mark("Operations"),
        "placement_and_protection": mark("Placement and protection"),
    },
    **OF_REVIEWS,
    **OF_ROUNDS,
}  # fmt: skip
