"""Splits names of persons into canonical words, without titles, degrees, particles and father's names."""

import re
from functools import lru_cache

from linkage.values.nicknames import nickname_of
from linkage.values.phonetics import sound
from linkage.values.spelling import canonical
from linkage.values.text_folding import fold, is_missing, word_groups

__all__ = ["canonical", "nickname_of", "sound", "words"]

_PARTS = word_groups("name_particles.txt")
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

    Empty only where the text holds no letter or stands for a missing value: of a person called only Haji it is
    `("haji",)`.
    """
    folded = fold(text)
    if is_missing(folded):
        return ()
    plain = folded.isascii() and folded.replace(" ", "").isalpha()
    tokens = folded.split() if plain else _tokens(folded)
    spelled = [word for token in (_without_titles(tokens) or tokens) for word in _canonical_words(token)]
    name = _without_title_at_the_ends(_without_particles(_without_father(spelled)))
    return () if is_missing(" ".join(name)) else tuple(name)


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
        pieces = [_LOOK_ALIKE.sub(lambda match: _LOOKS_LIKE[match[0]], piece) for piece in pieces]
    kept = ("".join(letter for letter in piece if letter.isalpha()) for piece in pieces)
    return [piece for piece in kept if piece]


def _is_degree(chunk: str) -> bool:
    return chunk.replace(".", "") in _PARTS["degree"] or chunk.strip(".") in _PARTS["title"]


def _without_titles(tokens: list[str]) -> list[str]:
    bare = [word for word in tokens if canonical(word) not in _PARTS["title"]]
    while len(bare) > 1 and (_is_degree_undotted(bare[-1]) or bare[-1] in ("st", "md")):
        bare.pop()
    return bare


def _without_title_at_the_ends(name: list[str]) -> list[str]:
    """Once particles and the father's name are gone, a word at an end may prove to be a title or degree."""
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


def _without_father(tokens: list[str]) -> list[str]:
    """Leaves out the father's name, between the first marker such as "bin" and a family name that begins with "al"."""
    for at in range(1, len(tokens)):
        if not _is_marker(tokens, at):
            continue
        rest = [word for word in tokens[at + 1 :] if word not in _PARTS["marker"]]
        family = next(
            (k for k in range(1, len(rest) - 1) if rest[k] in _ARTICLES and rest[k - 1] != "abdul"), len(rest)
        )
        return tokens[:at] + rest[family:]
    return tokens


def _is_marker(tokens: list[str], at: int) -> bool:
    word, last = tokens[at], at == len(tokens) - 1
    if word == "b":
        return not last and len(tokens[at + 1]) > 2 and tokens[at - 1] in _PARTS["son"]
    if word == "bin":
        return not last and _PARTS["chinese"].isdisjoint((tokens[at - 1], tokens[at + 1]))
    return word in _PARTS["marker"]


@lru_cache(maxsize=1 << 18)
def _canonical_words(token: str) -> tuple[str, ...]:
    """One word, or two where Abdul and a name are written as one."""
    joined = _JOINED_ABDUL.match(token) if token.startswith("abd") and len(token) > 6 else None
    if joined is None:
        return (canonical(token),)
    return "abdul", canonical(_with_assimilated_letter(joined[1], token[joined.end() :]))


def _with_assimilated_letter(letter: str | None, rest: str) -> str:
    """Abdur|rahman, Abdur|ahman: the letter that replaced the l of Abdul begins the name."""
    return rest if letter is None or rest.startswith(letter) else letter + rest


def _without_particles(words_: list[str]) -> list[str]:
    """Leaves out particles, but never the last word; joins Mc and O with the word that follows."""
    kept: list[str] = []
    for at in range(len(words_) - 1, -1, -1):
        word, after = words_[at], kept[-1] if kept else ""
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
