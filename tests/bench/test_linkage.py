"""The yardstick measures what it says: F1 by the truth, the hand-written models, each linkage in its own process."""

from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from bench.linkage import beside_splink, f1_scores
from bench.linkage.f1_scores import Links, Score
from bench.linkage.splink_run import Model


def links(size: int, *pairs: tuple[int, int, float]) -> Links:
    left, right, probability = zip(*pairs, strict=True)
    return Links(size, np.array(left, np.int32), np.array(right, np.int32), np.array(probability))


@pytest.fixture
def people(tmp_path: Path) -> list[Path]:
    path = tmp_path / "people.csv"
    path.write_text("id,name,person\n1,Ann,a\n2,Ann,a\n")
    return [path]


def test_the_pairs_within_clusters_are_judged() -> None:
    truth = ["a", "a", "a", "b", "b", "c"]
    found = f1_scores.judged(links(6, (0, 1, 0.99), (3, 4, 0.9), (4, 5, 0.9)), truth, None)
    assert found == Score(precision=0.5, recall=0.5, f1=0.5)


def test_a_chain_of_links_is_one_cluster() -> None:
    assert f1_scores.clusters(links(5, (3, 4, 1.0), (1, 3, 1.0))) == [0, 1, 2, 1, 1]


def test_between_two_lists_the_links_themselves_are_judged() -> None:
    truth = ["a", "b", "a", "b", "c"]
    assert f1_scores.judged(links(5, (0, 2, 1.0), (0, 3, 1.0)), truth, 2) == Score(precision=0.5, recall=0.5, f1=0.5)


def test_nothing_found_among_nothing_is_right() -> None:
    assert f1_scores.clustered([0, 1], ["a", "b"]) == Score(precision=1.0, recall=1.0, f1=1.0)


def test_the_best_threshold_is_the_one_that_the_truth_would_choose() -> None:
    truth = ["a", "a", "b", "c"]
    threshold, score = f1_scores.best(links(4, (0, 1, 0.9), (2, 3, 0.2)), truth, None)
    assert score.f1 == 1.0
    assert 0.2 < 1 / (1 + 2.0**-threshold) <= 0.9


@pytest.mark.parametrize("code", beside_splink.LISTS)
def test_every_list_has_a_model_of_its_own(code: str) -> None:
    model = import_module(f"bench.linkage.models.{code.lower()}").MODEL
    assert isinstance(model, Model)
    assert model.blocking
    assert model.training


def test_a_linkage_that_fails_says_why(people: list[Path]) -> None:
    assert "nowhere" in beside_splink.linked("splink", "nowhere", people)["failed"]


def test_a_linkage_that_takes_too_long_is_ended(people: list[Path]) -> None:
    assert beside_splink.linked("ours", "small", people, patience=0.01) == {"failed": "not done after 0 s"}


@pytest.mark.slow
def test_both_link_the_same_list_and_are_judged_alike() -> None:
    found = beside_splink.measure(["small"], seed=905, report=lambda _: None)["small"]
    for side in ("ours", "splink"):
        assert 0.8 < found[side]["f1"] <= 1
        assert found[side]["peak MB"] > 50
    assert beside_splink.table({"small": found}).row_count == 1
