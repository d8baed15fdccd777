"""The model as a file: JSON that people can read, versioned, checked when it is read back."""

import json
import math
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from linkage.model.parameters import FieldModel, Model

REGISTRY = Path(__file__).with_name("registry.json")
"""The model with which the registry links new records (`simulation/population/registry_model.py` writes it)."""

FORMAT = "simpul model 2"
"""Changes whenever an older program could no longer read the file, or would read it wrongly."""

_MODEL: TypeAdapter[Model] = TypeAdapter(Model)


class UnreadableModel(Exception):
    """The file is no model that this version reads. The message is one line: the file, what is wrong, what to do."""


def write(model: Model, path: Path) -> None:
    """Replace the file. Its frequencies are words of the lists that the model was learned from: personal data."""
    document = {"format": FORMAT, **_MODEL.dump_python(model, mode="json")}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Model:
    """The model in the file; raises UnreadableModel, or OSError where there is no file."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise UnreadableModel(f"{path}: not JSON ({error}); give the model.json that `simpul link` wrote") from None
    file_format = document.pop("format", None) if isinstance(document, dict) else None
    if file_format != FORMAT:
        raise UnreadableModel(
            f"{path}: the format is {file_format!r}, this version reads {FORMAT!r}; learn the model again"
        )
    try:
        model = _MODEL.validate_python(document, strict=False)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise UnreadableModel(f"{path}: {where}: {first['msg']}") from None
    for flaw in _flaws(model):
        raise UnreadableModel(f"{path}: {flaw}")
    return model


def _flaws(model: Model) -> list[str]:
    shares = {"prior": model.prior, "prior_household": model.prior_household, "prior_twins": model.prior_twins}
    if model.thresholds:
        shares |= {"thresholds.review": model.thresholds.review, "thresholds.link": model.thresholds.link}
    flaws = [f"{name}: {share} is not between 0 and 1" for name, share in shares.items() if not 0 <= share <= 1]
    flaws += [flaw for field in model.fields for flaw in _field_flaws(field)]
    names = [field.name for field in model.fields]
    return flaws + [f"field {name}: stands twice" for name in set(names) if names.count(name) > 1]


def _field_flaws(field: FieldModel) -> list[str]:
    required, optional = (field.m, field.u, field.rarity, field.rarity_weight), (field.m_household, field.m_twins)
    if {len(field.levels)} != {len(figures) for figures in (*required, *filter(None, optional))}:
        return [f"field {field.name}: there are {len(field.levels)} levels, but not as many figures in each tuple"]
    probabilities = (*field.m, *field.u, *field.m_household, *field.m_twins)
    flaws = [f"field {field.name}: {p} is not above 0 and at most 1" for p in probabilities if not 0 < p <= 1]
    bits = (*field.rarity, *field.rarity_weight)
    return flaws + [f"field {field.name}: {bit} is not a number of bits" for bit in bits if not math.isfinite(bit)]
