"""The folder that a run of `simpul link` writes: what is ours in it, and what must not be lost."""

import json
from dataclasses import asdict
from pathlib import Path

from services.registry.lists.table import Unusable, some
from services.registry.lists.truth import Evaluation
from services.registry.lists.writing import FILES

MAPPING, EVALUATION = "mapping.toml", "evaluation.json"


def claim(folder: Path, *, force: bool) -> None:
    """Make the folder; Unusable where it holds files that no run wrote, unless forced."""
    if folder.exists() and not folder.is_dir():
        raise Unusable(f"{folder}: this is a file, not a folder: choose another --out.")
    foreign = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
    foreign = [name for name in foreign if name not in (*FILES, MAPPING, EVALUATION)]
    if foreign and not force:
        raise Unusable(f"{folder}: it holds other files ({some(foreign, shown=3)}): choose another --out, or --force.")
    folder.mkdir(parents=True, exist_ok=True)


def keep_mapping(folder: Path, text: str, *, force: bool) -> None:
    """Save mapping.toml; Unusable where another one is there, which may have been edited by hand, unless forced."""
    path = folder / MAPPING
    if path.exists() and path.read_text(encoding="utf-8") != text and not force:
        raise Unusable(f"{path}: this mapping is another one, edited perhaps: use it with --config, or --force.")
    path.write_text(text, encoding="utf-8")


def keep_evaluation(folder: Path, evaluation: Evaluation | None) -> None:
    """Save evaluation.json; an older one goes where nothing was measured."""
    path = folder / EVALUATION
    path.unlink(missing_ok=True)
    if evaluation is not None:
        path.write_text(json.dumps(asdict(evaluation), indent=1) + "\n", encoding="utf-8")
