"""Names and texts, word by word."""

from collections.abc import Iterable

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, Texts, started
from linkage.comparing.rarity import Rarities
from linkage.comparing.word_alignment import Alignment, Likeness, align
from linkage.features import Codes, Features, Ints, Words

NAMES = frozenset({"name", "given", "surname", "alias", "mother"})
_WHOLE_NAMES = frozenset({"name", "mother"})
DIFFERENT, NEAR, FAMILY, SOME, SWAPPED, ALIKE, PART, SAME = range(1, 9)
"""Levels of names. FAMILY: some words, but none at the end where the given names stand."""

_CLEARLY, _SEVERAL = 0.05, 3
_TOGETHER = 0.95
"""Jaro-Winkler similarity of two names without spaces from which they are one, written together or apart."""


class Wordings:
    """Compares the features that are made of words. Those of names share one lexicon."""

    def __init__(self, features: Features, rarities: Rarities) -> None:
        self._features, self._rarities = features, rarities
        names = features.words("name")
        self._given_last = names is not None and _given_last(names, features.codes("sex"))
        lexicons: dict[int, Likeness] = {}
        self._likeness: dict[str, Likeness] = {}
        self._joined: dict[str, Texts] = {}
        self._sizes: dict[str, Ints] = {}
        for name in features.by_name:
            words = features.words(name)
            if words is not None:
                if id(words.words) not in lexicons:
                    lexicons[id(words.words)] = Likeness(words)
                self._likeness[name] = lexicons[id(words.words)]
                self._sizes[name] = (words.ids >= 0).sum(axis=1, dtype=np.int32)
                if name in NAMES:
                    self._joined[name] = _joined(words)

    def names(self, name: str) -> Compare:
        """Names of one field; a whole name also by the other's alias."""
        by_alias = name == "name" and "alias" in self._features.by_name

        def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
            levels, told = self._names(name, name, left, right)
            for one, other in [(left, right), (right, left)] if by_alias else []:
                alias_levels, alias_told = self._names("alias", name, one, other)
                better = (alias_levels > levels) | ((alias_levels == levels) & (alias_told > told))
                levels, told = np.where(better, alias_levels, levels), np.where(better, alias_told, told)
            return levels, told

        return compare

    def texts(self, name: str) -> Compare:
        """Any other text."""

        def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
            found = self.aligned(name, name, left, right)
            matched = found.same + found.alike
            levels = started(len(left))
            levels[found.near > 0] = 2
            levels[matched > 0] = 3
            levels[matched >= found.fewer] = 4
            levels[found.fewer == 0] = MISSING
            return levels, found.told

        return compare

    def see_swapped(self, levels: dict[str, Levels], told: dict[str, Floats], left: Ints, right: Ints) -> None:
        """Given name and surname changed places: both fields get the level that says so."""
        low = np.ones(len(left), dtype=np.bool_)
        for field in ("given", "surname"):
            low &= (levels[field] != MISSING) & (levels[field] < SWAPPED)
        at = np.flatnonzero(low)
        if not len(at):
            return
        one = self.aligned("given", "surname", left[at], right[at])
        other = self.aligned("given", "surname", right[at], left[at])
        swapped = (one.same + one.alike >= one.fewer) & (other.same + other.alike >= other.fewer)
        swapped &= one.same + other.same > 0
        for field in ("given", "surname"):
            levels[field][at[swapped]] = SWAPPED
            told[field][at[swapped]] = (one.told + other.told)[swapped] / 2

    def aligned(self, one: str, other: str, left: Ints, right: Ints) -> Alignment:
        """Words side by side. What agrees tells at most what the rarest word does, and half as much in whole names."""
        a, b = self._features.words(one), self._features.words(other)
        assert a is not None
        assert b is not None
        rarity = self._rarities.of[one], self._rarities.of[other]
        found = align(a, b, (left, right), rarity, self._likeness[one])
        most = self._rarities.most[one] * (1.5 if one in _WHOLE_NAMES else 1.0)
        np.minimum(found.told, most, out=found.told)
        self._see_wholes(found, ((one, left), (other, right)))
        return found

    def _see_wholes(self, found: Alignment, sides: Iterable[tuple[str, Ints]]) -> None:
        """What agrees with all words of one side tells at most how rare these are together."""
        matched = found.same + found.alike
        for name, records in sides:
            words, counts = self._features.words(name), self._rarities.together[name]
            assert words is not None
            if len(counts):
                at = np.flatnonzero((matched > 0) & (matched >= self._sizes[name][records]))
                own = np.where(found.same[at] == found.more[at], 2, 1)
                others = np.maximum(counts[words.whole[records[at]]] - own, 0.5)
                found.told[at] = np.minimum(found.told[at], -np.log2(others / self._features.size))

    def _names(self, one: str, other: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        found = self.aligned(one, other, left, right)
        matched = found.same + found.alike
        levels = started(len(left), DIFFERENT)
        levels[found.near + found.initial > 0] = NEAR
        levels[matched > 0] = SOME
        levels[(matched > 0) & (found.tails_apart if self._given_last else found.heads_apart)] = FAMILY
        levels[(matched + found.initial + found.near >= found.fewer) & (matched > 0)] = ALIKE
        levels[(found.fewer == 1) & (found.more > 1) & (found.same == 0) & (matched > 0)] = SOME
        levels[found.same >= found.fewer] = PART
        levels[found.same == found.more] = SAME
        low = np.flatnonzero((levels < ALIKE) & (found.fewer != found.more) & (found.fewer > 0))
        if len(low):
            joined = low[self._written_together(one, other, left[low], right[low])]
            levels[joined] = ALIKE
            found.told[joined] = self._told_in_all(one, other, left[joined], right[joined])
        levels[found.fewer == 0] = MISSING
        return levels, found.told

    def _told_in_all(self, one: str, other: str, left: Ints, right: Ints) -> Floats:
        """What all words of a name tell, of the two that which tells less; at most what the rarest word does."""
        sides = ((one, left), (other, right))
        told = [_sums(self._features.words(name), self._rarities.of[name], at) for name, at in sides]
        return np.minimum(np.minimum(*told), np.float32(self._rarities.most[one]))

    def _written_together(self, one: str, other: str, left: Ints, right: Ints) -> Bools:
        """Nur Azizah and Nurazizah."""
        ours, theirs = self._joined[one][left], self._joined[other][right]
        similar = process.cpdist(ours, theirs, scorer=JaroWinkler.normalized_similarity, score_cutoff=_TOGETHER)
        return np.asarray(similar >= _TOGETHER)


def _sums(words: Words | None, rarity: Floats, records: Ints) -> Floats:
    """The rarities of each record's words together."""
    assert words is not None
    ids = words.ids[records]
    return np.asarray(np.where(ids >= 0, rarity[ids], 0.0).sum(axis=1), dtype=np.float32)


def _given_last(words: Words, sex: Codes | None) -> bool:
    """Whether given names stand last, as in Chinese names: at their end the word tells the sex better."""
    if sex is None:
        return False
    count = (words.ids >= 0).sum(axis=1)
    rows = np.flatnonzero((count > 1) & (sex.ids >= 0))
    last = words.ids[rows, count[rows] - 1]
    return _tells_sex(last, sex.ids[rows]) > _tells_sex(words.ids[rows, 0], sex.ids[rows]) + _CLEARLY


def _tells_sex(words: Ints, sexes: Ints) -> float:
    """The share of records whose sex is the more frequent one of their word's; words of few records left out."""
    counts = np.zeros((int(words.max(initial=0)) + 1, int(sexes.max(initial=0)) + 1))
    np.add.at(counts, (words, sexes), 1)
    enough = counts[counts.sum(axis=1) >= _SEVERAL]
    return float(enough.max(axis=1).sum() / max(1.0, enough.sum())) if len(enough) else 0.0


def _joined(words: Words) -> Texts:
    """Each record's words without spaces."""
    written = {-1: ""} | dict(enumerate(words.words))
    return np.array(["".join([written[n] for n in row]) for row in words.ids.tolist()], dtype=object)
