"""Comparison levels of names and texts, word by word."""

from collections.abc import Iterable

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from linkage.comparing.level_arrays import MISSING, Bools, Compare, Floats, Levels, Texts, same_level
from linkage.comparing.rarity import Rarity
from linkage.comparing.word_alignment import Alignment, WordRelations, align
from linkage.features import Codes, Features, Ints, Words

NAMES = frozenset({"name", "given", "surname", "alias", "mother"})
_WHOLE_NAMES = frozenset({"name", "mother"})

DIFFERENT, NEAR, FAMILY, SOME, SWAPPED, ALIKE, PART, SAME = range(1, 9)
"""Levels of names. FAMILY: some words agree, but none at the end of the name where given names stand."""

_TEXT_NEAR, _TEXT_SOME, _TEXT_SAME = 2, 3, 4
"""Levels of other texts, above 1 for different."""

_CLEAR_DIFFERENCE, _FEWEST_RECORDS = 0.05, 3
"""By how much one end of names must tell the sex better than the other; records that a word needs to count for it."""

_SAME_WITHOUT_SPACES = 0.95
"""Jaro-Winkler similarity from which two names without their spaces are one, written together or apart."""

_LARGEST_OF_WHOLE_NAME = 1.5
"""How many times the rarity of the rarest word the words of a whole name may have together."""


class WordComparer:
    """Compares the features that are made of words. Those of names share one lexicon."""

    def __init__(self, features: Features, rarity: Rarity) -> None:
        self._features, self._rarity = features, rarity
        names = features.words("name")
        self._given_name_last = names is not None and _given_name_last(names, features.codes("sex"))
        by_lexicon: dict[int, WordRelations] = {}
        self._relations: dict[str, WordRelations] = {}
        self._without_spaces: dict[str, Texts] = {}
        self._word_counts: dict[str, Ints] = {}
        for name in features.by_name:
            words = features.words(name)
            if words is not None:
                if id(words.words) not in by_lexicon:
                    by_lexicon[id(words.words)] = WordRelations(words)
                self._relations[name] = by_lexicon[id(words.words)]
                self._word_counts[name] = (words.ids >= 0).sum(axis=1, dtype=np.int32)
                if name in NAMES:
                    self._without_spaces[name] = _without_spaces(words)

    def names(self, name: str) -> Compare:
        """Compares names of one field. A whole name is compared with the other record's alias too."""
        with_alias = name == "name" and "alias" in self._features.by_name

        def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
            levels, rarity = self._compare_names(name, name, left, right)
            for alias_of, name_of in [(left, right), (right, left)] if with_alias else []:
                alias_levels, alias_rarity = self._compare_names("alias", name, alias_of, name_of)
                better = (alias_levels > levels) | ((alias_levels == levels) & (alias_rarity > rarity))
                levels, rarity = np.where(better, alias_levels, levels), np.where(better, alias_rarity, rarity)
            return levels, rarity

        return compare

    def texts(self, name: str) -> Compare:
        """Compares texts of one field: different, near, some words the same, all words of the shorter the same."""

        def compare(left: Ints, right: Ints) -> tuple[Levels, Floats]:
            aligned = self.align(name, name, left, right)
            matched = aligned.same + aligned.alike
            levels = same_level(len(left))
            levels[aligned.near > 0] = _TEXT_NEAR
            levels[matched > 0] = _TEXT_SOME
            levels[matched >= aligned.fewer] = _TEXT_SAME
            levels[aligned.fewer == 0] = MISSING
            return levels, aligned.rarity

        return compare

    def find_swapped_names(self, levels: dict[str, Levels], rarity: dict[str, Floats], left: Ints, right: Ints) -> None:
        """Set `given` and `surname` to SWAPPED where one record's given name is the other's surname and vice versa."""
        unlike = np.ones(len(left), dtype=np.bool_)
        for field in ("given", "surname"):
            unlike &= (levels[field] != MISSING) & (levels[field] < SWAPPED)
        at = np.flatnonzero(unlike)
        if not len(at):
            return
        left_given = self.align("given", "surname", left[at], right[at])
        right_given = self.align("given", "surname", right[at], left[at])
        swapped = left_given.same + right_given.same > 0
        for aligned in (left_given, right_given):
            swapped &= aligned.same + aligned.alike >= aligned.fewer
        for field in ("given", "surname"):
            levels[field][at[swapped]] = SWAPPED
            rarity[field][at[swapped]] = (left_given.rarity + right_given.rarity)[swapped] / 2

    def align(self, left_name: str, right_name: str, left: Ints, right: Ints) -> Alignment:
        """The words of two features side by side. Their rarity together is at most that of the rarest word, and half as
        much more in whole names."""
        left_words, right_words = self._features.words(left_name), self._features.words(right_name)
        assert left_words is not None
        assert right_words is not None
        bits = self._rarity.bits[left_name], self._rarity.bits[right_name]
        aligned = align(left_words, right_words, (left, right), bits, self._relations[left_name])
        largest = self._rarity.largest[left_name] * (_LARGEST_OF_WHOLE_NAME if left_name in _WHOLE_NAMES else 1.0)
        np.minimum(aligned.rarity, largest, out=aligned.rarity)
        self._bound_by_set_counts(aligned, ((left_name, left), (right_name, right)))
        return aligned

    def _bound_by_set_counts(self, aligned: Alignment, sides: Iterable[tuple[str, Ints]]) -> None:
        """Where all words of one side agree, they are at most as rare as that set of words is in the list."""
        matched = aligned.same + aligned.alike
        for name, records in sides:
            words, counts = self._features.words(name), self._rarity.set_counts[name]
            assert words is not None
            if len(counts):
                at = np.flatnonzero((matched > 0) & (matched >= self._word_counts[name][records]))
                of_this_pair = np.where(aligned.same[at] == aligned.more[at], 2, 1)
                others = np.maximum(counts[words.sets[records[at]]] - of_this_pair, 0.5)
                aligned.rarity[at] = np.minimum(aligned.rarity[at], -np.log2(others / self._features.size))

    def _compare_names(self, left_name: str, right_name: str, left: Ints, right: Ints) -> tuple[Levels, Floats]:
        aligned = self.align(left_name, right_name, left, right)
        matched = aligned.same + aligned.alike
        levels = same_level(len(left), DIFFERENT)
        levels[aligned.near + aligned.initial > 0] = NEAR
        levels[matched > 0] = SOME
        no_given_name = aligned.last_unmatched if self._given_name_last else aligned.first_unmatched
        levels[(matched > 0) & no_given_name] = FAMILY
        levels[(matched + aligned.initial + aligned.near >= aligned.fewer) & (matched > 0)] = ALIKE
        levels[(aligned.fewer == 1) & (aligned.more > 1) & (aligned.same == 0) & (matched > 0)] = SOME
        levels[aligned.same >= aligned.fewer] = PART
        levels[aligned.same == aligned.more] = SAME
        unlike = np.flatnonzero((levels < ALIKE) & (aligned.fewer != aligned.more) & (aligned.fewer > 0))
        if len(unlike):
            joined = unlike[self._same_without_spaces(left_name, right_name, left[unlike], right[unlike])]
            levels[joined] = ALIKE
            aligned.rarity[joined] = self._rarity_of_all_words(left_name, right_name, left[joined], right[joined])
        levels[aligned.fewer == 0] = MISSING
        return levels, aligned.rarity

    def _rarity_of_all_words(self, left_name: str, right_name: str, left: Ints, right: Ints) -> Floats:
        """The bits of all words of a name, of the two names the fewer; at most those of the rarest word."""
        sides = ((left_name, left), (right_name, right))
        sums = [_summed_bits(self._features.words(name), self._rarity.bits[name], records) for name, records in sides]
        return np.minimum(np.minimum(*sums), np.float32(self._rarity.largest[left_name]))

    def _same_without_spaces(self, left_name: str, right_name: str, left: Ints, right: Ints) -> Bools:
        """Such as Nur Azizah and Nurazizah."""
        left_texts, right_texts = self._without_spaces[left_name][left], self._without_spaces[right_name][right]
        similarity = process.cpdist(
            left_texts, right_texts, scorer=JaroWinkler.normalized_similarity, score_cutoff=_SAME_WITHOUT_SPACES
        )
        return np.asarray(similarity >= _SAME_WITHOUT_SPACES)


def _summed_bits(words: Words | None, bits: Floats, records: Ints) -> Floats:
    assert words is not None
    ids = words.ids[records]
    return np.asarray(np.where(ids >= 0, bits[ids], 0.0).sum(axis=1), dtype=np.float32)


def _given_name_last(words: Words, sex: Codes | None) -> bool:
    """Whether given names stand last, as in Chinese names: then the last word tells the sex better than the first."""
    if sex is None:
        return False
    count = (words.ids >= 0).sum(axis=1)
    rows = np.flatnonzero((count > 1) & (sex.ids >= 0))
    last = words.ids[rows, count[rows] - 1]
    return _tells_sex(last, sex.ids[rows]) > _tells_sex(words.ids[rows, 0], sex.ids[rows]) + _CLEAR_DIFFERENCE


def _tells_sex(words: Ints, sexes: Ints) -> float:
    """The share of records whose sex is the more frequent one of their word; rare words do not count."""
    counts = np.zeros((int(words.max(initial=0)) + 1, int(sexes.max(initial=0)) + 1))
    np.add.at(counts, (words, sexes), 1)
    frequent = counts[counts.sum(axis=1) >= _FEWEST_RECORDS]
    return float(frequent.max(axis=1).sum() / max(1.0, frequent.sum())) if len(frequent) else 0.0


def _without_spaces(words: Words) -> Texts:
    text_of = {-1: ""} | dict(enumerate(words.words))
    return np.array(["".join([text_of[word] for word in row]) for row in words.ids.tolist()], dtype=object)
