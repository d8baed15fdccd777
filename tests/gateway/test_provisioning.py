"""The rights that are asked of the broker, per service and per partner."""

from collections.abc import Iterable
from typing import Any

import pytest
from confluent_kafka.admin import AclBinding, AclOperation, ResourcePatternType, ResourceType

from contracts.topics import API, DOORS, EXCHANGE, INTERNAL, PROCESSES, URGENT, Names
from services.gateway.provisioning import intake_rights, partner_rights, process_rights

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


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_may_do_with_each_topic_what_the_list_of_topics_says_and_no_more(process: str) -> None:
    rights = process_rights(process, NAMES)
    for topic in INTERNAL:
        expected = {AclOperation.WRITE} if process in topic.writers else set()
        expected |= {AclOperation.READ} if process in topic.readers else set()
        expected |= {AclOperation.DELETE} if process == topic.janitor else set()
        assert covered(rights, ResourceType.TOPIC, f"t.{topic.name}") == expected


def test_nobody_may_delete_events_and_one_process_what_else_is_kept_short() -> None:
    for topic in INTERNAL:
        deleters = {
            process
            for process in PROCESSES
            if AclOperation.DELETE in covered(process_rights(process, NAMES), ResourceType.TOPIC, f"t.{topic.name}")
        }
        assert deleters == {topic.janitor} - {None}
        assert topic.janitor or ".events." in topic.name or topic.kept_hours
        assert API not in deleters


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_joins_its_own_groups(process: str) -> None:
    rights = process_rights(process, NAMES)
    mine = {process} if process in DOORS else {process, f"{process}-follows"}
    mine = set() if process == API else mine | ({"gateway"} if process == EXCHANGE else set())
    groups = {"gateway", *PROCESSES, *(f"{one}-follows" for one in PROCESSES)}
    assert {group for group in groups if covered(rights, ResourceType.GROUP, NAMES.group(group))} == mine


def test_only_the_gateway_touches_partners_topics_and_each_of_its_processes_in_one_direction() -> None:
    for process in PROCESSES:
        rights = process_rights(process, NAMES)
        taken_in, handed_out = (
            covered(rights, ResourceType.TOPIC, topic) for topic in (NAMES.intake("BPS"), NAMES.delivery("BPS"))
        )
        if process == API:
            assert (taken_in, handed_out) == ({AclOperation.WRITE}, {AclOperation.READ})
        elif process in DOORS:
            assert (taken_in, handed_out) == (set(), {AclOperation.WRITE})
        else:
            assert taken_in == handed_out == set()


def test_an_exchange_takes_in_one_priority_of_a_partner_and_not_the_other() -> None:
    for process, urgent in ((EXCHANGE, False), (URGENT, True)):
        user = f"User:{NAMES.prefix}{process}"
        own = [right for right in intake_rights("BPS", NAMES) if right.principal == user]
        taken_in = {AclOperation.READ, AclOperation.DELETE}
        assert covered(own, ResourceType.TOPIC, NAMES.intake("BPS", urgent=urgent)) == taken_in
        assert covered(own, ResourceType.TOPIC, NAMES.intake("BPS", urgent=not urgent)) == set()


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
