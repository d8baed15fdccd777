"""One organisation: what operators change of it. Its code never changes and is never given to another. Pure."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from re import compile as regex
from typing import TypeVar, assert_never
from uuid import NAMESPACE_OID, uuid5

from contracts import codes
from contracts.authority import PLATFORM
from contracts.gateway import (
    Change,
    ChangeFunctions,
    FunctionsChanged,
    LiftSuspension,
    Named,
    NameSuccessor,
    OrganisationCommand,
    OrganisationState,
    RegisteredAs,
    RegisterOrganisation,
    RenameOrganisation,
    Succeeded,
    Suspended,
    SuspendOrganisation,
)
from contracts.model import WIB
from contracts.outcomes import Refused
from services.gateway.domain.organisations import Organisations

T = TypeVar("T")
KIND = "organisation"
"""What the aggregate is, in outcomes."""
TOPIC_CODE = regex(r"[a-z0-9_-]+(\.[0-9][a-z0-9_-]*)?")
"""What a code may be in the names of topics (`contracts/topics.py`)."""
IDENTIFIER = regex(r"[0-9]{13}")
"""So many digits in a row are somebody's number, and never stand in the shared log."""
EARLIEST, LATEST = date(1945, 8, 17), date(2200, 1, 1)
MOST = 200
"""Changes of one kind that one organisation may have: its state is read whole by every process."""


def organisation_id(code: str) -> str:
    """The platform's id of an organisation."""
    return str(uuid5(NAMESPACE_OID, f"organisation/{code}"))


def decide(
    organisations: Organisations, body: OrganisationCommand, now: datetime
) -> tuple[Change, OrganisationState] | None:
    """What an operator changes, and all that has changed then; None where it is so already.

    Raises Refused `unknown_code`, `state_conflict` or `invalid_value`.
    """
    if isinstance(body, RegisterOrganisation):
        return "registered", _registered(organisations, body, now)
    if body.organisation not in organisations:
        raise Refused("unknown_code", "/organisation")
    nothing = OrganisationState(organisation=body.organisation, version=0, recorded_at=now)
    before = organisations.states.get(body.organisation, nothing)
    change: Change
    changes: dict[str, object]
    match body:
        case RenameOrganisation():
            change, changes = "renamed", _renamed(before, body)
        case ChangeFunctions():
            change, changes = "functions_changed", _functions_changed(organisations, before, body, now)
        case NameSuccessor():
            change, changes = "succeeded", _succeeded(organisations, before, body, now)
        case SuspendOrganisation():
            change, changes = "suspended", _suspended(before, body, now)
        case LiftSuspension():
            change, changes = "suspension_lifted", {"suspension": None}
        case _:
            assert_never(body)
    after = before.model_copy(update=changes)
    if after == before:
        return None
    return change, after.model_copy(update={"version": before.version + 1, "recorded_at": now})


def _registered(organisations: Organisations, body: RegisterOrganisation, now: datetime) -> OrganisationState:
    """Topics of two organisations must not differ in `.` and `_` alone: Kafka's metrics write one as the other."""
    code = body.organisation
    if not TOPIC_CODE.fullmatch(code.lower()) or IDENTIFIER.search(code):
        raise Refused("invalid_value", "/organisation", "capitals, digits, _ and -, and one . before a digit")
    taken = {_in_metrics(existing) for existing in organisations.codes}
    if code == PLATFORM or _in_metrics(code) in taken:
        raise Refused("state_conflict", "/organisation")
    _require_in_use(organisations, body.functions, "/functions")
    if body.region_code not in codes.regions():
        raise Refused("unknown_code", "/region_code")
    kind, level, region = body.kind, body.level, body.region_code
    return OrganisationState(
        organisation=code,
        version=1,
        recorded_at=now,
        registered=RegisteredAs(
            kind=kind, level=level, region_code=region, functions=tuple(sorted(set(body.functions)))
        ),
        names=(_named(body.name_id, body.name_en, EARLIEST),),
    )


def _in_metrics(code: str) -> str:
    return code.lower().replace(".", "_")


def _named(name_id: str, name_en: str, since: date) -> Named:
    if IDENTIFIER.search(name_id):
        raise Refused("invalid_value", "/name_id")
    if IDENTIFIER.search(name_en):
        raise Refused("invalid_value", "/name_en")
    return Named(name_id=name_id, name_en=name_en, since=since)


def _renamed(before: OrganisationState, body: RenameOrganisation) -> dict[str, object]:
    """Renaming it back, or anew from the same day, is another entry: of one day the last counts."""
    _require_plausible(body.since)
    named = _named(body.name_id, body.name_en, body.since)
    return {"names": before.names if before.names[-1:] == (named,) else _one_more(before.names, named)}


def _functions_changed(
    organisations: Organisations, before: OrganisationState, body: ChangeFunctions, now: datetime
) -> dict[str, object]:
    _require_plausible(body.since)
    gained, taken = set(body.give), set(body.take)
    if gained & taken or not gained | taken:
        raise Refused("invalid_value", "/give", "some functions to give or to take, and none in both")
    _require_in_use(organisations, body.give, "/give")
    _require_in_use(organisations, body.take, "/take")
    changed = FunctionsChanged(
        give=tuple(sorted(gained)), take=tuple(sorted(taken)), since=body.since,
        counts_from=counts_from(body.since, now),
    )  # fmt: skip
    last = before.functions[-1] if before.functions else None
    if last and (last.give, last.take, last.since) == (changed.give, changed.take, changed.since):
        return {}
    return {"functions": _one_more(before.functions, changed)}


def _succeeded(
    organisations: Organisations, before: OrganisationState, body: NameSuccessor, now: datetime
) -> dict[str, object]:
    """Raises Refused `state_conflict` where the successor is, or will be, succeeded by this one itself."""
    _require_plausible(body.since)
    begins = counts_from(body.since, now)
    if body.successor is not None:
        if body.successor not in organisations:
            raise Refused("unknown_code", "/successor")
        if organisations.will_lead_to(body.successor, body.organisation, begins):
            raise Refused("state_conflict", "/successor")
    last = before.successors[-1] if before.successors else None
    if (last.successor if last else None) == body.successor and (last is None or last.since == body.since):
        return {}
    succeeded = Succeeded(successor=body.successor, since=body.since, counts_from=begins)
    return {"successors": _one_more(before.successors, succeeded)}


def _suspended(before: OrganisationState, body: SuspendOrganisation, now: datetime) -> dict[str, object]:
    """Another reason is told, and the suspension goes on since it began."""
    since = before.suspension.since if before.suspension else now
    return {"suspension": Suspended(reason=body.reason, since=since)}


def counts_from(day: date, now: datetime) -> datetime:
    """The beginning of a day in Western Indonesia, or now: what was accepted before keeps what it was judged by."""
    return max(datetime.combine(day, time(), WIB).astimezone(UTC), now)


def _require_in_use(organisations: Organisations, functions: Iterable[str], pointer: str) -> None:
    """A function that no organisation has, and no row of the table asks for, is a misspelt one."""
    if any(function.partition(":")[0] not in organisations.vocabulary for function in functions):
        raise Refused("unknown_code", pointer)


def _require_plausible(since: date) -> None:
    if not EARLIEST <= since <= LATEST:
        raise Refused("invalid_value", "/since", f"a day from {EARLIEST} to {LATEST}")


def _one_more(entries: Iterable[T], entry: T) -> tuple[T, ...]:
    several = (*entries, entry)
    if len(several) > MOST:
        raise Refused("state_conflict")
    return several
