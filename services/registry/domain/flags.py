"""Flags of a person, raised here alone: guards that fail in the fold, and what is missing. They refuse nothing."""

from collections.abc import Mapping

from contracts.registry import Flag
from services.registry.domain.actions import Action

PROVISIONAL = Flag(code="provisional", missing=("REGISTRATION",))
NON_PROCEDURAL = Flag(code="non_procedural", missing=("PLACEMENT",))
NIK_UNVERIFIED = Flag(code="nik_unverified", missing=("IDENTITY",))
NIK_REJECTED = Flag(code="nik_rejected")
NIK_MISMATCH = Flag(code="nik_mismatch")
IDENTIFIER_SHARED = Flag(code="identifier_shared")

_MISMATCHES = frozenset({"nik_birth_date_mismatch", "nik_sex_mismatch"})


def raised_flags(
    registered: Action | None,
    personal: Mapping[str, str],
    *,
    nik_matched: bool | None,
    shares_identifier: bool,
    departed_unplaced: bool,
) -> tuple[Flag, ...]:
    """The flags of a person, in a fixed order. `registered` is the latest registration; `nik_matched` is Kemendagri's
    answer for the NIK on file, None without one."""
    warnings = registered.facts.get("warnings", ()) if registered else ()
    raised = {
        PROVISIONAL: registered is None,
        NIK_REJECTED: nik_matched is False,
        NIK_UNVERIFIED: nik_matched is None and "nik" in personal,
        NIK_MISMATCH: not nik_matched and not _MISMATCHES.isdisjoint(warnings),
        IDENTIFIER_SHARED: shares_identifier,
        NON_PROCEDURAL: departed_unplaced,
    }
    return tuple(flag for flag, is_raised in raised.items() if is_raised)
