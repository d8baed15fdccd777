"""Agreements, and records of them, valid by default."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.commands import Principal
from contracts.gateway import ApproveAgreement
from services.gateway.domain.agreement_record import AgreementRecord, agreement_id, approve, propose
from services.gateway.domain.agreements import Agreement

NOW = datetime(2026, 4, 1, 2, tzinfo=UTC)
DAY = timedelta(days=1)
TODAY = date(2026, 4, 1)


def an_agreement(**changes: Any) -> Agreement:
    """KP2MI gives BPS the status of people."""
    return Agreement.model_validate(agreement_body(**changes))


def agreement_body(**changes: Any) -> dict[str, Any]:
    """As it is sent to the api."""
    given: dict[str, Any] = {
        "id": "housing-statistics", "version": 1, "giver": "KP2MI", "receiver": {"organisation": "BPS"},
        "purpose": "housing_statistics", "base": "public_task", "law": "UU 16/1997 art. 11",
        "events": ["registry.person.registered.v1"], "facts": ["status"],
        "stated_in": ["REGISTRATION", "IDENTITY", "PLACEMENT", "DEPARTURE"], "retention_days": 365,
        "valid_from": "2026-01-01", "valid_to": "2030-12-31",
    }  # fmt: skip
    given |= changes
    parties = dict.fromkeys([given["giver"], given["receiver"].get("organisation") or "KEMLU"])
    signatories = [{"organisation": code, "office": "Sekretaris Utama"} for code in parties]
    return {"signatories": signatories} | given


def officer(organisation: str) -> Principal:
    """Of the data protection office."""
    return Principal(organisation=organisation, user="u-1", roles=("data_protection_officer",))


def proposed(agreement: Agreement, by: str = "KP2MI", before: AgreementRecord | None = None) -> AgreementRecord:
    return propose(before, officer(by), agreement, None, NOW)[0]


def approval(number: int = 1, signer: str = "s-1", **changes: Any) -> ApproveAgreement:
    given: dict[str, Any] = {"agreement": agreement_id("housing-statistics"), "number": number, "signer": signer}
    return ApproveAgreement(**(given | changes))


def approved(agreement: Agreement, before: AgreementRecord | None = None) -> AgreementRecord:
    """By KP2MI and BPS."""
    record = proposed(agreement, before=before)
    for organisation, signer in (("KP2MI", "s-1"), ("BPS", "s-2")):
        record, _ = approve(record, officer(organisation), approval(agreement.version, signer), NOW)
    return record
