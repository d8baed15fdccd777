"""One answer of an institution to one question of a round, with every version it ever had."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID, uuid5

from contracts import authority
from contracts.authority import Relation
from contracts.commands import Principal
from contracts.indicators import AnswerDetails, AnswerSubmitted, AnswerValue, SubmitAnswer
from contracts.model import COARSE_FIRST, Moment
from contracts.outcomes import Refused
from services.indicators.domain.round import Question, Round


@dataclass(frozen=True, slots=True)
class Version:
    """What was answered once. `decided`: by a person who saw the version before; else reported by a system."""

    command_id: str
    organisation: str
    user: str | None
    occurred: Moment
    recorded_at: datetime
    value: AnswerValue | None
    details: AnswerDetails
    decided: bool
    late: bool

    @property
    def order(self) -> tuple[datetime, int, str]:
        """Which version stands: the last to happen, whenever it arrived; a person's decision happens when recorded.

        To the millisecond, which is what a database keeps.
        """
        at = self.recorded_at if self.decided else min(self.occurred.at, self.recorded_at)
        rounded = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return rounded, COARSE_FIRST.index(self.occurred.precision), self.command_id


@dataclass(frozen=True, slots=True)
class Answer:
    """Versions are kept in the order recorded. `revision` is the saved one, 0 when never saved."""

    id: str
    round: str
    indicator: str
    dimension: int
    organisation: str
    versions: tuple[Version, ...]
    revision: int = 0

    @property
    def version(self) -> int:
        """One event for each version."""
        return len(self.versions)

    @property
    def standing(self) -> Version:
        """The version that counts."""
        return max(self.versions, key=lambda version: version.order)

    @property
    def late(self) -> bool:
        """Whether the institution first answered after the due date; a later correction does not make it late."""
        return self.versions[0].late

    @property
    def recorded_at(self) -> datetime:
        """When the newest version was recorded (UTC)."""
        return self.versions[-1].recorded_at

    def as_of(self, recorded: datetime) -> Answer | None:
        """The answer as it was known at an instant (UTC); None when there was none."""
        recorded_by_then = tuple(version for version in self.versions if version.recorded_at <= recorded)
        return replace(self, versions=recorded_by_then) if recorded_by_then else None


def answer_id(round_id: str, indicator: str) -> str:
    """The id of the answer to a question, known before there is one."""
    return str(uuid5(UUID(round_id), indicator))


def may_read(question: Question, principal: Principal) -> bool:
    """Whether the answer to a question is for the principal."""
    return authority.allows("answers.read", principal, _relations(question, principal))


def _relations(question: Question, principal: Principal) -> frozenset[Relation]:
    return frozenset({"led"} if question.organisation in principal.stands_for else ())


def submit(
    mgi_round: Round | None,
    answer: Answer | None,
    command_id: str,
    principal: Principal,
    body: SubmitAnswer,
    details: AnswerDetails,
    now: datetime,
) -> tuple[Answer, AnswerSubmitted]:
    """A further version of the answer. A person must name the version seen; a system's report is taken as it comes.

    Raises Refused `not_found`, `unknown_code`, `not_assigned`, `value_kind`, `evidence_missing` or `version_conflict`.
    """
    if mgi_round is None:
        raise Refused("not_found", "/round")
    question = _assigned(mgi_round, body.indicator, principal)
    check(question, body.value, details)
    decided = principal.user is not None
    if (decided or body.ifversion is not None) and (body.ifversion or 0) != (answer.version if answer else 0):
        raise Refused("version_conflict")
    new = Version(
        command_id=command_id,
        organisation=principal.organisation,
        user=principal.user,
        occurred=body.occurred,
        recorded_at=now,
        value=body.value,
        details=details,
        decided=decided,
        late=now > mgi_round.due_at,
    )
    changed = replace(answer, versions=(*answer.versions, new)) if answer else _first(mgi_round, question, new)
    return changed, AnswerSubmitted(
        round=changed.round,
        indicator=changed.indicator,
        dimension=changed.dimension,
        organisation=changed.organisation,
        occurred=new.occurred,
        value=new.value,
        evidence=len(details.evidence),
        late=new.late,
        stands=changed.standing is new,
    )


def check(question: Question, value: AnswerValue | None, details: AnswerDetails) -> None:
    """Whether an answer fits its question and rests on evidence. Raises Refused."""
    if not _fits(question, value, details):
        raise Refused("value_kind", "/value")
    claims = value == "yes" or (question.kind == "scale" and value != 0)
    if claims and not details.evidence:
        raise Refused("evidence_missing", "/evidence")


def _fits(question: Question, value: AnswerValue | None, details: AnswerDetails) -> bool:
    match question.kind:
        case "yes_no":
            return value in ("yes", "no")
        case "scale":
            return value in (0, 0.5, 1)
        case "number":
            return isinstance(value, float) and math.isfinite(value)
        case "text":
            return value is None and bool(details.text and details.text.strip())


def _assigned(mgi_round: Round, indicator: str, principal: Principal) -> Question:
    question = mgi_round.question(indicator)
    if question is None:
        raise Refused("unknown_code", "/indicator")
    if not authority.allows(SubmitAnswer.model_fields["type"].default, principal, _relations(question, principal)):
        raise Refused("not_assigned", "/indicator")
    return question


def _first(mgi_round: Round, question: Question, new: Version) -> Answer:
    return Answer(
        id=answer_id(mgi_round.id, question.indicator),
        round=mgi_round.id,
        indicator=question.indicator,
        dimension=question.dimension,
        organisation=question.organisation,
        versions=(new,),
    )
