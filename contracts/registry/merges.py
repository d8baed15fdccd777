"""Two persons found to be one, and taken apart again: decisions as commands, and what is announced of them."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from contracts.model import Id, Model
from contracts.registry.persons import PersonEvent

Reason = Literal[
    "same_documents",
    "same_household_different_person",
    "twin",
    "typing_error",
    "confirmed_by_person",
    "confirmed_by_dukcapil",
    "other",
]
"""Why somebody holds two persons for one, or for two."""
Because = Literal["rule", "steward"]


class MergePersons(Model):
    """These two are one person. `asof` tells what was read of each, in the order of `persons`: when the newest of it
    was recorded. A person's version is no measure, for it counts what its reader may not see.

    Without `survivor` the registry chooses: verified identity, then documents, then who was known first.
    """

    type: Literal["registry.person.merge.v1"] = "registry.person.merge.v1"
    persons: tuple[Id, Id]
    survivor: Id | None = None
    asof: tuple[AwareDatetime, AwareDatetime] | None = None
    duplicate: Id | None = None
    reason: Reason


class UnmergePerson(Model):
    """This absorbed person stands for itself again. `asof` tells what was read of the person it was found to be."""

    type: Literal["registry.person.unmerge.v1"] = "registry.person.unmerge.v1"
    person: Id
    reason: Reason
    asof: AwareDatetime | None = None


class MergeEvent(PersonEvent):
    """What stands on both persons, under the key of each. Facets and flags are those of whoever has the facts now."""

    other: Id
    role: Literal["survivor", "absorbed"]
    """What `person` is, or was, in this merge."""
    because: Because


class PersonMerged(MergeEvent):
    """The absorbed one's facts are the survivor's: facets and flags of both events are the survivor's now.

    Nothing more is announced under the absorbed id until it is unmerged.
    """

    type: Literal["registry.person.merged.v1"] = "registry.person.merged.v1"


class PersonUnmerged(MergeEvent):
    """Each has its own facts again, as if they had never been merged; `facets_before` is what both were together."""

    type: Literal["registry.person.unmerged.v1"] = "registry.person.unmerged.v1"
