"""Sounds: coarse classes of words that are heard alike, in Indonesian, English, Spanish, Arabic and pinyin."""

import re
from functools import lru_cache

from linkage.values.spelling import canonical

LONGEST = 6

# In this order. Capitals are sounds that are done: C as in church.
_HEARD = tuple(
    (re.compile(pattern), instead)
    for pattern, instead in (
        (r"oe|ou|oo", "u"),
        (r"^(?:dj|dz|zh|j|y(?=[aeiou])|z|g(?=[ei]))", "j"),
        (r"^(?:kn|gn)", "n"),
        (r"^wr", "r"),
        (r"^(?:tj|c(?=y|ah))", "C"),
        (r"dj|zh", "j"),
        (r"tch|tj", "C"),
        (r"sch|sh|sy|sj", "s"),
        (r"(?:ch|kh)(?=[mt])", "h"),
        (r"ch(?=[rln])|kh|ck|q", "k"),
        (r"ch(?=[aeiouy])|ch$", "C"),
        (r"ph", "p"),
        (r"(?<=.)gh(?![aeiou])", ""),
        (r"ng$", "n"),
        (r"^x", "s"),
        (r"x", "ks"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"[fv]", "p"),
        (r"(?<=.)[zj]", "s"),
        (r"(?<=.)h", ""),
        (r"(.)\1+", r"\1"),
    )
)
_AFTER_FIRST = re.compile(r"(?<=.)[aeiouyw]+")
_VOWELS = str.maketrans({"e": "i", "y": "i", "o": "u"})
_TWICE = re.compile(r"(.)\1+")


@lru_cache(maxsize=1 << 18)
def sound(word: str) -> str:
    """The class of a folded word: first letter and consonants, six at most; short words keep their vowels."""
    heard = canonical(word)
    for pattern, instead in _HEARD:
        heard = pattern.sub(instead, heard)
    bones = _AFTER_FIRST.sub("", heard)
    if len(bones) < 3:
        bones = _TWICE.sub(r"\1", heard.translate(_VOWELS))
    return bones.translate(_VOWELS).lower()[:LONGEST]
