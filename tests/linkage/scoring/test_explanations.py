"""Explanations: the lines add up, and say what the list says."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.comparing import Comparer
from linkage.feature_extraction import extract_features
from linkage.model.estimation import learn
from linkage.people import Column, People
from linkage.pipeline import link
from linkage.scoring.explanations import NotExplainable, explain, explain_many, explain_pairs
from tests.linkage.samples import AMINAH, Row, aminah, crowd, listed, registry_model

changed = st.dictionaries(st.sampled_from(list(AMINAH)), st.sampled_from(["", "Siti", "1990-05-13", "L", "3307"]))


@settings(max_examples=60, deadline=None)
@given(changed, changed)
def test_the_lines_add_up_to_the_weight(one: Row, other: Row) -> None:
    people, model = listed({**AMINAH, **one}, {**AMINAH, **other}), registry_model()
    at = np.array([0], dtype=np.int32), np.array([1], dtype=np.int32)
    explanation = next(explain_pairs(people, Comparer(extract_features(people), model.frequencies), model, *at))
    totals = np.cumsum([line.weight for line in explanation.lines])
    assert [line.total for line in explanation.lines] == pytest.approx(totals, abs=1e-3)
    assert explanation.weight == explanation.lines[-1].total
    assert explanation.probability == pytest.approx(1 / (1 + 2.0**-explanation.weight), abs=1e-3)


def test_a_linkage_explains_its_pairs_as_it_weighed_them() -> None:
    rows = crowd(200)
    found = link(listed(*rows, *({**row, "phone": ""} for row in rows[:60])))
    explanations = list(explain_many(found, range(len(found.pairs))))
    assert [one.weight for one in explanations] == pytest.approx(found.pairs.weight.tolist(), abs=1e-2)
    assert [one.probability for one in explanations] == pytest.approx(found.pairs.probability.tolist(), abs=1e-3)
    assert explain(found, 0) == explanations[0]


def test_an_explanation_shows_what_the_list_says_and_names_the_rule() -> None:
    rows = [aminah(), aminah(["passport", "phone"], full_name="HJ. SITI AMINAH"), *crowd(50)]
    found = link(listed(*rows))
    at = next(n for n in range(len(found.pairs)) if found.pairs.left[n] == 0 and found.pairs.right[n] == 1)
    explanation = explain(found, at)
    lines = {line.field: line for line in explanation.lines}
    assert (lines["name"].left, lines["name"].right) == ("Siti Aminah Karso", "HJ. SITI AMINAH")
    assert (lines["passport"].right, lines["passport"].level, lines["passport"].weight) == ("", "missing", 0)
    assert lines["address"].left == "Jl. Melati 5 · Kab. Wonosobo"
    assert explanation.rule == "same NIK and birth date"


def test_of_two_phone_numbers_each_line_shows_its_own() -> None:
    phones = [Column("phone", "no_hp", ["0834111111", "0834111111"]), Column("phone", "telp", ["0834222222", ""])]
    names = Column("full_name", "nama", ["Siti Aminah", "Siti Aminah"])
    same = Column("other_text", "no_hp", ["pagi", "sore"])
    people, at = People(["1", "2"], (names, *phones, same)), (np.array([0], np.int32), np.array([1], np.int32))
    comparer = Comparer(extract_features(people))
    lines = {one.field: one for one in next(explain_pairs(people, comparer, learn(comparer, *at), *at)).lines}
    assert (lines["phone"].left, lines["phone"].right) == ("0834111111", "0834111111")
    assert (lines["phone:telp"].left, lines["phone:telp"].right) == ("0834222222", "")
    assert (lines["text:no_hp"].left, lines["text:no_hp"].right) == ("pagi", "sore")


def test_a_linkage_without_its_comparer_says_that_it_cannot_explain() -> None:
    with pytest.raises(NotExplainable):
        explain(replace(link(listed(aminah(), aminah())), comparer=None), 0)
