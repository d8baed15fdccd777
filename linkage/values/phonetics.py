"""Phonetic classes: words that sound alike in Indonesian, English, Spanish, Arabic or pinyin have one class."""

import re
from functools import lru_cache

from linkage.values.spelling import canonical

LONGEST = 6

# Applied in this order. A capital is a finished sound: C as in church.
_SOUND_RULES = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
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
_VOWELS_AFTER_FIRST = re.compile(r"(?<=.)[aeiouyw]+")
_VOWELS = str.maketrans({"e": "i", "y": "i", "o": "u"})
_REPEATED = re.compile(r"(.)\1+")


@lru_cache(maxsize=1 << 18)
def sound(word: str) -> str:
    """The phonetic class of a folded word: its first letter and consonants, six at most; short words keep vowels."""
    sounds = canonical(word)
    for pattern, replacement in _SOUND_RULES:
        sounds = pattern.sub(replacement, sounds)
    consonants = _VOWELS_AFTER_FIRST.sub("", sounds)
    if len(consonants) < 3:
        consonants = _REPEATED.sub(r"\1", sounds.translate(_VOWELS))
    return consonants.translate(_VOWELS).lower()[:LONGEST]
