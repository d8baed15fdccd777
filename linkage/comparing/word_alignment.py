"""Sets the words of two names beside each other: which are the same, which alike, and how much that tells."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from linkage.features import Ints, Words
from linkage.values import names

SAME, ALIKE, INITIAL, NEAR, NONE = 4, 3, 2, 1, 0
"""How two words relate: the same once canonical; the same by ear, a short form or one slip apart; an initial and its
word; similar."""

ALIKE_FROM, SOUNDING_FROM, NEAR_FROM = 0.93, 0.78, 0.86
"""Jaro-Winkler similarities from which two words are alike, alike if they sound the same, or near."""

_TELLS = np.array([0.0, 0.0, 0.15, 0.6, 1.0], dtype=np.float32)
"""Which part of a word's rarity a relation tells."""

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How the words of two records go together, per pair. `fewer` and `more` count the words of the shorter and longer
    one; the next four count words by relation; `told` is the rarity of what agrees, in bits. `heads_apart` and
    `tails_apart` tell that nothing goes with the first, or the last, word of either."""

    fewer: Ints
    more: Ints
    same: Ints
    alike: Ints
    initial: Ints
    near: Ints
    told: Floats
    heads_apart: NDArray[np.bool_]
    tails_apart: NDArray[np.bool_]


class Likeness:
    """How the words of one lexicon relate."""

    def __init__(self, words: Words) -> None:
        self.words, self.sounds = np.array(words.words, dtype=object), words.sounds
        self.letters = np.array([_letters(word) for word in words.words], dtype=np.uint64)
        self.lengths = np.array([len(word) for word in words.words], dtype=np.int32)
        self.first = np.array([ord(word[0]) if word else 0 for word in words.words], dtype=np.int32)
        self.numeric = np.array([any(c.isdigit() for c in word) for word in words.words], dtype=np.bool_)
        self.short_forms = _short_forms(words.words)

    def of(self, left: Ints, right: Ints) -> NDArray[np.uint8]:
        """The relation of different words, given by number."""
        relation = np.zeros(len(left), dtype=np.uint8)
        initial = (self.first[left] == self.first[right]) & ((self.lengths[left] == 1) | (self.lengths[right] == 1))
        relation[initial] = INITIAL
        shared = np.bitwise_count(self.letters[left] & self.letters[right])
        most = np.maximum(np.bitwise_count(self.letters[left]), np.bitwise_count(self.letters[right]))
        sounding = self.sounds[left] == self.sounds[right]
        worth = ~initial & ((shared * 5 >= most * 3) | sounding) & ~(self.numeric[left] | self.numeric[right])
        worth &= (self.lengths[left] > 1) & (self.lengths[right] > 1)
        at = np.flatnonzero(worth)
        if len(at):
            relation[at] = self._compared(left[at], right[at], sounding[at])
        if len(self.short_forms):
            code = left.astype(np.int64) * len(self.words) + right
            relation[_contains(self.short_forms, code)] = ALIKE
        return relation

    def _compared(self, left: Ints, right: Ints, sounding: NDArray[np.bool_]) -> NDArray[np.uint8]:
        code = np.minimum(left, right).astype(np.int64) * len(self.words) + np.maximum(left, right)
        distinct, first, back = np.unique(code, return_index=True, return_inverse=True)
        one, other = self.words[left[first]], self.words[right[first]]
        similar = process.cpdist(one, other, scorer=JaroWinkler.normalized_similarity, dtype=np.float32, workers=2)
        relation = np.zeros(len(distinct), dtype=np.uint8)
        relation[similar >= NEAR_FROM] = NEAR
        longer = np.maximum(self.lengths[left[first]], self.lengths[right[first]])
        relation[(similar >= ALIKE_FROM) & (longer > 3)] = ALIKE
        relation[sounding[first] & (similar >= SOUNDING_FROM)] = ALIKE
        for n in np.flatnonzero((relation == NONE) | (relation == NEAR)):
            if _head_or_tail(one[n], other[n]):
                relation[n] = ALIKE
        return relation[back]


def align(
    left: Words, right: Words, at: tuple[Ints, Ints], rarity: tuple[Floats, Floats], likeness: Likeness
) -> Alignment:
    """Align the words of pairs of records; both features share one lexicon. `rarity` is in bits, by word."""
    ours, theirs = left.ids[at[0]], right.ids[at[1]]
    a, b = (ours >= 0).sum(axis=1, dtype=np.int32), (theirs >= 0).sum(axis=1, dtype=np.int32)
    free_a, free_b = ours >= 0, theirs >= 0
    told = np.zeros(len(ours), dtype=np.float32)
    counts = {relation: np.zeros(len(ours), dtype=np.int32) for relation in (SAME, ALIKE, INITIAL, NEAR)}
    for k in range(ours.shape[1]):
        for m in range(theirs.shape[1]):
            hit = free_a[:, k] & free_b[:, m] & (ours[:, k] == theirs[:, m])
            if hit.any():
                free_a[:, k] &= ~hit
                free_b[:, m] &= ~hit
                counts[SAME] += hit
                told += np.where(hit, _least(rarity, ours[:, k], theirs[:, m]), 0.0)
    rest = np.flatnonzero(free_a.any(axis=1) & free_b.any(axis=1))
    if len(rest):
        free_a[rest], free_b[rest] = _align_rest(
            ours[rest], theirs[rest], free_a[rest], free_b[rest], rest, rarity, likeness, counts, told
        )
    every = np.arange(len(ours))
    heads_apart = free_a[:, 0] & free_b[:, 0]
    tails_apart = free_a[every, np.maximum(a, 1) - 1] & free_b[every, np.maximum(b, 1) - 1]
    return Alignment(
        fewer=np.minimum(a, b),
        more=np.maximum(a, b),
        same=counts[SAME],
        alike=counts[ALIKE],
        initial=counts[INITIAL],
        near=counts[NEAR],
        told=told,
        heads_apart=heads_apart,
        tails_apart=tails_apart,
    )


def _align_rest(
    ours: Ints,
    theirs: Ints,
    free_a: NDArray[np.bool_],
    free_b: NDArray[np.bool_],
    rest: NDArray[np.intp],
    rarity: tuple[Floats, Floats],
    likeness: Likeness,
    counts: dict[int, Ints],
    told: Floats,
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """The words that are not the same: the closest go together first. Returns which words of each side are left."""
    relations: dict[tuple[int, int], NDArray[np.uint8]] = {}
    for k in range(ours.shape[1]):
        for m in range(theirs.shape[1]):
            both = np.flatnonzero(free_a[:, k] & free_b[:, m])
            if len(both):
                relation = np.zeros(len(ours), dtype=np.uint8)
                relation[both] = likeness.of(ours[both, k], theirs[both, m])
                relations[k, m] = relation
    for wanted in (ALIKE, INITIAL, NEAR):
        for (k, m), relation in relations.items():
            hit = (relation == wanted) & free_a[:, k] & free_b[:, m]
            if hit.any():
                free_a[:, k] &= ~hit
                free_b[:, m] &= ~hit
                counts[wanted][rest[hit]] += 1
                told[rest[hit]] += _TELLS[wanted] * _least(rarity, ours[hit, k], theirs[hit, m])
    return free_a, free_b


def _least(rarity: tuple[Floats, Floats], one: Ints, other: Ints) -> Floats:
    return np.minimum(rarity[0][one], rarity[1][other])


def _letters(word: str) -> int:
    bits = 0
    for letter in word:
        bits |= 1 << (ord(letter) & 31 if letter.isalpha() else 32 + ord(letter) % 16)
    return bits


def _short_forms(words: list[str]) -> NDArray[np.int64]:
    """Pairs of a short form and a formal name that both occur, as sorted codes."""
    number = {word: n for n, word in enumerate(words)}
    codes = []
    for word, n in number.items():
        for formal in names.nickname_of(word):
            other = number.get(formal)
            if other is not None and other != n:
                codes += [n * len(words) + other, other * len(words) + n]
    return np.array(sorted(set(codes)), dtype=np.int64)


def _contains(ordered: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    place = np.minimum(np.searchsorted(ordered, wanted), len(ordered) - 1)
    return np.asarray(ordered[place] == wanted)


def _head_or_tail(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return len(short) >= 3 and len(long) > len(short) and (long.startswith(short) or long.endswith(short))
