"""mapping.toml says what each column is; what is wrong in it is said by key."""

from pathlib import Path

import pytest

from linkage.lists.column_detection import detect_columns
from linkage.lists.column_mapping import (
    ALLOWED,
    ColumnMapping,
    MappedColumn,
    is_untouched,
    mapping_of,
    mapping_text,
    quoted,
    read_mapping,
)
from linkage.lists.table import Unusable
from tests.linkage.lists.samples import sample, table

PEOPLE = table(("Nomor", "Nama Lengkap", "Tgl Lahir", "id"), [("1", "Siti", "12/05/1990", "x")])
OTHERS = table(("no", "name"), [("1", "Siti")], "others.csv")


def mapped(text: str, folder: Path, *, two: bool = False) -> list[ColumnMapping]:
    file = folder / "mapping.toml"
    file.write_text(text)
    return read_mapping(file, [PEOPLE, OTHERS] if two else [PEOPLE])


def refusal(text: str, folder: Path, *, two: bool = False) -> str:
    with pytest.raises(Unusable) as refused:
        mapped(text, folder, two=two)
    return str(refused.value)


def test_roles_formats_and_ids_are_read(tmp_path: Path) -> None:
    text = """
        [a]
        id = "Nomor"
        "Nama Lengkap" = "full_name"
        "Tgl Lahir" = {role = "birth_date", format = "dmy"}
    """
    assert mapped(text, tmp_path) == [
        ColumnMapping(
            "Nomor",
            {"Nama Lengkap": MappedColumn("full_name"), "Tgl Lahir": MappedColumn("birth_date", "dmy")},
            by_user=True,
        )
    ]


def test_a_column_that_is_not_named_or_ignored_is_not_used(tmp_path: Path) -> None:
    assert list(mapped('[a]\n"Nama Lengkap" = "full_name"\n"Tgl Lahir" = "ignore"', tmp_path)[0].columns) == [
        "Nama Lengkap"
    ]


def test_a_column_called_id_may_have_a_role(tmp_path: Path) -> None:
    assert mapped('[a]\nid = "other_id"', tmp_path)[0] == ColumnMapping(
        None, {"id": MappedColumn("other_id")}, by_user=True
    )


def test_two_lists_have_a_table_each_or_one_for_both(tmp_path: Path) -> None:
    first, second = mapped('[a]\n"Nama Lengkap" = "full_name"\n[b]\nid = "no"\nname = "full_name"', tmp_path, two=True)
    assert (first.id, second.id) == (None, "no")
    assert "'name' is no column of list.csv" in refusal('[columns]\nname = "full_name"', tmp_path, two=True)


def test_what_is_written_comes_back_as_it_was_detected(tmp_path: Path) -> None:
    people = sample("id_ID", {'a "b"\\': "id", "nama": "full", "tgl lahir": "dmy", "ket": "remark", "jk": "L/P"})
    columns = detect_columns([people])
    file = tmp_path / "mapping.toml"
    file.write_text(mapping_text([people], columns))
    written, detected = read_mapping(file, [people])[0], mapping_of(columns[0])
    assert (written.id, written.columns) == (detected.id, detected.columns)
    assert written.id == 'a "b"\\'


def test_a_mapping_knows_whether_somebody_edited_it() -> None:
    people = sample("id_ID", {"nama": "full"})
    text = mapping_text([people], detect_columns([people]))
    assert is_untouched(text)
    assert not is_untouched(text.replace("full_name", "alias"))
    assert not is_untouched('[a]\nnama = "full_name"\n')


def test_a_column_called_id_that_is_not_the_id_does_not_stand_twice(tmp_path: Path) -> None:
    people = sample("id_ID", {"rec_id": "id", "id": "few", "nama": "full"})
    file = tmp_path / "mapping.toml"
    file.write_text(mapping_text([people], detect_columns([people])))
    assert read_mapping(file, [people])[0].id == "rec_id"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a\n", "not TOML"),
        ('[c]\nx = "sex"', "[c] is not known"),
        ("", "lacks the table [a]"),
        ('[a]\n"Nama" = "full_name"', "[a] 'Nama' is no column of list.csv. It has: 'Nomor', 'Nama Lengkap'"),
        ('[a]\n"Nama Lengkap" = "nama"', f"'nama' is no role. Roles are: {', '.join(ALLOWED)}"),
        ('[a]\n"Nama Lengkap" = 3', "3 is no role"),
        ('[a]\n"Tgl Lahir" = {role = "birth_date", format = "dym"}', "'dym' is no format of dates"),
        ('[a]\n"Nama Lengkap" = {role = "full_name", format = "dmy"}', "only a birth_date has a format"),
        ('[a]\n"Nama Lengkap" = {role = "full_name", order = "dmy"}', "'order' is not known"),
        ('[a]\n"Nama Lengkap" = {role = "full_name", same_as = 1}', "same_as is the header"),
        ('[a]\nid = "Nomer"', "'Nomer' is no role"),
        ('[a]\n"Nama Lengkap" = "ignore"', "gives no column a role"),
    ],
)
def test_what_is_wrong_in_a_mapping_is_said(text: str, expected: str, tmp_path: Path) -> None:
    said = refusal(text, tmp_path)
    assert expected in said
    assert said.startswith("mapping.toml")


def test_an_id_that_is_no_column_is_said(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text('[a]\nid = "nr"\nname = "full_name"')
    with pytest.raises(Unusable, match=r"id: 'nr' is no column of others\.csv"):
        read_mapping(file, [OTHERS])


def test_a_mapping_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="there is no such file"):
        read_mapping(tmp_path / "none.toml", [PEOPLE])


@pytest.mark.parametrize("text", ["a", 'a"b', "a\\b", "a\nb\tc", "é", "\x7f"])
def test_any_header_can_be_a_key(text: str, tmp_path: Path) -> None:
    people = table((text,), [("Siti",)])
    file = tmp_path / "mapping.toml"
    file.write_text(f'[a]\n{quoted(text)} = "full_name"')
    assert list(read_mapping(file, [people])[0].columns) == [text]
