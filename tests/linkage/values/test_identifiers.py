import pytest
from hypothesis import given
from hypothesis import strategies as st

from linkage.values.identifiers import email, identifier, nik, one_slip, passport, phone, sex

digits = st.text("0123456789", max_size=18)


@given(st.integers(min_value=10**8, max_value=10**11 - 1).map(lambda rest: f"8{rest}"))
def test_a_phone_is_the_same_with_and_without_country_code(national: str) -> None:
    written = {f"0{national}", f"+62{national}", f"62{national}", f"0062{national}", f"+62 (0){national}", national}
    assert len({phone(text) for text in written}) == 1


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0812-3456-7890", "81234567890"),
        ("'081234567890", "81234567890"),
        ("81234567890.0", "81234567890"),
        ("0812 3456 7890 / 0813 1111 2222", "81234567890"),
        ("021-5551234", "215551234"),
        ("+62 21 5551234", "215551234"),
        ("+852 5123 4567", "51234567"),
        ("+44 7700 900123", "7700900123"),
        ("07700 900123", "7700900123"),
        ("447700900123", "7700900123"),
        ("+1 (202) 555-0123", "2025550123"),
        ("(202) 555-0123", "2025550123"),
        ("0501234567", "501234567"),
        ("+966 50 123 4567", "501234567"),
    ],
)
def test_a_phone_loses_what_depends_on_where_one_dials(text: str, number: str) -> None:
    assert phone(text) == number


@pytest.mark.parametrize(
    "text", ["", "-", "0", "12345", "0000000000", "111111111", "123456789", "8.12E+10", "tidak ada"]
)
def test_what_nobody_can_call_is_no_phone(text: str) -> None:
    assert phone(text) == ""


@pytest.mark.parametrize(
    "text",
    ["3307014512980001", "'3307014512980001", "33 07 01 451298 0001", "33.07.01.451298.0001", "3307014512980001.0"],
)
def test_an_nik_is_its_digits(text: str) -> None:
    assert nik(text) == "3307014512980001"


@pytest.mark.parametrize(
    "text", ["3.30701E+15", "3,30701E+15", "3.3070145129E15", "0000000000000000", "12345", "-", ""]
)
def test_an_nik_that_lost_its_digits_is_none(text: str) -> None:
    assert nik(text) == ""


def test_an_nik_of_wrong_length_is_kept_so_that_the_slip_shows() -> None:
    assert nik("330701451298001") == "330701451298001"
    assert one_slip(nik("330701451298001"), nik("3307014512980001"))


@pytest.mark.parametrize("text", ["0", "000", "N/A", "xxx", "none", "-", "999999999", "123456789", "", "unknown"])
def test_fillers_are_no_identifiers(text: str) -> None:
    assert identifier(text) == passport(text) == ""


def test_identifiers_keep_their_zeros_and_lose_their_dress() -> None:
    assert identifier(" ab-0012 3 ") == "AB00123"
    assert identifier("00123") == "00123"
    assert identifier("1234.0") == "1234"
    assert identifier("7") == "7"
    assert passport("z 123-4567") == "Z1234567"


def test_an_email_keeps_its_dots_and_tags() -> None:
    assert email(" A.B+x@Gmail.com ") == "a.b+x@gmail.com"
    assert email("none@none") == email("-@example.org") == email("someone") == ""


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ("l lk Lk. laki-laki LAKI-LAKI pria M male Hombre 男", "L"),
        ("p pr perempuan Wanita F female mujer w", "P"),
        ("1 2 0 h x tidak -", ""),
    ],
)
def test_sex_is_read_from_whole_words(texts: str, expected: str) -> None:
    assert {sex(text) for text in texts.split()} == {expected}


def test_in_a_column_of_hombres_and_mujeres_m_is_a_woman() -> None:
    assert (sex("H", hombre_mujer=True), sex("M", hombre_mujer=True)) == ("L", "P")


@given(digits, digits)
def test_one_slip_is_symmetric(first: str, second: str) -> None:
    assert one_slip(first, second) == one_slip(second, first)


@given(digits.filter(bool), st.data())
def test_every_single_slip_is_seen(number: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from("0123456789"))
    changed = number[:at] + other + number[at + 1 :]
    exchanged = number[:at] + number[at : at + 2][::-1] + number[at + 2 :]
    slips = {changed, exchanged, number[:at] + number[at + 1 :], number[:at] + other + number[at:]} - {number}
    assert all(one_slip(number, slip) for slip in slips)


def test_two_slips_are_not_one() -> None:
    assert not one_slip("123", "321")
    assert not one_slip("1234", "12")
    assert not one_slip("123", "123")
    assert not one_slip("3307014512980001", "3307014512980012")
