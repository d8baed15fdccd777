"""France: a town hall's list and an association's, two files with headers and formats of their own."""

from random import Random

from faker.providers.person.fr_FR import Provider as Persons

from simulation.population.locales.error_rates import Rate, Row
from simulation.population.locales.list_shape import Locale
from simulation.population.locales.person_draws import Pool, draw_members, filled, mail, sometimes, written_date

_GIVEN = {
    "F": Pool(Persons.first_names_female, 0.8),
    "M": Pool(Persons.first_names_male, 0.8),
}
_SURNAMES = Pool(Persons.last_names, 0.8)
_FICTION = ("019900", "026191", "035301", "046571", "053649", "063998")
"""Numbers kept for films and books by the French regulator."""
_STREETS = ("rue de", "avenue", "place", "chemin de", "boulevard", "allée")
_TOWNS = tuple(
    (f"{kind}-{name}", f"{10 + n % 85}{n % 9}00")
    for n, (kind, name) in enumerate(
        zip(
            ("Saint", "Mont", "Ville", "Bourg", "Val") * 30,
            Random("fr_FR towns").sample(sorted(Persons.last_names), 150),
            strict=True,
        )
    )
)
_PLAIN = str.maketrans("àâäçéèêëîïôöùûüÉÈÎ", "aaaceeeeiioouuueei")


def _home(rng: Random) -> Row:
    town, postcode = rng.choice(_TOWNS)
    return {
        "street": f"{rng.randint(1, 120)} {rng.choice(_STREETS)} {rng.choice(Persons.first_names)}",
        "town": town,
        "zip": postcode,
    }


def _phone(rng: Random) -> str:
    return rng.choice(_FICTION) + filled(rng, "####")


def household_rows(rng: Random) -> list[Row]:
    home, surname, phone = _home(rng), _SURNAMES.draw(rng), _phone(rng)
    people = []
    for member in draw_members(rng):
        given_name = _GIVEN[member.sex].draw(rng)
        if rng.random() < 0.15:
            given_name = f"{given_name}-{_GIVEN[member.sex].draw(rng)}"
        people.append(
            {
                **home,
                "given": given_name,
                "second": sometimes(rng, 0.4, _GIVEN[member.sex].draw(rng)),
                "surname": surname,
                "married": sometimes(rng, 0.15, _SURNAMES.draw(rng)) if member.sex == "F" else "",
                "dob": f"{member.born:%Y-%m-%d}",
                "sex": member.sex,
                "mail": mail(rng, given_name, surname),
                "phone": phone if rng.random() < 0.4 else _phone(rng),
            }
        )
    return people


def changed(rng: Random, person: Row) -> Row:
    """One in five has moved, one in five has another phone, one in eight another address for mail."""
    now = {**person, **_home(rng)} if rng.random() < 0.2 else dict(person)
    if rng.random() < 0.2:
        now["phone"] = _phone(rng)
    if rng.random() < 0.12:
        now["mail"] = mail(rng, person["given"], person["surname"])
    return now


def written(_: Random, row: Row, source: int) -> Row:
    """The town hall has the name of birth, all given names and no mail; the association what people call themselves."""
    if source == 0:
        return {
            "nom_naissance": row["surname"].translate(_PLAIN).upper(),
            "prenoms": f"{row['given']} {row['second']}".strip(),
            "sexe": {"F": "2", "M": "1"}.get(row["sex"], ""),
            "date_naissance": written_date(row["dob"], "d/m/Y"),
            "adresse": row["street"],
            "cp": row["zip"],
            "commune": row["town"].upper(),
            "tel": row["phone"],
        }
    phone = row["phone"]
    return {
        "Nom complet": f"{row['given']} {row['married'] or row['surname']}",
        "Né(e) le": written_date(row["dob"], "Y-m-d"),
        "Ville": f"{row['zip']} {row['town']}".strip(),
        "Rue": row["street"],
        "Courriel": row["mail"],
        "Portable": f"+33 {phone[1]} " + " ".join(phone[n : n + 2] for n in range(2, len(phone), 2)) if phone else "",
        "Civilité": {"F": "Mme", "M": "M."}.get(row["sex"], ""),
    }


LOCALE = Locale(
    code="fr_FR",
    about="A French town hall's list and an association's: two files, other headers, few duplicates inside",
    headers=(
        ("nom_naissance", "prenoms", "sexe", "date_naissance", "adresse", "cp", "commune", "tel"),
        ("Nom complet", "Né(e) le", "Ville", "Rue", "Courriel", "Portable", "Civilité"),
    ),
    records=(58, 40, 2),
    household=household_rows,
    written=written,
    changed=changed,
    first=0.8,
    sources=2,
    rates=(
        Rate("given", "typo", 0.06),
        Rate("given", "phonetic", 0.03),
        Rate("surname", "typo", 0.07),
        Rate("surname", "phonetic", 0.04),
        Rate("given|surname", "swapped", 0.02),
        Rate("dob", "day and month swapped", 0.03),
        Rate("dob", "day off", 0.04),
        Rate("dob", "year off", 0.03),
        Rate("dob", "missing", 0.06),
        Rate("street", "typo", 0.08),
        Rate("street", "missing", 0.06),
        Rate("zip", "digit off", 0.03),
        Rate("town", "typo", 0.04),
        Rate("phone", "missing", 0.25),
        Rate("phone", "late digit off", 0.04),
        Rate("sex", "missing", 0.05),
    ),
)
