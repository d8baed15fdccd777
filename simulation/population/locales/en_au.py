"""Australia, as the public FEBRL lists: clean originals, and up to four duplicates with several errors each."""

from random import Random

from faker.providers.address.en_AU import Provider as Addresses
from faker.providers.person.en_GB import Provider as British
from faker.providers.person.en_NZ import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, digits, draw_members, filled, sometimes

_GIVEN = {
    "F": Pool(Persons.first_names_female, 0.6),
    "M": Pool(Persons.first_names_male, 0.6),
}
_SURNAMES = Pool((*Persons.last_names, *British.last_names), 0.7)
_STREETS = Pool(
    (
        f"{name.lower()} {suffix.lower()}"
        for name, suffix in zip(British.last_names, Addresses.street_suffixes * 9, strict=False)
    ),
    0.3,
)
_STATES = {"nsw": ("2", 33), "vic": ("3", 26), "qld": ("4", 20), "wa": ("6", 10), "sa": ("5", 7), "tas": ("7", 4)}
_ENDINGS = ("ville", "ton", " park", " heights", " vale", "field", " beach", " hills", "brook", "leigh")


def _suburbs() -> tuple[tuple[str, str, str], ...]:
    """Suburb, postcode, state: a hundred and fifty, the same in every list."""
    rng = Random("en_AU suburbs")
    names = rng.sample(sorted(British.last_names), 150)
    states = rng.choices(list(_STATES), [weight for _, weight in _STATES.values()], k=150)
    return tuple(
        (name.lower() + rng.choice(_ENDINGS), _STATES[state][0] + filled(rng, "###"), state)
        for name, state in zip(names, states, strict=True)
    )


_SUBURBS = _suburbs()


def _home(rng: Random) -> Row:
    suburb, postcode, state = rng.choice(_SUBURBS)
    return {
        "street_number": str(int(rng.triangular(1, 300, 5))),
        "address_1": _STREETS.draw(rng),
        "address_2": sometimes(rng, 0.35, f"{rng.choice(('flat', 'unit', 'villa'))} {rng.randint(1, 60)}"),
        "suburb": suburb,
        "postcode": postcode,
        "state": state,
    }


def household_rows(rng: Random) -> list[Row]:
    home, surname = _home(rng), _SURNAMES.draw(rng).lower()
    return [
        {
            **home,
            "given_name": _GIVEN[member.sex].draw(rng).lower(),
            "surname": surname if rng.random() < 0.9 else _SURNAMES.draw(rng).lower(),
            "date_of_birth": f"{member.born:%Y-%m-%d}",
            "soc_sec_id": digits(rng, 7),
        }
        for member in draw_members(rng)
    ]


def written(_: Random, row: Row, __: int) -> Row:
    return {**row, "date_of_birth": row["date_of_birth"].replace("-", "")}


LOCALE = Locale(
    code="en_AU",
    about="Australian register, dirty in the way of FEBRL: one list, up to five records a person",
    headers=(
        (
            "given_name",
            "surname",
            "street_number",
            "address_1",
            "address_2",
            "suburb",
            "postcode",
            "state",
            "date_of_birth",
            "soc_sec_id",
        ),
    ),
    records=(45, 25, 15, 9, 6),
    household=household_rows,
    written=written,
    first=0.0,
    sources=1,
    rates=(
        Rate("given_name|surname", "swapped", 0.05),
        Rate("address_1|address_2", "swapped", 0.04),
        Rate("given_name", "typo", 0.12),
        Rate("given_name", "phonetic", 0.08),
        Rate("given_name", "ocr", 0.04),
        Rate("given_name", "missing", 0.06),
        Rate("surname", "typo", 0.14),
        Rate("surname", "phonetic", 0.10),
        Rate("surname", "ocr", 0.05),
        Rate("surname", "missing", 0.03),
        Rate("street_number", "digit off", 0.08),
        Rate("street_number", "missing", 0.08),
        Rate("address_1", "typo", 0.15),
        Rate("address_1", "word lost", 0.08),
        Rate("address_1", "missing", 0.06),
        Rate("address_2", "missing", 0.30),
        Rate("address_2", "digit off", 0.15),
        Rate("suburb", "typo", 0.12),
        Rate("suburb", "phonetic", 0.06),
        Rate("suburb", "missing", 0.03),
        Rate("postcode", "digit off", 0.08),
        Rate("postcode", "digits transposed", 0.05),
        Rate("state", "missing", 0.08),
        Rate("state", "typo", 0.03),
        Rate("date_of_birth", "day off", 0.07),
        Rate("date_of_birth", "month off", 0.04),
        Rate("date_of_birth", "year off", 0.04),
        Rate("date_of_birth", "digit off", 0.05),
        Rate("date_of_birth", "missing", 0.07),
        Rate("soc_sec_id", "digit off", 0.09),
        Rate("soc_sec_id", "digits transposed", 0.03),
        Rate("soc_sec_id", "missing", 0.06),
    ),
)
