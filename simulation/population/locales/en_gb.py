"""Great Britain, as a list of historical people: much is missing, and what is known is known by the year."""

from datetime import date
from random import Random

from faker.providers.address.en_GB import Provider as Addresses
from faker.providers.person.en_GB import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, filled, sometimes, written_date

_GIVEN = {
    "F": Pool(Persons.first_names_female, 1.0),
    "M": Pool(Persons.first_names_male, 1.0),
}
_SURNAMES = Pool(Persons.last_names)
_TITLES = {"M": ("Sir", "Rev.", "Captain", "Dr", "Lord"), "F": ("Lady", "Dame", "Mrs")}
_TRADES = """
politician,writer,painter,botanist,clergyman,soldier,engineer,actor,composer,lawyer,physician,merchant,historian,
photographer,cricketer,diplomat,naval officer,poet,journalist,architect,teacher,mathematician,sculptor,explorer,
rugby union player,stage actor,printer,chemist,naturalist,banker
"""
_OCCUPATIONS = Pool((trade.strip() for trade in _TRADES.split(",")), 1.1)
_TOWNS = tuple(
    (f"{name}{ending}, {county}", f"{zone}{n % 20 + 1}")
    for n, (name, ending, county, zone) in enumerate(
        zip(
            Random("en_GB towns").sample(sorted(Persons.last_names), 200),
            ("ton", "ham", "ford", "bury", " Abbey", "stead", "borough") * 29,
            Addresses.counties * 3,
            Addresses.POSTAL_ZONES * 2,
            strict=False,
        )
    )
)


def household_rows(rng: Random) -> list[Row]:
    town, outward = rng.choice(_TOWNS)
    surname = _SURNAMES.draw(rng)
    postcode = f"{outward} {filled(rng, '#')}{rng.choice('ABDEFGHJLN')}{rng.choice('PQRSTUWXYZ')}"
    return [
        {
            "sex": member.sex,
            "given": _GIVEN[member.sex].draw(rng),
            "middle": sometimes(rng, 0.4, _GIVEN[member.sex].draw(rng)),
            "surname": surname,
            "title": sometimes(rng, 0.2, rng.choice(_TITLES[member.sex])),
            "dob": f"{member.born:%Y-%m-%d}",
            "birth_place": town,
            "postcode": postcode,
            "occupation": _OCCUPATIONS.draw(rng),
        }
        for member in draw_members(rng, today=date(rng.randint(1760, 1900), 1, 1))
    ]


def changed(rng: Random, person: Row) -> Row:
    """One in ten is known for another occupation, one in eight lived elsewhere in the same town."""
    now = dict(person)
    if rng.random() < 0.1:
        now["occupation"] = _OCCUPATIONS.draw(rng)
    if rng.random() < 0.12:
        now["postcode"] = f"{person['postcode'].split(' ')[0]} {filled(rng, '#')}AA"
    return now


def written(_: Random, row: Row, source: int) -> Row:
    """The first source has titles and middle names, the second initials, the third the plain name."""
    middle = row["middle"][:1] if source == 1 else row["middle"]
    words = (row["title"] if source == 0 else "", row["given"], middle if source < 2 else "", row["surname"])
    return {
        **row,
        "full_name": " ".join(word for word in words if word).lower(),
        "first_and_surname": f"{row['given']} {row['surname']}".strip().lower(),
        "gender": {"F": "female", "M": "male"}.get(row["sex"], ""),
        "birth_place": row["birth_place"].split(",")[0].lower() if source == 1 else row["birth_place"].lower(),
        "dob": written_date(row["dob"], "Y-m-d"),
    }


LOCALE = Locale(
    code="en_GB",
    about="British people of the past from three works of reference: years for dates, much missing, up to five records",
    headers=(("full_name", "first_and_surname", "dob", "birth_place", "postcode", "gender", "occupation"),),
    records=(40, 25, 15, 12, 8),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.5,
    rates=(
        Rate("given", "typo", 0.08),
        Rate("given", "phonetic", 0.05),
        Rate("given", "initial", 0.03),
        Rate("surname", "typo", 0.10),
        Rate("surname", "phonetic", 0.05),
        Rate("title", "missing", 0.20),
        Rate("middle", "missing", 0.20),
        Rate("dob", "first of January", 0.15),
        Rate("dob", "year alone", 0.06),
        Rate("dob", "year off", 0.05),
        Rate("dob", "day off", 0.04),
        Rate("dob", "missing", 0.16),
        Rate("birth_place", "missing", 0.15),
        Rate("birth_place", "typo", 0.07),
        Rate("postcode", "missing", 0.22),
        Rate("postcode", "typo", 0.06),
        Rate("sex", "missing", 0.15),
        Rate("occupation", "missing", 0.35),
    ),
)
