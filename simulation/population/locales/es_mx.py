"""Mexico: two surnames, a number that tells of its holder, streets and colonias."""

from random import Random

from faker.providers.address.es_MX import Provider as Addresses
from faker.providers.person.es_MX import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, filled, sometimes, written_date
from simulation.population.typing_errors import digit_off

_GIVEN = {
    "F": Pool(Persons.first_names_female, 1.0),
    "M": Pool(Persons.first_names_male, 1.0),
}
_SURNAMES = Pool(Persons.last_names, 1.0)
_PARTICLES = ("de la", "del", "de")
_NOWHERE = "ZZ"
"""The part of the number that names the state of birth; no state has these letters."""
_PLACES = tuple(
    (f"{kind} {name}", f"{town} {n % 40}", f"9{n:04d}")
    for n, (kind, name, town) in enumerate(
        zip(
            ("Lomas de", "Colonia", "Fraccionamiento", "Barrio", "Ejido") * 60,
            Random("es_MX colonias").sample(sorted(Persons.last_names), 300),
            ("Santa Rita", "San Jacinto", "Tierra Nueva", "Puerto Viejo", "Villa Hermosa") * 60,
            strict=True,
        )
    )
)


def _home(rng: Random) -> Row:
    colonia, municipio, postcode = rng.choice(_PLACES)
    return {
        "calle": f"{rng.choice(Addresses.street_prefixes)} {_SURNAMES.draw(rng)}",
        "numero": f"{rng.randint(1, 999)}{sometimes(rng, 0.15, ' Int. ' + str(rng.randint(1, 20)))}",
        "colonia": colonia,
        "municipio": municipio,
        "cp": postcode,
    }


def _surname(rng: Random) -> str:
    return f"{rng.choice(_PARTICLES)} {_SURNAMES.draw(rng)}" if rng.random() < 0.06 else _SURNAMES.draw(rng)


def _curp(rng: Random, person: Row) -> str:
    """Built as the Mexican number is, for a state that is none."""
    father, mother = person["primer_apellido"].split()[-1], person["segundo_apellido"].split()[-1]
    letters = f"{father[:2]}{mother[:1]}{person['nombre'][:1]}".upper()
    born = person["fecha_nacimiento"].replace("-", "")[2:]
    inner = "".join(rng.choices("BCDFGLMNRST", k=3))
    return f"{letters}{born}{person['sexo']}{_NOWHERE}{inner}{filled(rng, '##')}"


def household_rows(rng: Random) -> list[Row]:
    home, father, mother = _home(rng), _surname(rng), _surname(rng)
    people = []
    for member in draw_members(rng):
        child = member.part in ("child", "twin")
        second = sometimes(rng, 0.45, " " + _GIVEN[member.sex].draw(rng))
        person = {
            **home,
            "nombre": _GIVEN[member.sex].draw(rng) + second,
            "primer_apellido": father if child or member.sex == "M" else mother,
            "segundo_apellido": mother if child else _surname(rng),
            "fecha_nacimiento": f"{member.born:%Y-%m-%d}",
            "sexo": "H" if member.sex == "M" else "M",
        }
        people.append({**person, "curp": _curp(rng, person)})
    return people


def changed(rng: Random, person: Row) -> Row:
    """One in seven has moved; one number in twenty-five was issued anew."""
    now = {**person, **_home(rng)} if rng.random() < 0.14 else dict(person)
    if rng.random() < 0.04:
        now["curp"] = digit_off(rng, _curp(rng, person), start=16)
    return now


def written(_: Random, row: Row, source: int) -> Row:
    """Capitals without accents here, "C." for the street there."""
    plain = {**row, "fecha_nacimiento": written_date(row["fecha_nacimiento"], "d/m/Y")}
    if source == 0:
        accents = str.maketrans("áéíóúñü", "aeiounu")
        return {name: value.translate(accents).upper() for name, value in plain.items()}
    return {**plain, "calle": plain["calle"].replace("Avenida", "Av.").replace("Calle", "C.")} if source == 1 else plain


LOCALE = Locale(
    code="es_MX",
    about="Mexican beneficiaries of three offices: two surnames, a number with errors of its own, colonias",
    headers=(
        (
            "nombre",
            "primer_apellido",
            "segundo_apellido",
            "curp",
            "fecha_nacimiento",
            "sexo",
            "calle",
            "numero",
            "colonia",
            "municipio",
            "cp",
        ),
    ),
    records=(50, 32, 13, 5),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.6,
    rates=(
        Rate("nombre", "typo", 0.06),
        Rate("nombre", "first word", 0.15),
        Rate("nombre", "words turned", 0.03),
        Rate("primer_apellido", "typo", 0.06),
        Rate("primer_apellido", "phonetic", 0.04),
        Rate("segundo_apellido", "missing", 0.14),
        Rate("segundo_apellido", "typo", 0.06),
        Rate("primer_apellido|segundo_apellido", "swapped", 0.04),
        Rate("curp", "missing", 0.30),
        Rate("curp", "digit off", 0.05),
        Rate("curp", "digits transposed", 0.05),
        Rate("fecha_nacimiento", "day and month swapped", 0.05),
        Rate("fecha_nacimiento", "day off", 0.04),
        Rate("fecha_nacimiento", "year off", 0.03),
        Rate("fecha_nacimiento", "first of January", 0.03),
        Rate("fecha_nacimiento", "missing", 0.05),
        Rate("sexo", "missing", 0.05),
        Rate("calle", "typo", 0.10),
        Rate("calle", "missing", 0.08),
        Rate("numero", "digit off", 0.06),
        Rate("numero", "missing", 0.12),
        Rate("colonia", "word lost", 0.12),
        Rate("colonia", "typo", 0.06),
        Rate("municipio", "missing", 0.05),
        Rate("cp", "digit off", 0.05),
        Rate("cp", "missing", 0.10),
    ),
)
