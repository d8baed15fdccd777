"""Sections on records: the persons found, the records that nothing links, and how candidates were found."""

from collections.abc import Sequence

import numpy as np

from linkage.lists.persons import Persons, list_of
from linkage.lists.report.markup import Markup, tag
from linkage.lists.report.tables import Number, section, table
from linkage.lists.report.wording import count, percent
from linkage.result import DECISIONS, Linkage

_LARGEST = 20
_MEMBERS = 12
_ALONE = 50


def clusters(linkage: Linkage, found: Persons) -> Markup:
    """Persons by number of records, and the largest."""
    sizes, how_many = np.unique(found.sizes, return_counts=True)
    by_size = [(int(size), int(n), int(size * n)) for size, n in zip(sizes, how_many, strict=True)]
    largest = np.argsort(-found.sizes, kind="stable")[:_LARGEST]
    rows = [
        (found.names[n], int(found.sizes[n]), _ids(linkage, found.members(int(n))))
        for n in largest
        if found.sizes[n] > 1
    ]
    lead = "A cluster is one person. An unusually large one deserves a look: its records may share a placeholder."
    return section(
        "clusters",
        "Persons found",
        tag("p", lead, class_="lead"),
        table("Persons by number of records", ("Records of one person", "Persons", "Records"), by_size),
        table(f"The {count(len(rows), 'largest cluster')}", ("Cluster", "Records", "Their ids"), rows)
        if rows
        else None,
    )


def unlinked(linkage: Linkage, found: Persons) -> Markup:
    """Records that stand alone, and which of them wait for a steward."""
    alone = np.flatnonzero(found.sizes[found.of] == 1)
    pairs = linkage.pairs
    review = pairs.decision == DECISIONS.index("review")
    waiting = np.intersect1d(alone, np.concatenate((pairs.left[review], pairs.right[review])))
    every = len(linkage.people)
    share = percent(len(alone) / max(every, 1))
    told = f"{len(alone):,} of {count(every, 'record')} ({share}), {len(waiting):,} of them with a pair to review."
    rest = np.setdiff1d(alone, waiting)
    second = linkage.people.second
    lists = (
        [("", rest)] if second is None else [(" of list A", rest[rest < second]), (" of list B", rest[rest >= second])]
    )
    parts = [part for name, records in lists for part in _first(linkage, name, list(map(int, records)))]
    return section("unlinked", "Records that nothing links", tag("p", told, class_="lead"), *parts)


def keys(linkage: Linkage) -> Markup:
    """What each blocking key found."""
    lead = (
        "Not every pair can be compared: candidates are pairs that share a key. Recall is the share of all likely "
        "matches that a key proposed; alone are pairs that no other key proposed. Values too frequent to compare all "
        "their records were refined by a second field; left out are the pairs that were too many even then."
    )
    rows = [
        (key.name, key.pairs, key.only_here, Number(percent(key.recall), key.recall), key.refined, key.left_out)
        for key in sorted(linkage.keys, key=lambda key: -key.recall)
    ]
    if not rows:
        return section("keys", "How candidates were found", tag("p", "No key was used.", class_="soft"))
    heads = ("Key", "Pairs", "Alone", "Recall", "Values refined", "Pairs left out")
    return section(
        "keys", "How candidates were found", tag("p", lead, class_="lead"), table("Blocking keys", heads, rows)
    )


def _ids(linkage: Linkage, members: Sequence[int]) -> str:
    people = linkage.people
    some = [
        f"{list_of(people, i)}:{people.ids[i]}" if people.second is not None else people.ids[i]
        for i in members[:_MEMBERS]
    ]
    more = [f"and {len(members) - _MEMBERS:,} more"] if len(members) > _MEMBERS else []
    return ", ".join([*some, *more])


def _first(linkage: Linkage, name: str, records: Sequence[int]) -> list[Markup]:
    if not records:
        return []
    told = f"All {len(records):,}" if len(records) <= _ALONE else f"The first {_ALONE} of {len(records):,}"
    ids = [tag("li", tag("bdi", linkage.people.ids[i])) for i in records[:_ALONE]]
    return [tag("h3", f"{told}{name} with no pair at all to review"), tag("ol", ids, class_="ids")]
