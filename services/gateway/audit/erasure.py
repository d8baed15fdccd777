"""Erasing what the record of disclosures says of one person; every proof still verifies."""

from services.gateway.domain.transparency.leaves import rows_of
from services.gateway.store.disclosure_index import DisclosureIndex
from services.gateway.store.transparency import TransparencyStore


class NotIndexedYet(Exception):
    """Some disclosures are no leaves yet, or not in the index: what they say of the person would stay."""


async def erase_person(store: TransparencyStore, index: DisclosureIndex, person: str) -> int:
    """Delete every row about a person, and their salts; returns how many. Raises NotIndexedYet, and VersionConflict
    when somebody else erases at once: doing it again does the rest."""
    head = await store.find_head()
    if await store.oldest_unsequenced() or (head and await index.next_leaf() < head.edge.size):
        raise NotIndexedYet
    erased = 0
    for leaf in await index.leaves_of(person):
        document = await store.get_batch(leaf)
        rows = frozenset(n for n, entry in enumerate(rows_of(document)) if entry and entry.row.person == person)
        await store.erase(document["_id"], rows)
        await index.forget(leaf)
        erased += len(rows)
    return erased
