"""Lists that no office should send, and that offices send: each ends soon, and links nobody without a reason."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linkage.people import ROLES, Column, People, Role
from linkage.pipeline import NothingToCompare, link
from linkage.result import DECISIONS, Linkage
from tests.linkage.samples import AMINAH, Row, aminah, crowd, listed

ODD = (
    "\0",
    "a\0b",
    "😀",
    "👩‍👧",
    "محمد علي",
    "王小明",
    "Ιωάννης",
    "नमस्ते",
    "\u202eabc",
    "١٢٣٤٥٦٧٨٩٠١٢٣٤٥٦",
    "²³",
    "½",
    "İ",
    "ﷺ",
)
MIXED = ("1e5", "nan", "None", "-1", "0", "true", "12/31/1999", "3307995205900001", "\n\t", "Siti", "1990-05-12", "L")
MANY = 10_000


def persons(linkage: Linkage) -> int:
    return len(np.unique(linkage.clusters))


def apply_rules(linkage: Linkage) -> set[str]:
    return {DECISIONS[number] for number in np.unique(linkage.pairs.decision)}


def empty(count: int, second: int | None = None) -> People:
    return People([str(n) for n in range(count)], tuple(Column(role, role, [""] * count) for role in ROLES), second)


def test_a_list_without_columns_that_tell_anything_is_refused() -> None:
    with pytest.raises(NothingToCompare):
        link(People(["1", "2"], (Column("alias", "alias", ["Siti", "Siti"]),)))
    with pytest.raises(NothingToCompare):
        link(listed())


@pytest.mark.parametrize("second", [None, 0])
def test_a_list_without_rows_has_nobody(second: int | None) -> None:
    assert persons(link(empty(0, second))) == 0


def test_one_row_is_one_person() -> None:
    assert persons(link(listed(AMINAH))) == 1


def test_two_rows_that_say_the_same_are_one_person() -> None:
    assert persons(link(listed(AMINAH, AMINAH))) == 1
    assert persons(link(listed(AMINAH, AMINAH, second=1))) == 1


def test_two_rows_that_say_otherwise_are_two() -> None:
    assert persons(link(listed(*crowd(2)))) == 2


@pytest.mark.parametrize("second", [0, 40])
def test_of_two_lists_one_may_be_empty(second: int) -> None:
    found = link(listed(*crowd(20), *crowd(20), second=second))
    assert (persons(found), len(found.pairs)) == (40, 0)


@pytest.mark.parametrize(("count", "second"), [(3, None), (3, 2), (1_000, None), (1_000, 500)])
def test_rows_that_say_nothing_are_not_linked(count: int, second: int | None) -> None:
    found = link(empty(count, second))
    assert persons(found) == count
    assert apply_rules(found) <= {"no"}


@pytest.mark.parametrize("second", [None, MANY // 2])
def test_ten_thousand_identical_rows_are_one_person_if_the_row_says_enough(second: int | None) -> None:
    found = link(listed(*[AMINAH] * MANY, second=second))
    assert persons(found) == 1
    assert found.compared <= 40 * MANY


@pytest.mark.parametrize("roles", [["full_name"], ["full_name", "birth_date", "regency"], ["sex"]])
def test_ten_thousand_identical_rows_that_say_little_stay_apart(roles: Sequence[Role]) -> None:
    found = link(listed(*[{role: AMINAH[role] for role in roles}] * MANY))
    assert persons(found) == MANY
    assert "link" not in apply_rules(found)


def test_everyone_called_siti_is_told_apart_by_all_else() -> None:
    rows = [{**row, "full_name": "Siti"} for row in crowd(400)]
    again = [{**row, "phone": "", "email": ""} for row in rows[:100]]
    found = link(listed(*rows, *again))
    assert persons(found) == 400
    assert all(found.clusters[n] == found.clusters[400 + n] for n in range(100))


def test_everyone_called_siti_with_a_birth_date_alone_is_nobody_else() -> None:
    rows: list[Row] = [{"full_name": "Siti", "birth_date": row["birth_date"]} for row in crowd(400)]
    found = link(listed(*rows))
    assert persons(found) == 400


@pytest.mark.parametrize("value", ["", "Wonosobo"])
def test_a_column_that_says_the_same_of_all_changes_nothing(value: str) -> None:
    rows = crowd(300)
    rows = [{role: row[role] for role in ("full_name", "birth_date", "phone")} for row in [*rows, *rows[:50]]]
    without, within = link(listed(*rows)), link(listed(*({**row, "regency": value} for row in rows)))
    assert without.clusters.tolist() == within.clusters.tolist()
    assert persons(within) == 300


def test_of_fifty_columns_all_are_weighed() -> None:
    count = 120
    names = Column("full_name", "nama", [row["full_name"] for row in crowd(count)] * 2)
    ids = [Column("other_id", f"i{k}", [f"X{k}{n:05}" for n in range(count)] * 2) for k in range(20)]
    texts = [Column("other_text", f"t{k}", [f"a{n % 37} b{n * k % 91}" for n in range(count)] * 2) for k in range(29)]
    texts.append(Column("other_text", "lain", [f"kata{n}" for n in range(2 * count)]))
    found = link(People([str(n) for n in range(2 * count)], (names, *ids, *texts)))
    learned = {field.name: field for field in found.model.fields}
    assert persons(found) == count
    assert learned["text:lain"].m[0] > 0.5
    assert learned["text:t1"].m[-1] > 0.9


@pytest.mark.parametrize(
    "long", ["x" * MANY, "Siti " * (MANY // 5), "9" * MANY, "1990-05-12" * (MANY // 10), "." * MANY]
)
def test_a_value_may_be_as_long_as_it_likes(long: str) -> None:
    rows: list[Row] = [dict.fromkeys(AMINAH, long), dict.fromkeys(AMINAH, long + "y"), *crowd(10)]
    assert persons(link(listed(*rows))) >= 11


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_any_text_may_stand_in_any_column(data: st.DataObject) -> None:
    values = st.sampled_from([*ODD, *MIXED]) | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    count, second = data.draw(st.integers(2, 8)), data.draw(st.none() | st.integers(0, 2))
    columns = tuple(
        Column(role, role, data.draw(st.lists(values, min_size=count, max_size=count)))
        for role in data.draw(
            st.lists(st.sampled_from(ROLES), unique=True, min_size=1).filter(lambda some: some != ["alias"])
        )
    )
    people = People([str(n) for n in range(count)], columns, second)
    try:
        found = link(people)
    except NothingToCompare:
        assert {column.role for column in columns} <= {"alias", "given_name", "surname", "house_number"}
        return
    assert len(found.clusters) == count
    assert np.isfinite(found.pairs.weight).all()


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "Ιωάννης Παπαδόπουλος", "Владимир Иванов", "नरेन्द्र शर्मा"])
def test_whoever_writes_another_script_is_found_in_it(name: str) -> None:
    rows = [
        *crowd(100),
        aminah(["nik", "passport"], full_name=name),
        aminah(["phone", "email"], full_name=name, nik=""),
    ]
    found = link(listed(*rows))
    assert persons(found) == 101
    assert found.clusters[100] == found.clusters[101]
