"""Explains match weights field by field: the values compared, their level, its weight, the sum so far."""

from collections.abc import Iterator, Sequence

import numpy as np

from linkage.comparing import MISSING, Comparer, Comparisons
from linkage.features import Ints
from linkage.model import FieldModel, Model
from linkage.people import People, Role
from linkage.result import Explanation, Line, Linkage
from linkage.scoring.deterministic_rules import RULES, apply_rules
from linkage.scoring.match_weights import Scores, probability, score

PRIOR, HOUSEHOLD = "prior", "household or twins"
"""The fields of the first line and of the last."""

PRIOR_LEVEL, HOUSEHOLD_LEVEL, NOT_HOUSEHOLD_LEVEL = "two records by chance", "as likely for", "not more likely for"
MISSING_LEVEL = "missing"

_CHUNK = 20_000
_Columns = Sequence[Sequence[str]]
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
    "phone": ("phone",),
    "address": ("house_number", "street", "village", "district", "regency", "province", "postcode"),
}
"""Field to the roles of the columns it was made of."""

_FROM_ALL_COLUMNS = frozenset({"name", "given", "surname", "mother", "address"})
"""Fields that are made of all columns of their roles; of other roles the first column is compared."""

_ROLE_BY_PREFIX: dict[str, Role] = {"id": "other_id", "text": "other_text", "phone": "phone"}


class NotExplainable(Exception):
    """The linkage was made without the comparer of its records."""


def explain(linkage: Linkage, pair: int) -> Explanation:
    """Why one of the linkage's pairs has its weight. Raises NotExplainable."""
    return next(explain_many(linkage, [pair]))


def explain_many(linkage: Linkage, pairs: Sequence[int]) -> Iterator[Explanation]:
    """Explanations of the linkage's pairs with these indices, in their order. Raises NotExplainable."""
    if linkage.comparer is None:
        raise NotExplainable("this linkage cannot compare its records again")
    indices = np.asarray(pairs, dtype=np.intp)
    for start in range(0, len(indices), _CHUNK):
        chunk = indices[start : start + _CHUNK]
        left, right = linkage.pairs.left[chunk], linkage.pairs.right[chunk]
        yield from explain_pairs(linkage.people, linkage.comparer, linkage.model, left, right)


def explain_pairs(people: People, comparer: Comparer, model: Model, left: Ints, right: Ints) -> Iterator[Explanation]:
    """Explanations of the pairs of people (left[i], right[i]). The lines of each add up to its weight."""
    comparisons = comparer.compare(left, right)
    scores = score(comparisons, model)
    rules = apply_rules(comparer, comparisons, model)
    probabilities = probability(scores.total)
    fields = [(field, _columns(people, field.name)) for field in model.fields if field.name in scores.fields]
    for n in range(len(left)):
        lines = tuple(_lines(fields, comparisons, scores, n, int(left[n]), int(right[n])))
        rule = RULES[int(rules[n])] or None
        yield Explanation(lines, lines[-1].total, float(probabilities[n]), rule)


def _lines(
    fields: Sequence[tuple[FieldModel, _Columns]],
    comparisons: Comparisons,
    scores: Scores,
    n: int,
    left: int,
    right: int,
) -> Iterator[Line]:
    """The lines of the n-th pair, of the records `left` and `right`."""
    total = scores.prior
    yield Line(PRIOR, "", "", PRIOR_LEVEL, total, total)
    for field, columns in fields:
        level = int(comparisons.levels[field.name][n])
        weight = float(scores.fields[field.name][n])
        total += weight
        level_name = MISSING_LEVEL if level == MISSING else field.levels[level - 1]
        yield Line(field.name, _value(columns, left), _value(columns, right), level_name, weight, total)
    weight = float(scores.household[n])
    yield Line(HOUSEHOLD, "", "", HOUSEHOLD_LEVEL if weight < 0 else NOT_HOUSEHOLD_LEVEL, weight, total + weight)


def _columns(people: People, field: str) -> _Columns:
    """The columns of the list of which a field was made."""
    prefix, _, column_name = field.partition(":")
    if column_name:
        role = _ROLE_BY_PREFIX[prefix]
        return [column.values for column in people.of(role) if column.name == column_name][-1:]
    columns = [column.values for role in _ROLES[field] for column in people.of(role)]
    return columns if field in _FROM_ALL_COLUMNS else columns[:1]


def _value(columns: _Columns, record: int) -> str:
    """The values of a record as the list has them, those of several columns with a dot between."""
    return " · ".join([values[record] for values in columns if values[record]])
