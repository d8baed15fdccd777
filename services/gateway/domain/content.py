"""What is wrong with the content of a submission whose fields have the right form: code lists, dates, NIK, ids.

Each check is silent about a value that is missing, so that what can be read of a broken record is checked too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from contracts import codes, exchange, indicators
from contracts.model import COARSE_FIRST, Moment, date_precision, first_day, known_date
from contracts.nik import is_possible
from contracts.outcomes import Problem, problem
from contracts.registry import may_be_adult
from services.gateway.domain.receiver_ids import UnknownToken
from services.gateway.domain.schema_problems import allowed_at, either

PersonOf = Callable[[str], str]
"""The person id behind a person token of the sender; raises UnknownToken for one that was not issued to it."""

Statement = (
    exchange.RegistrationSubmitted
    | exchange.IdentityConfirmed
    | exchange.PlacementReported
    | exchange.DepartureReported
    | exchange.AnswerSubmitted
    | exchange.AlertReported
)
"""What says that something happened, and when."""

AHEAD = timedelta(minutes=5)
EARLIEST = datetime(1945, 1, 1, tzinfo=UTC)
MAX_DIGITS = 12
"""Of a number in an answer: a NIK has 16, and a number may hide one with a point in it."""
ANSWERS = {"yes_no": "yes or no", "scale": "0, 0.5 or 1", "number": "a number", "text": "no value: it stands in text"}
"""What a value may be, by the kind of its question."""


def content_problems(submission: exchange.Submission, person_of: PersonOf | None, now: datetime) -> list[Problem]:
    """Every problem at once; ids of persons are looked at where `person_of` is given."""
    if isinstance(submission, exchange.AlertStep):
        return []
    problems = [*_occurred(submission, now)]
    match submission:
        case exchange.RegistrationSubmitted():
            problems += _registration(submission)
        case exchange.IdentityConfirmed() | exchange.DepartureReported():
            problems += _reference(submission.person, person_of)
        case exchange.PlacementReported():
            problems += _reference(submission.person, person_of)
            problems += _contract_dates(submission)
        case exchange.AnswerSubmitted():
            problems += _answer(submission)
        case exchange.AlertReported():
            problems += _alert(submission, person_of)
    if isinstance(submission, exchange.PlacementReported | exchange.DepartureReported):
        problems += _destination(submission.destination, "/destination")
    return problems


def clock_problems(at: datetime, now: datetime, pointer: str) -> list[Problem]:
    """`clock_out_of_range` for a time more than 5 minutes ahead of `now` or before 1945."""
    return [] if EARLIEST <= at <= now + AHEAD else [problem("clock_out_of_range", pointer)]


def _occurred(submission: Statement, now: datetime) -> list[Problem]:
    stated: str | None = submission.occurred_at  # None where the rest of a broken body is looked at
    occurred = moment(stated)
    if occurred is not None:
        return clock_problems(occurred.at, now, "/occurred_at")
    return [] if stated is None else [_invalid(submission, "occurred_at")]


@lru_cache(maxsize=256)
def moment(text: str | None) -> Moment | None:
    """As `Moment.parse`; None for what is none. A record's own is asked for more than once."""
    try:
        return Moment.parse(text) if text else None
    except (ValueError, OverflowError):
        return None


def _registration(submission: exchange.RegistrationSubmitted) -> Iterator[Problem]:
    person = submission.person
    yield from _nik(person.nik)
    yield from _birth_date(submission)
    yield from _coded(person.home_regency, _is_regency, "/person/home_regency", "a regency or city of regions.csv")
    yield from _destination(submission.episode.destination, "/episode/destination")


def _birth_date(submission: exchange.RegistrationSubmitted) -> Iterator[Problem]:
    text, stated = submission.person.birth_date, submission.person.birth_date_precision
    written = date_precision(text or "")
    if written is None:
        return
    if not _is_date(text):
        yield _invalid(submission, "person", "birth_date")
        return
    if stated and COARSE_FIRST.index(stated) > COARSE_FIRST.index(written):
        allowed = either(COARSE_FIRST[: COARSE_FIRST.index(written) + 1])
        yield problem("invalid_value", "/person/birth_date_precision", f"{allowed}, as birth_date is written")
        return
    occurred = moment(submission.occurred_at)
    if occurred and not may_be_adult(first_day(known_date(text, stated or written)), occurred):
        yield problem("under_age", "/person/birth_date")


def _contract_dates(submission: exchange.PlacementReported) -> Iterator[Problem]:
    start, end = submission.contract_start, submission.contract_end
    wrong = [name for name, text in (("contract_start", start), ("contract_end", end)) if text and not _is_date(text)]
    yield from (_invalid(submission, name) for name in wrong)
    if not wrong and start and end and end < start:
        yield problem("invalid_value", "/contract_end", "not before contract_start")


def _answer(submission: exchange.AnswerSubmitted) -> Iterator[Problem]:
    """A value goes on in clear: only one that answers the question does, and never so many digits as a NIK has."""
    indicator = codes.mgi_indicators().get(submission.indicator)
    if indicator is None:
        yield from _coded(submission.indicator, lambda _: False, "/indicator", "a code of mgi_indicators.csv")
    elif not _answers(indicator.kind, submission.value):
        yield problem("value_kind", "/value", ANSWERS[indicator.kind])
    elif isinstance(submission.value, float) and _digits(submission.value) > MAX_DIGITS:
        yield problem("invalid_value", "/value", f"a number of at most {MAX_DIGITS} digits")


def _answers(kind: codes.QuestionKind, value: indicators.AnswerValue | None) -> bool:
    match kind:
        case "yes_no":
            return value in ("yes", "no")
        case "scale":
            return value in (0, 0.5, 1)
        case "number":
            return isinstance(value, float | int)
        case "text":
            return value is None


def _digits(value: float) -> int:
    return sum(map(str.isdigit, repr(value).removesuffix(".0")))


def _alert(submission: exchange.AlertReported, person_of: PersonOf | None) -> Iterator[Problem]:
    """A NIK that cannot exist stops no alert."""
    yield from _coded(
        submission.alert_type, codes.alert_types().__contains__, "/alert_type", "a code of alert_types.csv"
    )
    countries = codes.destinations() | {"ID"}
    yield from _coded(submission.country, countries.__contains__, "/country", "a country of ISO 3166-1")
    yield from _coded(submission.region, _is_region, "/region", "a province, regency or city of regions.csv")
    if submission.person is not None:
        yield from _named(submission.person, person_of)


def _reference(reference: exchange.PersonReference, person_of: PersonOf | None) -> Iterator[Problem]:
    yield from _named(reference, person_of)
    if not reference.id:
        yield from _nik(reference.nik)


def _named(reference: exchange.PersonReference, person_of: PersonOf | None) -> Iterator[Problem]:
    """Whether a person is named, and by an id of the sender's own."""
    if not (reference.id or reference.nik or reference.passport):
        yield problem("identifier_missing", "/person")
    try:
        if reference.id and person_of:
            person_of(reference.id)
    except UnknownToken:
        yield problem("person_unknown", "/person/id")


def _nik(number: str | None) -> Iterator[Problem]:
    if number is not None and not is_possible(number):
        yield problem("nik_malformed", "/person/nik")


def _destination(country: str | None, pointer: str) -> Iterator[Problem]:
    yield from _coded(country, codes.destinations().__contains__, pointer, "a country of ISO 3166-1 other than ID")


def _coded(code: str | None, is_code: Callable[[str], bool], pointer: str, allowed: str) -> Iterator[Problem]:
    if code is not None and not is_code(code):
        yield problem("unknown_code", pointer, allowed)


def _is_regency(code: str) -> bool:
    region = codes.regions().get(codes.current_region(code))
    return region is not None and region.level in ("regency", "city")


def _is_region(code: str) -> bool:
    region = codes.regions().get(codes.current_region(code))
    return region is not None and region.level != "country"


def _is_date(text: str) -> bool:
    try:
        first_day(text)
    except ValueError:
        return False
    return True


def _invalid(submission: exchange.Submission, *where: str) -> Problem:
    return problem("invalid_value", *allowed_at(type(submission), where))
