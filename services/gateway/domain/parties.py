"""Who approves an agreement: its giver, and its receiver or whoever stands for a class of receivers. Pure."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from types import MappingProxyType

from contracts.gateway import Side
from contracts.model import WIB
from services.gateway.domain.agreements import Agreement

STANDS_FOR: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "mission_of": ("KEMLU", "KP2MI"),
        "regency_of": ("KEMENDAGRI", "KP2MI"),
        "owner": ("KP2MI", "KEMENDAGRI"),
        "author": ("KP2MI", "KEMENDAGRI"),
        "recipient": ("KEMLU", "KP2MI"),
        "respondent": ("BAPPENAS", "KEMLU"),
        "stewards": ("KEMENDAGRI", "KP2MI"),
    }
)
"""By the way in which receivers are chosen: the organisation that approves for all of them, and the one that does where
the first is the giver itself. Who oversees them: missions KEMLU (UU 37/1999), regencies KEMENDAGRI (UU 23/2014), those
who place workers KP2MI (UU 18/2017), respondents of the indicators BAPPENAS, which puts the results to use."""


def receiving_party(agreement: Agreement) -> str:
    """The organisation that approves for the receiver."""
    if agreement.receiver.organisation is not None:
        return agreement.receiver.organisation
    (kind,) = agreement.receiver.model_dump(exclude_none=True)
    first, other = STANDS_FOR[kind]
    return first if first != agreement.giver else other


def side_of(agreement: Agreement, organisation: str) -> Side | None:
    """The side for which an organisation approves, rejects and ends; None for neither."""
    if organisation == agreement.giver:
        return "giver"
    return "receiver" if organisation == receiving_party(agreement) else None


def side_of_any(agreement: Agreement, organisations: Iterable[str]) -> Side | None:
    """As `side_of`, for one organisation and those that it has taken over."""
    return next((side for code in organisations if (side := side_of(agreement, code))), None)


def local_day(now: datetime) -> date:
    """Days of agreements are days in Jakarta."""
    return now.astimezone(WIB).date()
