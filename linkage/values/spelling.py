"""Canonical spelling of words of names: variants of one name become equal."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from linkage.values.text_folding import word_groups, word_lines

# Patterns that show the Indonesian spelling before 1972 (oe dj tj nj sj, and j for y) beyond doubt. Joe, Chloe, Django,
# Katja, Fjord, Schroeder and Koester must not match.
_OLD = re.compile(
    r"oe.*oe"
    r"|^s[jy]?oe(?!r[deo])[bdghjklmnprtwy]"
    r"|^(?:boed|boent|moedj|moent|moelj|moest|moedi|noer|joes|joen|koes(?!t)|koes(?:oe|um)|goen(?!s)|hoes(?!c|l)|poer[bnw])"
    r"|^(?:loekm|loekit|roes(?:l[iay]|m[ai]|d)|roed[iy]|toet|tjoe|djoe|oemar|oent|woel|doel(?!l)|pandoe|banjoe|wahjoe)"
    r"|^dj(?!an?go|ok(?:ov|ic)|or|uric|ib|alm|er|e)[aou]"
    r"|^tj(?:ah|an|ip|it|ok|oe|oa|o)"
    r"|^nj[aou]|^sja(?!a)|^sju"
    r"|^(?:su|wi|ra|ha|ma|ki|mu|wira|pra|suro)dj[aou]|^(?:su|pan|kun)tj[aio]|[aiou]rdj[oa]|[aou]modjo$|^wirjo"
)
_NOT_OLD = re.compile(r"(?:vic|vich|sen|son|sson|mann?|er)$")
_REFORM = (("dj", "J"), ("tj", "c"), ("nj", "ny"), ("sj", "sy"), ("oe", "u"), ("j", "y"), ("J", "j"))

_MOST_STEPS, _SHORTEST_CHANGED = 4, 5
_AFTER_ARTICLE = word_groups("name_particles.txt")["after_article"]
_DIN = re.compile(r"(?<=[a-z]{3})(?:uddh?in|oeddin|oedin|eddine?|uddeen|udeen|uddyn|oudd?ine)$")
_JOINED_PARTICLE = re.compile(r"^(?:dela|delos|delas|vander|vanden)(?=[bcdfghjklmnprstvwz][a-z]{3})")
_MAC = re.compile(r"^mac(?=(?:do|le|lau|gr|gi|ph|ke|na|in|far|qu|pher)[a-z]{3})")
_ARTICLE = re.compile(r"^al(?=(?:q|kh|gh|sh|dh|h|z)[a-z]{4})|^el(?=(?:q|kh|gh)[a-z]{4})")
_ARTICLE_AND_NAME = re.compile(r"^(?:al|el)(?=[a-z]{3})")
_DOUBLED_ARTICLE = re.compile(
    r"^a(?:s(?=s[aeiouh])|r(?=r[aeiou])|n(?=n[aeiou])|z(?=z[aeiou])|d(?=d[aeiou])|t(?=t[aeiou]))"
)


@cache
def spelling_variants() -> Mapping[str, str]:
    """The canonical word by each of its listed variants, itself included."""
    return {variant: words[0] for words in word_lines("spelling_variants.txt") for variant in words}


@lru_cache(maxsize=1 << 18)
def canonical(word: str) -> str:
    """The canonical spelling of a folded word: Mochamad and Mohd are muhammad, Soeharto is suharto, Alhassan is
    hasan."""
    for _ in range(_MOST_STEPS):
        simpler = _simplify(word)
        if simpler == word:
            break
        word = simpler
    return word


def _simplify(word: str) -> str:
    listed = spelling_variants().get(word)
    if listed is not None:
        return listed
    if len(word) < _SHORTEST_CHANGED:
        return word
    if _OLD.search(word) and not _NOT_OLD.search(word):
        return _in_spelling_of_1972(word)
    for pattern, replacement in ((_DIN, "udin"), (_JOINED_PARTICLE, ""), (_MAC, "mc"), (_ARTICLE, "")):
        word = pattern.sub(replacement, word)
    return _without_article(word)


def _in_spelling_of_1972(word: str) -> str:
    for old, new in _REFORM:
        word = word.replace(old, new)
    return word


def _without_article(word: str) -> str:
    for article in (_ARTICLE_AND_NAME, _DOUBLED_ARTICLE):
        bare = article.sub("", word)
        if bare != word and bare in _AFTER_ARTICLE:
            return bare
    return word
