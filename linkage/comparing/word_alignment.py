"""Aligns the words of two names: which are the same, which are alike, and how rare the words are that agree."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from linkage.comparing.level_arrays import Bools, Floats
from linkage.features import Ints, Words
from linkage.values import names

SAME, ALIKE, INITIAL, NEAR, NONE = 4, 3, 2, 1, 0
"""Relations of two words: the same canonical word; the same by sound, a short form or one slip apart; an initial and
its word; similar; none."""

ALIKE_FROM, SOUNDING_FROM, NEAR_FROM = 0.93, 0.78, 0.86
"""Jaro-Winkler similarities from which two words are alike, alike if they sound the same, or near."""

_LONGER_THAN = 3
"""Letters that the longer of two words must exceed to be alike by similarity alone."""

_RARITY_SHARE = np.array([0.0, 0.0, 0.15, 0.6, 1.0], dtype=np.float32)
"""By relation: the share of a word's rarity that counts."""

Relations = NDArray[np.uint8]
_Bits = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the words of two records go together, one figure per pair.

    `fewer` and `more` count the words of the shorter and the longer name; `same`, `alike`, `initial` and `near` count
    aligned words by relation; `rarity` is that of the words that agree, in bits. `first_unmatched` and `last_unmatched`
    say that neither record's first (last) word is aligned with any.
    """

    fewer: Ints
    more: Ints
    same: Ints
    alike: Ints
    initial: Ints
    near: Ints
    rarity: Floats
    first_unmatched: Bools
    last_unmatched: Bools


class WordRelations:
    """How the words of one lexicon relate to each other."""

    def __init__(self, words: Words) -> None:
        self.words, self.sounds = np.array(words.words, dtype=object), words.sounds
        self.letters = np.array([_letter_set(word) for word in words.words], dtype=np.uint64)
        self.lengths = np.array([len(word) for word in words.words], dtype=np.int32)
        self.first = np.array([ord(word[0]) if word else 0 for word in words.words], dtype=np.int32)
        self.has_digit = np.array([any(c.isdigit() for c in word) for word in words.words], dtype=np.bool_)
        self.short_forms = _short_forms(words.words)

    def between(self, left: Ints, right: Ints) -> Relations:
        """The relations of the words left[i] and right[i], which differ. Most are ruled out by their letters alone."""
        relation = np.zeros(len(left), dtype=np.uint8)
        initial = (self.first[left] == self.first[right]) & ((self.lengths[left] == 1) | (self.lengths[right] == 1))
        relation[initial] = INITIAL
        shared = np.bitwise_count(self.letters[left] & self.letters[right])
        most = np.maximum(np.bitwise_count(self.letters[left]), np.bitwise_count(self.letters[right]))
        same_sound = self.sounds[left] == self.sounds[right]
        possible = ~initial & ((shared * 5 >= most * 3) | same_sound) & ~(self.has_digit[left] | self.has_digit[right])
        possible &= (self.lengths[left] > 1) & (self.lengths[right] > 1)
        at = np.flatnonzero(possible)
        if len(at):
            relation[at] = self._by_similarity(left[at], right[at], same_sound[at])
        if len(self.short_forms):
            pair = left.astype(np.int64) * len(self.words) + right
            relation[_contains(self.short_forms, pair)] = ALIKE
        return relation

    def _by_similarity(self, left: Ints, right: Ints, same_sound: Bools) -> Relations:
        """Each distinct pair of words is compared once."""
        pair = np.minimum(left, right).astype(np.int64) * len(self.words) + np.maximum(left, right)
        distinct, first, inverse = np.unique(pair, return_index=True, return_inverse=True)
        left_words, right_words = self.words[left[first]], self.words[right[first]]
        similarity = process.cpdist(
            left_words, right_words, scorer=JaroWinkler.normalized_similarity, dtype=np.float32, workers=2
        )
        relation = np.zeros(len(distinct), dtype=np.uint8)
        relation[similarity >= NEAR_FROM] = NEAR
        longer = np.maximum(self.lengths[left[first]], self.lengths[right[first]])
        relation[(similarity >= ALIKE_FROM) & (longer > _LONGER_THAN)] = ALIKE
        relation[same_sound[first] & (similarity >= SOUNDING_FROM)] = ALIKE
        for n in np.flatnonzero((relation == NONE) | (relation == NEAR)):
            if _is_head_or_tail(left_words[n], right_words[n]):
                relation[n] = ALIKE
        return relation[inverse]


def align(left: Words, right: Words, pairs: tuple[Ints, Ints], bits: _Bits, relations: WordRelations) -> Alignment:
    """Align the words of the records pairs[0][i] of `left` and pairs[1][i] of `right`, which share one lexicon.

    `bits` is the rarity of each word, in `left` and in `right`. The same words go together first, then the closest.
    """
    left_words, right_words = left.ids[pairs[0]], right.ids[pairs[1]]
    a, b = (left_words >= 0).sum(axis=1, dtype=np.int32), (right_words >= 0).sum(axis=1, dtype=np.int32)
    left_free, right_free = left_words >= 0, right_words >= 0
    rarity = np.zeros(len(left_words), dtype=np.float32)
    counts = {relation: np.zeros(len(left_words), dtype=np.int32) for relation in (SAME, ALIKE, INITIAL, NEAR)}
    for k in range(left_words.shape[1]):
        for m in range(right_words.shape[1]):
            hit = left_free[:, k] & right_free[:, m] & (left_words[:, k] == right_words[:, m])
            if hit.any():
                left_free[:, k] &= ~hit
                right_free[:, m] &= ~hit
                counts[SAME] += hit
                rarity += np.where(hit, _less_rare(bits, left_words[:, k], right_words[:, m]), 0.0)
    rest = np.flatnonzero(left_free.any(axis=1) & right_free.any(axis=1))
    if len(rest):
        left_free[rest], right_free[rest] = _align_different_words(
            left_words[rest],
            right_words[rest],
            left_free[rest],
            right_free[rest],
            rest,
            bits,
            relations,
            counts,
            rarity,
        )
    every = np.arange(len(left_words))
    return Alignment(
        fewer=np.minimum(a, b),
        more=np.maximum(a, b),
        same=counts[SAME],
        alike=counts[ALIKE],
        initial=counts[INITIAL],
        near=counts[NEAR],
        rarity=rarity,
        first_unmatched=left_free[:, 0] & right_free[:, 0],
        last_unmatched=left_free[every, np.maximum(a, 1) - 1] & right_free[every, np.maximum(b, 1) - 1],
    )


def _align_different_words(
    left_words: Ints,
    right_words: Ints,
    left_free: Bools,
    right_free: Bools,
    rest: NDArray[np.intp],
    bits: _Bits,
    relations: WordRelations,
    counts: dict[int, Ints],
    rarity: Floats,
) -> tuple[Bools, Bools]:
    """Words that are not the same, the closest first; adds to `counts` and `rarity` of the pairs `rest`.

    Returns which words of either side are left over.
    """
    by_position: dict[tuple[int, int], Relations] = {}
    for k in range(left_words.shape[1]):
        for m in range(right_words.shape[1]):
            at = np.flatnonzero(left_free[:, k] & right_free[:, m])
            if len(at):
                relation = np.zeros(len(left_words), dtype=np.uint8)
                relation[at] = relations.between(left_words[at, k], right_words[at, m])
                by_position[k, m] = relation
    for wanted in (ALIKE, INITIAL, NEAR):
        for (k, m), relation in by_position.items():
            hit = (relation == wanted) & left_free[:, k] & right_free[:, m]
            if hit.any():
                left_free[:, k] &= ~hit
                right_free[:, m] &= ~hit
                counts[wanted][rest[hit]] += 1
                word_bits = _less_rare(bits, left_words[hit, k], right_words[hit, m])
                rarity[rest[hit]] += _RARITY_SHARE[wanted] * word_bits
    return left_free, right_free


def _less_rare(bits: _Bits, left_words: Ints, right_words: Ints) -> Floats:
    return np.minimum(bits[0][left_words], bits[1][right_words])


def _letter_set(word: str) -> int:
    """One bit per letter of the alphabet, and 16 more for all other characters."""
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31 if letter.isalpha() else 32 + ord(letter) % 16)
    return bits


def _short_forms(words: list[str]) -> NDArray[np.int64]:
    """Pairs of a short form and a formal name that both occur, each as one number, sorted."""
    number_of = {word: n for n, word in enumerate(words)}
    pairs = set()
    for word, short in number_of.items():
        for formal_name in names.nickname_of(word):
            formal = number_of.get(formal_name)
            if formal is not None and formal != short:
                pairs |= {short * len(words) + formal, formal * len(words) + short}
    return np.array(sorted(pairs), dtype=np.int64)


def _contains(ordered: NDArray[np.int64], wanted: NDArray[np.int64]) -> Bools:
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return np.asarray(ordered[place] == wanted)


def _is_head_or_tail(left: str, right: str) -> bool:
    short, long = sorted((left, right), key=len)
    return len(short) >= 3 and len(long) > len(short) and (long.startswith(short) or long.endswith(short))
