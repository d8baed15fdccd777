"""The model file: it reads back as it was written, and says what is wrong with it where it does not."""

import json
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.comparing.fields import Kind, SharedWith
from linkage.model import FieldModel, Model, Thresholds
from linkage.model.model_file import FORMAT, REGISTRY, UnreadableModel, read, write

probabilities = st.floats(0, 1, exclude_min=True)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@st.composite
def fields(draw: st.DrawFn, name: str) -> FieldModel:
    levels = draw(st.lists(words, min_size=2, max_size=7, unique=True))
    some = st.lists(probabilities, min_size=len(levels), max_size=len(levels)).map(tuple)
    return FieldModel(
        name,
        draw(st.sampled_from(get_args(Kind))),
        tuple(levels),
        m=draw(some),
        u=draw(some),
        rarity=draw(some),
        rarity_weight=draw(some),
        shared_with=draw(st.sampled_from(get_args(SharedWith))),
        m_household=draw(st.just(()) | some),
        m_twins=draw(st.just(()) | some),
    )


@st.composite
def models(draw: st.DrawFn) -> Model:
    names = draw(st.lists(words, max_size=4, unique=True))
    return Model(
        version=draw(words),
        fields=tuple(draw(fields(name)) for name in names),
        prior=draw(probabilities),
        prior_household=draw(probabilities),
        prior_twins=draw(probabilities),
        frequencies=draw(st.dictionaries(words, st.dictionaries(words, probabilities, max_size=3), max_size=3)),
        thresholds=draw(st.none() | st.builds(Thresholds, probabilities, probabilities, probabilities, probabilities)),
    )


def a_model() -> Model:
    sex = FieldModel("sex", "sex", ("different", "same"), (0.02, 0.98), (0.5, 0.5), (0.0, 0.0), (0.0, 0.0))
    return Model("test", (sex,), 1e-4, 1e-3, 1e-5, {})


@given(models())
def test_what_is_written_reads_back_the_same(model: Model) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        write(model, path)
        assert read(path) == model


def altered(tmp_path: Path, **changes: Any) -> Path:
    """A file that was written right, and then edited by hand."""
    path = tmp_path / "model.json"
    write(a_model(), path)
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


@pytest.mark.parametrize("version", ["simpul model 1", "simpul model 99", None, 1])
def test_another_format_is_refused_by_name(tmp_path: Path, version: object) -> None:
    with pytest.raises(UnreadableModel, match=r"model\.json: the format is .*this version reads 'simpul model 2'"):
        read(altered(tmp_path, format=version))


@pytest.mark.parametrize("content", ["", "id;name\n1;Siti\n", "[]", "3", '{"version": "x"}'])
def test_a_file_that_is_no_model_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "model.json"
    path.write_text(content)
    with pytest.raises(UnreadableModel, match=r"^[^\n]+$"):
        read(path)


SEX = {
    "name": "sex",
    "kind": "sex",
    "levels": ["different", "same"],
    "m": [0.02, 0.98],
    "u": [0.5, 0.5],
    "rarity": [0.0, 0.0],
    "rarity_weight": [0.0, 0.0],
}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"prior": "often"}, "prior: "),
        ({"prior": 1.5}, r"prior: 1\.5 is not between 0 and 1"),
        ({"prior_twins": float("nan")}, "prior_twins: nan is not"),
        (
            {"thresholds": {"link": 2.0, "review": 0.1, "false_links": 0.0, "missed_links": 0.0}},
            r"thresholds\.link: 2\.0 is not",
        ),
        ({"fields": [SEX | {"m": [0.02]}]}, "field sex: there are 2 levels, but not as many"),
        ({"fields": [SEX | {"m_household": [0.5]}]}, "field sex: there are 2 levels, but not as many"),
        ({"fields": [SEX | {"rarity": [0.0, float("inf")]}]}, "field sex: inf is not a number of bits"),
        ({"fields": [SEX | {"kind": "shoes"}]}, r"fields\.0\.kind: "),
        ({"fields": [SEX | {"u": [0.0, 1.0]}]}, r"field sex: 0\.0 is not above 0"),
        ({"fields": [SEX, SEX]}, "field sex: stands twice"),
        ({"fields": [{"name": "sex", "kind": "sex"}]}, r"fields\.0\.levels: "),
    ],
)
def test_an_edit_that_makes_no_sense_is_told_by_place(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(UnreadableModel, match=message):
        read(altered(tmp_path, **changes))


def test_the_file_says_its_format_first(tmp_path: Path) -> None:
    path = tmp_path / "model.json"
    write(a_model(), path)
    assert next(iter(json.loads(path.read_text()).items())) == ("format", FORMAT)


def test_the_registrys_model_has_the_figures_that_were_learned() -> None:
    """Renamed fields of the format must not change a figure. Whoever learns the model anew changes the digest too."""
    model = read(REGISTRY)
    assert model.thresholds is not None
    thresholds = (getattr(model.thresholds, name) for name in ("link", "review", "false_links", "missed_links"))
    figures = [model.prior, model.prior_household, model.prior_twins, *thresholds]
    for field in model.fields:
        figures += [*field.m, *field.u, *field.rarity, *field.rarity_weight, *field.m_household, *field.m_twins]
    figures += [share for table in model.frequencies.values() for share in table.values()]
    assert sha256(json.dumps(figures).encode()).hexdigest()[:16] == "188f27f47f12794a"
