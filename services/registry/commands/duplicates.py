"""Cases of a batch: opened by the rule, closed when another merge settles them, decided anew by an unmerge."""

from datetime import datetime
from typing import NamedTuple

from chassis.commands.processor import Command, NewEvent
from contracts.registry import CaseDecided, CaseOpened, CaseReopened, Decision, Hold, Reason
from linkage.model import Model
from services.registry.commands.workspace import Workspace
from services.registry.domain.comparison import Likeness, explain, steps_of
from services.registry.domain.duplicates import Case, Event, case_id, decided, opened, overruled, reopened
from services.registry.domain.guards import RULE, who_decides
from services.registry.domain.likeness import Traits


class Found(NamedTuple):
    """What made the rule ask: how alike the two are, and what was compared by which model."""

    likeness: Likeness
    traits: tuple[Traits, Traits]
    model: Model


def opening(
    work: Workspace, command: Command, pair: tuple[str, str], found: Found, hold: Hold | None, now: datetime
) -> NewEvent:
    """A steward is asked whether two persons are one, of whom there is no case yet."""
    event = Event("OPENED", now, command.id, RULE.organisation, None, "rule")
    steps = steps_of(explain(*found.traits, found.model))
    case = opened(*pair, found.likeness, found.model.version, hold, steps, event)
    work.put_case(case)
    return told(case, CaseOpened(case=case.id, persons=case.persons, weight_band=case.band))


def closings(work: Workspace, command: Command, reason: Reason, now: datetime) -> tuple[NewEvent, ...]:
    """The open cases of those who are one by now are closed."""
    settled = [one for one in work.cases.values() if one.decision is None and is_one(work, one)]
    event = Event("DECIDED", now, command.id, *_who(command), "rule", "same", reason)
    return tuple(close(work, decided(case, event)) for case in settled)


def partings(
    work: Workspace, command: Command, pair: tuple[str, str], reason: Reason, now: datetime
) -> tuple[NewEvent, ...]:
    """Who unmerges two says that they are different: so are their cases from now on, and if they had none, one is made
    that remembers it, so that no rule finds them to be one again."""
    event = Event("DECIDED", now, command.id, *_who(command), who_decides(command.principal), "different", reason)
    wrong = [one for one in work.cases.values() if one.decision == "same" and not is_one(work, one)]
    known = case_id(*pair)
    if known not in work.cases and not wrong:
        made = opened(*pair, Likeness(0.0, 0.0, "no"), "", None, (), event)
        return (close(work, made),)
    return tuple(close(work, overruled(case, event)) for case in wrong)


def reopenings(work: Workspace, command: Command, reason: Reason, now: datetime) -> tuple[NewEvent, ...]:
    """What a merge had settled by the way is open again when it is undone by its own case."""
    settled = [one for one in work.cases.values() if one.history[-1].because == "rule" and not is_one(work, one)]
    again = [reopened(case, judged(command, None, reason, now)) for case in settled if case.decision]
    for case in again:
        work.put_case(case)
    return tuple(told(one, CaseReopened(case=one.id, persons=one.persons, reason=reason)) for one in again)


def is_one(work: Workspace, case: Case) -> bool:
    """Whether both persons of a case lead to one."""
    one, other = (work.root(person) for person in case.persons)
    return one is not None and other is not None and one.id == other.id


def told(case: Case, event: CaseOpened | CaseDecided | CaseReopened) -> NewEvent:
    """What is announced of a case as it now is."""
    at = case.history[-1].at
    return NewEvent(event, case.id, case.version, at, at)


def judged(command: Command, decision: Decision | None, reason: Reason, now: datetime) -> Event:
    """What a steward says of a case: a decision, or that it is open again."""
    return Event("DECIDED" if decision else "REOPENED", now, command.id, *_who(command), "steward", decision, reason)


def close(work: Workspace, case: Case) -> NewEvent:
    """Keep a case as decided."""
    work.put_case(case)
    last = case.history[-1]
    assert last.decision
    assert last.reason
    return told(
        case,
        CaseDecided(
            case=case.id, persons=case.persons, decision=last.decision, reason=last.reason, because=last.because
        ),
    )


def _who(command: Command) -> tuple[str, str | None]:
    return command.principal.organisation, command.principal.user
