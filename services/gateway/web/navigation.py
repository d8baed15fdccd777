"""The pages that stand in the navigation, and to whom each is shown. Rights are decided by /v1; this only hides."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.gateway.web.languages import mark
from services.gateway.web.sessions import Session


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A page: `roles` are those of which a person needs one; none for everybody."""

    path: str
    title: str
    roles: frozenset[str] = frozenset()


ENTRIES: Sequence[NavigationEntry] = (
    NavigationEntry("/", mark("My work")),
    NavigationEntry("/alerts", mark("Alerts"), frozenset({"duty_officer", "migration_coordinator"})),
    NavigationEntry("/duplicates", mark("Duplicate review"), frozenset({"identity_steward"})),
    NavigationEntry(
        "/rounds", mark("Rounds"), frozenset({"indicator_focal_point", "mgi_coordinator", "migration_coordinator"})
    ),
    NavigationEntry("/disclosures", mark("Who saw what"), frozenset({"data_protection_officer"})),
    NavigationEntry("/emergency-reviews", mark("Emergency reviews"), frozenset({"data_protection_officer"})),
)


def shown_to(session: Session) -> tuple[NavigationEntry, ...]:
    """Those that a person may open."""
    return tuple(entry for entry in ENTRIES if not entry.roles or session.has_role(*entry.roles))
