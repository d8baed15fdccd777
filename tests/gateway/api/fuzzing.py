"""Asks every operation of the OpenAPI document, on behalf of everybody, with values that fit it and that do not.

Short in `make test`, longer as `python -m tests.gateway.api.fuzzing --examples 200 --seed 7` (`make fuzz`).
"""

import argparse
import asyncio
import itertools
import logging
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from contracts import authority
from contracts.commands import Principal
from contracts.outcomes import Refused
from tests.gateway.api.conftest import BEHIND, Gateway, a_gateway
from tests.servers import a_kafka, a_mongo

Document = dict[str, Any]
STREAM = "/v1/stream"
"""It never ends: of it only the head of the answer is looked at."""
BY_RECEIPT = ("/v1/events", "/v1/events:check")
"""What is wrong with an event is told by receipt, or in the answer to the question."""
AWAY_TRIES = 5
"""A part of the platform that does not answer in time, on a busy machine, is asked again as `unavailable` says."""
GIVERS: Sequence[tuple[str, str, str | None]] = (
    ("registrar", "KP2MI", "placement_and_protection"),
    ("registrar", "KEMENIMIPAS", None),
    ("protection_officer", "KBRI_KUL", "consular_protection"),
    ("duty_officer", "KEMLU", None),
    ("identity_steward", "KEMENDAGRI", "identity_stewardship"),
    ("indicator_focal_point", "BPS", None),
    ("mgi_coordinator", "KEMLU", None),
    ("migration_coordinator", "BAPPENAS", None),
    ("data_protection_officer", "KEMENKES", None),
)
"""Each role, an organisation that may give it out, and a purpose of its tokens; the last has no agreement to end."""
SYSTEMS = ("KP2MI", "BPS")
"""Connected, and not."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who asks; without a token: nobody. `principal` is whom the token proves, if anybody."""

    name: str
    token: str | None
    principal: Principal | None = None

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def may_use(self, label: str) -> bool:
        """Whether the table lets them in by this door, whatever it asks of the thing behind it."""
        try:
            return self.principal is not None and bool(authority.check_door(label, self.principal))
        except Refused:
            return False


def askers(api: Gateway) -> list[Asker]:
    """Every role, systems, an operator, and those who are let in nowhere."""

    def somebody(name: str, organisation: str, *roles: str, user: str | None, purpose: str | None = None) -> Asker:
        token = api.token(
            organisation, *roles, kind="person" if user else "system", user=user or "fuzz", purpose=purpose
        )
        return Asker(name, token, Principal(organisation=organisation, user=user, roles=roles, purpose=purpose))

    made = [
        somebody(f"{role} of {code}", code, role, user=f"fuzz-{role}", purpose=purpose)
        for role, code, purpose in GIVERS
    ]
    made += [somebody(f"system of {code}", code, user=None, purpose="placement_and_protection") for code in SYSTEMS]
    made.append(somebody("operator", "SIMPUL", "operator", user="fuzz.operator"))
    made.append(somebody("no role", "KP2MI", user="fuzz-nothing"))
    made += [Asker("expired", api.token("KP2MI", "registrar", hours=-1)), Asker("forged", "abc")]
    return [*made, Asker("nobody", None)]


@dataclass
class Exploration:
    """One walk over the document: each operation is asked once by everybody, and then by those who may use it.

    By them `examples` times with values that fit and as often with others, made from `seed`, until `until` (monotonic).
    """

    url: str
    document: Document
    askers: list[Asker]
    examples: int
    seed: int = 0
    until: float = float("inf")
    shared: bool = True
    """With other tests: no organisation is made, renamed, succeeded or suspended."""
    asked: Counter[str] = field(default_factory=Counter)
    answers: Counter[int] = field(default_factory=Counter)
    session: requests.Session = field(default_factory=requests.Session)

    def run(self) -> None:
        """Raises what schemathesis finds, with the request that it takes to see it again."""
        self.session.trust_env = False
        for operation in self._operations():
            able = [asker for asker in self.askers if asker.may_use(operation.label)] or self.askers[:1]
            turns = ([asker] for asker in itertools.cycle(able))
            fitting: Iterator[list[Asker]] = itertools.chain([self.askers], turns)
            if self.shared and operation.path.startswith("/v1/organisations") and operation.method != "get":
                fitting = itertools.repeat([asker for asker in self.askers if asker not in able])
            self._ask(operation, GenerationMode.POSITIVE, self.examples + 1, fitting)
            self._ask(operation, GenerationMode.NEGATIVE, self.examples, turns)

    def _operations(self) -> Iterator[Any]:
        text = "[generation]\nwith-security-parameters = false\n"
        text += '[checks.negative_data_rejection]\nexpected-statuses = ["4xx"]\n'
        config = SchemathesisConfig.from_str(text)
        for result in schemathesis.openapi.from_dict(self.document, config=config).get_all_operations():
            assert isinstance(result, Ok), result
            yield result.ok()

    def _ask(self, operation: Any, mode: GenerationMode, examples: int, turns: Iterator[list[Asker]]) -> None:
        @seed(self.seed)
        @settings(
            max_examples=examples, database=None, deadline=None, phases=[Phase.generate], verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy(mode))
        def ask(case: Any) -> None:
            for asker in next(turns):
                if time.monotonic() < self.until or not self.asked[_place(operation, asker)]:
                    self._one(case, asker)
                    self.asked[_place(operation, asker)] += 1

        with suppress(Unsatisfiable):  # nothing can be wrong with what has no parameters
            ask()

    def _one(self, case: Any, asker: Asker) -> None:
        if case.query and "wait" in case.query:
            case.query["wait"] = 0
        checks = [not_a_server_error, status_code_conformance, content_type_conformance, code_conformance]
        streamed = case.operation.path == STREAM
        if case.operation.path not in BY_RECEIPT or case.operation.method == "get":
            checks.append(negative_data_rejection)
        if not streamed:
            checks.append(response_schema_conformance)
        response = self._answer(case, asker, streamed=streamed)
        self.answers[response.status_code] += 1
        case.validate_response(response, checks=checks, headers=asker.headers)

    def _answer(self, case: Any, asker: Asker, *, streamed: bool) -> Any:
        for _ in range(AWAY_TRIES):
            if streamed:
                response = self._head(case, asker)
            else:
                response = case.call(base_url=self.url, session=self.session, headers=asker.headers, timeout=30)
            if response.status_code != 503:
                break
            time.sleep(1)
        return response

    def _head(self, case: Any, asker: Asker) -> requests.Response:
        """Of an answer that may never end: all of it only where it is a refusal."""
        request = case.as_transport_kwargs(base_url=self.url, headers=asker.headers)
        with requests.Session() as session:  # a connection of its own, closed behind it
            session.trust_env = False
            response = session.request(**request, stream=True, timeout=30)
            if response.ok:
                response._content = b""
            _ = response.content
            return response


def code_conformance(_: Any, response: Any, case: Any) -> None:
    """A refusal carries a code that its status is described with."""
    if response.status_code >= 400:
        described = case.operation.definition.raw["responses"][str(response.status_code)]["description"]
        code = response.json()["code"]
        assert f"`{code}`: " in described, f"{case.operation.label} answers {response.status_code} {code}"


def _place(operation: Any, asker: Asker) -> str:
    return f"{operation.label} {asker.name}"


# -- by itself


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.gateway.api.fuzzing", description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="of each operation that fit, and that do not")
    parser.add_argument("--seed", type=int, default=0, help="the same requests again")
    asked = parser.parse_args()
    logging.disable()
    warnings.filterwarnings("ignore", message="Do not use the `random` module")  # of schemathesis itself
    asyncio.run(_explore(asked.examples, asked.seed))


async def _explore(examples: int, number: int) -> None:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="simpul-fuzz-")))
        kafka = await stack.enter_async_context(a_kafka(folder / "kafka"))
        mongo = await stack.enter_async_context(a_mongo(folder / "mongo"))
        api = await stack.enter_async_context(a_gateway(kafka, mongo, folder / "keys", BEHIND))
        walk = Exploration(api.url, await api.document(), askers(api), examples, number, shared=False)
        await asyncio.to_thread(walk.run)
    print(f"Seed {number}: {walk.answers.total()} requests, none answered other than described: {dict(walk.answers)}")


if __name__ == "__main__":
    main()
