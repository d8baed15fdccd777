"""Makes every key and password of an installation once, each in the volume of the one container that may read it.

`python -m deploy.compose.secrets FOLDER`; FOLDER holds one volume per reader. Safe to repeat: what is there stays.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from contracts.topics import API, PROCESSES
from deploy.local.keys import TOKEN_JWKS, ensure, write_secret

USERS = {"kafka": 1000, "mongo": 999, "grafana": 472, "keycloak": 1000, "admin": 1000} | {
    str(process): 1000 for process in PROCESSES
}
"""Volume -> number of the user who reads it, as docker-compose.yml or the image has it."""
ADMIN = "simpul"
MOUNT = "/run/simpul"
"""Where each container finds its own volume."""


def environment(user: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """What a process learns from its volume rather than from docker-compose.yml, for there is a password in it."""
    if user == ADMIN:
        return {"KAFKA_PASSWORD": passwords["kafka-admin"]}
    login = f"{user}:{passwords[user]}"
    return {
        "KAFKA_PASSWORD": passwords[user],
        "MONGO_URL": f"mongodb://{login}@mongo:27017/?replicaSet=rs0&authSource=admin&readConcernLevel=majority",
    }


def keycloak(passwords: Mapping[str, str]) -> dict[str, str]:
    """What the realm takes from Keycloak's environment, and the administrator's own login."""
    return {
        "KC_BOOTSTRAP_ADMIN_USERNAME": "admin",
        "KC_BOOTSTRAP_ADMIN_PASSWORD": passwords["keycloak-admin"],
        "SIMPUL_PEOPLE_PASSWORD": passwords["keycloak-people"],
        "SIMPUL_SYSTEM_SECRET": passwords["keycloak-systems"],
    }


def make(folder: Path) -> None:
    """Fill the volumes below `folder`. Only their readers may open what stands there."""
    passwords = _passwords(folder / "admin" / "passwords.json")
    keys = ensure(folder / "admin" / "keys")
    users = {process: {"password": passwords[process], "database": process.partition("-")[0]} for process in PROCESSES}
    write_secret(folder / "kafka" / "admin.password", passwords["kafka-admin"].encode())
    write_secret(folder / "kafka" / "cluster.id", passwords["kafka-cluster"].encode())
    write_secret(folder / "mongo" / "root.password", passwords["mongo-root"].encode())
    write_secret(folder / "mongo" / "replica.key", passwords["mongo-replica"].encode())
    write_secret(folder / "mongo" / "users.json", json.dumps(users).encode())
    write_secret(folder / "grafana" / "admin.password", passwords["grafana"].encode())
    write_secret(folder / "keycloak" / "env", _lines(keycloak(passwords)))
    write_secret(folder / "admin" / "env", _lines(environment(ADMIN, passwords)))
    for process in PROCESSES:
        write_secret(folder / process / "env", _lines(environment(process, passwords)))
        write_secret(folder / process / "keys.json", (keys / f"{process}.json").read_bytes())
    shutil.copy(keys / TOKEN_JWKS, folder / API / TOKEN_JWKS)


def hand_over(folder: Path) -> None:
    """Give each volume to its reader; needs the right to do so."""
    for volume, user in USERS.items():
        for path in (folder / volume, *(folder / volume).rglob("*")):
            os.chown(path, user, user)


def _passwords(path: Path) -> dict[str, str]:
    """Those that are there, and fresh ones for what is new. Safe inside a URL, a shell's quotes and a JAAS line."""
    existing: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    names = (
        "kafka-admin",
        "mongo-root",
        "grafana",
        "keycloak-admin",
        "keycloak-people",
        "keycloak-systems",
        *PROCESSES,
    )
    made = {name: secrets.token_urlsafe(24) for name in names}
    made["kafka-cluster"] = "S" + secrets.token_urlsafe(16)[1:]  # 16 bytes in base64, no dash in front
    made["mongo-replica"] = base64.b64encode(secrets.token_bytes(48)).decode()
    write_secret(path, json.dumps(made | existing, indent=1).encode())
    return made | existing


def _lines(values: Mapping[str, str]) -> bytes:
    return "".join(f"{name}='{value}'\n" for name, value in values.items()).encode()


def main(folder: Path) -> None:
    """For the container `secrets`, which runs as root for this one moment."""
    for volume in USERS:
        (folder / volume).mkdir(parents=True, exist_ok=True)
    make(folder)
    hand_over(folder)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
