"""Normalises addresses: their words, house numbers, names of regions, postcodes."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from contracts.codes import current_region, regions
from linkage.values.spelling import canonical
from linkage.values.text_folding import fold, is_missing, word_lines

_RT_RW = re.compile(r"\brt\s*[./]?\s*/?\s*rw\b[\s.:/-]*(\d{1,3})\s*[-/\s]\s*(?:rw[\s.]*)?(\d{1,3})")
_RT_OR_RW = re.compile(r"\b(rt|rw)[\s.:/-]*0*(\d{1,3})\b")
_CALLE = re.compile(r"\bc/|\bs/n\b|\bp\.?\s?o\.?\s?box\b")
_ORDINAL = re.compile(r"\b(\d+)(?:st|nd|rd|th)\b")
_LETTERED = re.compile(r"\b(\d+)[-/]([a-z])\b")
_ZEROS = re.compile(r"^0+(?=\d)")
_PIECES = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"['`´‘’ʼ]")

_LETTER = r"(?:[-/]?([a-z])|\s+[-/]?\s*([a-df-mo-rt-vx-z]))?(?![a-z0-9'’])"
_HOUSE_AFTER = re.compile(r"(?:\bno(?:mor|mer)?\b|#|\bnum(?:ero)?\b)[\s.:]*0*(\d+)" + _LETTER)
_NOT_HOUSE = re.compile(r"\b(?:rt\s*/?\s*rw|rt|rw|gg|gang|km|lot|unit|apt|flat|suite|box)\b[\s./:-]*\d+(?:\s*/\s*\d+)?")
_FIRST_NUMBER = re.compile(r"(?<![a-z0-9])0*(\d+)" + _LETTER)

_KINDS = re.compile(
    r"^(?:kabupaten administrasi|kabupaten|kab|kecamatan|kec|kelurahan|kel|desa|ds|dusun|provinsi|propinsi|prov|distrik"
    r"|nagari|gampong|kampung|regency of|city of|province of|county of|town of|municipio de)\b\.?\s+"
    r"|\s+(?:regency|province|district|county|city)$"
)
_CITY = re.compile(r"^(?:kota administrasi|kota adm|kotamadya|kodya|kota)\b\.?\s*")
_DOTTED = re.compile(r"\d\d(?:\.\d\d(?:\.\d\d(?:\.\d{4})?)?)?")
_CODE = re.compile(r"\d{2}(?:\d{2}(?:\d{2}(?:\d{4})?)?)?")
_SAINT = re.compile(r"\b(?:saint|sankt|sint)\b")
_SPACES = re.compile(r"[\s.,_()-]+")
_SHORT_CITIES = {f"jak{short}": f"kota jakarta {side}" for short, side in (
    ("sel", "selatan"), ("bar", "barat"), ("tim", "timur"), ("ut", "utara"), ("pus", "pusat"))}  # fmt: skip
_ZIP_PLUS_FOUR = re.compile(r"(\d{5})-\d{4}")


@lru_cache(maxsize=1 << 16)
def words(text: str) -> tuple[str, ...]:
    """The distinctive words of an address, in their order.

    Words such as Jalan, Street and Kelurahan are left out, and leading zeros; RT 03/RW 005 becomes `rt3`, `rw5`.
    """
    folded = fold(text)
    if is_missing(folded):
        return ()
    plain = _CALLE.sub(" ", _APOSTROPHES.sub("", folded))
    plain = _RT_OR_RW.sub(r" \1\2 ", _RT_RW.sub(r" rt \1 rw \2 ", plain))
    plain = _LETTERED.sub(r"\1\2", _ORDINAL.sub(r"\1", plain))
    normalised = _join_letters([word for piece in _PIECES.findall(plain) if (word := _word(piece))])
    return () if is_missing(" ".join(normalised)) else normalised


def house(text: str) -> str:
    """The house number of an address with its letter, 12-A as 12a; "" where there is none.

    It is the number after "No.", else the first that does not belong to an RT, RW, alley or flat; the first of a range.
    """
    folded = fold(text)
    number = _HOUSE_AFTER.search(folded) or _FIRST_NUMBER.search(_NOT_HOUSE.sub(" ", folded))
    return number[1] + (number[2] or number[3] or "") if number and number[1] != "0" else ""


@lru_cache(maxsize=1 << 16)
def place(text: str, kind: str) -> str:
    """The name of a village, district, regency or province (`kind`), without the word that says which of these it is.

    Kota Bandung is not Kabupaten Bandung: a city keeps `kota`, and gets it where only a city has the name. Spaces are
    left out except in provinces: Pare Pare is Parepare. A dotted Kemendagri code becomes the name. Digits without dots
    are kept: 7308 is Bone in Kemendagri's codes and Maros in those of BPS.
    """
    folded = fold(text).strip()
    if is_missing(folded):
        return ""
    if "." in folded and _DOTTED.fullmatch(folded):
        return _region_name(region_code(folded))
    plain = _SPACES.sub(" ", _APOSTROPHES.sub("", folded)).strip()
    match kind:
        case "province":
            return _province(_without_kind(plain))
        case "regency":
            return _regency(plain)
        case _:
            return _without_kind(plain).replace(" ", "")


def region_code(text: str) -> str:
    """The current Kemendagri code with dots, of a code with or without them; "" for anything else. Former codes of
    Papua become the current ones."""
    digits = text.strip().replace(".", "").replace(" ", "")
    if not _CODE.fullmatch(digits):
        return ""
    parts = [digits[at : at + 2] for at in range(0, min(len(digits), 6), 2)] + ([digits[6:]] if digits[6:] else [])
    regency, rest = ".".join(parts[:2]), parts[2:]
    return ".".join([current_region(regency), *rest])


def postcode(text: str) -> str:
    """Letters and digits in lower case. Leading zeros are left out, since spreadsheets lose them; of ZIP+4 the first
    five digits are kept."""
    written = fold(text).strip().removesuffix(".0").lstrip("'")
    if is_missing(written):
        return ""
    if plus_four := _ZIP_PLUS_FOUR.fullmatch(written):
        written = plus_four[1]
    return "".join(_PIECES.findall(written)).lstrip("0")


def _join_letters(words: list[str]) -> tuple[str, ...]:
    """A number and a single letter after it become one word."""
    joined: list[str] = []
    for word in words:
        if joined and len(word) == 1 and word.isalpha() and joined[-1].isdecimal():
            joined[-1] += word
        else:
            joined.append(word)
    return tuple(joined)


def _word(piece: str) -> str:
    if piece[0].isdigit():
        return _ZEROS.sub("", piece)
    street_word = _street_words().get(piece)
    if street_word is not None:
        return street_word
    spelled = canonical(piece) if len(piece) > 2 else piece
    return _street_words().get(spelled, spelled)


@cache
def _street_words() -> Mapping[str, str]:
    """The canonical word by each variant; "" for a word that is left out."""
    canonical_words: dict[str, str] = {}
    for first, *variants in word_lines("streets.txt"):
        canonical_words.update(dict.fromkeys(variants, "" if first == "-" else first))
        if first != "-":
            canonical_words[first] = first
    return canonical_words


def _without_kind(plain: str) -> str:
    while (shorter := _KINDS.sub("", plain)) not in ("", plain):
        plain = shorter
    return _SAINT.sub("st", plain)


def _regency(plain: str) -> str:
    plain = _SHORT_CITIES.get(plain, plain)
    city = _CITY.sub("", plain)
    name = (city or plain) if city != plain else _without_kind(plain)
    joined = name.replace(" ", "")
    is_city = (city and city != plain) or (joined in _only_cities() and not plain.startswith("kab"))
    return f"kota {joined}" if is_city else joined


def _province(name: str) -> str:
    return _province_names().get(name, name)


def _region_name(code: str) -> str:
    region = regions().get(code)
    if region is None:
        return code
    return place(region.name, "province" if region.level == "province" else "regency")


@cache
def _province_names() -> Mapping[str, str]:
    return {
        variant.replace("_", " "): variants[0].replace("_", " ")
        for variants in word_lines("places.txt")
        for variant in variants
    }


@cache
def _only_cities() -> frozenset[str]:
    """Names that in Indonesia a city has and no regency."""
    names = [fold(region.name) for region in regions().values() if region.level in ("regency", "city")]
    cities = {_CITY.sub("", name).replace(" ", "") for name in names if name.startswith("kota ")}
    return frozenset(cities - {name.removeprefix("kabupaten ").replace(" ", "") for name in names})
