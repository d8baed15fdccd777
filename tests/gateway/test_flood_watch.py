"""A partner that floods the broker loses the right to send loads, and nothing else; nobody else loses anything."""

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError
from confluent_kafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from contracts.topics import Names
from services.gateway import broker_limits, flood_watch, provisioning
from services.gateway.flood_watch import GIVEN_BACK_BELOW, Change, decide
from services.gateway.settings import PartnerLimits
from tests.eventually import eventually
from tests.servers import KafkaServer

MIB = 2**20
LIMITS = PartnerLimits(partner_topic_bytes=10 * MIB, broker_min_free_bytes=100 * MIB)
SIZES = st.dictionaries(st.sampled_from(["BNPB", "BPS", "KP2MI"]), st.integers(0, 30 * MIB))
FULL, NOT_TOLD, ROOMY = 1, None, 2**40


def organisations(changes: list[Change], *, withdrawn: bool) -> set[str]:
    return {change.organisation for change in changes if change.withdrawn == withdrawn}


def test_one_over_its_limit_stops_and_starts_again_well_below_it() -> None:
    over, at, below = 10 * MIB + 1, 10 * MIB, int(10 * MIB * GIVEN_BACK_BELOW) - 1
    nobody, bnpb = frozenset[str](), frozenset({"BNPB"})
    assert organisations(decide({"BNPB": over, "BPS": at}, ROOMY, nobody, LIMITS), withdrawn=True) == {"BNPB"}
    assert decide({"BNPB": over}, ROOMY, bnpb, LIMITS) == []
    assert decide({"BNPB": at - 1}, ROOMY, bnpb, LIMITS) == []
    assert organisations(decide({"BNPB": below}, NOT_TOLD, bnpb, LIMITS), withdrawn=False) == {"BNPB"}
    assert organisations(decide({}, NOT_TOLD, bnpb, LIMITS), withdrawn=False) == {"BNPB"}


def test_on_a_full_disk_the_largest_stops_first_and_nobody_starts_again() -> None:
    sizes = {"BNPB": 2 * MIB, "BPS": 5 * MIB, "KP2MI": 0}
    assert organisations(decide(sizes, FULL, frozenset(), LIMITS), withdrawn=True) == {"BPS"}
    assert organisations(decide(sizes, FULL, frozenset({"BPS"}), LIMITS), withdrawn=True) == {"BNPB"}
    assert decide(sizes, FULL, frozenset({"BPS", "BNPB"}), LIMITS) == []


@given(SIZES, st.sampled_from([FULL, NOT_TOLD, ROOMY]), st.frozensets(st.sampled_from(["BNPB", "BPS", "KP2MI"])))
def test_nobody_is_told_both_or_told_what_is_so_already(
    sizes: dict[str, int], usable: int | None, withdrawn: frozenset[str]
) -> None:
    changes = decide(sizes, usable, withdrawn, LIMITS)
    assert organisations(changes, withdrawn=True).isdisjoint(withdrawn)
    assert organisations(changes, withdrawn=False) <= withdrawn
    assert len({change.organisation for change in changes}) == len(changes)


@pytest.fixture
async def names(kafka: KafkaServer, prefix: str) -> Names:
    if kafka.security == "PLAINTEXT":
        pytest.skip("this broker knows no users")
    return Names(prefix)


async def test_a_partner_has_the_quotas_of_the_settings(kafka: KafkaServer, names: Names) -> None:
    limits = PartnerLimits(partner_produce_bytes=2_000_000, partner_consume_bytes=3_000_000, partner_request_percent=50)
    await provisioning.sync_partners(kafka.confluent, names, ["BNPB"], limits=limits)
    user = provisioning.partner_user("BNPB", names)
    expected = {user: broker_limits.Quota(2_000_000, 3_000_000, 50)}
    assert await broker_limits.quotas_of(kafka.confluent, [user, "nobody"]) == expected


async def test_a_flood_is_stopped_and_the_partners_alerts_and_its_neighbour_go_on(
    kafka: KafkaServer, names: Names
) -> None:
    connected = await provisioning.sync_partners(kafka.confluent, names, ["BNPB", "BPS"])
    limits = PartnerLimits(partner_topic_bytes=200_000, broker_min_free_bytes=0)

    def producer(code: str) -> AIOKafkaProducer:
        login = {"sasl_plain_username": provisioning.partner_user(code, names)}
        return AIOKafkaProducer(**{**kafka.client, **login, "sasl_plain_password": connected.passwords[code]})

    async with producer("BNPB") as flooding, producer("BPS") as neighbour:
        for _ in range(10):
            await flooding.send_and_wait(names.intake("BNPB"), b"x" * 50_000)
        assert [change.organisation for change in await flood_watch.look(kafka.confluent, names, limits)] == ["BNPB"]
        await eventually(lambda: is_refused(flooding, names.intake("BNPB")))
        await flooding.send_and_wait(names.intake("BNPB", urgent=True), b"distress")
        await neighbour.send_and_wait(names.intake("BPS"), b"a record")
        assert await flood_watch.look(kafka.confluent, names, limits) == []

        taken = TopicPartition(names.intake("BNPB"), 0, 10)
        admin = kafka.admin()  # its answers end with it
        admin.delete_records([taken])[taken].result(30)
        await eventually(lambda: given_back(kafka, names, limits), 60)
        await eventually(lambda: is_taken(flooding, names.intake("BNPB")))


async def is_refused(producer: AIOKafkaProducer, topic: str) -> bool:
    try:
        await producer.send_and_wait(topic, b"x")
    except TopicAuthorizationFailedError:
        return True
    return False


async def is_taken(producer: AIOKafkaProducer, topic: str) -> bool:
    return not await is_refused(producer, topic)


async def given_back(kafka: KafkaServer, names: Names, limits: PartnerLimits) -> bool:
    """The broker removes what was deleted when its segment is rolled, so the limit is raised above what is left."""
    roomier = limits.model_copy(update={"partner_topic_bytes": 2_000_000})
    changes = await flood_watch.look(kafka.confluent, names, roomier)
    return [change.organisation for change in changes if not change.withdrawn] == ["BNPB"]
