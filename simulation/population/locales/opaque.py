"""A Dutch list whose headers say nothing: V1 to V9, one of them a lot number that tells nothing of the person."""

from random import Random

from faker.providers.address.nl_NL import Provider as Addresses
from faker.providers.person.nl_NL import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, mail, sometimes, written_date

_GIVEN = {
    "F": Pool(Persons.first_names_female, 0.8),
    "M": Pool(Persons.first_names_male, 0.8),
}
_SURNAMES = Pool((name for name in Persons.last_names if " " not in name and "," not in name), 0.8)
_PARTICLES = ("van", "de", "van der", "van den", "ten", "van de")
_TOWNS = tuple(
    (town, str(1000 + 37 * n)) for n, town in enumerate(Random("nl_NL towns").sample(sorted(Addresses.cities), 180))
)


def _home(rng: Random) -> Row:
    town, zone = rng.choice(_TOWNS)
    street = f"{rng.choice(Persons.first_names)}{rng.choice(Addresses.street_suffixes)}"
    house = f"{rng.randint(1, 180)}{sometimes(rng, 0.15, rng.choice(('A', 'B', '-2', ' bis')))}"
    return {
        "street": street,
        "house": house,
        "zip": f"{zone} {rng.choice('ABCDEF')}{rng.choice('GHJKLMN')}",
        "town": town,
    }


def household_rows(rng: Random) -> list[Row]:
    home, lot = _home(rng), str(rng.randint(1, 12))
    surname = sometimes(rng, 0.35, rng.choice(_PARTICLES) + " ") + _SURNAMES.draw(rng)
    people = []
    for member in draw_members(rng):
        given_name = _GIVEN[member.sex].draw(rng)
        own = surname if member.part != "spouse" or rng.random() < 0.6 else _SURNAMES.draw(rng)
        people.append(
            {
                **home,
                "given": given_name,
                "surname": own,
                "dob": f"{member.born:%Y-%m-%d}",
                "mail": sometimes(rng, 0.55, mail(rng, given_name, own)),
                "sex": member.sex,
                "lot": lot,
            }
        )
    return people


def changed(rng: Random, person: Row) -> Row:
    """One in six has moved; one in ten has another mail address, and every record comes in a lot of its own."""
    now = {**person, **_home(rng)} if rng.random() < 0.16 else dict(person)
    if rng.random() < 0.1:
        now["mail"] = mail(rng, person["given"], person["surname"])
    now["lot"] = str(rng.randint(1, 12))
    return now


def written(_: Random, row: Row, source: int) -> Row:
    """One source has initials, one turns particles behind the name, one writes the postcode without a space."""
    particle, _space, name = row["surname"].rpartition(" ")
    surname = f"{name}, {particle}" if source == 1 and particle else row["surname"]
    given_name = f"{row['given'][:1]}." if source == 1 and row["given"] else row["given"]
    return {
        "V1": given_name,
        "V2": surname.upper() if source == 2 else surname,
        "V3": written_date(row["dob"], "d-m-Y"),
        "V4": f"{row['street']} {row['house']}".strip(),
        "V5": row["zip"].replace(" ", "") if source == 2 else row["zip"],
        "V6": row["town"],
        "V7": row["mail"],
        "V8": {"F": "V", "M": "M"}.get(row["sex"], ""),
        "V9": row["lot"],
    }


LOCALE = Locale(
    code="opaque",
    about="Dutch customers under headers that say nothing: particles, initials, a column without meaning",
    headers=(tuple(f"V{n}" for n in range(1, 10)),),
    records=(50, 32, 13, 5),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.5,
    id="V0",
    rates=(
        Rate("given", "typo", 0.06),
        Rate("given", "missing", 0.04),
        Rate("surname", "typo", 0.08),
        Rate("surname", "phonetic", 0.05),
        Rate("surname", "word lost", 0.04),
        Rate("dob", "day and month swapped", 0.04),
        Rate("dob", "day off", 0.04),
        Rate("dob", "year off", 0.03),
        Rate("dob", "missing", 0.10),
        Rate("street", "typo", 0.08),
        Rate("house", "digit off", 0.05),
        Rate("zip", "missing", 0.08),
        Rate("zip", "typo", 0.05),
        Rate("town", "typo", 0.04),
        Rate("mail", "missing", 0.15),
        Rate("mail", "name of mail", 0.05),
        Rate("sex", "missing", 0.10),
    ),
)
