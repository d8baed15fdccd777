"""The operator's command against a registry whose persons were registered while nobody was compared."""

from contextlib import closing
from pathlib import Path

from motor.motor_asyncio import AsyncIOMotorClient

from chassis.mongo import Client
from chassis.security.keys import KeyRing
from deploy.local.errors import CannotProceed
from deploy.local.keys import ensure
from services.registry import profile_rebuild
from services.registry.store import Store
from services.registry.store.cache import Cache
from simpul.profiles import profiles
from tests.eventually import eventually
from tests.registry.builders import command, registration
from tests.registry.people import aminah
from tests.registry.processes import apply
from tests.servers import KafkaServer
from tests.simpul.operators import Operator, operating


async def test_those_stored_are_recognised_and_made_one(
    kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path
) -> None:
    client: Client = AsyncIOMotorClient(mongo, tz_aware=True, w="majority")
    with closing(client):
        async with operating(profiles, "registry", kafka, mongo, prefix, tmp_path) as operator:
            store = Store(client[operator.database], KeyRing.load(operator.keys / "registry.json"), Cache())
            people = [
                aminah(),
                aminah(full_name="Siti Aminah binti Karso"),
                aminah(full_name="Dewi Lestari", phone=None),
            ]
            commands = [command(registration(home_regency="33.07"), one) for one in people]
            ids = [one.aggregate_id for one in await apply(client, store, commands)]

            done = await operator("rebuild")
            assert done.exit_code == 0, done.exception
            regencies = len(profile_rebuild.regencies())
            told = "Rebuilt: 3 persons, 3 profiles. Pairs asked about: 1."
            assert (f"regencies: {regencies}/{regencies}" in done.output, told in done.output) == (True, True)

            async def one_person() -> bool:
                found = await Store(client[operator.database], store.ring, Cache()).find_persons(
                    dict.fromkeys(ids[:2], 0)
                )
                return len({person.id for person in found.values()}) == 1

            await eventually(one_person, timeout=30)
            again = await operator("rebuild", "--no-compare")
            assert "Rebuilt: 2 persons, 3 profiles. Pairs asked about: 0." in again.output

            wrong = await operator("rebuild", "--after", "nowhere")
            assert isinstance(wrong.exception, CannotProceed)
            assert "cursor_expired" in str(wrong.exception)


async def test_where_nobody_is_compared_the_operator_is_told(
    kafka: KafkaServer, mongo: str, prefix: str, tmp_path: Path
) -> None:
    async with operating(profiles, "registry", kafka, mongo, prefix, tmp_path, MATCHING="off") as operator:
        done = await operator("rebuild")
        assert str(done.exception) == "The registry runs with MATCHING=off: nobody is recognised there."


async def test_an_interrupted_run_says_where_to_go_on(tmp_path: Path) -> None:
    away = Operator(profiles, "http://127.0.0.1:1", ensure(tmp_path))
    done = await away("rebuild", "--after", "33.07/somebody")
    assert isinstance(done.exception, CannotProceed)
    assert str(done.exception).endswith("Go on with --after 33.07/somebody.")
