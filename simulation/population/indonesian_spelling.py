"""One Indonesian name, other spellings: traditions, the reform of 1972, nicknames, joined and dropped words."""

import re
from random import Random

from simulation.population import typing_errors
from simulation.population.constructed_names import Words

_MUHAMMAD = ("Mohamad", "Mohammad", "Muhamad", "Mochamad", "Moch.", "Moh.", "Muh.", "Mhd.", "M.", "M")
_SITI = ("St.", "Sitti", "Sti", "")
_TRADITIONS = {
    "Nur": ("Noor", "Noer"),
    "Ahmad": ("Achmad", "Akhmad", "Akhmat"),
    "Abdul": ("Abd.", "Abd", "Abdoel"),
    "Nurul": ("Noerul", "Nuurul"),
    "Fatimah": ("Fatima", "Patimah"),
    "Aisyah": ("Aisah", "Aesyah"),
    "Yusuf": ("Yusup", "Jusuf"),
    "Husen": ("Husein", "Hussein"),
    "Hasan": ("Hassan",),
    "Rohman": ("Rahman",),
    "Rahman": ("Rohman",),
    "Rohmah": ("Rahmah",),
    "Khotijah": ("Chotijah", "Kotijah", "Khodijah"),
    "Nurjanah": ("Nurjannah", "Nur Janah"),
    "Sri": ("Srie", "Sry"),
    "Dewi": ("Dewie", "Devi"),
    "Rizki": ("Rizky", "Riski", "Rizqi"),
    "Taufik": ("Taufiq", "Topik"),
}
_PET_NAMES = {
    "Muhammad": "Mamat", "Ahmad": "Mamad", "Abdul": "Dul", "Yusuf": "Ucup", "Fatimah": "Imah", "Siti": "Iti",
    "Slamet": "Memet", "Nurul": "Nunung", "Ratna": "Nana", "Ismail": "Mail",
}  # fmt: skip
_TAIL = re.compile(r"[^aeiou][aeiou][^aeiou]{1,2}[aeiou][^aeiou]?$")
_HEAD = re.compile(r"[^aeiou]{0,2}[aeiou][^aeiou]{1,3}[aeiou][^aeiou]?", re.IGNORECASE)
_OLD = ((re.compile("ny"), "nj"), (re.compile("y"), "j"), (re.compile("c(?!h)"), "tj"), (re.compile("kh"), "ch"))


def muhammad(rng: Random, words: Words) -> Words:
    return _replaced(words, "Muhammad", rng.choice(_MUHAMMAD))


def siti(rng: Random, words: Words) -> Words:
    """A Siti who has no other name keeps it."""
    return _replaced(words, "Siti", rng.choice(_SITI)) if len(words) > 1 else words


def tradition(rng: Random, words: Words) -> Words:
    traditional = [word for word in words if word in _TRADITIONS]
    if not traditional:
        return words
    word = rng.choice(traditional)
    return _replaced(words, word, rng.choice(_TRADITIONS[word]))


def reformed(rng: Random, words: Words) -> Words:
    """As before 1972: always oe for u; in half of the names also j, tj and dj."""
    whole = rng.random() < 0.5
    return tuple(_before_1972(word, whole) for word in words)


def nickname(rng: Random, words: Words) -> Words:
    """A pet name alone, or the head or tail of a long word: Tini for Kartini, Wulan for Wulandari."""
    pet = [_PET_NAMES[word] for word in words if word in _PET_NAMES]
    if pet and rng.random() < 0.5:
        return (rng.choice(pet),)
    long = [word for word in words if len(word) >= 6]
    if not long:
        return words
    word = rng.choice(long)
    tail, head = _TAIL.search(word), _HEAD.match(word)
    if tail and len(tail[0]) < len(word) and rng.random() < 0.7:
        return (tail[0].capitalize(),)
    return (head[0],) if head else words


def joined(rng: Random, words: Words) -> Words:
    """Nur Hayati is Nurhayati, and the other way round."""
    if len(words) > 1 and words[0] in ("Nur", "Abdul", "Sri"):
        return (words[0] + words[1].lower(), *words[2:])
    if words[0].startswith("Nur") and len(words[0]) >= 7:
        return ("Nur", words[0][3:].capitalize(), *words[1:])
    return words


def one_word(rng: Random, words: Words) -> Words:
    """One word alone, oftener the last; never Siti, Muhammad and their like, which tell nothing."""
    telling = [word for word in words if word not in ("Siti", "Muhammad", "Ahmad", "Abdul", "Nur", "Sri")]
    if len(words) == 1 or not telling:
        return words
    return (telling[-1] if rng.random() < 0.6 else telling[0],)


def word_dropped(rng: Random, words: Words) -> Words:
    """Two of three words, in order."""
    if len(words) < 3:
        return words
    gone = rng.randrange(len(words))
    return tuple(word for n, word in enumerate(words) if n != gone)


def reordered(_rng: Random, words: Words) -> Words:
    return (*words[1:], words[0])


def initial(rng: Random, words: Words) -> Words:
    """One word but the first, or the first of three, is an initial."""
    if len(words) < 2:
        return words
    place = rng.randrange(0 if len(words) > 2 else 1, len(words))
    return (*words[:place], f"{words[place][0]}.", *words[place + 1 :])


def slipped(rng: Random, words: Words, error: typing_errors.Error) -> Words:
    return tuple(typing_errors.in_one_word(rng, " ".join(words), error).split())


def _before_1972(word: str, whole: bool) -> str:
    old = word.replace("u", "oe").replace("U", "Oe")
    if not whole:
        return old
    lower = old.lower().replace("j", "dj")
    for pattern, spelled in _OLD:
        lower = pattern.sub(spelled, lower)
    return lower.capitalize()


def _replaced(words: Words, word: str, other: str) -> Words:
    """The first of those words spelled otherwise, or left out; what stands in two words counts as two."""
    if word not in words:
        return words
    place = words.index(word)
    return (*words[:place], *other.split(), *words[place + 1 :])
