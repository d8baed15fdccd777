"""Explains scores: field by field, values compared, level, weight, running total."""

from collections.abc import Iterator, Sequence

import numpy as np

from linkage.comparing import MISSING, Compared, Comparer
from linkage.features import Ints
from linkage.model import FieldModel, Model
from linkage.people import People, Role
from linkage.result import Explanation, Line, Linkage
from linkage.scoring.deterministic_rules import RULES, decided
from linkage.scoring.match_weights import Scored, probability, score

Columns = Sequence[Sequence[str]]

START, KINSHIP = "prior", "household or twins"
_CHUNK = 20_000
_ROLES: dict[str, tuple[Role, ...]] = {
    "name": ("given_name", "surname", "full_name", "alias"),
    "given": ("given_name",),
    "surname": ("surname",),
    "mother": ("mother_name",),
    "birth": ("birth_date",),
    "sex": ("sex",),
    "nik": ("nik",),
    "passport": ("passport",),
    "email": ("email",),
    "address": ("house_number", "street", "village", "district", "regency", "province", "postcode"),
}


_WHOLE = frozenset({"name", "given", "surname", "mother", "address"})
"""Fields that are made of all columns of their roles; of other roles the first column is compared."""

_NAMED: dict[str, Role] = {"id": "other_id", "text": "other_text", "phone": "phone"}


class NotExplainable(Exception):
    """The linkage was made without what compares its records."""


def explain(linkage: Linkage, pair: int) -> Explanation:
    """Why one of the linkage's pairs weighs what it weighs. Raises NotExplainable."""
    return next(explain_many(linkage, [pair]))


def explain_many(linkage: Linkage, pairs: Sequence[int]) -> Iterator[Explanation]:
    """Explanations of many of the linkage's pairs, in their order. Raises NotExplainable."""
    if linkage.comparer is None:
        raise NotExplainable("this linkage cannot compare its records again")
    chosen = np.asarray(pairs, dtype=np.intp)
    for start in range(0, len(chosen), _CHUNK):
        part = chosen[start : start + _CHUNK]
        left, right = linkage.pairs.left[part], linkage.pairs.right[part]
        yield from explained(linkage.people, linkage.comparer, linkage.model, left, right)


def explained(people: People, comparer: Comparer, model: Model, left: Ints, right: Ints) -> Iterator[Explanation]:
    """Explanations of pairs of people. The lines of each add up to its weight."""
    compared = comparer.compare(left, right)
    scored = score(compared, model)
    rules = decided(comparer, compared, model)
    chances = probability(scored.total)
    fields = [(field, _columns(people, field.name)) for field in model.fields if field.name in scored.fields]
    for n in range(len(left)):
        lines = tuple(_lines(fields, compared, scored, n, int(left[n]), int(right[n])))
        rule = RULES[int(rules[n])] or None
        yield Explanation(lines, lines[-1].total, float(chances[n]), rule)


def _lines(
    fields: Sequence[tuple[FieldModel, Columns]], compared: Compared, scored: Scored, n: int, left: int, right: int
) -> Iterator[Line]:
    total = scored.prior
    yield Line(START, "", "", "two records by chance", total, total)
    for field, columns in fields:
        level = int(compared.levels[field.name][n])
        weight = float(scored.fields[field.name][n])
        total += weight
        written = "missing" if level == MISSING else field.levels[level - 1]
        yield Line(field.name, _value(columns, left), _value(columns, right), written, weight, total)
    weight = float(scored.kinship[n])
    yield Line(KINSHIP, "", "", "as likely for" if weight < 0 else "not more likely for", weight, total + weight)


def _columns(people: People, field: str) -> Columns:
    """The columns of the list that a field was made of."""
    kind, _, named = field.partition(":")
    if named:
        role = _NAMED[kind]
        return [column.values for column in people.of(role) if column.name == named][-1:]
    if field in _WHOLE:
        return [column.values for role in _ROLES[field] for column in people.of(role)]
    (role,) = _ROLES.get(field, (field,))  # type: ignore[assignment]
    return [column.values for column in people.of(role)][:1]


def _value(columns: Columns, record: int) -> str:
    """What the list says, in the words of the list."""
    return " · ".join([values[record] for values in columns if values[record]])
