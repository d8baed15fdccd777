"""A linkage made by hand: who is linked with whom and how strongly is said, not computed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from linkage.lists.evaluation import Evaluation
from linkage.lists.report.technical import Run
from linkage.model import FieldModel, Model, Thresholds
from linkage.people import Column, People
from linkage.result import (
    DECISIONS,
    Contradiction,
    Decision,
    Explanation,
    Histogram,
    KeyReport,
    Line,
    Linkage,
    LinkageWarning,
    Pairs,
)
from linkage.scoring.match_weights import probability

PRIOR = -10.0
RUN = Run("simpul link list.csv", datetime(2026, 3, 1, 9, 30, tzinfo=UTC))
EVALUATION = Evaluation(0.994, 0.978, 0.98594, 900, 880, 5, 20, 0.9978, 0.0123)

MODEL = Model(
    "2026.1",
    (
        FieldModel("name", "name", ("different", "same"), (0.1, 0.9), (0.99, 0.01), (0.0, 9.0), (0.0, 1.0)),
        FieldModel("birth", "birth", ("different", "same"), (0.05, 0.95), (0.9999, 0.0001), (0.0, 0.0), (0.0, 0.0)),
    ),
    prior=1e-3,
    prior_household=1e-3,
    prior_twins=1e-5,
    frequencies={},
)
NO_MODEL = Model("2026.1", (), 1e-3, 1e-3, 1e-5, {})
KEYS = (KeyReport("nik", 812, 14, 0.83, 0, 0), KeyReport("birth date + name word", 2113, 120, 0.91, 3, 1203))


def a_linkage(
    ids: Sequence[str] = ("1", "2", "3"),
    pairs: Sequence[tuple[int, int, float, Decision]] = ((0, 1, 8.0, "link"), (1, 2, -1.0, "review")),
    clusters: Sequence[int] | None = None,
    *,
    second: int | None = None,
    names: Sequence[str] | None = None,
    model: Model = MODEL,
    keys: tuple[KeyReport, ...] = KEYS,
    warnings: tuple[LinkageWarning, ...] = (),
    contradictions: Mapping[int, Contradiction] | None = None,
    decided: Mapping[int, bool] | None = None,
) -> Linkage:
    """Records with these ids; `pairs` as (left, right, bits, decision), the heaviest first. Linked records are one
    person, as far as no chain is longer than two, unless `clusters` says otherwise."""
    labels = np.arange(len(ids), dtype=np.int32)
    for left, right, _, decision in pairs:
        labels[right] = labels[left] if decision == "link" else labels[right]
    weight = np.array([pair[2] for pair in pairs], dtype=np.float32)
    counts, edges = np.histogram(weight, np.arange(-20.0, 21.0, 2.0))
    return Linkage(
        people=People(ids, (Column("full_name", "nama", names or ["Siti Aminah"] * len(ids)),), second),
        model=model,
        pairs=Pairs(
            np.array([pair[0] for pair in pairs], dtype=np.int32),
            np.array([pair[1] for pair in pairs], dtype=np.int32),
            weight,
            probability(weight),
            np.array([DECISIONS.index(pair[3]) for pair in pairs], dtype=np.uint8),
        ),
        thresholds=Thresholds(0.97, 0.25, 0.004, 0.013),
        clusters=np.array(labels if clusters is None else clusters, dtype=np.int32),
        keys=keys,
        compared=len(pairs),
        weights=Histogram(edges.tolist(), counts.tolist()) if pairs else Histogram((), ()),
        warnings=warnings,
        contradictions=contradictions or {},
        decided=decided or {},
    )


def explanations(linkage: Linkage, pairs: Sequence[int]) -> Iterator[Explanation]:
    """Explanations in three lines: where a pair starts, its names, and a birth date that only one record has."""
    for pair in pairs:
        weight = float(linkage.pairs.weight[pair])
        names = linkage.people.columns[0].values
        left, right = (names[side[pair]] for side in (linkage.pairs.left, linkage.pairs.right))
        lines = (
            Line("prior", "", "", "two records by chance", PRIOR, PRIOR),
            Line("name", left, right, "same", weight - PRIOR, weight),
            Line("birth", "1990-05-12", "", "missing", 0.0, weight),
        )
        yield Explanation(lines, weight, float(linkage.pairs.probability[pair]))
