from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.id import nik as stdnum_nik

from contracts.codes import legacy_regions, regions
from contracts.model import Precision
from contracts.nik import Flaw, MalformedNik, NikFindings, Sex, check, decode, home_region
from simulation.scenario.people import make_nik

REGENCIES = sorted(code for code in regions() if len(code) == 5)
FORMER = sorted(legacy_regions())
SOUND = NikFindings()

births = st.dates(date(1920, 1, 1), date(2019, 12, 31))
sexes: st.SearchStrategy[Sex] = st.sampled_from(["L", "P"])
serials = st.integers(1, 9999)
districts = st.integers(1, 99)


def flaws(nik: str) -> tuple[Flaw, ...]:
    return check(nik, birth_date=None, sex=None).flaws


def test_the_documented_example_is_a_woman_of_wonosobo() -> None:
    nik = decode("3307014512980001")
    assert (nik.region, nik.district, nik.sex, nik.serial) == ("33.07", "01", "P", "0001")
    assert nik.birth_date(date(1998, 12, 5)) == date(1998, 12, 5)
    assert home_region("3307014512980001") == "33.07"


@given(st.sampled_from(REGENCIES), births, sexes, serials, districts)
def test_a_constructed_number_is_sound_and_tells_what_it_was_made_of(
    region: str, birth_date: date, sex: Sex, serial: int, district: int
) -> None:
    nik = make_nik(region, birth_date, sex, serial, district)
    assert check(nik, birth_date=birth_date, sex=sex) == SOUND
    decoded = decode(nik)
    assert (decoded.region, decoded.sex, decoded.serial) == (region, sex, f"{serial:04d}")
    assert decoded.birth_date(birth_date) == birth_date
    assert home_region(nik) == region


@given(st.sampled_from(FORMER), births, sexes, serials)
def test_a_number_issued_under_a_former_code_is_good_for_life(
    region: str, birth_date: date, sex: Sex, serial: int
) -> None:
    nik = make_nik(region, birth_date, sex, serial)
    assert check(nik, birth_date=birth_date, sex=sex) == NikFindings(warnings=("nik_region_legacy",))
    assert home_region(nik) == legacy_regions()[region]


def test_merauke_of_before_2022_is_merauke_of_today() -> None:
    assert home_region("9101011708850001") == "93.01"


@pytest.mark.parametrize(("prefix", "today"), [("6405", "65.03"), ("6473", "65.71"), ("7320", None)])
def test_a_number_from_before_a_province_was_split_is_no_reason_to_refuse_its_holder(
    prefix: str, today: str | None
) -> None:
    nik = f"{prefix}011708850001"
    assert check(nik, birth_date=None, sex=None) == NikFindings(warnings=("nik_region_legacy",))
    assert home_region(nik) == today


@pytest.mark.parametrize(
    ("nik", "found"),
    [
        ("", (Flaw.LENGTH, Flaw.DIGITS)),
        ("330701451298000", (Flaw.LENGTH,)),
        ("33070145129800011", (Flaw.LENGTH,)),
        ("330701451298000A", (Flaw.DIGITS,)),
        ("33.07.0145129800", (Flaw.DIGITS,)),
        (" 33070145129800 ", (Flaw.DIGITS,)),
        ("٣٣٠٧٠١٤٥١٢٩٨٠٠٠١", (Flaw.DIGITS,)),
        ("3307010012980001", (Flaw.DAY,)),
        ("3307013212980001", (Flaw.DAY,)),
        ("3307014012980001", (Flaw.DAY,)),
        ("3307017212980001", (Flaw.DAY,)),
        ("3307018112980001", (Flaw.DAY,)),
        ("3307013102980001", (Flaw.DATE,)),
        ("3307017102980001", (Flaw.DATE,)),
        ("3307013104980001", (Flaw.DATE,)),
        ("3307010513980001", (Flaw.DATE,)),
        ("3307010500980001", (Flaw.DATE,)),
        ("3307012902990001", (Flaw.DATE,)),
        ("9901010512980001", (Flaw.REGION,)),
        ("3399010512980001", (Flaw.REGION,)),
        ("0001010512980001", (Flaw.REGION,)),
        ("9999013212980001", (Flaw.DAY, Flaw.REGION)),
    ],
)
def test_a_text_that_is_no_nik_is_told_why(nik: str, found: tuple[Flaw, ...]) -> None:
    assert check(nik, birth_date=date(1998, 12, 5), sex="P") == NikFindings(flaws=found)
    assert home_region(nik) is None


def test_decoding_a_malformed_number_names_the_flaw_and_not_the_number() -> None:
    with pytest.raises(MalformedNik) as raised:
        decode("3307014012980001")
    assert raised.value.flaws == (Flaw.DAY,)
    assert "3307" not in str(raised.value)


def test_a_woman_born_on_the_31st_has_day_71() -> None:
    assert check("3307017112980001", birth_date=date(1998, 12, 31), sex="P") == SOUND


def test_29_february_00_can_only_be_2000_because_1900_had_none() -> None:
    assert decode("3307012902000001").birth_dates == (date(2000, 2, 29),)


def test_29_february_04_can_be_of_either_century() -> None:
    assert decode("3307012902040001").birth_dates == (date(1904, 2, 29), date(2004, 2, 29))


@pytest.mark.parametrize("birth_date", [date(1925, 8, 17), date(2025, 8, 17)])
def test_year_25_is_the_century_of_the_declared_birth_date(birth_date: date) -> None:
    # A child's number is sound: that it is a child is seen from the declared date, never from the number.
    nik = "3307011708250001"
    assert check(nik, birth_date=birth_date, sex="L") == SOUND
    assert decode(nik).birth_date(birth_date) == birth_date


@given(births, births, sexes, sexes, serials)
def test_a_mismatch_with_civil_data_warns_and_never_blocks(
    coded: date, declared: date, coded_sex: Sex, declared_sex: Sex, serial: int
) -> None:
    found = check(make_nik("33.07", coded, coded_sex, serial), birth_date=declared, sex=declared_sex)
    same_digits = f"{coded:%d%m%y}" == f"{declared:%d%m%y}"
    assert found.flaws == ()
    assert ("nik_birth_date_mismatch" in found.warnings) == (not same_digits)
    assert ("nik_sex_mismatch" in found.warnings) == (coded_sex != declared_sex)


def test_what_is_not_declared_is_not_compared() -> None:
    assert check("3307014512980001", birth_date=None, sex=None) == SOUND


@pytest.mark.parametrize(
    ("declared", "precision", "agrees"),
    [
        (date(1998, 12, 1), "day", False),
        (date(1998, 12, 1), "month", True),
        (date(1998, 11, 1), "month", False),
        (date(1998, 1, 1), "year", True),
        (date(1997, 1, 1), "year", False),
    ],
)
def test_a_coarse_birth_date_is_compared_as_far_as_it_goes(declared: date, precision: Precision, agrees: bool) -> None:
    found = check("3307014512980001", birth_date=declared, sex="P", precision=precision)
    assert found.warnings == (() if agrees else ("nik_birth_date_mismatch",))


@given(st.text("0123456789", min_size=16, max_size=16))
def test_no_number_that_we_take_has_a_date_that_python_stdnum_refuses(nik: str) -> None:
    if not flaws(nik):
        assert stdnum_nik.get_birth_date(nik) in decode(nik).birth_dates


@pytest.mark.parametrize(
    ("nik", "ours"),
    [
        ("3307018112980001", (Flaw.DAY,)),
        ("33.07.01.451298.0001", (Flaw.LENGTH, Flaw.DIGITS)),
        ("6501011708850001", ()),
        ("9301011708850001", ()),
    ],
)
def test_where_python_stdnum_judges_otherwise_the_domain_decides(nik: str, ours: tuple[Flaw, ...]) -> None:
    # Its places are BPS codes of before 2012. Should this fail after an upgrade, it may be able to do more for us.
    assert flaws(nik) == ours
    assert stdnum_nik.is_valid(nik) == bool(ours)
