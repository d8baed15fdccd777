"""The rights that are asked of the broker, per service and per partner."""

from collections.abc import Iterable
from typing import Any

import pytest
from confluent_kafka.admin import AclBinding, AclOperation, ResourcePatternType, ResourceType

from contracts.topics import INTERNAL, SERVICES, Names
from services.gateway.provisioning import partner_rights, service_rights

NAMES = Names("t.")


def covered(rights: Iterable[AclBinding], kind: ResourceType, name: str) -> set[Any]:
    """What these rights allow of something."""
    return {
        right.operation
        for right in rights
        if right.restype == kind
        and (
            name == right.name
            or (right.resource_pattern_type == ResourcePatternType.PREFIXED and name.startswith(right.name))
        )
    }


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_do_with_each_topic_what_the_list_of_topics_says_and_no_more(service: str) -> None:
    rights = service_rights(service, NAMES)
    for topic in INTERNAL:
        expected = {AclOperation.WRITE} if service in topic.writers else set()
        if service in topic.readers:
            expected |= {AclOperation.READ} | ({AclOperation.DELETE} if topic.kept != "for ever" else set())
        assert covered(rights, ResourceType.TOPIC, f"t.{topic.name}") == expected


def test_no_service_may_delete_events() -> None:
    events = [name for name in NAMES.internal() if ".events." in name]
    assert events
    for service in SERVICES:
        for name in events:
            assert AclOperation.DELETE not in covered(service_rights(service, NAMES), ResourceType.TOPIC, name)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_joins_its_own_groups(service: str) -> None:
    mine = ["gateway-exchange", "gateway-exchange-urgent"] if service == "gateway" else [service, f"{service}-follows"]
    others = [one for one in SERVICES if one != service]
    rights = service_rights(service, NAMES)
    assert all(covered(rights, ResourceType.GROUP, NAMES.group(name)) == {AclOperation.READ} for name in mine)
    assert not any(covered(rights, ResourceType.GROUP, NAMES.group(name)) for name in others)


def test_a_partner_has_its_own_topics_and_groups_and_none_of_whose_name_its_own_begins() -> None:
    rights = partner_rights("BPS", NAMES)
    for urgent in (False, True):
        assert covered(rights, ResourceType.TOPIC, NAMES.intake("BPS", urgent=urgent)) == {AclOperation.WRITE}
        assert covered(rights, ResourceType.TOPIC, NAMES.delivery("BPS", urgent=urgent)) == {AclOperation.READ}
    assert covered(rights, ResourceType.GROUP, "t.bps.reader") == {AclOperation.READ}
    for group in ("t.bps", "t.bps-33.reader", "t.bpsdm.reader", "t.gateway-exchange"):
        assert covered(rights, ResourceType.GROUP, group) == set()
    for topic in (NAMES.intake("BPS-33"), NAMES.delivery("BPS-33")):
        assert covered(rights, ResourceType.TOPIC, topic) == set()
