"""The operator's route to make the profiles of those already stored anew (`simpul profiles rebuild`)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from chassis.security.principal import Verifier
from chassis.service_process import ServiceProcess
from chassis.web.operations import operators_only
from contracts.model import Model
from contracts.outcomes import Refused
from services.registry.profile_rebuild import Place, ProfileRebuild, place, regencies


class ProfilesRebuilt(Model):
    """One page. `pairs` of persons were asked about; `after` is where to go on, absent at the end."""

    persons: int
    profiles: int
    pairs: int
    regencies_done: int
    regencies: int
    after: str | None = None


def router(rebuild: ProfileRebuild | None, process: ServiceProcess, verifier: Verifier) -> APIRouter:
    """`rebuild` is None where nobody is compared: then everything is refused."""
    routes = APIRouter(prefix="/profiles", tags=["operations"], dependencies=[Depends(operators_only(verifier))])

    @routes.post("/rebuild", response_model_exclude_none=True, summary="Make the profiles of one page of persons anew")
    async def rebuild_profiles(
        after: Annotated[
            str | None, Query(description="As the page before said; without it, from the beginning.")
        ] = None,
        compare: Annotated[bool, Query(description="Ask about those who are likely one person.")] = True,
    ) -> ProfilesRebuilt:
        if rebuild is None:
            raise Refused("state_conflict")
        async with process.gate.turn(urgent=False):
            done = await rebuild.step(_place(after), compare=compare)
            await process.ask(done.follow_ups)
        return ProfilesRebuilt(
            persons=done.persons,
            profiles=done.profiles,
            pairs=len(done.follow_ups),
            regencies_done=done.after.regency if done.after else len(regencies()),
            regencies=len(regencies()),
            after=str(done.after) if done.after else None,
        )

    return routes


def _place(after: str | None) -> Place:
    try:
        return place(after) if after else Place()
    except ValueError:
        raise Refused("cursor_expired") from None
