"""The gateway's own commands: decided one by one, and the agreements that an installation begins with."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chassis.commands.overlay import Overlay
from chassis.commands.types import Applied, Command
from contracts.authority import GATEWAY_RULE, PLATFORM
from contracts.commands import Principal
from contracts.gateway import (
    AdoptAgreements,
    AgreementWordings,
    ApproveAgreement,
    ProposeAgreement,
    RejectAgreement,
)
from contracts.outcomes import Refused
from contracts.topics import EXCHANGE, Names
from deploy.local import keys
from services.gateway import provisioning
from services.gateway.commands import Changes, LoadedBatch, apply, decide
from services.gateway.commands.agreements import MAX_UNAGREED
from services.gateway.domain.agreement_record import agreement_id, terms_of, wording_of
from services.gateway.domain.agreements import FILE, Agreement, load
from services.gateway.settings import Settings
from services.gateway.store.agreements import AgreementStore
from tests.domain_service import carry_out, command
from tests.gateway.agreements import NOW, agreement_body, an_agreement, approval, officer
from tests.gateway.settling import settling
from tests.servers import KafkaServer

RULE = Principal(organisation=PLATFORM, roles=(GATEWAY_RULE,))
settle = carry_out(decide, apply)


def a_batch() -> LoadedBatch:
    return LoadedBatch(Overlay())


def adoption(*agreements: Agreement) -> Command:
    body = AdoptAgreements(agreements=tuple(terms_of(one) for one in agreements))
    return command(body, RULE, AgreementWordings(agreements=tuple(wording_of(one) for one in agreements)))


def proposal(agreement: Agreement, who: Principal) -> Command:
    return command(ProposeAgreement(terms=terms_of(agreement)), who, wording_of(agreement))


def refused(batch: LoadedBatch, one: Command) -> str:
    """The code."""
    with pytest.raises(Refused) as refusal:
        settle(batch, one, NOW)
    return refusal.value.problems[0].code


# -- one by one


def test_a_command_sees_what_those_before_it_in_the_batch_changed() -> None:
    batch = a_batch()
    outcomes: list[Applied[Changes]] = [settle(batch, proposal(an_agreement(), officer("KP2MI")), NOW)]
    for organisation, signer in (("BPS", "s-1"), ("KP2MI", "s-2")):
        outcomes.append(settle(batch, command(approval(signer=signer), officer(organisation)), NOW))
    assert [(one.version, one.kind) for one in outcomes] == [(1, "agreement"), (2, "agreement"), (3, "agreement")]
    events = [event for one in outcomes for event in one.events]
    assert [event.sequence for event in events] == [1, 2, 3]
    assert len({event.recorded for event in events}) == 3
    (record,) = batch.agreements.values()
    assert [agreement.law for agreement in record.approved] == ["UU 16/1997 art. 11"]


@pytest.mark.parametrize(
    "who",
    [
        Principal(organisation="KP2MI"),
        Principal(organisation="KP2MI", user="u-1"),
        Principal(organisation="KP2MI", user="u-1", roles=("registrar",)),
        Principal(organisation=PLATFORM, roles=("exchange",)),
        Principal(organisation=PLATFORM, roles=("operator",)),
        RULE,
    ],
)
def test_nobody_but_a_data_protection_officer_decides(who: Principal) -> None:
    batch = a_batch()
    assert refused(batch, proposal(an_agreement(), who)) == "not_permitted"
    settle(batch, proposal(an_agreement(), officer("KP2MI")), NOW)
    assert refused(batch, command(approval(), who)) == "not_permitted"


def test_an_approval_of_what_is_not_there_is_refused() -> None:
    body = ApproveAgreement(agreement=agreement_id("nosuch"), number=1, signer="s-1")
    assert refused(a_batch(), command(body, officer("KP2MI"))) == "not_found"


def test_terms_without_their_words_are_refused() -> None:
    one = proposal(an_agreement(), officer("KP2MI"))
    assert refused(a_batch(), replace(one, personal=None)) == "invalid_value"


def test_who_proposes_in_vain_again_and_again_is_stopped_and_nobody_else() -> None:
    name = "trial-" + "x" * 10
    batch = LoadedBatch(Overlay(), {"KP2MI": MAX_UNAGREED - 2})
    for letter in "ab":
        settle(batch, proposal(an_agreement(id=name + letter), officer("KP2MI")), NOW)
    assert refused(batch, proposal(an_agreement(id=name), officer("KP2MI"))) == "too_many_proposals"
    settle(batch, proposal(an_agreement(id=name), officer("BPS")), NOW)
    known = LoadedBatch(Overlay(batch.agreements), {"KP2MI": MAX_UNAGREED})
    body = RejectAgreement(agreement=agreement_id(name + "a"), number=1)
    settle(known, command(body, officer("BPS")), NOW)
    settle(known, proposal(an_agreement(id=name + "a", version=2), officer("KP2MI")), NOW)


# -- adopting


def test_agreements_are_adopted_while_there_are_none_and_the_same_again_changes_nothing() -> None:
    batch, both = a_batch(), [an_agreement(version=2), an_agreement()]
    applied = settle(batch, adoption(*both), NOW)
    assert [type(event.event).__name__ for event in applied.events] == ["AgreementAdopted"] * 2
    (record,) = batch.agreements.values()
    assert [one.version for one in record.approved] == [1, 2]
    again = settle(batch, adoption(*reversed(both)), NOW)
    assert (again.events, again.changes) == ((), None)


def test_nothing_is_adopted_beside_other_agreements() -> None:
    batch = a_batch()
    settle(batch, proposal(an_agreement(), officer("KP2MI")), NOW)
    assert refused(batch, adoption(an_agreement())) == "state_conflict"
    batch = a_batch()
    settle(batch, adoption(an_agreement()), NOW)
    assert refused(batch, adoption(an_agreement(retention_days=1))) == "state_conflict"
    assert refused(batch, adoption(an_agreement(), an_agreement(id="another-one"))) == "state_conflict"


def test_versions_that_do_not_follow_each_other_are_not_adopted() -> None:
    assert refused(a_batch(), adoption(an_agreement(version=2))) == "version_conflict"


def test_people_and_operators_adopt_nothing() -> None:
    for who in (officer("KP2MI"), Principal(organisation=PLATFORM, user="op", roles=("operator",))):
        assert refused(a_batch(), replace(adoption(an_agreement()), principal=who)) == "not_permitted"


# -- on servers


@pytest.fixture
async def settings(kafka: KafkaServer, mongo: str, prefix: str, database_name: str, tmp_path: Path) -> Settings:
    keys.ensure(tmp_path)
    await provisioning.sync_topics(kafka.confluent, Names(prefix))
    given: dict[str, Any] = {name.lower(): value for name, value in kafka.environment.items() if value}
    return Settings(
        **given, mongo_url=mongo, mongo_database=database_name, topic_prefix=prefix, keys=tmp_path / f"{EXCHANGE}.json",
        instance="gateway-exchange-0",
    )  # fmt: skip


async def test_an_installation_begins_with_a_file_and_does_not_read_it_again(
    settings: Settings, tmp_path: Path
) -> None:
    other = tmp_path / "other.json"
    other.write_text(json.dumps([agreement_body()]))
    for file in (FILE, other):
        async with settling(settings, file) as settlement:
            store = AgreementStore(settlement.processor.database)
            approved = [agreement for record in await store.list_all() for agreement in record.approved]
            assert {one.name: one for one in approved} == {one.name: one for one in load()}
            assert await store.count_unagreed(PLATFORM) == 0
            assert all(version.adopted for record in await store.list_all() for version in record.versions)


async def test_a_file_that_cannot_be_adopted_is_named(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "gap.json"
    file.write_text(json.dumps([agreement_body(version=2)]))
    for _ in range(2):
        with pytest.raises(ValueError, match=r"gap\.json"):
            async with settling(settings, file):
                pass
