"""The officers of the story, whom the sign-in of one machine offers. Every person here is constructed."""

from dataclasses import dataclass

from contracts.authority import PLATFORM
from simulation.scenario.participants import (
    ANSWERS_BY_API,
    BORDER_CONTROL,
    COORDINATION,
    FOREIGN_MINISTRY,
    IDENTITY_AUTHORITY,
    MISSIONS,
    REGENCIES,
    REGISTRY_OWNER,
)


@dataclass(frozen=True, slots=True)
class Officer:
    """Somebody who signs in: `username` is unique and is the subject of the tokens too."""

    username: str
    name: str
    organisation: str
    roles: tuple[str, ...]


OFFICERS = (
    Officer("ratna.dewi", "Ratna Dewi", REGISTRY_OWNER, ("registrar", "protection_officer")),
    Officer("bayu.nugroho", "Bayu Nugroho", REGISTRY_OWNER, ("identity_steward",)),
    Officer("sari.utami", "Sari Utami", REGISTRY_OWNER, ("duty_officer", "protection_officer")),
    Officer("made.suartini", "Made Suartini", REGISTRY_OWNER, ("data_protection_officer",)),
    Officer("joko.santoso", "Joko Santoso", IDENTITY_AUTHORITY, ("identity_steward",)),
    Officer("lina.marlina", "Lina Marlina", BORDER_CONTROL, ("registrar",)),
    Officer("tomi.siregar", "Tomi Siregar", FOREIGN_MINISTRY, ("duty_officer", "protection_officer")),
    Officer("indah.permata", "Indah Permata", FOREIGN_MINISTRY, ("mgi_coordinator",)),
    Officer("arif.rahman", "Arif Rahman", COORDINATION, ("migration_coordinator",)),
    *(
        Officer(f"narahubung.{code.lower()}", f"Narahubung {code}", code, ("indicator_focal_point",))
        for code in ANSWERS_BY_API
    ),
    *(
        Officer(f"piket.{code.lower()}", f"Petugas piket {code}", code, ("duty_officer", "protection_officer"))
        for code in MISSIONS
    ),
    Officer("yuni.lestari", "Yuni Lestari", REGENCIES[0], ("protection_officer", "duty_officer")),
    Officer("wayan.adi", "Wayan Adi", PLATFORM, ("operator",)),
)
