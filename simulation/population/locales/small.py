"""A small list of the kind that demonstrations use: first name, surname, birth date, city, mail."""

from random import Random

from faker.providers.person.en_GB import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, mail, sex_of

_GIVEN = {
    "F": Pool(Persons.first_names_female, 0.7),
    "M": Pool(Persons.first_names_male, 0.7),
}
_SURNAMES = Pool(Persons.last_names)
_CITIES = Pool(
    ("London", "Birmingham", "Manchester", "Leeds", "Glasgow", "Bristol", "Liverpool", "Sheffield", "Cardiff",
     "Swindon", "Plymouth", "Derby", "Hull", "Bath"),
    1.3,
)  # fmt: skip


def household_rows(rng: Random) -> list[Row]:
    """One person: such lists know of no households."""
    sex = sex_of(rng)
    given_name, surname = _GIVEN[sex].draw(rng), _SURNAMES.draw(rng)
    born = draw_members(rng)[0].born
    return [
        {
            "first_name": given_name,
            "surname": surname,
            "dob": f"{born:%Y-%m-%d}",
            "city": _CITIES.draw(rng),
            "email": mail(rng, given_name, surname),
        }
    ]


def written(_: Random, row: Row, __: int) -> Row:
    return row


LOCALE = Locale(
    code="small",
    about="A thousand rows with five columns and several errors each, as in demonstrations",
    headers=(("first_name", "surname", "dob", "city", "email"),),
    records=(25, 20, 20, 20, 15),
    household=household_rows,
    written=written,
    first=0.5,
    id="unique_id",
    rates=(
        Rate("first_name|surname", "swapped", 0.08),
        Rate("first_name", "missing", 0.17),
        Rate("first_name", "typo", 0.12),
        Rate("surname", "missing", 0.17),
        Rate("surname", "typo", 0.12),
        Rate("dob", "year off", 0.06),
        Rate("dob", "day off", 0.10),
        Rate("dob", "month off", 0.08),
        Rate("dob", "decade off", 0.03),
        Rate("city", "missing", 0.18),
        Rate("city", "typo", 0.15),
        Rate("email", "missing", 0.20),
        Rate("email", "name of mail", 0.12),
    ),
)
