"""Why a field is given or withheld: which attribute of which agreement decides, and the least change that turns it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from contracts import exchange, registry
from contracts.registry import FactKind
from services.gateway.domain.agreements import FACTS, PERSONAL, PSEUDONYMOUS, Agreement
from services.gateway.domain.grants import DERIVED

PATHS = frozenset(
    (
        *(f"facts.{name}" for name in FACTS),
        *(f"personal.{form}.{name}" for form in exchange.PersonalPart.model_fields for name in PERSONAL),
    )
)
"""The fields of copies of persons."""


@dataclass(frozen=True, slots=True)
class Question:
    """Does a receiver get a field of an event of a person of these facets, whose value facts of these kinds state?"""

    receiver: str
    purpose: str | None
    """None for whatever purpose."""
    event: str
    field: str
    facets: registry.Facets
    stated_in: frozenset[FactKind]
    today: date


@dataclass(frozen=True, slots=True)
class Turn:
    """One agreement, and those of its attributes whose change turns the answer: no fewer of any agreement do."""

    agreement: str
    attributes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """`given_by` names the agreements that give it; `withheld_by`, for each other one, the attributes that do not.

    `turn` is None where no change of one agreement turns it: two give it, or there is none to change.
    """

    given_by: tuple[str, ...]
    withheld_by: Mapping[str, tuple[str, ...]]
    turn: Turn | None


def explain(agreements: Iterable[Agreement], question: Question) -> Explanation:
    """Of several versions of one agreement, the one that counts on the day is asked."""
    counting = _counting(agreements, question.today)
    failing = {agreement.name: tuple(_withholding(agreement, question)) for agreement in counting}
    given_by = tuple(name for name, attributes in failing.items() if not attributes)
    withheld_by = {name: attributes for name, attributes in failing.items() if attributes}
    if given_by:
        turn = Turn(given_by[0], (question.field.partition(".")[0],)) if len(given_by) == 1 else None
    else:
        fewest = min(withheld_by.items(), key=_ease, default=None)
        turn = Turn(*fewest) if fewest else None
    return Explanation(given_by, withheld_by, turn)


def _ease(withheld: tuple[str, tuple[str, ...]]) -> tuple[int, bool, bool, str]:
    """Fewest attributes first; of as many, an agreement that is this receiver's, and for this purpose."""
    name, attributes = withheld
    return len(attributes), "receiver" in attributes, "purpose" in attributes, name


def _counting(agreements: Iterable[Agreement], today: date) -> Iterable[Agreement]:
    """The newest version of each that has begun; of one that has not, the first."""
    counting: dict[str, Agreement] = {}
    for agreement in sorted(agreements, key=lambda agreement: (agreement.id, agreement.version)):
        if agreement.id not in counting or agreement.valid_from <= today:
            counting[agreement.id] = agreement
    return counting.values()


def _withholding(agreement: Agreement, question: Question) -> Iterator[str]:
    """Names of the attributes that each keep the agreement from giving the field; all of them must change."""
    if question.purpose not in (None, agreement.purpose):
        yield "purpose"
    if question.today < agreement.valid_from:
        yield "valid_from"
    if agreement.valid_to is not None and question.today > agreement.valid_to:
        yield "valid_to"
    if question.event not in agreement.events:
        yield "events"
    chosen = agreement.receiver.chooses(question.facets) if question.event in agreement.receiver.events else ()
    if question.receiver not in chosen:
        yield "receiver"
    yield from (f"filter.{limit}" for limit in agreement.filter.outside(question.facets))
    if question.field not in agreement.fields:
        yield question.field.partition(".")[0]
        if agreement.pseudonymised and question.field.startswith("personal.") and question.field not in PSEUDONYMOUS:
            yield "pseudonymised"
            if agreement.release == "daily":
                yield "release"
    stated = agreement.kinds is None or question.field in DERIVED or bool(agreement.kinds & question.stated_in)
    if not stated:
        yield "stated_in"


def visible_to(agreement: Agreement, organisation: str) -> bool:
    """Whether an organisation may read an agreement: it gives, signed, or is (or may be chosen as) the receiver."""
    signatories = {signatory.organisation for signatory in agreement.signatories}
    if organisation == agreement.giver or organisation in signatories:
        return True
    return agreement.receiver.organisation in (None, organisation)


def visible_to_any(agreement: Agreement, organisations: Iterable[str]) -> bool:
    """As `visible_to`, for one organisation and those that it has taken over."""
    return any(visible_to(agreement, organisation) for organisation in organisations)
