from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.population import names, spelling
from simulation.population.names import Words
from simulation.population.numbers import Sex

Spelling = Callable[[Random, Words], Words]
WAYS: tuple[Spelling, ...] = (
    spelling.muhammad,
    spelling.siti,
    spelling.tradition,
    spelling.reformed,
    spelling.nickname,
    spelling.joined,
    spelling.one_word,
    spelling.word_dropped,
    spelling.reordered,
    spelling.initial,
)


def spellings(way: Spelling, name: str) -> set[str]:
    rng = Random(1)
    return {" ".join(way(rng, tuple(name.split()))) for _ in range(200)}


@pytest.mark.parametrize(
    ("way", "name", "others"),
    [
        (spelling.muhammad, "Muhammad Yusuf", {"Mohamad Yusuf", "Moch. Yusuf", "M. Yusuf", "M Yusuf"}),
        (spelling.siti, "Siti Aminah", {"St. Aminah", "Sitti Aminah", "Aminah"}),
        (spelling.siti, "Siti", {"Siti"}),
        (spelling.tradition, "Nur Hasanah", {"Noor Hasanah", "Noer Hasanah"}),
        (spelling.reformed, "Joko Sukarjo", {"Joko Soekarjo", "Djoko Soekardjo"}),
        (spelling.reformed, "Nyoman Cahyono", {"Njoman Tjahjono"}),
        (spelling.reformed, "Rachmat", {"Rachmat"}),
        (spelling.nickname, "Kartini", {"Tini"}),
        (spelling.nickname, "Wulandari", {"Wulan", "Dari"}),
        (spelling.nickname, "Yusuf", {"Ucup"}),
        (spelling.joined, "Nur Hayati", {"Nurhayati"}),
        (spelling.joined, "Nurhayati", {"Nur Hayati"}),
        (spelling.one_word, "Siti Aminah", {"Aminah"}),
        (spelling.word_dropped, "Muhammad Yusuf Hidayat", {"Muhammad Hidayat", "Muhammad Yusuf", "Yusuf Hidayat"}),
        (spelling.reordered, "Budi Santoso", {"Santoso Budi"}),
        (spelling.initial, "Budi Santoso", {"Budi S."}),
    ],
)
def test_a_name_is_spelled_in_ways_that_occur(way: Spelling, name: str, others: set[str]) -> None:
    assert others <= spellings(way, name)


@given(st.randoms(use_true_random=False), st.sampled_from(["L", "P"]), st.sampled_from(WAYS))
def test_no_way_of_spelling_leaves_a_name_empty(rng: Random, sex: Sex, way: Spelling) -> None:
    written = way(rng, names.name(rng, sex))
    assert written
    assert all(written)
