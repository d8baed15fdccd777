"""The folder of a run of `simpul link`: what may be overwritten in it, and what must not be lost."""

import json
from dataclasses import asdict
from pathlib import Path

from linkage.lists.column_mapping import is_untouched
from linkage.lists.decisions import count_answers
from linkage.lists.evaluation import Evaluation
from linkage.lists.result_files import FILES
from linkage.lists.review_file import NAME as REVIEW
from linkage.lists.table import Unusable, first_few

MAPPING, EVALUATION = "mapping.toml", "evaluation.json"


def refuse_to_overwrite(folder: Path, *, decisions: Path | None, force: bool) -> None:
    """Unusable where the folder holds files that no run wrote, or answers in review.xlsx that this run would lose,
    unless forced. `decisions` is the file whose answers this run uses and writes again."""
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder}: this is a file, not a folder: choose another --out.")
    if force or not folder.exists():
        return
    names = sorted(path.name for path in folder.iterdir())
    foreign = [name for name in names if name not in (*FILES, MAPPING, EVALUATION)]
    if foreign:
        raise Unusable(
            f"{folder}: it holds other files ({first_few(foreign, shown=3)}): choose another --out, or --force."
        )
    review = folder / REVIEW
    is_used = decisions is not None and decisions.exists() and review.exists() and decisions.samefile(review)
    if review.exists() and not is_used and (answers := count_answers(review)):
        raise Unusable(
            f"{review}: it holds {answers:,} answers that would be lost: use them with --decisions {review}, or "
            "overwrite them with --force."
        )


def keep_mapping(folder: Path, text: str, *, force: bool) -> None:
    """Make the folder and save mapping.toml. Unusable where corrections in one would be lost, unless forced."""
    path = folder / MAPPING
    existing = path.read_text(encoding="utf-8") if path.exists() else text
    if existing != text and not is_untouched(existing) and not force:
        raise Unusable(f"{path}: this mapping was edited: use it with --config, or overwrite it with --force.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def keep_evaluation(folder: Path, evaluation: Evaluation | None) -> None:
    """Save evaluation.json; one of an earlier run is deleted where nothing was measured."""
    path = folder / EVALUATION
    path.unlink(missing_ok=True)
    if evaluation is not None:
        path.write_text(json.dumps(asdict(evaluation), indent=1) + "\n", encoding="utf-8")
