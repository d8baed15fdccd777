"""What partners send to `from.<org>.v1` and receive on `to.<org>.v1`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from contracts.exchange.copies import (
    AlertCopied,
    Candidate,
    Copied,
    PersonalFields,
    PersonalPart,
    PersonCopied,
    PersonFacts,
    Question,
    ReportPart,
    RoundCopied,
)
from contracts.exchange.receipts import Receipt, ReceiptsReported
from contracts.exchange.submissions import (
    AlertAcknowledged,
    AlertReported,
    AlertResolved,
    AlertStep,
    AnswerSubmitted,
    DepartureReported,
    EpisodePlan,
    Evidence,
    IdentityConfirmed,
    Person,
    PersonReference,
    PlacementReported,
    RegistrationSubmitted,
    Submission,
)
from contracts.exchange.values import (
    BirthDate,
    CivilDate,
    Form,
    LongText,
    Nik,
    Passport,
    PersonToken,
    Phone,
    Text,
)

SOURCE = "/simpul/gateway"
"""`ce_source` of everything that the gateway sends."""

Delivery = Annotated[PersonCopied | AlertCopied | RoundCopied | ReceiptsReported, Field(discriminator="type")]

__all__ = [
    "SOURCE",
    "AlertAcknowledged",
    "AlertCopied",
    "AlertReported",
    "AlertResolved",
    "AlertStep",
    "AnswerSubmitted",
    "BirthDate",
    "Candidate",
    "CivilDate",
    "Copied",
    "Delivery",
    "DepartureReported",
    "EpisodePlan",
    "Evidence",
    "Form",
    "IdentityConfirmed",
    "LongText",
    "Nik",
    "Passport",
    "Person",
    "PersonCopied",
    "PersonFacts",
    "PersonReference",
    "PersonToken",
    "PersonalFields",
    "PersonalPart",
    "Phone",
    "PlacementReported",
    "Question",
    "Receipt",
    "ReceiptsReported",
    "RegistrationSubmitted",
    "ReportPart",
    "RoundCopied",
    "Submission",
    "Text",
]
