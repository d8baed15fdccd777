"""Lists come in every format, and what is wrong with one is said where it is."""

import json
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pyarrow as arrow
import pytest
from pyarrow import parquet

from linkage.lists.formats import ReadOptions
from linkage.lists.read_list import read_list
from linkage.lists.table import Table, Unusable

HEADER = ("id", "nama", "lahir")
ROWS = (("1", "Siti Aminah", "1990-05-12"), ("2", "Jo\u00ebl, Moch.", ""), ("3", 'Budi "Adi"', "1988-01-01"))


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def separated(by: str, encoding: str = "utf-8") -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        file = folder / "list.csv"
        text = "\r\n".join(by.join(map(quoted, row)) for row in (HEADER, *ROWS))
        file.write_bytes(text.encode(encoding))
        return file

    return write


def jsonlines(folder: Path) -> Path:
    file = folder / "list.jsonl"
    file.write_text("\n".join(json.dumps(dict(zip(HEADER, row, strict=True))) for row in ROWS))
    return file


def columnar(folder: Path) -> Path:
    columns = dict(zip(HEADER, zip(*ROWS, strict=True), strict=True))
    typed = {"id": [1, 2, 3], "nama": columns["nama"], "lahir": [date(1990, 5, 12), None, date(1988, 1, 1)]}
    parquet.write_table(arrow.table(typed), folder / "list.parquet")
    return folder / "list.parquet"


def spreadsheet(folder: Path, rows: Sequence[Sequence[str]] = (HEADER, *ROWS), *, numbers: bool = True) -> Path:
    """The least that is a spreadsheet: one sheet with texts, and digits as numbers."""
    cells = "".join(
        f'<row r="{y}">' + "".join(_cell(f"{chr(65 + x)}{y}", text, numbers) for x, text in enumerate(row)) + "</row>"
        for y, row in enumerate(rows, 1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="a/xml"/>'
        "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="Data" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
    }
    file = folder / "list.xlsx"
    with ZipFile(file, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return file


def _cell(place: str, text: str, numbers: bool) -> str:
    if not text:
        return ""
    if numbers and text.isdigit():
        return f'<c r="{place}"><v>{text}</v></c>'
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<c r="{place}" t="inlineStr"><is><t>{safe}</t></is></c>'


def rows_of(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*table.columns, strict=True))


@pytest.mark.parametrize(
    "write",
    [
        *(pytest.param(separated(by), id=f"separated by {by!r}") for by in ",;\t|"),
        *(pytest.param(separated(";", name), id=name) for name in ("utf-8-sig", "utf-16", "utf-16-be", "utf-32")),
        pytest.param(jsonlines, id="JSON Lines"),
        pytest.param(columnar, id="Parquet"),
        pytest.param(spreadsheet, id="XLSX"),
    ],
)
def test_a_list_says_the_same_in_every_format(write: Callable[[Path], Path], tmp_path: Path) -> None:
    table = read_list(write(tmp_path))
    assert table.headers == HEADER
    assert rows_of(table) == list(ROWS)


def of(text: str | bytes, folder: Path, how: ReadOptions | None = None, name: str = "list.csv") -> Table:
    """The list that such a file holds."""
    file = folder / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_list(file, how)


def refusal(text: str | bytes, folder: Path, how: ReadOptions | None = None, name: str = "list.csv") -> str:
    with pytest.raises(Unusable) as refused:
        of(text, folder, how, name)
    return str(refused.value)


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    table = of("name,town\n Ali ,X\n,\n\nBudi,Y\n", tmp_path)
    assert rows_of(table) == [("Ali", "X"), ("Budi", "Y")]
    assert list(table.rows) == [2, 5]


def test_lines_of_json_are_numbered_from_one_and_may_lack_keys(tmp_path: Path) -> None:
    table = of('{"a": 1}\n\n{"b": true, "a": 3307015412900002}\n{"c": null, "a": 1.50}', tmp_path, name="l.jsonl")
    assert table.headers == ("a", "b", "c")
    assert rows_of(table) == [("1", "", ""), ("3307015412900002", "true", ""), ("1.50", "", "")]
    assert list(table.rows) == [1, 3, 4]


def test_a_title_above_the_header_is_left_out_and_that_is_said(tmp_path: Path) -> None:
    rows = (("DAFTAR PMI",), (), ("no", "nama", "desa"), ("1", "Siti", "Karang"))
    table = read_list(spreadsheet(tmp_path, rows))
    assert table.headers == ("no", "nama", "desa")
    assert list(table.rows) == [4]
    assert "row 3" in table.remarks[0]


def test_numbers_of_a_spreadsheet_are_written_without_a_point(tmp_path: Path) -> None:
    table = read_list(spreadsheet(tmp_path, (("nik", "hp"), ("3307995412900002", "81234567"))))
    assert rows_of(table) == [("3307995412900002", "81234567")]
    assert not table.remarks


def test_numbers_too_large_for_a_spreadsheet_are_reported(tmp_path: Path) -> None:
    table = read_list(spreadsheet(tmp_path, (("nik", "x"), ("9471995412900002", "a"))))
    assert "1 numbers" in table.remarks[0]
    assert "store NIK as text" in table.remarks[0]


def test_two_headers_of_one_name_are_told_apart(tmp_path: Path) -> None:
    table = of("hp,hp,nama\n1,2,A\n", tmp_path)
    assert table.headers == ("hp", "hp (2)", "nama")
    assert "'hp (2)'" in table.remarks[0]


def test_a_nameless_column_is_numbered_and_an_empty_one_left_out(tmp_path: Path) -> None:
    table = of("name,,town,\nAli,x,Y,\n", tmp_path)
    assert table.headers == ("name", "column 2", "town")


def test_a_list_without_header_has_numbered_columns(tmp_path: Path) -> None:
    table = of("Ali,1990-05-12\nBudi,1991-06-13\n", tmp_path, ReadOptions(header=False))
    assert table.headers == ("column 1", "column 2")
    assert list(table.rows) == [1, 2]


def test_a_separator_that_stands_in_the_first_line_is_taken(tmp_path: Path) -> None:
    assert of("sep=;\nname;town, place\nAli;X\n", tmp_path).headers == ("name", "town, place")


def test_commas_inside_cells_do_not_mislead(tmp_path: Path) -> None:
    table = of("name\taddress\nAli\tJl. A, 5, X\nBudi\tJl. B, 6, Y\nCici\tJl. C\n", tmp_path, name="l.txt")
    assert table.headers == ("name", "address")


def test_cells_in_quotes_may_hold_line_breaks(tmp_path: Path) -> None:
    table = of('name,address\nAli,"Jl. A\nDesa B"\nBudi,C\n', tmp_path)
    assert table.column("address") == ["Jl. A\nDesa B", "C"]
    assert list(table.rows) == [2, 3]


def test_quotes_may_mean_nothing(tmp_path: Path) -> None:
    text = 'name\ttown\n"Ali" B\tX\n"Budi\tY\n'
    assert "closing quote" in refusal(text, tmp_path)
    assert of(text, tmp_path, ReadOptions(quotes=False)).column("name") == ['"Ali" B', '"Budi']


def test_whole_numbers_lose_the_point_that_a_program_gave_them(tmp_path: Path) -> None:
    table = of("postcode,share\n4223.0,1.0\n,0.5\n4224.0,nan\n", tmp_path)
    assert table.column("postcode") == ["4223", "", "4224"]
    assert table.column("share") == ["1.0", "0.5", "nan"]


def test_values_that_occur_again_are_one_object(tmp_path: Path) -> None:
    names = of("a,b\n" + "Semarang,Tengah\n" * 50, tmp_path).column("a")
    assert len({id(name) for name in names}) == 1


def test_ragged_rows_are_named_or_skipped(tmp_path: Path) -> None:
    text = "a,b,c\n1,2,3\n1,2\n1,2,3,\n1,2,3,4\n"
    said = refusal(text, tmp_path)
    assert "2 rows" in said
    assert "3 (2), 5 (4)" in said
    assert "--ragged skip" in said
    table = of(text, tmp_path, ReadOptions(ragged="skip"))
    assert list(table.rows) == [2, 4]
    assert "left out" in table.remarks[0]


def test_only_the_first_ragged_rows_are_named(tmp_path: Path) -> None:
    said = refusal("a,b,c\n" + "1,2,3\n" * 30 + "1,2\n" * 25, tmp_path)
    assert "25 rows" in said
    assert "41 (2) and 15 more" in said


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        pytest.param("", "l.csv", "the file is empty", id="an empty file"),
        pytest.param("\n \n", "l.csv", "the list is empty", id="empty rows alone"),
        pytest.param("name,town\n", "l.csv", "no record under it", id="a header alone"),
        pytest.param("3307995412900002,Ali\n1,B\n", "l.csv", "--no-header", id="a record in place of the header"),
        pytest.param('a,b\n1,"x\n2,y\n', "l.csv", "never closed", id="a quote left open"),
        pytest.param("a,b\nx,y\nJos\u00e9,b\n".encode("cp1252"), "l.csv", "--encoding cp1252", id="no UTF-8"),
        pytest.param("a\n", "l.docx", "--format csv|xlsx|jsonl|parquet", id="an unknown ending"),
        pytest.param('{"a": 1}\n{"a": {"b": 1}}\n', "l.jsonl", "line 2, key 'a'", id="nested"),
        pytest.param('{"a": 1}\n{"a": \n', "l.jsonl", "line 2, character", id="no JSON"),
        pytest.param('[{"a": 1}]', "l.json", "one object per line", id="a JSON array"),
        pytest.param("\n\n", "l.jsonl", "no line holds a record", id="no JSON at all"),
        pytest.param(b"PK\x03\x04 nonsense", "l.xlsx", "not a spreadsheet", id="no spreadsheet"),
        pytest.param("PAR1 nonsense", "l.parquet", "not a Parquet file", id="no Parquet"),
    ],
)
def test_what_cannot_be_read_says_why(text: str | bytes, name: str, expected: str, tmp_path: Path) -> None:
    said = refusal(text, tmp_path, name=name)
    assert expected in said
    assert said.startswith("l.")


def renamed(file: Path, name: str) -> Path:
    return file.rename(file.with_name(name))


@pytest.mark.parametrize("name", ["list.csv", "list.txt", "list", "list.jsonl"])
def test_a_spreadsheet_is_read_whatever_its_file_is_called(name: str, tmp_path: Path) -> None:
    table = read_list(renamed(spreadsheet(tmp_path), name))
    assert rows_of(table) == list(ROWS)
    assert any("the file is a spreadsheet in spite of its ending" in remark for remark in table.remarks)


def test_parquet_and_text_are_read_whatever_their_files_are_called(tmp_path: Path) -> None:
    table = read_list(renamed(columnar(tmp_path), "list.csv"))
    assert rows_of(table) == list(ROWS)
    assert "Parquet" in table.remarks[0]
    table = read_list(renamed(separated(";")(tmp_path), "list.xlsx"))
    assert rows_of(table) == list(ROWS)
    assert "text with separators" in table.remarks[0]


def test_a_format_that_the_content_contradicts_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"this file is a spreadsheet, not text with separators \(CSV\)"):
        read_list(spreadsheet(tmp_path), ReadOptions(format="csv"))


def test_a_web_page_that_is_called_a_spreadsheet_is_named_as_such(tmp_path: Path) -> None:
    text = "<html><table><tr><td>nama</td></tr></table></html>"
    assert "this file is a web page" in refusal(text, tmp_path, name="list.xls")


def test_a_byte_that_is_no_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    said = refusal(b"a,b\nx,y\nJos\xe9,b\n", tmp_path)
    assert "line 3: byte 11 (0xE9) is not utf-8" in said
    assert of(b"a,b\nx,y\nJos\xe9,b\n", tmp_path, ReadOptions(encoding="cp1252")).column("a") == ["x", "Jos\u00e9"]


def test_a_late_bad_byte_is_found_too(tmp_path: Path) -> None:
    assert "line 30,002" in refusal(b"a,b\n" + b"x,y\n" * 30_000 + b"\xff,b\n", tmp_path)


def test_an_unknown_encoding_or_sheet_is_said(tmp_path: Path) -> None:
    assert "no encoding is called 'utf-9'" in refusal("a,b\n1,2\n", tmp_path, ReadOptions(encoding="utf-9"))
    with pytest.raises(Unusable, match="no sheet is called 'X'"):
        read_list(spreadsheet(tmp_path), ReadOptions(sheet="X"))


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="there is no such file"):
        read_list(tmp_path / "none.csv")


def test_parquet_of_lists_is_refused_and_floats_are_watched(tmp_path: Path) -> None:
    file = tmp_path / "l.parquet"
    parquet.write_table(arrow.table({"a": [[1], [2]]}), file)
    with pytest.raises(Unusable, match="column 'a' holds list"):
        read_list(file)
    parquet.write_table(arrow.table({"nik": [9471995412900002.0, None], "n": [1.5, 2.0]}), file)
    table = read_list(file)
    assert table.column("n") == ["1.5", "2"]
    assert "store NIK as text" in table.remarks[0]
