"""The folder that a run of `simpul link` writes: what is ours in it, and what must not be lost."""

import json
from dataclasses import asdict
from pathlib import Path

from linkage.lists.column_mapping import is_untouched
from linkage.lists.result_files import FILES
from linkage.lists.table import Unusable, some
from linkage.lists.truth import Evaluation

MAPPING, EVALUATION = "mapping.toml", "evaluation.json"


def refuse_foreign(folder: Path, *, force: bool) -> None:
    """Unusable where the folder holds files that no run wrote, unless forced."""
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder}: this is a file, not a folder: choose another --out.")
    foreign = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    foreign = [name for name in foreign if name not in (*FILES, MAPPING, EVALUATION)]
    if foreign and not force:
        raise Unusable(f"{folder}: it holds other files ({some(foreign, shown=3)}): choose another --out, or --force.")


def keep_mapping(folder: Path, text: str, *, force: bool) -> None:
    """Make the folder and save mapping.toml; Unusable where one that was edited would be lost, unless forced."""
    path = folder / MAPPING
    there = path.read_text(encoding="utf-8") if path.exists() else text
    if there != text and not is_untouched(there) and not force:
        raise Unusable(f"{path}: this mapping was edited: use it with --config, or overwrite it with --force.")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def keep_evaluation(folder: Path, evaluation: Evaluation | None) -> None:
    """Save evaluation.json; an older one goes where nothing was measured."""
    path = folder / EVALUATION
    path.unlink(missing_ok=True)
    if evaluation is not None:
        path.write_text(json.dumps(asdict(evaluation), indent=1) + "\n", encoding="utf-8")
