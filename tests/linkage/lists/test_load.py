"""Lists are loaded with the columns that tell people apart; without any, that is an error and not an empty result."""

from pathlib import Path

import pytest

from linkage.lists.header_meanings import are_indonesian
from linkage.lists.load import load_lists
from linkage.lists.table import Unusable


def file_of(folder: Path, text: str) -> Path:
    file = folder / "list.csv"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x,y\n1,2\n3,4\n", "list.csv: no column was recognised"),
        (
            "tgl lahir,jk\n12-05-1990,L\n13-06-1991,P\n",
            r"no column of names or personal numbers .*only sex, birth_date",
        ),
        ("agama,kecamatan\nIslam,Garung\nKristen,Kalibawang\n", "only other_text, district"),
        ("nama,jk\n,L\n,P\n", "only sex"),
    ],
)
def test_a_list_without_usable_columns_is_refused(text: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=expected):
        load_lists([file_of(tmp_path, text)])


def test_a_text_tells_persons_apart_where_the_user_says_so(tmp_path: Path) -> None:
    file = file_of(tmp_path, "what\nWarung Sederhana\nWarung Sederhana 2\n")
    config = tmp_path / "mapping.toml"
    config.write_text('[a]\nwhat = "other_text"\n')
    assert load_lists([file], config=config).people.columns


@pytest.mark.parametrize(
    ("headers", "indonesian"),
    [
        (("no", "nama_lengkap", "tanggal_lahir", "jenis_kelamin", "nik"), True),
        (("first_name", "last_name", "dob", "sex"), False),
        (("V1", "V2"), False),
        (("nom", "prenoms", "date_naissance"), False),
    ],
)
def test_the_language_of_a_list_shows_in_its_headers(headers: tuple[str, ...], indonesian: bool) -> None:
    assert are_indonesian(headers) is indonesian
