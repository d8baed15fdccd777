"""Routes that every domain service has: outcomes for the gateway, parked messages for operators."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from chassis import telemetry
from chassis.commands.decoding import read_frame
from chassis.commands.processor import is_survivor
from chassis.messaging.consumer import Record
from chassis.messaging.dead_letters import DeadLetters
from chassis.security.principal import Verifier
from chassis.service_process import ServiceProcess
from contracts.commands import Principal
from contracts.outcomes import Outcome, Refused


def operators_only(verifier: Verifier) -> Callable[..., None]:
    """A FastAPI dependency: refuses whoever is no operator."""

    def check(caller: Annotated[Principal, Depends(verifier)]) -> None:
        if "operator" not in caller.roles:
            raise Refused("not_permitted")

    return check


def operator_routes(process: ServiceProcess, verifier: Verifier) -> APIRouter:
    """GET /outcomes/{id}, and what is parked."""
    router = APIRouter(tags=["operations"])

    @router.get("/outcomes/{command_id}", summary="The final outcome of a command of the caller's organisation")
    async def outcome(command_id: str, caller: Annotated[Principal, Depends(verifier)]) -> Outcome:
        found = await process.processor.find_outcome(command_id, caller.organisation)
        if found is None:
            raise Refused("not_found")
        return found

    async def replay() -> dict[str, int]:
        return await replay_parked(process)

    async def give_up(parked_id: str) -> None:
        await give_up_parked(process, parked_id)

    router.include_router(parked_routes(process.parking, replay, give_up, verifier))
    return router


def parked_routes(
    parking: DeadLetters,
    replay: Callable[[], Awaitable[dict[str, int]]],
    give_up: Callable[[str], Awaitable[None]],
    verifier: Verifier,
) -> APIRouter:
    """GET /parked, POST /parked/replay, POST /parked/give-up."""
    router = APIRouter(tags=["operations"], dependencies=[Depends(operators_only(verifier))])

    @router.get("/parked", summary="Messages put aside, oldest first, without their content")
    async def parked() -> list[dict[str, Any]]:
        return [dict(found) for found in await parking.list()]

    @router.post("/parked/replay", summary="Process parked messages again, in order of key")
    async def replay_all() -> dict[str, int]:
        return await replay()

    @router.post("/parked/give-up", summary="End one parked message for good: its sender is told platform_gave_up")
    async def end(parked_id: str) -> dict[str, int]:
        await give_up(parked_id)
        return {"ended": 1}

    return router


async def replay_parked(process: ServiceProcess) -> dict[str, int]:
    """Replay everything parked of a service, each message in a turn of its own: people and alerts go between."""

    async def again(group: str, record: Record) -> None:
        if group == process.followers:
            await process.follow([record])
            return
        await process.processor.settle([process.decode(record)], {})

    return await replay_each(process.parking, again, lambda: process.gate.turn(urgent=False))


async def replay_each(
    parking: DeadLetters,
    again: Callable[[str, Record], Awaitable[None]],
    turn: Callable[[], AbstractAsyncContextManager[None]],
) -> dict[str, int]:
    """Process `again` (group, record) everything parked, also what is parked meanwhile, in order of key.

    Whatever fails stays, and those of its key behind it.
    """
    replayed, failed = 0, set[str]()
    while left := [one for one in await parking.records() if _key(one) not in failed]:
        for one in left:
            parked_id, group, record = one
            async with turn():
                if _key(one) in failed or not await _succeeds(again, group, record):
                    failed.add(_key(one))
                    continue
                await parking.remove(parked_id)
                replayed += 1
    telemetry.log.info("replayed", replayed=replayed, still_parked=len(failed))
    return {"replayed": replayed, "keys_still_parked": len(failed)}


def _key(parked: tuple[str, str, Record]) -> str:
    parked_id, _, record = parked
    return bytes(record.key).hex() if record.key else parked_id


async def _succeeds(again: Callable[[str, Record], Awaitable[None]], group: str, record: Record) -> bool:
    try:
        await again(group, record)
    except Exception as error:
        telemetry.log.error("replay_failed", topic=record.topic, offset=record.offset, error=telemetry.describe(error))
        return False
    return True


async def give_up_parked(process: ServiceProcess, parked_id: str) -> None:
    """Refuse one parked command for good. Raises Refused not_found."""
    async with process.gate.turn(urgent=False):
        for found_id, _, record in await process.parking.records():
            if found_id == parked_id:
                if (found := read_frame(record)) is not None:
                    envelope, frame = found
                    organisation = frame.principal.organisation
                    await process.processor.give_up(
                        envelope.id, frame.digest, frame.reply_to, organisation, survivor=is_survivor(envelope)
                    )
                await process.parking.remove(found_id)
                return
    raise Refused("not_found")
