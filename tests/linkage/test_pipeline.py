"""Linking a list, or two: who is linked is one person throughout, and the same is asked with the same answer."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from linkage.features import Ints
from linkage.model import model_file
from linkage.people import People, concatenate, from_rows
from linkage.pipeline import LINK, REVIEW, Settings, link
from linkage.result import DECISIONS, DecidedPairs, Linkage, LinkageWarning
from simulation.population.generate import population
from tests.linkage.samples import AMINAH, Row, aminah, crowd, listed, of_population

COUNT = 4_000


def decision(linkage: Linkage, left: int, right: int) -> str:
    """What was decided of a pair; "no" too of one that was not kept."""
    at = np.flatnonzero((linkage.pairs.left == left) & (linkage.pairs.right == right))
    return DECISIONS[linkage.pairs.decision[at[0]]] if len(at) else "no"


def entities(names: list[str]) -> Ints:
    return np.unique(names, return_inverse=True)[1].astype(np.int32)


def pairs_within(groups: Ints) -> int:
    counts = np.unique(groups, return_counts=True)[1]
    return int((counts * (counts - 1) // 2).sum())


@pytest.fixture(scope="module")
def made() -> tuple[Linkage, Ints]:
    """A linked population, and who is who."""
    people = population(COUNT, "medium", seed=4_711)
    return link(of_population(people)), entities(people.truth)


@pytest.mark.slow
def test_of_a_population_nearly_all_are_found_and_nearly_nobody_else(made: tuple[Linkage, Ints]) -> None:
    linkage, truth = made
    right = pairs_within(entities([f"{a} {b}" for a, b in zip(truth, linkage.clusters, strict=True)]))
    precision, recall = right / pairs_within(linkage.clusters), right / pairs_within(truth)
    assert 2 * precision * recall / (precision + recall) >= 0.98
    reviewed = linkage.pairs.decision == REVIEW
    sent = np.union1d(linkage.pairs.left[reviewed], linkage.pairs.right[reviewed])
    assert len(sent) <= 0.03 * COUNT


@pytest.mark.slow
def test_of_a_population_as_many_links_are_wrong_as_estimated(made: tuple[Linkage, Ints]) -> None:
    """Within a factor of three, as far as so few wrong links can tell."""
    linkage, truth = made
    linked = linkage.pairs.decision == LINK
    wrong = int((truth[linkage.pairs.left[linked]] != truth[linkage.pairs.right[linked]]).sum())
    estimated = linkage.thresholds.false_links * int(linked.sum())
    assert wrong - 2 * wrong**0.5 <= 3 * estimated
    assert estimated <= 3 * (wrong + 2 * (wrong + 1) ** 0.5)


@pytest.mark.slow
def test_of_a_population_whoever_is_linked_is_in_one_cluster(made: tuple[Linkage, Ints]) -> None:
    linkage, _ = made
    together_ = linkage.clusters[linkage.pairs.left] == linkage.clusters[linkage.pairs.right]
    assert ((linkage.pairs.decision == LINK) <= together_).all()
    assert (linkage.pairs.left < linkage.pairs.right).all()
    assert (np.diff(linkage.pairs.weight) <= 0).all()


def doubled(changes: Row, count: int = 300, again: int = 100) -> list[Row]:
    """So many people, some of them a second time with something changed."""
    rows = crowd(count)
    return [*rows, *({**row, **changes} for row in rows[:again])]


def test_the_same_is_answered_when_the_same_is_asked() -> None:
    people = listed(*doubled({"phone": "", "nik": ""}))
    one, other = (link(people, settings=Settings(seed=7)) for _ in range(2))
    assert one.model == other.model
    assert one.thresholds == other.thresholds
    for array in ("left", "right", "weight", "probability", "decision"):
        assert (getattr(one.pairs, array) == getattr(other.pairs, array)).all()
    assert (one.clusters == other.clusters).all()


def test_a_saved_model_weighs_as_it_did_when_it_was_learned(tmp_path: Path) -> None:
    people = listed(*doubled({"phone": "", "nik": ""}))
    learned = link(people)
    model_file.write(replace(learned.model, thresholds=learned.thresholds), tmp_path / "model.json")
    again = link(people, model=model_file.read(tmp_path / "model.json"))
    assert again.pairs.weight == pytest.approx(learned.pairs.weight)
    assert (again.pairs.decision == learned.pairs.decision).all()


def test_a_model_knows_nothing_of_a_column_that_came_later() -> None:
    rows = doubled({"phone": ""})
    model = link(listed(*({**row, "email": ""} for row in rows))).model
    without = replace(model, fields=tuple(field for field in model.fields if field.name != "email"))
    found = link(listed(*rows), model=without)
    assert len(np.unique(found.clusters)) == 300


def test_who_is_linked_does_not_depend_on_the_order_of_the_list() -> None:
    rows = doubled({"phone": "", "nik": "", "full_name": "Aminah"})
    order = np.random.default_rng(3).permutation(len(rows))
    straight, shuffled = link(listed(*rows)), link(listed(*(rows[n] for n in order)))
    back = shuffled.clusters[np.argsort(order)]
    same = [straight.clusters[n] == straight.clusters[300 + n] for n in range(100)]
    assert same == [back[n] == back[300 + n] for n in range(100)]


def test_two_lists_are_linked_across_and_never_within() -> None:
    rows = crowd(200)
    found = link(concatenate(listed(*rows, rows[0]), listed(*rows[:80])))
    linked = found.pairs.decision == LINK
    assert found.people.second == 201
    assert (found.pairs.left < 201).all()
    assert (found.pairs.right >= 201).all()
    assert linked.sum() >= 80


def lists_with(duplicates: int) -> People:
    """Two lists, and so many in the first twice who are in the second once."""
    rows = crowd(200)
    return listed(*rows, *rows[:duplicates], *rows, second=200 + duplicates)


def test_lists_free_of_duplicates_are_seen_to_be() -> None:
    assert LinkageWarning("one to one") in link(lists_with(0)).warnings
    assert LinkageWarning("one to one") not in link(lists_with(60)).warnings


@pytest.mark.parametrize("identified", [True, False])
def test_one_to_one_may_be_forced_and_forbidden(identified: bool) -> None:
    people = lists_with(60)
    if not identified:
        people = replace(people, columns=tuple(one for one in people.columns if one.role not in ("nik", "passport")))
    forced, free = (link(people, settings=Settings(one_to_one=one)) for one in (True, False))
    for found, most in ((forced, 1), (free, 2)):
        linked = found.pairs.decision == LINK
        partners = np.bincount(found.pairs.right[linked])
        assert partners.max() == most
        assert linked.sum() == 200 + (most - 1) * 60


def test_labels_teach_how_one_persons_records_differ() -> None:
    rows = doubled({"phone": "083499999999", "email": ""}, again=200)
    labels = np.arange(200, dtype=np.int32), np.arange(300, 500, dtype=np.int32)
    taught, unlabelled = (link(listed(*rows), labels=some).model for some in (labels, None))
    phone, before = (next(one for one in model.fields if one.name == "phone") for model in (taught, unlabelled))
    birth = next(one for one in taught.fields if one.name == "birth")
    assert phone.m[0] > 0.7
    assert phone.m[0] >= before.m[0] - 0.05
    assert birth.m[-1] > 0.9
    assert sum(phone.m) == pytest.approx(1)


def test_a_shared_nik_that_sex_and_birth_date_belie_is_a_stewards_matter() -> None:
    other = aminah(["passport", "phone", "email"], full_name="Bambang Utomo", sex="L", birth_date="1971-02-03")
    found = link(listed(AMINAH, other, *crowd(100)))
    assert decision(found, 0, 1) == "review"
    assert found.clusters[0] != found.clusters[1]
    assert LinkageWarning("shared identifier", count=1) in found.warnings


def test_links_that_contradict_each_other_go_to_a_steward() -> None:
    """One record could be of either of two women who cannot be one."""
    m_twins = {**AMINAH, "full_name": "Siti Rukmini Karso", "nik": "3307995205900002", "passport": "Z7654321"}
    between = aminah(["nik", "passport"], full_name="Siti Karso")
    found = link(listed(AMINAH, {**m_twins, "email": ""}, between, *crowd(200)))
    assert found.clusters[0] != found.clusters[1]
    linked = found.pairs.decision == LINK
    assert (found.clusters[found.pairs.left[linked]] == found.clusters[found.pairs.right[linked]]).all()
    assert {decision(found, 0, 2), decision(found, 1, 2)} & {"review", "link"}


def test_a_link_that_contradictions_refuse_says_which_records_and_why() -> None:
    """One record has the phone and e-mail of one woman and the passport of another, whose NIK and birth date differ."""
    other = aminah(
        ["email"], nik="3307994203650009", birth_date="1965-03-02", passport="Z7654321", phone="083499999999"
    )
    between = aminah(["nik", "birth_date"], passport="Z7654321")
    found = link(listed(AMINAH, other, between, *crowd(200)))
    refused = {
        (int(found.pairs.left[pair]), int(found.pairs.right[pair])): contradiction
        for pair, contradiction in found.contradictions.items()
    }
    assert decision(found, 0, 2) != decision(found, 1, 2)
    ((pair, contradiction),) = refused.items()
    assert decision(found, *pair) == "review"
    assert ({contradiction.left, contradiction.right}, contradiction.reason) == ({0, 1}, "nik")


def decided(*answers: tuple[int, int, bool]) -> DecidedPairs:
    left, right, same = zip(*answers, strict=True)
    return DecidedPairs(np.array(left, dtype=np.int32), np.array(right, dtype=np.int32), np.array(same))


def test_what_a_person_decided_is_done_whatever_it_weighs() -> None:
    rows = doubled({"phone": ""}, count=100, again=20)
    people = listed(*rows)
    before, after = link(people), link(people, decided=decided((0, 100, False), (1, 2, True)))
    assert before.clusters[0] == before.clusters[100]
    assert after.clusters[0] != after.clusters[100]
    assert after.clusters[1] == after.clusters[2]
    assert (decision(after, 0, 100), decision(after, 1, 2)) == ("no", "link")
    assert sorted(after.decided.values()) == [False, True]
    assert after.thresholds == before.thresholds


def test_no_chain_of_links_joins_what_a_person_kept_apart() -> None:
    """The same record three times: two of them are said to be two persons."""
    found = link(listed(AMINAH, AMINAH, AMINAH, *crowd(100)), decided=decided((0, 1, False)))
    assert found.clusters[0] != found.clusters[1]
    (contradiction,) = found.contradictions.values()
    assert ({contradiction.left, contradiction.right}, contradiction.reason) == ({0, 1}, "decided")


def test_what_contradicts_is_joined_where_a_person_says_so() -> None:
    other = {**AMINAH, "full_name": "Bambang Utomo", "sex": "L", "birth_date": "1950-02-03", "nik": "3307990302500009"}
    assert decision(link(listed(AMINAH, other, *crowd(100))), 0, 1) != "link"
    found = link(listed(AMINAH, other, AMINAH, *crowd(100)), decided=decided((0, 1, True)))
    assert found.clusters[0] == found.clusters[1]


def test_between_two_lists_decisions_go_before_the_assignment() -> None:
    people = lists_with(0)
    found = link(people, settings=Settings(one_to_one=True), decided=decided((0, 201, True), (1, 201, False)))
    assert decision(found, 0, 201) == "link"
    assert decision(found, 1, 201) == "no"
    assert decision(found, 0, 200) == "no"


def test_three_ways_to_write_a_woman_are_one_person() -> None:
    company: Row = {
        "full_name": "SITI AMINAH",
        "nik": AMINAH["nik"],
        "birth_date": "1990-05-12",
        "passport": "Z1234567",
    }
    mission: Row = {"full_name": "Siti Aminah binti Karso", "passport": "Z1234567", "birth_date": "1990-12-05"}
    village: Row = {"full_name": "Aminah", "nik": "3307995205900091", "birth_date": "1990-05-12", "sex": "P"}
    found = link(listed(company, mission, village, *crowd(300)))
    assert len(set(found.clusters[:3].tolist())) == 1
    assert len(np.unique(found.clusters)) == 301


def test_what_is_done_is_told_while_it_is_done() -> None:
    told: list[tuple[str, int, int]] = []
    link(listed(*crowd(50)), progress=lambda *step: told.append(step))
    assert all(0 <= done <= whole for _, done, whole in told)
    assert {"Reading names and dates", "Learning weights", "Comparing pairs"} <= {what for what, _, _ in told}


def test_two_people_of_the_registry_meet_however_few_they_are() -> None:
    assert len(np.unique(link(from_rows(["1", "2"], [AMINAH, AMINAH])).clusters)) == 1
