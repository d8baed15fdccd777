"""United States, as registers of voters: no national number, moves, marriages, and an age instead of the birth date."""

from random import Random

from faker.providers.address.en_US import Provider as Addresses
from faker.providers.person.en_US import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, sometimes, written_date

_GIVEN = {"F": Pool(Persons.first_names_female), "M": Pool(Persons.first_names_male)}
_SURNAMES = Pool(Persons.last_names, 0.8)
_SHORT = {
    "William": "Bill", "Robert": "Bob", "James": "Jim", "John": "Jack", "Richard": "Rick", "Michael": "Mike",
    "Thomas": "Tom", "Charles": "Chuck", "Joseph": "Joe", "Daniel": "Dan", "Anthony": "Tony", "Edward": "Ed",
    "Elizabeth": "Liz", "Margaret": "Peggy", "Katherine": "Kathy", "Patricia": "Pat", "Jennifer": "Jen",
    "Rebecca": "Becky", "Deborah": "Debbie", "Susan": "Sue", "Kimberly": "Kim", "Samantha": "Sam",
}  # fmt: skip
_RACES = ("WHITE", "BLACK or AFRICAN AMERICAN", "ASIAN", "OTHER", "UNDESIGNATED")
_STREETS = tuple(
    f"{name} {suffix}"
    for name, suffix in zip(
        Random("en_US streets").sample(sorted(Persons.last_names), 500),
        ("ST", "RD", "DR", "LN", "AVE", "CT", "BLVD") * 72,
        strict=False,
    )
)
_CITIES = tuple(
    (f"{prefix}{suffix}".upper(), f"27{n:03d}")
    for n, (prefix, suffix) in enumerate(
        zip(Random("en_US cities").sample(sorted(Persons.last_names), 120), Addresses.city_suffixes * 7, strict=False)
    )
)
_AS_OF = ("2019", "2021", "2024")
"""The year of each extract; the age is as of then."""


def _home(rng: Random) -> Row:
    city, postcode = rng.choice(_CITIES)
    unit = sometimes(rng, 0.2, f" APT {rng.randint(1, 40)}{rng.choice(('', 'A', 'B'))}")
    side = rng.choice(("", "", "", "N ", "S ", "E ", "W "))
    return {
        "res_street_address": f"{rng.randint(1, 9999)} {side}{rng.choice(_STREETS).upper()}{unit}",
        "res_city_desc": city,
        "state_cd": "NC",
        "zip_code": postcode,
    }


def household_rows(rng: Random) -> list[Row]:
    home, surname, race = _home(rng), _SURNAMES.draw(rng), rng.choices(_RACES, (60, 22, 4, 6, 8))[0]
    phone = f"{rng.randint(201, 989)} 555 01{rng.randrange(100):02d}"
    people: list[Row] = []
    for member in draw_members(rng):
        given_name = _GIVEN[member.sex].draw(rng)
        if member.part == "child" and member.sex == "M" and people[0]["sex"] == "M" and rng.random() < 0.15:
            given_name, people[0]["name_sufx"] = people[0]["first_name"], "SR"
        people.append(
            {
                **home,
                "first_name": given_name,
                "middle_name": sometimes(rng, 0.85, _GIVEN[member.sex].draw(rng)),
                "last_name": surname,
                "name_sufx": "JR" if people and given_name == people[0]["first_name"] else "",
                "dob": f"{member.born:%Y-%m-%d}",
                "sex": member.sex,
                "race_desc": race,
                "phone": sometimes(rng, 0.6, phone if rng.random() < 0.5 else _phone(rng)),
            }
        )
    return people


def _phone(rng: Random) -> str:
    return f"{rng.randint(201, 989)} 555 01{rng.randrange(100):02d}"


def changed(rng: Random, person: Row) -> Row:
    """One in five has moved, one woman in twelve has married and bears another name."""
    now = {**person, **_home(rng)} if rng.random() < 0.2 else dict(person)
    if person["sex"] == "F" and rng.random() < 0.08:
        now["middle_name"] = person["last_name"] if rng.random() < 0.5 else person["middle_name"]
        now["last_name"] = _SURNAMES.draw(rng)
    if rng.random() < 0.15:
        now["phone"] = _phone(rng)
    if rng.random() < 0.12:
        now["first_name"] = _SHORT.get(person["first_name"], person["first_name"])
    return now


def written(_: Random, row: Row, source: int) -> Row:
    """Capitals; the second extract has the age alone, the third the date alone, and the state in words."""
    upper = {name: row[name].upper() for name in ("first_name", "middle_name", "last_name")}
    age = str(int(_AS_OF[source]) - int(row["dob"][:4])) if row["dob"] and source != 2 else ""
    dob = "" if source == 1 else written_date(row["dob"], "m/d/Y")
    state = "NORTH CAROLINA" if source == 2 else row["state_cd"]
    middle = upper["middle_name"][:1] if source == 1 else upper["middle_name"]
    return {**row, **upper, "middle_name": middle, "age": age, "dob": dob, "state_cd": state}


LOCALE = Locale(
    code="en_US",
    about="Voters of an American state, three extracts: no number, moves, marriages, age or birth date",
    headers=(
        (
            "first_name",
            "middle_name",
            "last_name",
            "name_sufx",
            "age",
            "dob",
            "sex",
            "race_desc",
            "res_street_address",
            "res_city_desc",
            "state_cd",
            "zip_code",
            "phone",
        ),
    ),
    records=(55, 33, 12),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.5,
    rates=(
        Rate("first_name", "typo", 0.05),
        Rate("first_name", "phonetic", 0.03),
        Rate("middle_name", "initial", 0.20),
        Rate("middle_name", "missing", 0.15),
        Rate("middle_name", "typo", 0.03),
        Rate("last_name", "typo", 0.06),
        Rate("first_name|last_name", "swapped", 0.01),
        Rate("name_sufx", "missing", 0.30),
        Rate("dob", "day off", 0.03),
        Rate("dob", "year off", 0.02),
        Rate("dob", "first of January", 0.02),
        Rate("dob", "missing", 0.02),
        Rate("sex", "missing", 0.03),
        Rate("race_desc", "missing", 0.10),
        Rate("res_street_address", "typo", 0.08),
        Rate("res_street_address", "word lost", 0.06),
        Rate("zip_code", "digit off", 0.03),
        Rate("phone", "missing", 0.25),
        Rate("phone", "late digit off", 0.04),
    ),
)
