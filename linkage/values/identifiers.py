"""Normalises identifiers of persons: phones, NIKs, passports, other numbers, e-mail, and sex."""

import re
from functools import lru_cache
from typing import Literal

import phonenumbers

from linkage.values.text_folding import fold, is_missing

Sex = Literal["L", "P", ""]

_SHORTEST_PHONE, _LONGEST_PHONE = 6, 15
_MAYBE_ABROAD, _SURELY_ABROAD = 11, 12
"""Without a plus, a number of 11 digits begins with a country code if that makes it a number in use, one of 12 or more
if that makes it a possible number."""

_NOT_DIGITS = re.compile(r"\D+")
_NOT_CODE = re.compile(r"[^0-9A-Z]+")
_NOT_LETTERS = re.compile(r"[^\w]+|_")
_FLOAT = re.compile(r"\s*'?\s*(\d+)\.0+\s*")
_SCIENTIFIC = re.compile(r"\s*[\d.,]+e[+-]?\d+\s*", re.IGNORECASE)
_SEVERAL = re.compile(r"[/;,|]|\b(?:atau|dan|or|and)\b|\be?xt?\b\.?", re.IGNORECASE)
_INDONESIAN = re.compile(r"(?:00)?(62)?0*(8\d{7,11})")
_LOOK_ALIKE = str.maketrans("OoIlL", "00111")
_COUNTING_UP = re.compile(r"0?123456(?:7(?:8(?:90?)?)?)?")

_MEN = (
    "l lk laki lakilaki pria cowok m male man boy hombre masculino varon masculin homme mannlich maschio masculine "
    "男 男性 ذكر м муж мужской"
)
_WOMEN = (
    "p pr perempuan wanita w f female woman girl mujer femenino hembra feminino feminin femme weiblich vrouw femmina "
    "feminine 女 女性 أنثى ж жен женский"
)
_SEXES: dict[str, Sex] = {fold(word): "L" for word in _MEN.split()}
_SEXES.update({fold(word): "P" for word in _WOMEN.split()})


@lru_cache(maxsize=1 << 16)
def phone(text: str, region: str = "ID") -> str:
    """The digits of a phone number as dialled within its country, without the leading 0; "" for what is no number.

    0812, +62 812 and 812 are the same. `region` (ISO 3166) is the country of numbers without a country code.
    """
    written = _without_spreadsheet_marks(text)
    if _SCIENTIFIC.fullmatch(written):
        return ""
    first = next((part for part in _SEVERAL.split(written) if len(_digits(part)) >= _SHORTEST_PHONE), "")
    digits, plus = _digits(first), first.lstrip(" ('").startswith("+")
    if not digits or _is_placeholder(digits) or len(digits) > _LONGEST_PHONE + 2:
        return ""
    indonesian = _INDONESIAN.fullmatch(digits)
    if indonesian and region == "ID" and (indonesian[1] or not plus):
        return indonesian[2]
    national = _national(digits, region, plus=plus or digits.startswith("00"))
    return national if len(national) >= _SHORTEST_PHONE and not _is_placeholder(national) else ""


def nik(text: str) -> str:
    """The digits of an NIK; 12 to 20, so that a missing digit is a slip. "" where a spreadsheet has rounded the
    number."""
    written = _without_spreadsheet_marks(text)
    if _SCIENTIFIC.fullmatch(written):
        return ""
    digits = _digits(written.translate(_LOOK_ALIKE))
    return digits if 12 <= len(digits) <= 20 and not _is_placeholder(digits) else ""


def passport(text: str) -> str:
    """A passport number: capitals and digits only."""
    return identifier(text)


def identifier(text: str) -> str:
    """Any other number: capitals and digits only, leading zeros kept; "" for placeholders such as 0, 000,
    99999 and rows of X."""
    written = _without_spreadsheet_marks(text)
    if is_missing(fold(written)):
        return ""
    code = _NOT_CODE.sub("", written.upper()) if written.isascii() else _NOT_LETTERS.sub("", written.upper())
    placeholder = len(set(code)) == 1 and (len(code) >= 4 or not code.strip("0X"))
    return "" if placeholder or code in ("NA", "NONE", "NULL", "NAN") or _COUNTING_UP.fullmatch(code) else code


def email(text: str) -> str:
    """An e-mail address in lower case, "" where there is none."""
    written = text.strip().lower().removeprefix("mailto:").strip("<>'\" ;,")
    local, at, domain = written.rpartition("@")
    return written if at and local and "." in domain and not is_missing(local) else ""


def sex(text: str, *, hombre_mujer: bool = False) -> Sex:
    """L (male), P (female) or "". `hombre_mujer`: in this column H is hombre and M is mujer."""
    word = _NOT_LETTERS.sub("", fold(text))
    if hombre_mujer and word in ("h", "m"):
        return "L" if word == "h" else "P"
    return _SEXES.get(word, "")


def one_slip(first: str, second: str) -> bool:
    """Whether two different numbers are one slip of the pen apart: a digit changed, dropped or added, or two neighbours
    exchanged."""
    if first == second or abs(len(first) - len(second)) > 1:
        return False
    at = next((k for k, (a, b) in enumerate(zip(first, second, strict=False)) if a != b), min(len(first), len(second)))
    if len(first) < len(second):
        return first[at:] == second[at + 1 :]
    if len(first) > len(second):
        return first[at + 1 :] == second[at:]
    changed = first[at + 1 :] == second[at + 1 :]
    return changed or (first[at : at + 2] == second[at : at + 2][::-1] and first[at + 2 :] == second[at + 2 :])


def _national(digits: str, region: str, *, plus: bool) -> str:
    digits = digits.removeprefix("00")
    if plus or (len(digits) >= _MAYBE_ABROAD and not digits.startswith("0")):
        try:
            read = phonenumbers.parse("+" + digits)
        except phonenumbers.NumberParseException:
            return digits.lstrip("0")
        in_use = phonenumbers.is_possible_number if len(digits) >= _SURELY_ABROAD else phonenumbers.is_valid_number
        if plus or in_use(read):
            return str(read.national_number)
    code = str(phonenumbers.country_code_for_region(region))
    if digits.startswith(code) and len(digits) - len(code) > 7:
        digits = digits.removeprefix(code)
    return digits.lstrip("0")


def _without_spreadsheet_marks(text: str) -> str:
    """Without the apostrophe and the ".0" that spreadsheets add."""
    number = _FLOAT.fullmatch(text)
    return number[1] if number else text.strip().lstrip("'’")


def _digits(text: str) -> str:
    return _NOT_DIGITS.sub("", text)


def _is_placeholder(digits: str) -> bool:
    return len(set(digits)) == 1 or _COUNTING_UP.fullmatch(digits) is not None
