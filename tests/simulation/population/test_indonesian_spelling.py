from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulation.population import indonesian_spelling
from simulation.population.constructed_names import Words, draw_name
from simulation.population.constructed_numbers import Sex

Spelling = Callable[[Random, Words], Words]
WAYS: tuple[Spelling, ...] = (
    indonesian_spelling.muhammad,
    indonesian_spelling.siti,
    indonesian_spelling.tradition,
    indonesian_spelling.reformed,
    indonesian_spelling.nickname,
    indonesian_spelling.joined,
    indonesian_spelling.one_word,
    indonesian_spelling.word_dropped,
    indonesian_spelling.reordered,
    indonesian_spelling.initial,
)


def spellings(way: Spelling, name: str) -> set[str]:
    rng = Random(1)
    return {" ".join(way(rng, tuple(name.split()))) for _ in range(200)}


@pytest.mark.parametrize(
    ("way", "name", "others"),
    [
        (indonesian_spelling.muhammad, "Muhammad Yusuf", {"Mohamad Yusuf", "Moch. Yusuf", "M. Yusuf", "M Yusuf"}),
        (indonesian_spelling.siti, "Siti Aminah", {"St. Aminah", "Sitti Aminah", "Aminah"}),
        (indonesian_spelling.siti, "Siti", {"Siti"}),
        (indonesian_spelling.tradition, "Nur Hasanah", {"Noor Hasanah", "Noer Hasanah"}),
        (indonesian_spelling.reformed, "Joko Sukarjo", {"Joko Soekarjo", "Djoko Soekardjo"}),
        (indonesian_spelling.reformed, "Nyoman Cahyono", {"Njoman Tjahjono"}),
        (indonesian_spelling.reformed, "Rachmat", {"Rachmat"}),
        (indonesian_spelling.nickname, "Kartini", {"Tini"}),
        (indonesian_spelling.nickname, "Wulandari", {"Wulan", "Dari"}),
        (indonesian_spelling.nickname, "Yusuf", {"Ucup"}),
        (indonesian_spelling.joined, "Nur Hayati", {"Nurhayati"}),
        (indonesian_spelling.joined, "Nurhayati", {"Nur Hayati"}),
        (indonesian_spelling.one_word, "Siti Aminah", {"Aminah"}),
        (
            indonesian_spelling.word_dropped,
            "Muhammad Yusuf Hidayat",
            {"Muhammad Hidayat", "Muhammad Yusuf", "Yusuf Hidayat"},
        ),
        (indonesian_spelling.reordered, "Budi Santoso", {"Santoso Budi"}),
        (indonesian_spelling.initial, "Budi Santoso", {"Budi S."}),
    ],
)
def test_a_name_is_spelled_in_ways_that_occur(way: Spelling, name: str, others: set[str]) -> None:
    assert others <= spellings(way, name)


@given(st.randoms(use_true_random=False), st.sampled_from(["L", "P"]), st.sampled_from(WAYS))
def test_no_way_of_spelling_leaves_a_name_empty(rng: Random, sex: Sex, way: Spelling) -> None:
    written = way(rng, draw_name(rng, sex))
    assert written
    assert all(written)
