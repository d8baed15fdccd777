"""Profiles a column: which kinds of values it holds, and in what shares."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from linkage.lists.table import MISSING_VALUES
from linkage.values import dates, identifiers

_SAMPLE = 3_000
_DATES_READ = 500
_LIKELY_YEARS = range(1000, 2101)
_FEW = 40
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_PHONE = re.compile(r"[+(]?\d[\d ().\-/]{4,20}")
_CALLABLE = re.compile(r"(\+|0|\(0|62)\d{0,4}[\d ().\-/]{7,16}")
_NIK = re.compile(r"\d{6}(0[1-9]|[12]\d|3[01]|4[1-9]|[56]\d|7[01])(0[1-9]|1[0-2])\d{6}")
_POSTCODE = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|\d{4} ?[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d", re.IGNORECASE)
_PLACE_AND_DATE = re.compile(r"[^\d,/]+[,/] *(\d.*)")
_SEPARATORS = str.maketrans("", "", " .-'")

_SEXES: tuple[dict[str, str], ...] = (
    {"1": "L", "2": "P"},  # ISO/IEC 5218
    {"h": "L", "m": "P"},
    {"h": "L", "f": "P"},
    {"m": "L", "w": "P"},
    {"m": "L", "v": "P"},
    {"m": "L", "k": "P"},
    {"e": "L", "k": "P"},
    {"m": "L", "mme": "P", "mlle": "P"},
    {"mr": "L", "mrs": "P", "ms": "P", "miss": "P"},
    {"herr": "L", "frau": "P"},
)
"""Codes that can only be read together: M is a man beside F, and a woman beside H."""

_NO_SEX = frozenset({"0", "9", "x", "u", "unknown", "o", "other", "d", "dr", "prof", "not known", "i"})


def sexes(values: Iterable[str]) -> dict[str, str]:
    """L or P for each distinct value of a column of sexes. A value that is neither is not in the result."""
    plain = {value: value.strip().lower().rstrip(".") for value in values}
    stated = {text for text in plain.values() if text not in _NO_SEX and text not in MISSING_VALUES}
    by_itself = {text: identifiers.sex(text) for text in stated}
    code = next((code for code in _SEXES if len(stated) > 1 and stated <= code.keys()), None)
    if code is None or (all(by_itself.values()) and len(set(by_itself.values())) > 1):
        code = {text: sex for text, sex in by_itself.items() if sex}
    return {value: code[text] for value, text in plain.items() if text in code}


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column of `size` rows, `filled` of them, with `distinct` values.

    `length` and `words` are means, `years` is the span of the years of its dates (read in `order`). The other figures
    are shares (0 to 1) of the values in `sample` that are of that kind: `plain` is letters and no digit, `with_letters`
    and `with_digits` at least one, `whole` a whole number, `date` a valid date and `readable` one with a likely year,
    `callable` a phone number with its prefix.
    """

    size: int
    filled: int
    distinct: int
    length: float
    words: float
    plain: float
    with_letters: float
    with_digits: float
    whole: float
    sex: float
    date: float
    readable: float
    order: dates.Order
    years: int
    nik: float
    passport: float
    phone: float
    callable: float
    email: float
    postcode: float
    sample: tuple[str, ...]

    @property
    def constant(self) -> bool:
        return self.distinct < 2 and self.filled > 4

    @property
    def unique(self) -> bool:
        return self.filled == self.size == self.distinct

    def between(self, low: int, high: int) -> float:
        """The share of values that are whole numbers from low to high."""
        return _share(self.sample, lambda text: text.isdecimal() and low <= int(text) <= high)


def profile_column(values: Sequence[str]) -> ColumnProfile:
    """The profile of a column: distinct values are counted in all of it, kinds in a sample."""
    sample = tuple(_sample(values))
    date_texts = [date_part(text) for text in sample]
    order, date = dates.guess_order(date_texts)
    some_dates = date_texts[:: max(1, len(date_texts) // _DATES_READ)]
    years = sorted(
        read.year for text in some_dates if (read := dates.parse(text, order)) and read.year in _LIKELY_YEARS
    )
    distinct = set(values)
    sex_by_value = sexes(distinct) if 0 < len(distinct) < _FEW else {}
    return ColumnProfile(
        size=len(values),
        filled=sum(1 for value in values if value.lower() not in MISSING_VALUES),
        distinct=len({value.lower() for value in distinct} - MISSING_VALUES),
        length=fmean(map(len, sample)) if sample else 0.0,
        words=fmean(len(text.split()) for text in sample) if sample else 0.0,
        plain=_share(sample, lambda text: bool(_LETTER.search(text)) and not _DIGIT.search(text)),
        with_letters=_share(sample, lambda text: bool(_LETTER.search(text))),
        with_digits=_share(sample, lambda text: bool(_DIGIT.search(text))),
        whole=_share(sample, str.isdecimal),
        sex=_share(sample, sex_by_value.__contains__),
        date=date,
        readable=len(years) / len(some_dates) if some_dates else 0.0,
        order=order,
        years=years[-1 - len(years) // 20] - years[len(years) // 20] if years else 0,
        nik=_share(sample, lambda text: bool(_NIK.fullmatch(text.translate(_SEPARATORS)))),
        passport=_share(sample, lambda text: bool(_DIGIT.search(text)) and text.isalnum() and 6 <= len(text) <= 12),
        phone=_share(sample, lambda text: bool(_PHONE.fullmatch(text))),
        callable=_share(sample, lambda text: bool(_CALLABLE.fullmatch(text))),
        email=_share(sample, lambda text: bool(_EMAIL.fullmatch(text))),
        postcode=_share(sample, lambda text: bool(_POSTCODE.fullmatch(text))),
        sample=sample,
    )


def _sample(values: Sequence[str]) -> Iterable[str]:
    """Values from all parts of the column that are not missing."""
    step = max(1, len(values) // (_SAMPLE * 2))
    present = [value for value in values[::step] if value.lower() not in MISSING_VALUES]
    return present[:: max(1, len(present) // _SAMPLE)]


def _share(sample: Sequence[str], holds: Callable[[str], bool]) -> float:
    return sum(map(holds, sample)) / len(sample) if sample else 0.0


def date_part(text: str) -> str:
    """The date of a cell with place and date of birth, such as "Wonosobo, 12-05-1990"; any other text unchanged."""
    place_and_date = _PLACE_AND_DATE.fullmatch(text)
    return place_and_date[1] if place_and_date else text


def masked(text: str) -> str:
    """The shape of a value: letters as A and a, digits as 9."""
    short = text if len(text) <= 24 else text[:23] + "…"
    return _DIGIT.sub("9", re.sub(r"[^\W\d_]", lambda letter: "A" if letter.group().isupper() else "a", short))
