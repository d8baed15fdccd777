"""Names of persons as canonical words: without titles, degrees and particles, each word spelled the one way."""

import re
from functools import lru_cache

from linkage.values.nicknames import nickname_of, short_form
from linkage.values.phonetics import sound
from linkage.values.spelling import canonical
from linkage.values.text_folding import fold, grouped, nothing

__all__ = ["canonical", "is_initial", "nickname_of", "patronym", "short_form", "sound", "words"]

_PARTS = grouped("name_particles.txt")
_MARKED = re.compile(r"\b(?:bin|binti|binte|bint|bt|bte|ibn|b)\b|\b[asd]/[lpo]\b", re.IGNORECASE)
_CHILD_OF = re.compile(r"\b[asd]/[lpo]\b")
_ALSO = re.compile(r"\ba\.?k\.?a\b\.?")
_ARTICLES = frozenset({"al", "el"})
_INNER_ARTICLES = frozenset({"ul", "ud"})
_BETWEEN = re.compile(r"[\s_/\\|;:@&+()\[\]{}\"<>=*~-]+")
_APOSTROPHES = re.compile(r"['`´‘’ʼʻʿʾ]")
_SPREAD_DEGREE = re.compile(r"\b([sma])\.\s+(pd|kom|sos|ag|ip|kep|si|kes|hum|h|e|t|m)\b\.?")
_LOOK_ALIKE = re.compile(r"(?<=[a-z])[015](?=[a-z])")
_LOOKS_LIKE = {"0": "o", "1": "i", "5": "s"}
_JOINED_ABDUL = re.compile(
    r"^abd(?:oe|u|e|a)l(?!l?ah$|ah$|a$)(?=[a-z]{3})|^abd(?:oe|u)([rsnztd])(?=\1?[aeiouhy])(?=\1?[a-z]{3})"
)


def words(text: str) -> tuple[str, ...]:
    """The canonical words of a name in order, a surname before a comma last; no father's name after bin or binti.

    Empty only where the text holds no letter or stands for no name: who is called but Haji is `("haji",)`.
    """
    return _own_and_father(text)[0]


def patronym(text: str) -> tuple[str, ...]:
    """The canonical words of the father's name, where bin, binti, a/l, a/p or the like announces it."""
    return _own_and_father(text)[1] if _MARKED.search(text) else ()


def is_initial(word: str) -> bool:
    """Whether a word is one letter that stands for a name."""
    return len(word) == 1


def _own_and_father(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    folded = fold(text)
    if nothing(folded):
        return (), ()
    plain = folded.isascii() and folded.replace(" ", "").isalpha()
    tokens = folded.split() if plain else _tokens(folded)
    spelled = [word for token in (_without_titles(tokens) or tokens) for word in _spelled(token)]
    own, father = _apart(spelled)
    name = _trimmed(_joined(own))
    return (() if nothing(" ".join(name)) else tuple(name)), tuple(_joined(father))


def _tokens(folded: str) -> list[str]:
    text = _APOSTROPHES.sub("", folded)
    text = _CHILD_OF.sub(" bin ", text)
    text = _SPREAD_DEGREE.sub(r"\1.\2", _ALSO.sub(" ", text))
    parts = [_BETWEEN.sub(" ", part).split() for part in text.split(",")]
    named = [parts[0], *(part for part in parts[1:] if not all(_is_degree(chunk) for chunk in part))]
    if len(named) == 2 and named[0]:
        named.reverse()
    chunks = [chunk for part in named for chunk in part]
    while len(chunks) > 1 and "." in chunks[-1].strip(".") and _is_degree(chunks[-1]):
        chunks.pop()
    return [word for chunk in chunks for word in _letters(chunk)]


def _letters(chunk: str) -> list[str]:
    pieces = chunk.split(".")
    if any(letter.isdigit() for letter in chunk):
        pieces = [_LOOK_ALIKE.sub(lambda found: _LOOKS_LIKE[found[0]], piece) for piece in pieces]
    kept = ("".join(letter for letter in piece if letter.isalpha()) for piece in pieces)
    return [piece for piece in kept if piece]


def _is_degree(chunk: str) -> bool:
    return chunk.replace(".", "") in _PARTS["degree"] or chunk.strip(".") in _PARTS["title"]


def _without_titles(tokens: list[str]) -> list[str]:
    bare = [word for word in tokens if canonical(word) not in _PARTS["title"]]
    while len(bare) > 1 and (_is_degree_undotted(bare[-1]) or bare[-1] in ("st", "md")):
        bare.pop()
    return bare


def _trimmed(name: list[str]) -> list[str]:
    """Without what proves to be a title or degree once particles and the father's name are gone."""
    while len(name) > 1 and _is_leading_title(name[0], name[1]):
        name.pop(0)
    while len(name) > 1 and _is_degree_undotted(name[-1]):
        name.pop()
    return name


def _is_degree_undotted(word: str) -> bool:
    return len(word) > 2 and word in _PARTS["degree"]


def _is_leading_title(word: str, after: str) -> bool:
    """H. for Haji, and the I of Balinese men."""
    return (word == "h" and len(after) > 2) or (word == "i" and after in _PARTS["balinese"])


def _apart(tokens: list[str]) -> tuple[list[str], list[str]]:
    """A person's own words, and the father's between the first marker and the family name that "al" begins."""
    for at in range(1, len(tokens)):
        if not _marks(tokens, at):
            continue
        rest = [word for word in tokens[at + 1 :] if word not in _PARTS["marker"]]
        family = next(
            (k for k in range(1, len(rest) - 1) if rest[k] in _ARTICLES and rest[k - 1] != "abdul"), len(rest)
        )
        return tokens[:at] + rest[family:], rest[:family]
    return tokens, []


def _marks(tokens: list[str], at: int) -> bool:
    word, last = tokens[at], at == len(tokens) - 1
    if word == "b":
        return not last and len(tokens[at + 1]) > 2 and tokens[at - 1] in _PARTS["son"]
    if word == "bin":
        return not last and _PARTS["chinese"].isdisjoint((tokens[at - 1], tokens[at + 1]))
    return word in _PARTS["marker"]


@lru_cache(maxsize=1 << 18)
def _spelled(token: str) -> tuple[str, ...]:
    """One word, or two where Abdul and a name are written as one."""
    found = _JOINED_ABDUL.match(token) if token.startswith("abd") and len(token) > 6 else None
    if found is None:
        return (canonical(token),)
    return "abdul", canonical(_assimilated(found[1], token[found.end() :]))


def _assimilated(letter: str | None, rest: str) -> str:
    """Abdur|rahman, Abdur|ahman: the letter that took the place of the l begins the word."""
    return rest if letter is None or rest.startswith(letter) else letter + rest


def _joined(spelled: list[str]) -> list[str]:
    """Without particles, but never the last word; Mc and O with the word that follows."""
    kept: list[str] = []
    for at in range(len(spelled) - 1, -1, -1):
        word, after = spelled[at], kept[-1] if kept else ""
        if (word in ("mc", "mac") and len(after) > 3) or (word == "o" and after in _PARTS["irish"]):
            kept[-1] = canonical(word + after)
        elif not (after and _is_particle(word, after, first=at == 0)):
            kept.append(word)
    return kept[::-1]


def _is_particle(word: str, after: str, *, first: bool) -> bool:
    if word in _PARTS["particle"]:
        return True
    if word in _ARTICLES or (word in _PARTS["assimilated"] and after.startswith(word[1:])):
        return len(after) > 2
    if word in _INNER_ARTICLES:
        return not first
    return word in _PARTS["particle_short"] and len(after) > 3 and not (first and word == "y")
