"""Checks of what each receiver got: only its own, in the form of its agreement."""

import re
from collections.abc import Iterable, Iterator

from contracts.codes import missions, regency_organisation
from simulation.scenario.cast import BORDER, LOADER, MISSIONS, REGENCIES, STATISTICS
from simulation.scenario.judging import Verdict, equal, none
from simulation.scenario.partners import Copy
from simulation.scenario.people import SimulatedPerson
from simulation.scenario.settled import PERSON
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told

MISSION_FIELDS = frozenset({"full_name", "nik", "passport", "birth_date", "sex", "phone"})
REGENCY_FIELDS = frozenset({"full_name", "nik", "birth_date", "sex", "phone", "address"})
"""What the agreements give; a mother's name stands in none."""
REFUSALS = frozenset({"TopicAuthorizationFailedError", "GroupAuthorizationFailedError", "KafkaConnectionError"})
"""How the broker answers a trespasser; the last, to who cannot log in."""
_MASKED = re.compile(r"\*{12}\d{4}")


def judge(stage: Stage, told: Told) -> Iterator[Verdict]:
    """Point 3 of the story, as far as the receivers can see it."""
    known = [*told.day.everybody, *told.day.earlier]
    today = [life.person for life in told.day.sound] + list(told.day.load)
    for code in MISSIONS:
        copies = _copies(stage, code)
        served = [person for person in known if code in missions(person.destination)]
        yield none(f"{code} gets its own workers only, and what it may know", _foreign(copies, served, MISSION_FIELDS))
        yield equal(f"{code} gets all of them", _missing(copies, served, today), 0)
    for code in REGENCIES:
        copies = _copies(stage, code)
        home = [person for person in known if code == regency_organisation(person.home_regency)]
        yield none(f"{code} gets its own people only, and what it may know", _foreign(copies, home, REGENCY_FIELDS))
        yield equal(f"{code} gets all of them", _missing(copies, home, today), 0)
    yield none("statistics gets pseudonyms", _named(_copies(stage, STATISTICS)))
    yield none("the owner is told of facts, without personal values", _personal(_copies(stage, LOADER)))
    yield none("the border hears of nobody by name", _personal(_copies(stage, BORDER)))
    others = [code for code in stage.partners if code not in {*MISSIONS, *REGENCIES, STATISTICS, LOADER, BORDER}]
    yield none("nobody else gets a person", [code for code in others if _copies(stage, code)])
    yield none("no two receivers know a person by the same id", _joinable(stage))
    got_away = [f"{one.deed}: {one.error or 'done'}" for one in told.trespasses if one.error not in REFUSALS]
    yield none("the broker refuses a regency whatever is not its own", got_away)
    yield none("reads over the api are given or denied as they must be", _misread(told))


def _copies(stage: Stage, code: str) -> list[Copy]:
    return stage.partners[code].inbox.of(PERSON)


def _foreign(copies: Iterable[Copy], people: Iterable[SimulatedPerson], fields: frozenset[str]) -> Iterator[str]:
    """What is wrong with copies that may be about these people only, with these fields."""
    known = {text for person in people for text in (person.phone, person.passport)}
    for copy in copies:
        personal: dict[str, str] = copy.body.get("personal", {})
        if unasked := personal.keys() - fields:
            yield f"{sorted(unasked)} not agreed on"
        if not known & {personal.get("passport"), personal.get("phone")}:
            yield "somebody else"
        if "nik" in personal and not _MASKED.fullmatch(personal["nik"]):
            yield "a NIK that is not masked"


def _missing(copies: Iterable[Copy], people: Iterable[SimulatedPerson], today: Iterable[SimulatedPerson]) -> int:
    """How many of those who are both in `people` and in `today` no copy names."""
    seen = {copy.body.get("personal", {}).get("phone") for copy in copies}
    return len({person.phone for person in people} & {person.phone for person in today} - seen)


def _named(copies: Iterable[Copy]) -> Iterator[str]:
    for copy in copies:
        personal: dict[str, str] = copy.body.get("personal", {})
        if personal.keys() - {"nik", "birth_date", "sex"}:
            yield f"fields {sorted(personal)}"
        if personal.get("nik", "-").isdigit() or len(personal.get("birth_date", "2000")) != 4:
            yield "a number or a date in clear"
        if copy.traceparent:
            yield "a trace that leads back"


def _personal(copies: Iterable[Copy]) -> Iterator[str]:
    return (f"{sorted(copy.body['personal'])}" for copy in copies if copy.body.get("personal"))


def _joinable(stage: Stage) -> Iterator[str]:
    seen: dict[str, str] = {}
    for code in stage.partners:
        for token in {copy.body["person"] for copy in stage.partners[code].inbox.of(PERSON)}:
            if seen.setdefault(token, code) != code:
                yield f"{code} and {seen[token]}"


def _misread(told: Told) -> Iterator[str]:
    for what, status in told.reads.items():
        wanted = 404 if "issued to another" in what or "nobody who was told" in what else 200
        if status != wanted:
            yield f"{what}: {status} instead of {wanted}"
