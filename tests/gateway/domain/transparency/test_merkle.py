"""Merkle trees beside the public vectors of RFC 6962's reference tree (the eight leaves of transparency-dev/merkle)."""

from collections.abc import Iterator
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.transparency.merkle import (
    EMPTY_ROOT,
    NotProven,
    complete_subtrees,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = {
    (0, 1): [],
    (0, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (1, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
CONSISTENCY = {
    (1, 1): [],
    (1, 8): INCLUSION[0, 8],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
    (6, 7): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}
HASHES = [leaf_hash(bytes.fromhex(leaf)) for leaf in LEAVES]
NODE = complete_subtrees(HASHES)
SOME = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")

Inclusion = tuple[bytes, int, int, list[bytes], bytes]
Consistency = tuple[int, int, list[bytes], bytes, bytes]


def raw(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def flipped(proof: list[bytes], place: int) -> list[bytes]:
    """With one bit of one hash changed."""
    changed = bytes([proof[place][0] ^ 8]) + proof[place][1:]
    return [*proof[:place], changed, *proof[place + 1 :]]


def test_the_roots_are_those_of_the_reference_tree() -> None:
    assert [root(NODE, size).hex() for size in range(9)] == ROOTS


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_inclusion_proofs_are_those_of_the_reference(index: int, size: int) -> None:
    assert inclusion_proof(NODE, index, size) == raw(INCLUSION[index, size])


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_consistency_proofs_are_those_of_the_reference(old: int, new: int) -> None:
    assert consistency_proof(NODE, old, new) == raw(CONSISTENCY[old, new])


def corrupted_inclusions(leaf: bytes, index: int, size: int, proof: list[bytes], top: bytes) -> Iterator[Inclusion]:
    """The corruptions of the reference's vectors."""
    for wrong in (index - 1, index + 1, index ^ 2):
        yield leaf, wrong, size, proof, top
    for wrong in (size * 2, size // 2):
        yield leaf, index, wrong, proof, top
    for other in (b"WrongLeaf", b""):
        yield other, index, size, proof, top
    for other in (EMPTY_ROOT, SOME, b""):
        yield leaf, index, size, proof, other
    for garbage in (b"", top):
        yield leaf, index, size, [*proof, garbage], top
        yield leaf, index, size, [garbage, *proof], top
    for place in range(len(proof)):
        yield leaf, index, size, flipped(proof, place), top
    if proof:
        yield leaf, index, size, proof[:-1], top
    if len(proof) > 1:
        yield leaf, index, size, [proof[0], SOME, *proof[1:]], top


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_an_inclusion_is_proven_and_no_corruption_of_it_is(index: int, size: int) -> None:
    proof, top = raw(INCLUSION[index, size]), bytes.fromhex(ROOTS[size])
    verify_inclusion(HASHES[index], index, size, proof, top)
    for corrupted in corrupted_inclusions(HASHES[index], index, size, proof, top):
        with pytest.raises(NotProven):
            verify_inclusion(*corrupted)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 0), (2, 1), (0, 1)])
def test_nothing_is_proven_of_leaves_that_are_not_there(index: int, size: int) -> None:
    for leaf, top in ((SOME, b""), (b"", EMPTY_ROOT), (SOME, EMPTY_ROOT)):
        with pytest.raises(NotProven):
            verify_inclusion(leaf, index, size, [], top)


def corrupted_consistencies(
    old: int, new: int, proof: list[bytes], old_root: bytes, new_root: bytes
) -> Iterator[Consistency]:
    """The corruptions of the reference's vectors."""
    for wrong in (old - 1, old + 1, old ^ 2):
        yield wrong, new, proof, old_root, new_root
    for wrong in (new * 2, new // 2):
        yield old, wrong, proof, old_root, new_root
    yield old, new, proof, b"WrongRoot", new_root
    yield old, new, proof, old_root, b"WrongRoot"
    yield old, new, proof, new_root, old_root
    yield old, new, [], old_root, new_root
    for garbage in (b"", old_root, new_root):
        yield old, new, [*proof, garbage], old_root, new_root
        yield old, new, [garbage, *proof], old_root, new_root
    yield old, new, [proof[0], *proof], old_root, new_root
    yield old, new, proof[:-1], old_root, new_root
    for place in range(len(proof)):
        yield old, new, flipped(proof, place), old_root, new_root


@pytest.mark.parametrize(("old", "new"), CONSISTENCY)
def test_a_consistency_is_proven_and_no_corruption_of_it_is(old: int, new: int) -> None:
    proof, roots = raw(CONSISTENCY[old, new]), (bytes.fromhex(ROOTS[old]), bytes.fromhex(ROOTS[new]))
    verify_consistency(old, new, proof, *roots)
    for corrupted in corrupted_consistencies(old, new, proof, *roots) if proof else ():
        with pytest.raises(NotProven):
            verify_consistency(*corrupted)


SAME, ONE, TWO = b"don't care", b"don't care 1", b"don't care 2"


@pytest.mark.parametrize(
    ("old", "new", "old_root", "new_root", "proof", "proven"),
    [
        (0, 0, SAME, SAME, [], True),
        (1, 1, SAME, SAME, [], True),
        (0, 0, ONE, TWO, [], False),
        (1, 1, ONE, TWO, [], False),
        (1, 0, ONE, TWO, [], False),
        (2, 1, ONE, TWO, [], False),
        (1, 2, ONE, TWO, [], False),
        (0, 0, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], False),
        (0, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], False),
        (1, 1, EMPTY_ROOT, EMPTY_ROOT, [EMPTY_ROOT], False),
        # The two on which versions of the reference differ among themselves: any log grew from the empty one, and
        # nothing else is the root of that.
        (0, 1, ONE, TWO, [], False),
        (0, 1, EMPTY_ROOT, TWO, [], True),
    ],
)
def test_trees_that_are_empty_equal_or_smaller(
    old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes], proven: bool
) -> None:
    if proven:
        verify_consistency(old, new, proof, old_root, new_root)
        return
    with pytest.raises(NotProven):
        verify_consistency(old, new, proof, old_root, new_root)


MANY = [leaf_hash(number.to_bytes(2, "big")) for number in range(700)]
TREE = complete_subtrees(MANY)


@given(st.integers(1, len(MANY)), st.data())
def test_in_a_log_of_any_size_every_leaf_and_every_earlier_size_is_proven(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    top = root(TREE, size)
    verify_inclusion(MANY[index], index, size, inclusion_proof(TREE, index, size), top)
    verify_consistency(old, size, consistency_proof(TREE, old, size), root(TREE, old), top)


@given(st.integers(2, len(MANY)), st.data())
def test_a_changed_byte_anywhere_proves_nothing(size: int, data: st.DataObject) -> None:
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size - 1))
    top = root(TREE, size)
    inclusion = [MANY[index], *inclusion_proof(TREE, index, size), top]
    leaf, *proof, changed_top = data.draw(st.sampled_from(range(len(inclusion))).map(lambda at: flipped(inclusion, at)))
    with pytest.raises(NotProven):
        verify_inclusion(leaf, index, size, proof, changed_top)
    consistency = [root(TREE, old), *consistency_proof(TREE, old, size), top]
    first, *path, last = data.draw(st.sampled_from(range(len(consistency))).map(lambda at: flipped(consistency, at)))
    with pytest.raises(NotProven):
        verify_consistency(old, size, path, first, last)


def test_a_leaf_and_a_node_of_the_same_bytes_have_other_hashes() -> None:
    assert leaf_hash(SOME + SOME) != node_hash(SOME, SOME)
    assert sha256(b"").digest() == EMPTY_ROOT
