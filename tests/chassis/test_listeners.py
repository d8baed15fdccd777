"""Several addresses in one process: the first has the app's life, and all end together."""

import asyncio
import signal
import sys
from pathlib import Path

import httpx

from deploy.local import ports
from tests.eventually import eventually

PROGRAM = """
import sys
from contextlib import asynccontextmanager
from chassis.web.app import create_app
from chassis.web.listeners import Listener, Paths, serve

@asynccontextmanager
async def lifespan(_):
    print("begins", flush=True)
    yield
    print("ends", flush=True)

app = create_app("x", lifespan=lifespan, ready=dict)
first, second = map(int, sys.argv[1:])
partners, operators = Paths(app, but=["/metrics"]), Paths(app, only=["/metrics"])
serve([Listener(partners, "127.0.0.1", first), Listener(operators, "127.0.0.1", second)])
"""


async def test_both_answer_what_is_theirs_and_a_signal_ends_both_in_order(tmp_path: Path) -> None:
    first, second = ports.free(2)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    process = await asyncio.create_subprocess_exec(
        sys.executable, str(program), str(first), str(second), stdout=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    async def answers(port: int, path: str) -> int:
        async with httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"http://{ports.HOST}:{port}{path}")).status_code

    async def both() -> bool:
        return await ports.answers(first) and await ports.answers(second)

    await eventually(both, 60)
    assert [await answers(port, path) for port in (first, second) for path in ("/readyz", "/metrics")] == [
        200, 404, 404, 200,
    ]  # fmt: skip
    process.send_signal(signal.SIGTERM)
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert said.decode().split() == ["begins", "ends"]
    assert not await ports.answers(first)
    assert not await ports.answers(second)
