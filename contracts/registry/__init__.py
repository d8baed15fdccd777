"""What the registry is told, announces and answers: facts about persons, merges, offers, duplicate reviews."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.registry.duplicates import (
    ComparePair,
    DecideDuplicate,
    Decision,
    DuplicateDecided,
    DuplicateEvent,
    DuplicateOpened,
    DuplicateReopened,
    ReopenDuplicate,
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
from contracts.registry.offers import (
    WAITS_FOR_OWNER,
    DecideOffer,
    OfferDecided,
    OfferDecision,
    OfferDetail,
    OfferPage,
    OfferReason,
    OfferSide,
    OfferStatus,
    OfferSummary,
    RegistrationOffered,
)
from contracts.registry.persons import (
    ADULT,
    ConfirmIdentity,
    Departed,
    Episode,
    Facets,
    Fact,
    FactKind,
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
    may_be_adult,
)
from contracts.registry.reads import (
    PersonPart,
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
    DuplicateAgreement,
    DuplicateDay,
    DuplicateDetail,
    DuplicateOrder,
    DuplicatePage,
    DuplicateStatus,
    DuplicateStep,
    DuplicateSummary,
    DuplicateWorkload,
    Evidence,
    Hold,
)
from contracts.registry.warnings import WARNINGS, ContentWarning, IdentityWarning, OfferWarning

Command = Annotated[
    RegisterPerson
    | ConfirmIdentity
    | RecordPlacement
    | RecordDeparture
    | MergePersons
    | UnmergePerson
    | ComparePair
    | DecideDuplicate
    | ReopenDuplicate
    | DecideOffer,
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
    | RegistrationOffered
    | OfferDecided
    | DuplicateOpened
    | DuplicateDecided
    | DuplicateReopened,
    Field(discriminator="type"),
]

__all__ = [
    "ADULT",
    "WAITS_FOR_OWNER",
    "WARNINGS",
    "AgeBand",
    "Band",
    "BandAgreement",
    "Because",
    "Command",
    "ComparePair",
    "ConfirmIdentity",
    "ContentWarning",
    "DecideDuplicate",
    "DecideOffer",
    "Decision",
    "Departed",
    "DuplicateAgreement",
    "DuplicateDay",
    "DuplicateDecided",
    "DuplicateDetail",
    "DuplicateEvent",
    "DuplicateOpened",
    "DuplicateOrder",
    "DuplicatePage",
    "DuplicateReopened",
    "DuplicateStatus",
    "DuplicateStep",
    "DuplicateSummary",
    "DuplicateWorkload",
    "Episode",
    "Event",
    "Evidence",
    "Facets",
    "Fact",
    "FactKind",
    "Flag",
    "FlagCode",
    "Hold",
    "Identifiers",
    "IdentityConfirmed",
    "IdentityWarning",
    "Isco",
    "Kbli",
    "MergeEvent",
    "MergePersons",
    "OfferDecided",
    "OfferDecision",
    "OfferDetail",
    "OfferPage",
    "OfferReason",
    "OfferSide",
    "OfferStatus",
    "OfferSummary",
    "OfferWarning",
    "PersonDetails",
    "PersonEvent",
    "PersonMerged",
    "PersonPart",
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
    "RegistrationOffered",
    "ReopenDuplicate",
    "Scheme",
    "Status",
    "UnmergePerson",
    "may_be_adult",
]
