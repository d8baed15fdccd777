"""Commands of four institutions about constructed people, valid by default, so that a test names only what matters."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from chassis.commands.overlay import Overlay
from chassis.commands.types import Applied, Command
from chassis.security.keys import keyed
from contracts.commands import Principal
from contracts.envelope import Envelope
from contracts.model import Model, Moment
from contracts.registry import (
    ConfirmIdentity,
    DecideDuplicate,
    DecideOffer,
    Episode,
    Identifiers,
    MergePersons,
    PersonDetails,
    PlacementDetails,
    RecordDeparture,
    RecordPlacement,
    RegisterPerson,
    ReopenDuplicate,
    UnmergePerson,
)
from services.registry.commands import Draft, LoadedBatch, decide
from services.registry.commands.personal_values import Identifier
from services.registry.domain.identifiers import SYSTEMS
from services.registry.domain.person import Person
from simulation.scenario.people import make_nik

NOW = datetime(2026, 4, 1, 2, 0, tzinfo=UTC)
BORN = date(1998, 12, 5)
NIK = make_nik("33.07", BORN, "P", 1)
OTHER_NIK = make_nik("33.07", BORN, "P", 2)
PASSPORT = "Z0000001"
KP2MI, KEMENDAGRI, IMMIGRATION = "KP2MI", "KEMENDAGRI", "KEMENIMIPAS"
STEWARD = Principal(organisation=KP2MI, user="steward-1", roles=("identity_steward",), purpose="identity_stewardship")

_numbers = count(1_000)


def command_id(number: int) -> str:
    """The id of the nth command."""
    return str(UUID(int=(8 << 76) | number))


def at(text: str) -> Moment:
    """A moment as partners write it."""
    return Moment.parse(text)


def person(**changes: Any) -> PersonDetails:
    """A woman of Wonosobo."""
    given = {"full_name": "Sulastri", "nik": NIK, "passport": PASSPORT, "birth_date": BORN.isoformat(), "sex": "P"}
    return PersonDetails(**(given | changes))


def registration(
    occurred: str = "2026-01-10T09:00:00+07:00", home_regency: str | None = None, **plan: Any
) -> RegisterPerson:
    """A plan to work in Hong Kong."""
    episode = Episode(**({"destination": "HK", "sector": "97000", "occupation": "9111", "scheme": "p_to_p"} | plan))
    return RegisterPerson(occurred=at(occurred), home_regency=home_regency, episode=episode)


def identity(occurred: str = "2026-01-11T09:00:00+07:00", *, matched: bool = True, **changes: Any) -> ConfirmIdentity:
    return ConfirmIdentity(occurred=at(occurred), matched=matched, **changes)


def placement(occurred: str = "2026-02-01T10:00:00+07:00", **changes: Any) -> RecordPlacement:
    given = {"destination": "HK", "scheme": "p_to_p", "contract_start": "2026-03-01", "contract_end": "2028-02-29"}
    return RecordPlacement(occurred=at(occurred), **(given | changes))


def departure(occurred: str = "2026-03-02T08:00:00+07:00", **changes: Any) -> RecordDeparture:
    return RecordDeparture(occurred=at(occurred), **({"destination": "HK"} | changes))


def merging(one: str, other: str, **changes: Any) -> MergePersons:
    return MergePersons(**({"persons": (one, other), "reason": "typing_error"} | changes))


def unmerging(subject: str, **changes: Any) -> UnmergePerson:
    return UnmergePerson(**({"person": subject, "reason": "twin"} | changes))


_USUAL: dict[type[Model], tuple[str | Principal, Model | None]] = {
    MergePersons: (STEWARD, None),
    DecideDuplicate: (STEWARD, None),
    DecideOffer: (STEWARD, None),
    ReopenDuplicate: (STEWARD, None),
    UnmergePerson: (STEWARD, None),
    RegisterPerson: (KP2MI, person()),
    ConfirmIdentity: (KEMENDAGRI, Identifiers(nik=NIK)),
    RecordPlacement: (KP2MI, PlacementDetails(nik=NIK, employer="Golden Harvest Ltd")),
    RecordDeparture: (IMMIGRATION, Identifiers(nik=NIK, passport=PASSPORT)),
}


def command(body: Any, personal: Any = ..., *, by: str | Principal | None = None, number: int | None = None) -> Command:
    """The body as stated by its owner about the usual person; `personal` None leaves the sealed part out."""
    owner, usual = _USUAL[type(body)]
    number = next(_numbers) if number is None else number
    acting = by or owner
    principal = acting if isinstance(acting, Principal) else Principal(organisation=acting)
    occurred = body.occurred.at if hasattr(body, "occurred") else NOW
    return Command(
        id=command_id(number),
        type=body.type,
        digest=f"digest-{number}",
        key=b"",
        principal=principal,
        body=body,
        personal=usual if personal is ... else personal,
        envelope=Envelope(command_id(number), f"/{principal.organisation}/test", body.type, occurred),
    )


def hashed(system: str, value: str) -> str:
    """The id of an entry in tests that need no key ring."""
    return keyed(b"test", system, value).hex()


def workspace(commands: Iterable[Command] = ()) -> LoadedBatch:
    """An empty registry, with the identifier entries these commands may need named."""
    brought: set[Identifier] = {
        (system, value)
        for one in commands
        for system in SYSTEMS
        if one.personal and (value := getattr(one.personal, system))
    }
    return LoadedBatch({identifier: hashed(*identifier) for identifier in brought}, Overlay(), Overlay())


def carry_out(batch: LoadedBatch, one: Command, now: datetime) -> Applied[Draft]:
    """As the processor does. Raises Refused."""
    applied = decide(batch, one, now)
    assert applied.changes is not None
    batch.apply(applied.changes)
    return applied


def settle(*commands: Command, now: datetime = NOW) -> tuple[LoadedBatch, list[Applied[Draft]]]:
    """All of them in one batch, in this order, on an empty registry. Raises Refused."""
    work = workspace(commands)
    return work, [carry_out(work, one, now) for one in commands]


def only(work: LoadedBatch) -> Person:
    """The one person there is."""
    (found,) = work.persons.values()
    assert isinstance(found, Person)
    return found


def known(work: LoadedBatch, person: str) -> Person:
    """Whoever this id leads to."""
    found = work.root(person)
    assert found is not None
    return found


def flags(subject: Person) -> list[str]:
    """Codes of the person's flags."""
    return [flag.code for flag in subject.state.flags]
