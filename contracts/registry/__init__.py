"""What the registry is told, announces and answers: facts about persons, merges, steward cases."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.registry.duplicates import (
    CaseDecided,
    CaseEvent,
    CaseOpened,
    CaseReopened,
    ComparePair,
    DecideCase,
    Decision,
    ReopenCase,
)
from contracts.registry.merges import (
    Because,
    MergeEvent,
    MergePersons,
    PersonMerged,
    PersonUnmerged,
    Reason,
    UnmergePerson,
)
from contracts.registry.persons import (
    ConfirmIdentity,
    Departed,
    Episode,
    Facets,
    Fact,
    Flag,
    FlagCode,
    Identifiers,
    IdentityConfirmed,
    Isco,
    Kbli,
    PersonDetails,
    PersonEvent,
    PersonRegistered,
    PersonRestated,
    PlacementDetails,
    PlacementRecorded,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    Scheme,
    Status,
    Warning_,
)
from contracts.registry.reads import (
    PersonResolved,
    PersonState,
    PersonStates,
    PersonsWanted,
    PersonWanted,
)
from contracts.registry.stewards import (
    AgeBand,
    Band,
    BandAgreement,
    CaseAgreement,
    CaseDay,
    CaseDetail,
    CaseOrder,
    CasePage,
    CaseStatus,
    CaseStep,
    CaseSummary,
    CaseWorkload,
    Evidence,
    Hold,
)

Command = Annotated[
    RegisterPerson
    | ConfirmIdentity
    | RecordPlacement
    | RecordDeparture
    | MergePersons
    | UnmergePerson
    | ComparePair
    | DecideCase
    | ReopenCase,
    Field(discriminator="type"),
]

Event = Annotated[
    PersonRegistered
    | IdentityConfirmed
    | PlacementRecorded
    | Departed
    | PersonRestated
    | PersonMerged
    | PersonUnmerged
    | CaseOpened
    | CaseDecided
    | CaseReopened,
    Field(discriminator="type"),
]

__all__ = [
    "AgeBand",
    "Band",
    "BandAgreement",
    "Because",
    "CaseAgreement",
    "CaseDay",
    "CaseDecided",
    "CaseDetail",
    "CaseEvent",
    "CaseOpened",
    "CaseOrder",
    "CasePage",
    "CaseReopened",
    "CaseStatus",
    "CaseStep",
    "CaseSummary",
    "CaseWorkload",
    "Command",
    "ComparePair",
    "ConfirmIdentity",
    "DecideCase",
    "Decision",
    "Departed",
    "Episode",
    "Event",
    "Evidence",
    "Facets",
    "Fact",
    "Flag",
    "FlagCode",
    "Hold",
    "Identifiers",
    "IdentityConfirmed",
    "Isco",
    "Kbli",
    "MergeEvent",
    "MergePersons",
    "PersonDetails",
    "PersonEvent",
    "PersonMerged",
    "PersonRegistered",
    "PersonResolved",
    "PersonRestated",
    "PersonState",
    "PersonStates",
    "PersonUnmerged",
    "PersonWanted",
    "PersonsWanted",
    "PlacementDetails",
    "PlacementRecorded",
    "Reason",
    "RecordDeparture",
    "RecordPlacement",
    "RegisterPerson",
    "ReopenCase",
    "Scheme",
    "Status",
    "UnmergePerson",
    "Warning_",
]
