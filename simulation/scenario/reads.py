"""Reads over the api: who may see a person, an alert, a round, and who may not."""

from simulation.scenario import facts
from simulation.scenario.cast import COORDINATION, FOREIGN, LOADER, REGENCIES
from simulation.scenario.partners import Client
from simulation.scenario.records import registered
from simulation.scenario.stage import Stage
from simulation.scenario.told import Told


async def play(stage: Stage, told: Told) -> None:
    """Statuses by what was read; "denied" has to look like "not found"."""
    tokens = facts.tokens(stage)
    person = tokens[registered(told.day.sound[0].person)]
    async with stage.person(LOADER, "petugas") as owner, stage.person(FOREIGN, "petugas") as other:
        told.reads["person, by the institution that registered them"] = await _status(owner, f"/v1/persons/{person}")
        told.reads["person, by a token issued to another"] = await _status(other, f"/v1/persons/{person}")
        for life in {(life.course, life.matched): life for life in told.day.sound}.values():
            answer = await owner.ask("GET", f"/v1/persons/{tokens[registered(life.person)]}")
            told.states.append((life, answer.json().get("facts", {})))
    if not told.emergency:
        return
    alert = f"/v1/alerts/{told.emergency.call.alert}"
    async with stage.person(REGENCIES[0], "petugas") as stranger:
        told.reads["alert, by nobody who was told"] = await _status(stranger, alert)
    async with stage.person(COORDINATION, "koordinator", "migration_coordinator") as coordinator:
        told.reads["alert, by the coordinator"] = await _status(coordinator, alert)


async def _status(client: Client, path: str) -> int:
    return (await client.ask("GET", path)).status_code
