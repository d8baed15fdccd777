"""The model as a file: JSON that people can read, versioned, checked when it is read back."""

import json
import math
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from linkage.model import FieldModel, Model

REGISTRY = Path(__file__).with_name("registry.json")
"""The model that the registry links with at intake (`simulation/population/registry_model.py` writes it)."""

FORMAT = "simpul model 1"
"""Changes whenever an older program could no longer read the file, or would read it wrongly."""

_MODEL: TypeAdapter[Model] = TypeAdapter(Model)


class UnreadableModel(Exception):
    """The file is not a model that this version reads. The message is one line: the file, what is wrong, what to do."""


def write(model: Model, path: Path) -> None:
    """Replace the file. The frequencies in it are words of the lists the model was learned from: personal data."""
    document = {"format": FORMAT, **_MODEL.dump_python(model, mode="json")}
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Model:
    """The model in the file; raises UnreadableModel, or OSError where there is no file."""
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise UnreadableModel(f"{path}: not JSON ({error}); give the model.json that `simpul link` wrote") from None
    found = document.pop("format", None) if isinstance(document, dict) else None
    if found != FORMAT:
        raise UnreadableModel(f"{path}: the format is {found!r}, this version reads {FORMAT!r}; learn the model again")
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
    chances = {"prior": model.prior, "household": model.household, "twins": model.twins}
    if model.limits:
        chances |= {"limits.review": model.limits.review, "limits.link": model.limits.link}
    flaws = [f"{name}: {chance} is not between 0 and 1" for name, chance in chances.items() if not 0 <= chance <= 1]
    flaws += [flaw for field in model.fields for flaw in _flaws_of(field)]
    names = [field.name for field in model.fields]
    return flaws + [f"field {name}: stands twice" for name in set(names) if names.count(name) > 1]


def _flaws_of(field: FieldModel) -> list[str]:
    always, sometimes = (field.m, field.u, field.told, field.damped), (field.kin, field.twin)
    if {len(field.levels)} != {len(column) for column in (*always, *filter(None, sometimes))}:
        return [f"field {field.name}: there are {len(field.levels)} levels, but not as many figures in each column"]
    chances = (*field.m, *field.u, *field.kin, *field.twin)
    wrong = [f"field {field.name}: {chance} is not above 0 and at most 1" for chance in chances if not 0 < chance <= 1]
    bits = (*field.told, *field.damped)
    return wrong + [f"field {field.name}: {bit} is not a number of bits" for bit in bits if not math.isfinite(bit)]
