"""Reads over the api: who may see a person, an alert, a duplicate review, and who may not."""

from contracts.outcomes import status_of
from simulation.scenario.context import ScenarioContext
from simulation.scenario.observations import ApiRead, Observations
from simulation.scenario.participants import COORDINATION, FOREIGN_MINISTRY, REGENCIES, REGISTRY_OWNER
from simulation.scenario.partner_messages import registration_id
from simulation.scenario.partners import Client
from simulation.scenario.steps.registry_facts import person_tokens

HIDDEN = status_of("not_found")
"""What is denied has to look as if it were not there."""


async def read_over_api(context: ScenarioContext, observations: Observations) -> None:
    tokens = person_tokens(context)
    person = f"/v1/persons/{tokens[registration_id(observations.day.valid[0].person)]}"
    async with (
        context.officer(REGISTRY_OWNER, "petugas", "registrar", purpose="placement_and_protection") as owner,
        context.officer(FOREIGN_MINISTRY, "petugas", "protection_officer", purpose="consular_protection") as other,
    ):
        await _read(observations, owner, person, "person, by the institution that registered them", 200)
        await _read(observations, other, person, "person, by a token issued to another", HIDDEN)
        for worker in {(worker.journey, worker.matched): worker for worker in observations.day.valid}.values():
            response = await owner.ask("GET", f"/v1/persons/{tokens[registration_id(worker.person)]}")
            observations.facts_read.append((worker, response.json().get("facts", {})))
    await _read_alert(context, observations)
    await _list_reviews(context, observations)


async def _read_alert(context: ScenarioContext, observations: Observations) -> None:
    if not observations.acknowledged:
        return
    alert = f"/v1/alerts/{observations.acknowledged.call.alert}"
    async with context.officer(REGENCIES[0], "petugas-piket", "duty_officer") as stranger:
        await _read(observations, stranger, alert, "alert, by an institution that is no recipient", HIDDEN)
    async with context.officer(COORDINATION, "koordinator", "migration_coordinator") as coordinator:
        await _read(observations, coordinator, alert, "alert, by the coordinator", 200)


async def _list_reviews(context: ScenarioContext, observations: Observations) -> None:
    """Every page of the steward's queue."""
    path = after = "/v1/duplicates?limit=100"
    async with context.officer(
        REGISTRY_OWNER, "verifikator", "identity_steward", purpose="identity_stewardship"
    ) as steward:
        while after:
            page = (await steward.ask("GET", after)).raise_for_status().json()
            observations.in_review.update(person for review in page["duplicates"] for person in review["persons"])
            after = f"{path}&after={page['after']}" if page["after"] else ""


async def _read(observations: Observations, client: Client, path: str, what: str, expected: int) -> None:
    response = await client.ask("GET", path)
    observations.reads.append(ApiRead(what, response.status_code, expected))
