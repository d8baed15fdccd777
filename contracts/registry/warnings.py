"""Warnings of an applied record about a person: hints, not faults. The record stands as it was sent."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

ContentWarning = Literal["nik_birth_date_mismatch", "nik_sex_mismatch", "nik_region_legacy"]
"""From the record alone: told to whoever sent it."""
IdentityWarning = Literal["new_person", "identifier_shared"]
"""From who is registered: told to those alone who keep identities, for it would tell others who is."""
OfferWarning = Literal["waits_for_owner"]
"""From who registered somebody first: told to whoever registers the person again."""

WARNINGS: Mapping[ContentWarning | IdentityWarning | OfferWarning, str] = MappingProxyType(
    {
        "nik_birth_date_mismatch": "The NIK has another birth date than the record.",
        "nik_sex_mismatch": "The NIK has another sex than the record.",
        "nik_region_legacy": "The NIK begins with a region that has another code by now.",
        "new_person": "Nobody was registered under these identifiers; the record opened a person without registration.",
        "identifier_shared": "An identifier of the record is carried by somebody else too: is it the right one?",
        "waits_for_owner": "Another office registered this person; the registration has no effect until it accepts it.",
    }
)
"""Every code of a warning, and what it says."""
