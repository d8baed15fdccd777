"""Loads the identifier entries that a batch needs, and whoever holds these identifiers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chassis.commands.types import Command
from contracts.registry import DecideOffer, RegisterPerson
from services.registry.commands.personal_values import Identifier, identifiers, personal_of
from services.registry.domain.identifier_links import PassportHolder, passport_holder
from services.registry.domain.identifiers import IdentifierEntry
from services.registry.domain.person import Person, Stored, root_of
from services.registry.store import Store

FURTHER = 2
"""How many steps, from passport to holder to passport, a link may hang on."""


@dataclass(slots=True)
class LoadedHolders:
    """Entries by id, the id of each identifier's entry, and persons, among them all holders."""

    entry_ids: dict[Identifier, str]
    entries: dict[str, IdentifierEntry]
    persons: dict[str, Stored]

    def of(self, identifier: Identifier) -> tuple[str, ...]:
        """The origin persons that carry an identifier, unless too many do."""
        entry = self.entries.get(self.entry_ids[identifier])
        return entry.persons if entry and entry.links else ()

    def of_shared_passports(self) -> set[str]:
        """Those who share a passport, and all that they were found to be: what was decided of them matters."""
        passports = (identifier for identifier in self.entry_ids if identifier[0] == "passport")
        shared = [origins for passport in passports if len(origins := self.of(passport)) > 1]
        roots = (root_of(self.persons, origin) for origins in shared for origin in origins)
        return {origin for root in roots if root for origin in root.origin_persons}

    def passport_holders(self, identifiers_: Iterable[Identifier]) -> Iterator[PassportHolder]:
        """What each holder of these identifiers says."""
        for origin in {origin for identifier in identifiers_ for origin in self.of(identifier)}:
            if root := root_of(self.persons, origin):
                yield passport_holder(root, origin)


async def load_holders(store: Store, commands: Sequence[Command], persons: Iterable[str]) -> LoadedHolders:
    """Of a batch, with these persons too."""
    loaded = LoadedHolders({}, {}, await store.load_persons(persons))
    brought = {identifier for command in commands for identifier in identifiers(personal_of(command))}
    await _load(store, loaded, brought | set(_offered(loaded.persons, commands)))
    for _ in range(FURTHER):
        if further := _further_passports(loaded, commands):
            await _load(store, loaded, further)
    return loaded


async def _load(store: Store, loaded: LoadedHolders, wanted: Iterable[Identifier]) -> None:
    new = {identifier: store.entry_id(*identifier) for identifier in wanted}
    loaded.entry_ids |= new
    loaded.entries |= await store.load_entries(new.values())
    holders = {origin for identifier in new for origin in loaded.of(identifier)}
    loaded.persons |= await store.load_persons(holders - loaded.persons.keys())


def _offered(persons: Mapping[str, Stored], commands: Iterable[Command]) -> Iterator[Identifier]:
    """The identifiers that offers bring if they are accepted."""
    for command in commands:
        root = root_of(persons, command.body.person) if isinstance(command.body, DecideOffer) else None
        for action in root.actions if isinstance(root, Person) else ():
            if root and action.command_id in root.state.without_effect:
                yield from identifiers(action.personal)


def _further_passports(loaded: LoadedHolders, commands: Iterable[Command]) -> set[Identifier]:
    """Other passports of those of whom a registration more or less decides whose these passports are."""
    registering = [
        identifier
        for command in commands
        if isinstance(command.body, RegisterPerson | DecideOffer)
        for identifier in identifiers(personal_of(command))
    ]
    unnumbered = {
        identifier
        for identifier in loaded.entry_ids
        if identifier[0] == "passport"
        and any(holder.registered and not holder.has_nik for holder in loaded.passport_holders([identifier]))
    }
    holders = loaded.passport_holders({*registering, *unnumbered})
    passports: set[Identifier] = {("passport", passport) for holder in holders for passport in holder.passports}
    return passports - loaded.entry_ids.keys()
