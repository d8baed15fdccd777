"""Merkle trees of RFC 6962: hashes, proofs, and their verification by the algorithms of RFC 9162 section 2.1."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Node = Callable[[int, int], bytes]
"""The hash of a complete subtree, by its level (0: leaves) and its index among those of that level."""


class NotProven(Exception):
    """A proof does not show what it is to show."""


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 6962 section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def complete_subtrees(hashes: Sequence[bytes]) -> Node:
    """The nodes over these leaves."""

    def node(level: int, index: int) -> bytes:
        if level == 0:
            return hashes[index]
        return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))

    return node


def root(node: Node, size: int) -> bytes:
    """Of a tree of this many leaves."""
    return _range_hash(node, 0, size) if size else EMPTY_ROOT


def _range_hash(node: Node, start: int, end: int) -> bytes:
    """Of the leaves from `start` to before `end`, as they stand in a tree."""
    count = end - start
    if count & (count - 1) == 0:
        return node(count.bit_length() - 1, start // count)
    middle = start + _split(count)
    return node_hash(_range_hash(node, start, middle), _range_hash(node, middle, end))


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def inclusion_proof(node: Node, index: int, size: int) -> list[bytes]:
    """PATH of RFC 6962 section 2.1.1. Raises IndexError for a leaf that the tree does not have."""
    if not 0 <= index < size:
        raise IndexError(index)
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_hash(node, middle, end))
            end = middle
        else:
            proof.append(_range_hash(node, start, middle))
            start = middle
    return proof[::-1]


def consistency_proof(node: Node, old: int, new: int) -> list[bytes]:
    """PROOF of RFC 6962 section 2.1.2; empty from a tree of no leaves. Raises IndexError when `old` is larger."""
    if not 0 <= old <= new:
        raise IndexError(old)
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end = 0, new
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(_range_hash(node, middle, end))
            end = middle
        else:
            proof.append(_range_hash(node, start, middle))
            start = middle
    return ([_range_hash(node, start, end)] if start else []) + proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """RFC 9162 section 2.1.3.2. Raises NotProven."""
    if not 0 <= index < size:
        raise NotProven("the tree has no such leaf")
    computed = leaf
    for sibling, is_left in _sides(index, size - 1, proof):
        computed = node_hash(sibling, computed) if is_left else node_hash(computed, sibling)
    if computed != root_hash:
        raise NotProven("the root is another")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """RFC 9162 section 2.1.4.2; of a tree without leaves only the root of one is taken. Raises NotProven."""
    if not 0 <= old <= new:
        raise NotProven("the log shrank")
    if old in (0, new):
        computed = [new_root if old == new else EMPTY_ROOT, new_root]
        if proof:
            raise NotProven("the proof is too long")
    else:
        computed = _two_roots(old, new, proof, old_root)
    if computed != [old_root, new_root]:
        raise NotProven("a root is another")


def _two_roots(old: int, new: int, proof: Sequence[bytes], old_root: bytes) -> list[bytes]:
    """Those of the old and the new tree, as a proof of consistency has them."""
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise NotProven("the proof is too short")
    shift = (old & -old).bit_length() - 1  # up from the old tree's last leaf to its last complete subtree
    old_computed = new_computed = path[0]
    for sibling, is_left in _sides(old - 1 >> shift, new - 1 >> shift, path[1:]):
        if is_left:
            old_computed, new_computed = node_hash(sibling, old_computed), node_hash(sibling, new_computed)
        else:
            new_computed = node_hash(new_computed, sibling)
    return [old_computed, new_computed]


def _sides(place: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Siblings on the way up from the node at `place` of a row that ends at `last`, and whether each is the left one.

    Raises NotProven unless the proof ends at the root.
    """
    for sibling in proof:
        if len(sibling) != HASH_BYTES:
            raise NotProven("a hash has another length")
        if last == 0:
            raise NotProven("the proof is too long")
        is_left = bool(place & 1) or place == last
        if is_left:
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        yield sibling, is_left
        place, last = place >> 1, last >> 1
    if last != 0:
        raise NotProven("the proof is too short")
