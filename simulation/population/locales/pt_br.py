"""Brazil: long names with particles, the mother's name, a number with two check digits."""

from random import Random

from faker.providers.person.pt_BR import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, filled, sometimes, written_date

_GIVEN = {
    "F": Pool((*Persons.first_names_female, "Maria", "Ana", "Francisca", "Antônia"), 1.0),
    "M": Pool((*Persons.first_names_male, "José", "João", "Antônio", "Francisco"), 1.0),
}
_SURNAMES = Pool((*Persons.last_names, "Silva", "Santos", "Souza", "Oliveira", "Conceição", "Nascimento"), 0.9)
_PARTICLES = {
    "Silva": "da",
    "Santos": "dos",
    "Costa": "da",
    "Conceição": "da",
    "Nascimento": "do",
    "Souza": "de",
    "Luz": "da",
}
_TOWNS = tuple(
    (f"{kind} {name}", state)
    for kind, name, state in zip(
        ("Santo", "Vila", "Porto", "Campo", "Nova") * 20,
        Random("pt_BR towns").sample(sorted(Persons.last_names), 100),
        ("SP", "MG", "RJ", "BA", "PR", "RS", "PE", "CE", "PA", "MA") * 10,
        strict=True,
    )
)


def _surname(rng: Random) -> str:
    name = _SURNAMES.draw(rng)
    return f"{_PARTICLES[name]} {name}" if name in _PARTICLES else name


def _cpf(rng: Random) -> str:
    """Eleven digits whose first check digit is wrong, so that it is nobody's."""
    body = filled(rng, "#########")
    check = sum(int(digit) * (10 - n) for n, digit in enumerate(body)) * 10 % 11 % 10
    return f"{body[:3]}.{body[3:6]}.{body[6:]}-{(check + rng.randint(1, 9)) % 10}{rng.randrange(10)}"


def household_rows(rng: Random) -> list[Row]:
    town, state = rng.choice(_TOWNS)
    father, mother = _surname(rng), _surname(rng)
    mothers_name = f"{_GIVEN['F'].draw(rng)} {mother} {father}"
    people = []
    for member in draw_members(rng):
        child = member.part in ("child", "twin")
        middle = sometimes(rng, 0.4, " " + _GIVEN[member.sex].draw(rng))
        surnames = f"{mother} {father}" if child else f"{_surname(rng)} {father}"
        people.append(
            {
                "nome": f"{_GIVEN[member.sex].draw(rng)}{middle} {surnames}",
                "mae": mothers_name if child else f"{_GIVEN['F'].draw(rng)} {_surname(rng)} {_surname(rng)}",
                "nascimento": f"{member.born:%Y-%m-%d}",
                "sexo": member.sex,
                "cpf": _cpf(rng),
                "municipio": town,
                "uf": state,
            }
        )
    return people


def changed(rng: Random, person: Row) -> Row:
    """One in eight lives elsewhere; one woman in ten has taken a husband's name."""
    now = dict(person)
    if rng.random() < 0.12:
        now["municipio"], now["uf"] = rng.choice(_TOWNS)
    if person["sexo"] == "F" and rng.random() < 0.1:
        now["nome"] = f"{person['nome']} {_surname(rng)}"
    return now


_PLAIN = str.maketrans("áàâãéêíóôõúçÁÂÉÍÓÔÚÇ", "aaaaeeiooouCAAEIOOUC".lower())


def written(rng: Random, row: Row, source: int) -> Row:
    """A hospital in capitals without accents, a school that leaves particles out, a register that has everything."""
    nome, mae = row["nome"], row["mae"]
    if source == 0:
        nome, mae = nome.translate(_PLAIN).upper(), mae.translate(_PLAIN).upper()
    if source == 1 and rng.random() < 0.7:
        nome, mae = (
            " ".join(word for word in name.split() if word not in ("da", "de", "do", "dos")) for name in (nome, mae)
        )
    return {
        "NO_PACIENTE": nome,
        "NO_MAE": mae,
        "DT_NASC": written_date(row["nascimento"], "d/m/Y"),
        "CS_SEXO": row["sexo"],
        "NU_CPF": row["cpf"].replace(".", "").replace("-", "") if source == 0 else row["cpf"],
        "NO_MUNICIPIO": row["municipio"].upper() if source == 0 else row["municipio"],
        "SG_UF": row["uf"],
    }


LOCALE = Locale(
    code="pt_BR",
    about="Brazilian patients, pupils and register: long names with particles, the mother's name, few numbers",
    headers=(("NO_PACIENTE", "NO_MAE", "DT_NASC", "CS_SEXO", "NU_CPF", "NO_MUNICIPIO", "SG_UF"),),
    records=(55, 30, 11, 4),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.6,
    id="NU_SEQ",
    rates=(
        Rate("nome", "typo", 0.10),
        Rate("nome", "phonetic", 0.06),
        Rate("nome", "word lost", 0.14),
        Rate("mae", "typo", 0.08),
        Rate("mae", "word lost", 0.15),
        Rate("mae", "first word", 0.04),
        Rate("mae", "missing", 0.10),
        Rate("nascimento", "day and month swapped", 0.03),
        Rate("nascimento", "day off", 0.04),
        Rate("nascimento", "year off", 0.04),
        Rate("nascimento", "first of January", 0.02),
        Rate("nascimento", "missing", 0.04),
        Rate("sexo", "missing", 0.03),
        Rate("cpf", "missing", 0.55),
        Rate("cpf", "last digit off", 0.04),
        Rate("municipio", "missing", 0.05),
        Rate("municipio", "typo", 0.04),
    ),
)
