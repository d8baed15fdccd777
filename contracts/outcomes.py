"""Outcomes of commands and the closed list of refusal codes."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from contracts.model import Id, Model


class Fault(StrEnum):
    """Who has to act on a refusal."""

    SENDER = "sender"
    PLATFORM = "platform"
    POLICY = "policy"
    RECEIVER = "receiver"


class Meaning(NamedTuple):
    """What a code says to whoever reads it, and the HTTP status that it gives an answer."""

    fault: Fault
    status: int
    detail: str


_S, _P, _L = Fault.SENDER, Fault.PLATFORM, Fault.POLICY

CODES: dict[str, Meaning] = {
    # the message itself
    "bad_header": Meaning(_S, 400, "A header is repeated, too long or not of the right form."),
    "not_utf8": Meaning(_S, 400, "A header or the body is not UTF-8."),
    "bad_json": Meaning(_S, 400, "The body is not one complete JSON object."),
    "too_large": Meaning(_S, 413, "The message is larger than 256 KiB."),
    "unknown_type": Meaning(_S, 422, "This ce_type is not one a partner may send here; see the schemas."),
    "unsupported_version": Meaning(_S, 422, "This version of the type is not supported."),
    "wrong_organisation": Meaning(_S, 422, "ce_source names another organisation than the topic or token it came by."),
    "clock_out_of_range": Meaning(_S, 422, "The time lies more than 5 minutes in the future or before 1945."),
    "id_reused": Meaning(_S, 409, "Another body was sent before under the same source and id; send it with a new id."),
    # its content
    "missing_value": Meaning(_S, 422, "A required value is missing."),
    "invalid_value": Meaning(_S, 422, "The value does not have the form that the schema asks for."),
    "unknown_field": Meaning(_S, 422, "The schema has no such field."),
    "unknown_code": Meaning(_S, 422, "The value is not in the code list."),
    "nik_malformed": Meaning(_S, 422, "The NIK cannot exist: 16 digits with a real region and a real date are needed."),
    "under_age": Meaning(_S, 422, "A prospective worker must be at least 18 at registration (UU 18/2017 art. 5)."),
    "identifier_missing": Meaning(_S, 422, "The record names no person: give the person's id, NIK or passport."),
    "person_unknown": Meaning(_S, 422, "This person id was not issued to your organisation."),
    "reason_missing": Meaning(_S, 422, "No agreement of yours covers the person: say why the alert names them."),
    "value_kind": Meaning(_S, 422, "The answer does not fit the kind of the question (yes_no, scale, number, text)."),
    "person_not_permitted": Meaning(_S, 422, "An alert of this type names no person: see names_person."),
    "evidence_missing": Meaning(_S, 422, "This answer needs at least one piece of evidence."),
    # authority and purpose
    "not_owner": Meaning(_L, 403, "Your organisation does not own this kind of fact; dispute it instead."),
    "not_permitted": Meaning(_L, 403, "Your role does not permit this."),
    "alert_type_not_permitted": Meaning(
        _L, 403, "The functions of your organisation do not let it raise alerts of this type: see raised_by."
    ),
    "emergency_limit": Meaning(_L, 429, "Your organisation named too many persons by a reason alone this hour."),
    "suspended": Meaning(_L, 403, "Your organisation is suspended; ask the operator of Simpul when that ends."),
    "not_connected": Meaning(_L, 403, "Your organisation is not connected; ask the operator of Simpul to connect it."),
    "not_assigned": Meaning(_L, 403, "This question is assigned to another institution."),
    "purpose_not_allowed": Meaning(_L, 403, "No agreement covers this purpose."),
    # state that a decision met
    "not_found": Meaning(_S, 404, "There is no such thing, or you may not see it."),
    "version_conflict": Meaning(_S, 409, "It has changed since you read it; read it again and decide anew."),
    "state_conflict": Meaning(_S, 409, "Its state does not allow this step."),
    "already_approved": Meaning(_L, 409, "Your side has approved it, or you have for the other: somebody else has to."),
    "too_many_proposals": Meaning(
        _L, 409, "100 agreements that your organisation proposed were never approved; use one of their ids."
    ),
    "round_exists": Meaning(_S, 409, "There is a round over this version of the catalogue for that year."),
    "not_merged": Meaning(_S, 409, "This person stands for itself; there is no merge to undo."),
    "too_many_facts": Meaning(_S, 409, "Together they hold more facts than one person may (2,000); ask the platform."),
    # the way in and the platform
    "unauthenticated": Meaning(_S, 401, "A valid bearer token is needed."),
    "token_expired": Meaning(_S, 401, "The time of the bearer token is over; get a new one."),
    "method_not_allowed": Meaning(_S, 405, "This address does not take this method."),
    "cursor_expired": Meaning(_S, 410, "The cursor is unknown or older than what is kept; start again without one."),
    "too_many_requests": Meaning(_S, 429, "Too many requests at once; wait and repeat."),
    "loads_stopped": Meaning(
        _S, 429, "Too much of what your organisation sent waits; loads are taken again later, alerts are taken now."
    ),
    "unavailable": Meaning(_P, 503, "A part of the platform is away; nothing is lost, repeat later."),
    "internal": Meaning(_P, 500, "The platform failed; it is logged under the trace id."),
    "platform_held": Meaning(_P, 422, "The platform could not process the record and keeps it; do not send it again."),
    "platform_gave_up": Meaning(
        _P, 422, "An operator ended a held record; contact the platform and send it with a new id."
    ),
}
"""Every code a refusal may carry. Codes are never removed and never change their meaning."""


class Problem(Model):
    """One reason of a refusal. `pointer` is a JSON pointer into the message (RFC 6901), made of schema names only."""

    code: str
    pointer: str = ""
    fault: Fault
    detail: str
    allowed: str | None = None
    """What may stand there, in words of the schema; never anything of the message."""


def status_of(code: str) -> int:
    """The HTTP status that a refusal code gives an answer; 422 for a code that only a newer release knows."""
    return CODES[code].status if code in CODES else 422


def problem(code: str, pointer: str = "", allowed: str | None = None) -> Problem:
    """A Problem with the code's own fault and text."""
    meaning = CODES[code]
    return Problem(code=code, pointer=pointer, fault=meaning.fault, detail=meaning.detail, allowed=allowed)


class Refused(Exception):  # named for the rule that broke, as every exception of the house
    """A command is refused. Carries no input value, so it may be logged."""

    def __init__(
        self, code: str, pointer: str = "", allowed: str | None = None, *, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(f"{code} {pointer}".strip())
        self.problems = problems or (problem(code, pointer, allowed),)

    @classmethod
    def because(cls, problems: tuple[Problem, ...]) -> Refused:
        """A refusal with several reasons, perhaps of a code that only a newer release knows."""
        return cls(problems[0].code, problems[0].pointer, problems=problems)


class Outcome(Model):
    """What became of one command; one final outcome per (command id, digest). Topic `<service>.outcomes.v1`."""

    type: Literal["simpul.command.settled.v1"] = "simpul.command.settled.v1"
    command_id: Id
    digest: str
    result: Literal["applied", "refused", "held"]
    aggregate_id: Id | None = None
    kind: str | None = None
    """What the aggregate is where a service has several: `duplicate` in the registry; absent for its persons."""
    version: int | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    reply_to: str | None = None
    """Whom to answer and about which record, sealed for the gateway alone."""
