"""What `interactive` is compared with: FastAPI and Motor alone, one insert and one find. Run by uvicorn."""

from __future__ import annotations

import os
import uuid
from typing import Any

from fastapi import Body, FastAPI
from motor.motor_asyncio import AsyncIOMotorClient

app = FastAPI()
people: Any = AsyncIOMotorClient(os.environ["BARE_MONGO_URL"], maxPoolSize=20)[os.environ["BARE_DATABASE"]].people


@app.post("/people", status_code=201)
async def insert(body: dict[str, Any] = Body()) -> dict[str, str]:  # noqa: B008  # FastAPI's own way
    """Store the body under a new id."""
    person = str(uuid.uuid4())
    await people.insert_one({"_id": person, **body})
    return {"id": person}


@app.get("/people/{person}")
async def find(person: str) -> dict[str, Any]:
    """Read it back."""
    document: dict[str, Any] = await people.find_one({"_id": person})
    return document


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Up."""
    return {"status": "ok"}
