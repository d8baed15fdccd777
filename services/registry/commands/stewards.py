"""What stewards decide of cases, and what the rule asks to be compared again."""

from datetime import datetime

from chassis.commands.processor import Applied, Command, NewEvent
from contracts.outcomes import Refused
from contracts.registry import CaseReopened, ComparePair, DecideCase, ReopenCase
from services.registry.commands.duplicates import Found, close, is_one, judged, opening, told
from services.registry.commands.merges import join, separate
from services.registry.commands.workspace import Workspace
from services.registry.domain.duplicates import Case, case_id, decided, reopened
from services.registry.domain.guards import who_decides
from services.registry.domain.likeness import hold_of
from services.registry.domain.merging import fits, merged_for, survivor_of
from services.registry.domain.person import Person


def decide_case(work: Workspace, command: Command, body: DecideCase, now: datetime) -> Applied:
    """`same` merges the two, unless they are one by now.

    Raises Refused `not_permitted`, `not_found`, `version_conflict`, `too_many_facts`, or `state_conflict` when the case
    is closed, or when those who are one by now are to be different: an unmerge says then which of them is meant.
    """
    case = _asked(work, command, body.case, body.ifversion)
    closed = decided(case, judged(command, body.decision, body.reason, now))
    one, other = _sides(work, case)
    joined = one.id == other.id
    if joined and body.decision == "different":
        raise Refused("state_conflict")
    if body.decision == "same" and not joined and not fits(one, other):
        raise Refused("too_many_facts")
    emitted = close(work, closed)
    merged: tuple[NewEvent, ...] = ()
    if body.decision == "same" and not joined:
        facts = {"case": case.id, "weight": case.weight, "model": case.model}
        merged = join(work, survivor_of(one, other), command, "steward", now, reason=body.reason, **facts)
    return Applied(case.id, closed.version, (emitted, *merged), kind="case")


def reopen_case(work: Workspace, command: Command, body: ReopenCase, now: datetime) -> Applied:
    """The merge that came of it is undone. Raises Refused as `decide_case`; `state_conflict` also when the two are one
    for another reason: an unmerge says then which of them is meant."""
    case = _asked(work, command, body.case, body.ifversion)
    again = reopened(case, judged(command, None, body.reason, now))
    undone: tuple[NewEvent, ...] = ()
    if is_one(work, case):
        together = work.root(case.persons[0])
        absorbed = merged_for(together, case.id) if together else None
        if absorbed is None:
            raise Refused("state_conflict")
        work.put_case(again)
        undone = separate(work, absorbed, command, now, reason=body.reason, case=case.id)
    work.put_case(again)
    emitted = told(again, CaseReopened(case=case.id, persons=case.persons, reason=body.reason))
    return Applied(case.id, again.version, (emitted, *undone), kind="case")


def compare_pair(work: Workspace, command: Command, body: ComparePair, now: datetime) -> Applied:
    """What the registry does with two persons as they now are: merge them, open a case, or nothing.

    Raises Refused `not_permitted` or `not_found`.
    """
    if who_decides(command.principal) != "rule":
        raise Refused("not_permitted")
    one, other = (_found(work, person) for person in body.persons)
    found = work.compared.get(command.id)
    if one.id == other.id or found is None or found.likeness.side == "no" or _is_settled(work, one, other):
        return Applied(one.id, one.version)
    hold = "records" if found.contradicted else hold_of(one, other)
    if found.likeness.side == "link" and hold is None:
        survivor, absorbed = survivor_of(one, other)
        facts = found.likeness.facts(found.model)
        merged = join(work, (survivor, absorbed), command, "rule", now, reason="other", **facts)
        return Applied(survivor.id, merged[0].sequence, merged)
    emitted = opening(work, command, (one.id, other.id), Found(*found[:3]), hold, now)
    return Applied(one.id, one.version, (emitted,))


def _is_settled(work: Workspace, one: Person, other: Person) -> bool:
    """Whether a steward is asked already, or said that these two are different."""
    pair = {one.id, other.id}
    for case in work.cases.values():
        roots = {root.id for person in case.persons if (root := work.root(person))}
        if roots == pair:
            return True
    return case_id(one.id, other.id) in work.cases


def _asked(work: Workspace, command: Command, name: str, ifversion: int | None) -> Case:
    if who_decides(command.principal) != "steward":
        raise Refused("not_permitted")
    case = work.cases.get(name)
    if case is None:
        raise Refused("not_found", "/case")
    if ifversion is not None and ifversion != case.version:
        raise Refused("version_conflict")
    return case


def _sides(work: Workspace, case: Case) -> tuple[Person, Person]:
    one, other = (_found(work, person) for person in case.persons)
    return one, other


def _found(work: Workspace, person: str) -> Person:
    found = work.root(person)
    if found is None:
        raise Refused("not_found", "/persons")
    return found
