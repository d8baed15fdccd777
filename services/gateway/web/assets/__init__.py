"""Stylesheet and scripts, held in memory; their addresses change with their content, so browsers may keep them."""

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Asset:
    """One file; `version` is a hash of its content."""

    content: bytes
    media_type: str
    version: str


@cache
def assets() -> dict[str, Asset]:
    """Every asset by its name."""
    files = sorted(path for path in FOLDER.iterdir() if path.suffix in TYPES)
    version = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
    return {path.name: Asset(path.read_bytes(), TYPES[path.suffix], version) for path in files}


def address_of(name: str) -> str:
    """Where a browser fetches it. Modules import each other by plain names: all have one version, in the path."""
    return f"/assets/{assets()[name].version}/{name}"


async def serve(request: Request) -> Response:
    """One asset, for a year under its version."""
    asset = assets().get(request.path_params["name"])
    if asset is None:
        raise HTTPException(404)
    same = request.path_params["version"] == asset.version
    kept = "public, max-age=31536000, immutable" if same else "no-store"
    return Response(asset.content, media_type=asset.media_type, headers={"Cache-Control": kept})
