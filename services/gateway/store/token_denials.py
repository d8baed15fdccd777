"""The denial list of tokens, shared by every process of the api."""

from hashlib import sha256
from typing import Any

from pydantic_core import to_json

from chassis.mongo import Database, Index
from services.gateway.domain.token_denials import TokenDenial

INDEXES: tuple[Index, ...] = (("token_denials", (("until", 1),), {"expireAfterSeconds": 0}),)


class TokenDenials:
    """A denial is forgotten when every token that it means is over."""

    def __init__(self, database: Database) -> None:
        self._denials = database["token_denials"]

    async def put(self, denial: TokenDenial) -> None:
        """Deny; the same once more changes nothing but its times."""
        await self._denials.replace_one({"_id": _id(denial)}, _document(denial), upsert=True)

    async def list_all(self) -> list[TokenDenial]:
        """All that are in force."""
        documents = await self._denials.find({}).to_list(None)
        return [
            TokenDenial(d["issuer"], d["kind"], d["value"], at=d["at"], until=d["until"], by=d["by"]) for d in documents
        ]


def _id(denial: TokenDenial) -> str:
    return sha256(to_json([denial.issuer, denial.kind, denial.value])).hexdigest()


def _document(denial: TokenDenial) -> dict[str, Any]:
    return {
        "issuer": denial.issuer, "kind": denial.kind, "value": denial.value, "at": denial.at, "until": denial.until,
        "by": denial.by,
    }  # fmt: skip
