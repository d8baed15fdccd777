"""What each kind of error does to a record before it is written down."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from simulation.population import indonesian_spelling, places, typing_errors
from simulation.population.constructed_names import Words
from simulation.population.constructed_numbers import Numbers, Sex
from simulation.population.households import Person
from simulation.population.places import Home
from simulation.population.typing_errors import Day


@dataclass(slots=True)
class Draft:
    """A record while it is written: what the writer believes of a person. "" and () where she knows nothing."""

    name: Words
    birth: Day | None
    sex: Sex | None
    mother: Words
    home: Home
    regency: str
    province: str
    village: str
    street: str
    postcode: str
    phone: str
    email: str
    nik: str
    passport: str
    card: str


@dataclass(slots=True)
class Desk:
    """Where records are written: chance, new numbers, and who stands in the row above, of another household."""

    rng: Random
    numbers: Numbers
    above: Person | None = None


Change = Callable[[Desk, Person, Draft], None]


def draft(person: Person) -> Draft:
    """All that is true of a person."""
    home = person.home
    return Draft(
        name=person.name,
        birth=typing_errors.day_of(person.birth),
        sex=person.sex,
        mother=person.mother,
        home=home,
        regency=home.village.regency,
        province=home.village.province,
        village=home.village.name,
        street=home.street,
        postcode=home.village.postcode,
        phone=person.phone,
        email=person.email,
        nik=person.nik,
        passport=person.passport,
        card=person.family_card,
    )


def _name(change: Callable[[Random, Words], Words]) -> Change:
    def changed(desk: Desk, _person: Person, draft: Draft) -> None:
        draft.name = change(desk.rng, draft.name)

    return changed


def _mother(change: Callable[[Random, Words], Words]) -> Change:
    def changed(desk: Desk, _person: Person, draft: Draft) -> None:
        draft.mother = change(desk.rng, draft.mother)

    return changed


def _slip(error: typing_errors.Error) -> Callable[[Random, Words], Words]:
    return lambda rng, words: indonesian_spelling.slipped(rng, words, error)


def _birth(change: Callable[[Random, Day], Day | None]) -> Change:
    """A birth date suffers one error; a second would leave nothing of it."""

    def changed(desk: Desk, person: Person, draft: Draft) -> None:
        if draft.birth == typing_errors.day_of(person.birth):
            draft.birth = change(desk.rng, draft.birth)

    return changed


def _patronym(_desk: Desk, person: Person, draft: Draft) -> None:
    draft.name = (*draft.name, "binti" if person.sex == "P" else "bin", person.father[0])


def _husband(_desk: Desk, person: Person, draft: Draft) -> None:
    if person.husband and person.husband[-1] not in draft.name:
        draft.name = (draft.name[0], person.husband[-1])


def _one_word(desk: Desk, person: Person, draft: Draft) -> None:
    """Not of a twin, who may share the word with the other."""
    if not person.twin:
        draft.name = indonesian_spelling.one_word(desk.rng, draft.name)


def _nickname(desk: Desk, person: Person, draft: Draft) -> None:
    if not person.twin:
        draft.name = indonesian_spelling.nickname(desk.rng, draft.name)


def _sex_wrong(_desk: Desk, _person: Person, draft: Draft) -> None:
    draft.sex = "L" if draft.sex == "P" else "P"


def _mother_spelled(desk: Desk, _person: Person, draft: Draft) -> None:
    ways = (
        indonesian_spelling.siti,
        indonesian_spelling.tradition,
        indonesian_spelling.joined,
        indonesian_spelling.reformed,
    )
    for way in desk.rng.sample(ways, len(ways)):
        other = way(desk.rng, draft.mother)
        if other != draft.mother:
            draft.mother = other
            return


def _moved(desk: Desk, _person: Person, draft: Draft) -> None:
    rng, old = desk.rng, draft.home.village
    chance = rng.random()
    near = places.home_in(rng, old if chance < 0.5 else places.village_near(rng, old))
    _settle(draft, near if chance < 0.75 else places.home(rng))


def _settle(draft: Draft, home: Home) -> None:
    draft.home, draft.street, draft.village = home, home.street, home.village.name
    draft.regency, draft.province = home.village.regency, home.village.province
    draft.postcode = home.village.postcode


def _street(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.street = typing_errors.in_one_word(desk.rng, draft.street, typing_errors.typo)


def _village(desk: Desk, _person: Person, draft: Draft) -> None:
    """A slip, or what is one word in two: Suka Maju."""
    parts = places.in_two(draft.village)
    draft.village = parts if desk.rng.random() < 0.4 else typing_errors.typo(desk.rng, draft.village)


def _old_region(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.regency = places.called_else(desk.rng, draft.regency)
    draft.province = places.called_else(desk.rng, draft.province)


def _phone_changed(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.phone = desk.numbers.phone()


def _phone_digit(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.phone = typing_errors.digit_off(desk.rng, draft.phone, start=6)


def _email(desk: Desk, _person: Person, draft: Draft) -> None:
    name, _, host = draft.email.partition("@")
    draft.email = f"{name}{desk.rng.randint(1, 99)}@{host}" if name else ""


def _nik_digit(desk: Desk, _person: Person, draft: Draft) -> None:
    """Not one of the district's, which tell that the number is constructed."""
    region, district, rest = draft.nik[:4], draft.nik[4:6], draft.nik[6:]
    if desk.rng.random() < 0.25:
        region = typing_errors.digit_off(desk.rng, region)
    else:
        rest = typing_errors.digit_off(desk.rng, rest)
    draft.nik = f"{region}{district}{rest}"


def _nik_transposed(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.nik = typing_errors.digits_transposed(desk.rng, draft.nik, start=6)


def _nik_second(desk: Desk, person: Person, draft: Draft) -> None:
    draft.nik = desk.numbers.nik(places.home(desk.rng).village.region, person.birth, person.sex)


def _passport_renewed(desk: Desk, _person: Person, draft: Draft) -> None:
    if draft.passport:
        draft.passport = desk.numbers.passport()


def _passport_typo(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.passport = typing_errors.digit_off(desk.rng, draft.passport)


def _card_changed(desk: Desk, person: Person, draft: Draft) -> None:
    draft.card = desk.numbers.family_card(person.home.village.region, person.birth.replace(year=2020, day=1))


def _nik_above(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.nik = desk.above.nik if desk.above else draft.nik


def _phone_above(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.phone = desk.above.phone if desk.above else draft.phone


def _mother_above(desk: Desk, _person: Person, draft: Draft) -> None:
    draft.mother = desk.above.mother if desk.above else draft.mother


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "one_word": _one_word,
        "word_dropped": _name(indonesian_spelling.word_dropped),
        "muhammad": _name(indonesian_spelling.muhammad),
        "siti": _name(indonesian_spelling.siti),
        "tradition": _name(indonesian_spelling.tradition),
        "order": _name(indonesian_spelling.reordered),
        "initial": _name(indonesian_spelling.initial),
        "patronym": _patronym,
        "reform": _name(indonesian_spelling.reformed),
        "nickname": _nickname,
        "joined": _name(indonesian_spelling.joined),
        "husband": _husband,
        "keyboard": _name(_slip(typing_errors.keyboard)),
        "ocr": _name(_slip(typing_errors.ocr)),
        "phonetic": _name(_slip(typing_errors.phonetic)),
        "transposed": _name(_slip(typing_errors.transpose)),
        "dropped_letter": _name(_slip(typing_errors.drop)),
        "day_and_month": _birth(lambda _rng, day: typing_errors.day_and_month_swapped(day)),
        "year_off": _birth(typing_errors.year_off),
        "day_off": _birth(typing_errors.day_off),
        "first_of_january": _birth(lambda _rng, day: typing_errors.first_of_january(day)),
        "thirtieth_of_june": _birth(lambda _rng, day: typing_errors.thirtieth_of_june(day)),
        "day_missing": _birth(lambda _rng, day: day._replace(day=0)),
        "birth_missing": _birth(lambda _rng, _day: None),
        "sex_wrong": _sex_wrong,
        "mother_short": _mother(indonesian_spelling.one_word),
        "mother_spelling": _mother_spelled,
        "mother_typo": _mother(_slip(typing_errors.typo)),
        "mother_nickname": _mother(indonesian_spelling.nickname),
        "moved": _moved,
        "street_typo": _street,
        "village_typo": _village,
        "old_region": _old_region,
        "phone_changed": _phone_changed,
        "phone_digit": _phone_digit,
        "email_changed": _email,
        "nik_digit": _nik_digit,
        "nik_transposed": _nik_transposed,
        "nik_second": _nik_second,
        "passport_renewed": _passport_renewed,
        "passport_typo": _passport_typo,
        "card_changed": _card_changed,
        "nik_of_the_row_above": _nik_above,
        "phone_of_the_row_above": _phone_above,
        "mother_of_the_row_above": _mother_above,
    }
)
"""By the name of the kind (rates.KINDS)."""
