import re

import pytest

from contracts import schemas
from contracts.codes import organisations
from contracts.topics import API, EXCHANGE, INTERNAL, PROCESSES, SERVICES, Names, Topic, partner_slug

LEGAL = re.compile(r"^[a-zA-Z0-9._-]{1,249}$")
"""What Kafka takes as a topic name."""
CODES = sorted(organisations())
NAMES = Names("t1.")


def names_of(service: str) -> set[str]:
    return {Names().commands(service), Names().events(service), Names().outcomes(service)}


def test_every_service_has_commands_events_and_outcomes() -> None:
    known = {topic.name for topic in INTERNAL}
    assert set().union(*(names_of(service) for service in SERVICES)) | {Names().bulk("registry")} == known


@pytest.mark.parametrize("topic", INTERNAL, ids=lambda topic: topic.name)
def test_events_and_outcomes_have_one_writer_and_commands_one_reader(topic: Topic) -> None:
    service = topic.name.split(".")[0]
    owner = EXCHANGE if service == "gateway" else service
    assert {*topic.writers, *topic.readers} <= set(PROCESSES)
    if ".events." in topic.name or ".outcomes." in topic.name:
        assert topic.writers == (owner,)
    else:
        assert topic.readers == (owner,)
        assert API in topic.writers or ".bulk." in topic.name
        assert EXCHANGE in topic.writers or service == "gateway"


@pytest.mark.parametrize("service", SERVICES)
def test_all_topics_of_a_service_have_the_same_number_of_partitions(service: str) -> None:
    assert len({topic.partitions for topic in INTERNAL if topic.name.startswith(f"{service}.")}) == 1


def test_events_are_kept_for_ever_and_nothing_else_is() -> None:
    assert all((topic.kept == "for ever") == (".events." in topic.name) for topic in INTERNAL)


def test_every_topic_with_messages_of_its_own_is_described() -> None:
    described = set(schemas.UNIONS) - {"from.{org}.v1", "to.{org}.v1"}
    assert {topic.name for topic in INTERNAL if ".outcomes." not in topic.name} == described


@pytest.mark.parametrize("urgent", [False, True])
def test_every_organisations_topics_are_legal_and_lead_back_to_it(urgent: bool) -> None:
    for code in CODES:
        for topic in (NAMES.intake(code, urgent=urgent), NAMES.delivery(code, urgent=urgent)):
            assert LEGAL.match(topic)
            assert partner_slug(topic, NAMES.prefix) == code.lower()


def test_each_lane_reads_its_own_topics_only() -> None:
    normal, urgent = re.compile(NAMES.intake_pattern()), re.compile(NAMES.intake_pattern(urgent=True))
    for code in CODES:
        assert normal.match(NAMES.intake(code))
        assert not normal.match(NAMES.intake(code, urgent=True))
        assert urgent.match(NAMES.intake(code, urgent=True))
        assert not urgent.match(NAMES.intake(code))


@pytest.mark.parametrize(
    "foreign", ["t1.to.kp2mi.v1", "t1.registry.events.v1", "from.kp2mi.v1", "t2.from.kp2mi.v1", "t1.from.kp2mi.v1.old"]
)
def test_the_exchange_reads_no_topic_but_what_partners_write(foreign: str) -> None:
    assert not re.match(NAMES.intake_pattern(), foreign)
    assert not re.match(NAMES.intake_pattern(urgent=True), foreign)


def test_no_two_organisations_share_a_topic_in_kafkas_metrics() -> None:
    """Kafka takes `.` and `_` for the same there."""
    assert len({code.lower().replace(".", "_") for code in CODES}) == len(CODES)


def test_a_prefix_goes_before_every_name() -> None:
    assert {NAMES.group("registry"), NAMES.bulk("registry")} == {"t1.registry", "t1.registry.bulk.v1"}
    assert all(name.startswith("t1.") for name in NAMES.internal())
