"""Germany, as the public RLdata sets: two given names, two surnames, the parts of the birth date, and nothing else."""

from random import Random

from faker.providers.person.de_DE import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, sometimes

_GIVEN = {
    "F": Pool(Persons.first_names_female, 1.0),
    "M": Pool(Persons.first_names_male, 1.0),
}
_SURNAMES = Pool(Persons.last_names)


def household_rows(rng: Random) -> list[Row]:
    surname = _SURNAMES.draw(rng)
    return [
        {
            "fname_c1": _GIVEN[member.sex].draw(rng).upper(),
            "fname_c2": sometimes(rng, 0.15, _GIVEN[member.sex].draw(rng).upper()),
            "lname_c1": surname.upper(),
            "lname_c2": sometimes(rng, 0.05, _SURNAMES.draw(rng).upper()),
            "dob": f"{member.born:%Y-%m-%d}",
        }
        for member in draw_members(rng)
    ]


def written(_: Random, row: Row, __: int) -> Row:
    year, month, day = row["dob"].split("-") if row["dob"] else ("", "", "")
    return {**row, "by": year, "bm": month.lstrip("0"), "bd": day.lstrip("0")}


LOCALE = Locale(
    code="de_DE",
    about="German names and birth dates in parts, as RLdata: nothing else, no id column, one error a duplicate",
    headers=(("fname_c1", "fname_c2", "lname_c1", "lname_c2", "by", "bm", "bd"),),
    records=(80, 18, 2),
    household=household_rows,
    written=written,
    first=0.0,
    sources=1,
    id=None,
    rates=(
        Rate("fname_c1", "typo", 0.20),
        Rate("fname_c1", "phonetic", 0.05),
        Rate("fname_c2", "missing", 0.40),
        Rate("lname_c1", "typo", 0.20),
        Rate("lname_c1", "ocr", 0.06),
        Rate("lname_c2", "missing", 0.40),
        Rate("fname_c1|lname_c1", "swapped", 0.01),
        Rate("dob", "day off", 0.12),
        Rate("dob", "month off", 0.06),
        Rate("dob", "year off", 0.08),
        Rate("dob", "decade off", 0.02),
    ),
)
