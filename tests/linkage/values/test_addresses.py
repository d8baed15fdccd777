import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codes import legacy_regions, regions
from linkage.values.addresses import house, place, postcode, region_code, words
from linkage.values.text_folding import word_lines

PIECES = [
    *(word for line in word_lines("streets.txt") for word in line),
    *["1", "02", "3a", "12-b", "rt", "rw/", "2", "c/", "#", "n", "e", "5th", "x"],
]
REGENCIES = sorted(code for code, region in regions().items() if region.level in ("regency", "city"))


@pytest.mark.parametrize(
    "text",
    [
        "Jl. Mawar No. 12-A RT 03/RW 05",
        "jalan mawar 12A RT.003 RW.005",
        "JLN MAWAR NO 12 A RT/RW 003/005",
        "Djalan Mawar 12a, Rt 3 Rw 5",
    ],
)
def test_one_address_is_one_set_of_words(text: str) -> None:
    assert set(words(text)) == {"mawar", "12a", "rt3", "rw5"}
    assert house(text) == "12a"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jl. Jend. Soedirman Kav. 5", "Jalan Jenderal Sudirman kav 05"),
        ("Jl. Moh. Yamin 7", "Jalan Muhammad Yamin No 7"),
        ("12 N Main St Apt 4B", "12 North Main Street #4B"),
        ("C/ Mayor 5", "Calle Mayor, 5"),
        ("Gang III no 7", "Gg. 3 No. 07"),
        ("3rd Avenue 10", "3 Ave. 10"),
    ],
)
def test_what_only_says_that_it_is_a_street_goes(one: str, other: str) -> None:
    assert sorted(words(one)) == sorted(words(other))
    assert words(one)


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join)))
def test_words_of_words_are_the_same_words(text: str) -> None:
    once = words(text)
    assert words(" ".join(once)) == once


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12-A", "12a"),
        ("No. 012", "12"),
        ("12 B", "12b"),
        ("12-14", "12"),
        ("10 O'Connell St", "10"),
        ("12 N Main St", "12"),
        ("Blok C 12 No 3", "3"),
        ("Jl. Melati RT 03 RW 05", ""),
        ("3rd Avenue", ""),
        ("s/n", ""),
        ("0", ""),
        ("", ""),
    ],
)
def test_the_house_number_is_found(text: str, number: str) -> None:
    assert house(text) == number


def test_a_city_is_not_the_regency_of_its_name() -> None:
    assert place("Kab. Wonosobo", "regency") == place("KABUPATEN WONOSOBO", "regency") == "wonosobo"
    assert place("Kab. Bandung", "regency") == place("Bandung", "regency") == "bandung"
    assert place("Kota Bandung", "regency") == place("KODYA BANDUNG", "regency") == "kota bandung"
    assert place("Surabaya", "regency") == place("Kota Surabaya", "regency")
    assert place("Jaksel", "regency") == place("Kota Adm. Jakarta Selatan", "regency")
    assert place("Pare Pare", "regency") == place("Kota Parepare", "regency")


@pytest.mark.parametrize("code", REGENCIES)
def test_a_dotted_code_is_the_region_that_bears_it(code: str) -> None:
    assert place(code, "regency") == place(regions()[code].name, "regency")


def test_every_region_has_a_name_of_its_own_beside_those_of_the_same_name() -> None:
    assert len({place(regions()[code].name, "regency") for code in REGENCIES}) == len(REGENCIES)


def test_a_code_without_dots_may_be_of_bps_and_is_no_name() -> None:
    assert place("73.08", "regency") == "bone"
    assert place("7308", "regency") == "7308"


@pytest.mark.parametrize("code", sorted(legacy_regions()))
def test_former_codes_of_papua_become_todays(code: str) -> None:
    assert region_code(code) == region_code(code.replace(".", "")) == legacy_regions()[code]
    assert place(code, "regency") == place(regions()[legacy_regions()[code]].name, "regency")


def test_region_codes_reach_down_to_the_village() -> None:
    assert region_code("91.01.02.2003") == region_code("9101022003") == "93.01.02.2003"
    assert region_code("Wonosobo") == ""


@pytest.mark.parametrize(
    "family",
    [
        ["Jawa Tengah", "JATENG", "Prov. Jawa Tengah", "Central Java", "Propinsi Jateng"],
        ["DI Yogyakarta", "D.I. Yogyakarta", "DIY", "Daerah Istimewa Yogyakarta"],
        ["DKI Jakarta", "Jakarta", "Daerah Khusus Ibukota Jakarta"],
        ["NSW", "New South Wales"],
        ["CA", "California"],
    ],
)
def test_a_province_has_one_name(family: list[str]) -> None:
    assert len({place(text, "province") for text in family}) == 1


def test_villages_lose_the_word_for_what_they_are_and_their_spaces() -> None:
    assert place("Kel. Kali Beber", "village") == place("DESA KALIBEBER", "village") == "kalibeber"
    assert place("St. Kilda", "village") == place("Saint Kilda", "village")
    assert place("-", "village") == ""


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("50123", "50123"),
        ("50123.0", "50123"),
        ("SW1A 1AA", "sw1a1aa"),
        ("02134", "2134"),
        ("12345-6789", "12345"),
        ("00000", ""),
        ("-", ""),
    ],
)
def test_a_postcode_survives_spreadsheets(text: str, code: str) -> None:
    assert postcode(text) == code
