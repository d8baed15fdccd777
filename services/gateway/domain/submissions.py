"""One record of a partner, from its headers and bytes to the command that it asks for: the same at every door."""

from dataclasses import dataclass, replace
from datetime import datetime

from contracts import authority
from contracts.alert_types import check_raised
from contracts.commands import Principal
from contracts.envelope import Envelope, Headers
from contracts.exchange import AlertReported
from contracts.notifications import RaiseAlert
from contracts.outcomes import Problem, Refused
from services.gateway.domain.cloudevents import find_header
from services.gateway.domain.content import PersonOf
from services.gateway.domain.translation import CommandDraft, translate
from services.gateway.domain.validation import MODELS, canonical, check_size, read_body, read_envelope

URGENT_TYPES = "partner.alert."
"""How every type begins that may overtake loads: nothing else on an urgent topic could ever make an alert wait."""


@dataclass(frozen=True, slots=True)
class Submitted:
    """A record that can be a command. `body` is its content in canonical form."""

    envelope: Envelope
    body: bytes
    draft: CommandDraft


def read_submission(
    headers: Headers, value: bytes, sender: Principal, person_of: PersonOf, now: datetime, *, urgent: bool
) -> Submitted:
    """Validate and translate a record in binary mode of a system. Raises Refused with all that is wrong with it.

    Of a record that its organisation may not send nothing but that is said.
    """
    check_size(value)
    try:
        envelope = read_envelope(headers, sender.organisation, now)
    except Refused as refused:
        raise Refused.because((*refused.problems, *_body_problems(headers, value, person_of, now))) from None
    if urgent and not envelope.type.startswith(URGENT_TYPES):
        raise Refused("unknown_type", "/headers/ce_type")
    authority.check_door(envelope.type, sender)
    submission = read_body(envelope.type, value, person_of=person_of, now=now)
    if isinstance(submission, AlertReported):
        functions = authority.functions_at(sender)
        check_raised(submission.alert_type, functions, names_person=submission.person is not None)
    return Submitted(envelope, canonical(submission), translate(submission, person_of, now))


def of_suspended(draft: CommandDraft) -> CommandDraft:
    """What becomes of an urgent record of a suspended organisation: an alert says so to those who respond.

    Raises Refused `suspended` for a step on an alert of others: whoever sends it may be somebody else.
    """
    if not isinstance(draft.body, RaiseAlert):
        raise Refused("suspended")
    return replace(draft, body=draft.body.model_copy(update={"source_suspended": True}))


def _body_problems(headers: Headers, value: bytes, person_of: PersonOf, now: datetime) -> tuple[Problem, ...]:
    """Of a record whose headers are bad; nothing where even its type cannot be read."""
    name = find_header(headers, "ce_type")
    if name not in MODELS:
        return ()
    try:
        translate(read_body(name, value, person_of=person_of, now=now), person_of, now)
    except Refused as refused:
        return refused.problems
    return ()
