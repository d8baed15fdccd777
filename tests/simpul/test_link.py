"""`simpul link`, as an officer uses it."""

import csv
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.local.errors import CannotProceed
from linkage.lists.read_list import read_list
from linkage.lists.result_files import FILES
from simpul.cli import simpul
from simpul.link import EXIT_CODES, link
from simulation.population.generate import population, two_lists
from simulation.population.list_files import write
from simulation.population.locales import make

COUNT = 300


def call(*words: str | Path) -> Result:
    return CliRunner().invoke(simpul, ["link", *map(str, words)])


def done(*words: str | Path) -> str:
    result = call(*words)
    assert result.exit_code == 0, result.output
    return result.output


def trouble(*words: str | Path) -> str:
    result = call(*words)
    assert isinstance(result.exception, CannotProceed), result.output
    return str(result.exception)


def usage(*words: str | Path) -> str:
    result = call(*words)
    assert result.exit_code == 2
    return result.output


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """A list with duplicates; the column `person` says whose record it is."""
    made = population(COUNT, "medium", seed=11)
    file = tmp_path / "people.csv"
    write(file, "csv", *made.labelled())
    return file


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    """Two lists of the same people."""
    files = tmp_path / "a.csv", tmp_path / "b.csv"
    for file, made in zip(files, two_lists(COUNT, "low", seed=12, clean=True), strict=True):
        write(file, "csv", *made.labelled())
    return files


@pytest.fixture
def dirty(tmp_path: Path) -> Path:
    """An English list in which some pairs are left for a person to decide."""
    (made,) = make("en_US", COUNT, 80)
    file = tmp_path / "voters.csv"
    at = made.header.index("person")
    write(file, "csv", [h for h in made.header if h != "person"], [[*row[:at], *row[at + 1 :]] for row in made.rows])
    return file


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="") as lines:
        return list(csv.DictReader(lines))


def test_one_list_is_linked_without_a_word_about_its_columns(people: Path) -> None:
    said = done(people, "--truth", "person")
    assert "nama_lengkap" in said
    assert "F1" in said
    out = people.with_name("people-linked")
    assert {file.name for file in out.iterdir()} == {
        "clusters.csv", "evaluation.json", "mapping.toml", "model.json", "pairs.csv", "report.html", "review.xlsx",
    }  # fmt: skip
    assert json.loads((out / "evaluation.json").read_text())["f1"] > 0.9
    assert len(rows(out / "clusters.csv")) == COUNT
    pair = rows(out / "pairs.csv")[0]
    assert list(pair)[:8] == [
        "id_a",
        "id_b",
        "probability",
        "weight",
        "decision",
        "explanation",
        "a.nama_lengkap",
        "b.nama_lengkap",
    ]
    assert {row["person"] for row in rows(out / "clusters.csv")} == {row["person"] for row in rows(people)}


def test_the_saved_guess_comes_back_as_a_mapping_with_the_same_result(people: Path, tmp_path: Path) -> None:
    done(people, "--truth", "person")
    first = people.with_name("people-linked")
    done(people, "--truth", "person", "--config", first / "mapping.toml", "--out", tmp_path / "again")
    for name in ("pairs.csv", "clusters.csv", "evaluation.json", "mapping.toml"):
        assert (first / name).read_text() == (tmp_path / "again" / name).read_text()


def test_two_lists_are_linked_with_a_truth_of_pairs(two: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = (rows(file) for file in two)
    true = [(a["id"], b["id"]) for a in first for b in second if a["person"] == b["person"]]
    pairs = tmp_path / "true.csv"
    pairs.write_text("".join(f"{a},{b}\n" for a, b in true))
    config = tmp_path / "mapping.toml"
    config.write_text(
        '[columns]\nid = "id"\nnama_lengkap = "full_name"\nnama_ibu = "mother_name"\n'
        'tanggal_lahir = "birth_date"\nnik = "nik"\ndesa = "village"\n'
    )
    done(*two, "--truth-pairs", pairs, "--config", config, "--one-to-one", "--out", tmp_path / "out")
    measured = json.loads((tmp_path / "out" / "evaluation.json").read_text())
    assert measured["true_pairs"] == len(true)
    assert measured["f1"] > 0.9


def test_weights_are_kept_and_used_again(people: Path, tmp_path: Path) -> None:
    done(people, "--truth", "person", "--learn-from-truth")
    model = people.with_name("people-linked") / "model.json"
    done(people, "--model", model, "--out", tmp_path / "again", "--config", model.with_name("mapping.toml"))
    assert json.loads((tmp_path / "again" / "model.json").read_text()) == json.loads(model.read_text())
    assert not (tmp_path / "again" / "evaluation.json").exists()


def test_a_folder_of_others_is_left_alone_unless_forced(people: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.doc").write_text("mine")
    assert "thesis.doc" in trouble(people, "--out", out)
    done(people, "--out", out, "--force")
    assert (out / "thesis.doc").read_text() == "mine"


def test_an_edited_mapping_is_not_overwritten_by_a_guess(people: Path) -> None:
    done(people, "--truth", "person")
    done(people)
    mapping = people.with_name("people-linked") / "mapping.toml"
    mapping.write_text(mapping.read_text().replace('"alias" = "alias"', '"alias" = "ignore"'))
    assert "use it with --config" in trouble(people)
    done(people, "--config", mapping)
    assert '"alias" = "ignore"' in mapping.read_text()


def test_what_is_wrong_with_a_list_is_one_line(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("nama,lahir\nSiti,1990-05-12\nAni,1991-06-13\nBudi\n")
    assert trouble(file).startswith("list.csv: 1 rows have not 2 cells")
    assert "they are left out" in done(file, "--ragged", "skip", "--out", tmp_path / "out")
    assert "no such file" in trouble(tmp_path / "none.csv")
    file.write_text("x,y\n1,2\n3,4\n")
    assert "no column was recognised" in trouble(file)
    file.write_text("tgl lahir,jk\n12-05-1990,L\n13-06-1991,P\n")
    assert "no column of names or personal numbers" in trouble(file)


def answer(review: Path, answers: Sequence[str]) -> Path:
    """The file as a person saves it, with these answers to its first pairs."""
    table = read_list(review)
    cells = [list(row) for row in zip(*table.columns, strict=True)]
    for n, text in enumerate(answers):
        cells[2 * n][1] = text
    file = review.with_name("answers.csv")
    with file.open("w", newline="") as lines:
        csv.writer(lines).writerows([table.headers, *cells])
    return file


def decided(folder: Path) -> dict[tuple[str, str], str]:
    pairs = rows(folder / "pairs.csv")
    return {(pair["id_a"], pair["id_b"]): pair["decision"] for pair in pairs if "decided by" in pair["explanation"]}


def test_answers_are_used_in_the_next_run_and_stay_in_its_review_file(dirty: Path, tmp_path: Path) -> None:
    assert "to be decided by a person" in done(dirty)
    out = dirty.with_name(f"{dirty.stem}-linked")
    review = read_list(out / "review.xlsx")
    first, second = (tuple(review.column("Id")[n : n + 2]) for n in (0, 2))
    answers = answer(out / "review.xlsx", ("yes", "no")).rename(tmp_path / "answers.csv")
    assert "2 pairs decided, 1 of them one person" in done(dirty, "--decisions", answers)
    assert decided(out) == {first: "link", second: "no"}
    assert sorted(text for text in read_list(out / "review.xlsx").column("Same person?") if text) == ["no", "yes"]


def test_answers_are_not_overwritten_by_a_run_without_them(dirty: Path) -> None:
    done(dirty)
    out = dirty.with_name(f"{dirty.stem}-linked")
    answers = answer(out / "review.xlsx", ("yes",))
    done(dirty, "--decisions", answers, "--force")
    answers.unlink()
    assert "1 answers that would be lost" in trouble(dirty)
    done(dirty, "--decisions", out / "review.xlsx")
    assert len(decided(out)) == 1


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [((), "C.UTF-8", "id"), (("--language", "en"), "id_ID.UTF-8", "en"), (("--language", "id"), "C.UTF-8", "id")],
)
def test_the_report_is_in_the_language_of_the_list_unless_another_is_named(
    words: tuple[str, ...], environment: str, language: str, people: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", environment)
    done(people, *words)
    report = (people.with_name("people-linked") / "report.html").read_text()
    assert f'<html lang="{language}">' in report


@pytest.mark.parametrize(("environment", "language"), [("id_ID.UTF-8", "id"), ("en_US.UTF-8", "en"), ("C", "en")])
def test_of_an_english_list_the_environment_decides(
    environment: str, language: str, dirty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", environment)
    done(dirty)
    report = (dirty.with_name(f"{dirty.stem}-linked") / "report.html").read_text()
    assert f'<html lang="{language}">' in report


def test_a_model_that_is_none_is_said(people: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text("{}")
    assert "model.json" in trouble(people, "--model", model)


def test_the_truth_is_not_to_be_used_as_a_column(people: Path, tmp_path: Path) -> None:
    config = tmp_path / "mapping.toml"
    config.write_text('[a]\nid = "id"\nnama_lengkap = "full_name"\nperson = "other_id"\n')
    assert "'person' is the truth" in trouble(people, "--config", config, "--truth", "person")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("a.csv", "b.csv", "c.csv"), "One list, or two."),
        (("a.csv", "--one-to-one"), "--one-to-one is for two lists"),
        (("a.csv", "--truth", "x", "--truth-pairs", "y"), "not both"),
        (("a.csv", "--learn-from-truth"), "needs --truth"),
        (("a.csv", "--truth", "x", "--learn-from-truth", "--model", "m"), "choose one"),
        (("a.csv", "--false-links", "2"), "--false-links"),
        ((), "Missing argument"),
    ],
)
def test_what_does_not_go_together_is_usage(words: tuple[str, ...], expected: str) -> None:
    assert expected in usage(*words)


def test_the_help_explains_itself() -> None:
    shown = " ".join(done("--help").split())
    assert EXIT_CODES.split(";")[0] in shown
    assert "Find the records that are of one person" in shown
    assert "simpul link people.csv --decisions people-linked/review.xlsx" in shown
    for name in (*FILES, "mapping.toml"):
        assert name in shown
    assert all(option in shown for parameter in link.params for option in parameter.opts if option.startswith("--"))
