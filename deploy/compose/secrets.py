"""Makes every key, certificate and password of an installation, each in the volume of the one container that reads it.

`python -m deploy.compose.secrets FOLDER`; FOLDER holds one volume per reader. Safe to repeat: what is there stays, but
for certificates that are over within a month.
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

from contracts.topics import API, PROCESSES, SERVICES
from deploy.certificates import Authority
from deploy.local.keys import TOKEN_JWKS, ensure, write_secret
from deploy.local.service import SERVICE_OF

DATABASES: dict[str, str] = {service: f"mongo-{service}" for service in SERVICES}
USERS = {
    "authority": 0, "kafka": 1000, **dict.fromkeys(DATABASES.values(), 999), "grafana": 472, "keycloak": 1000,
    "prometheus": 65534, "collector": 10001, "admin": 1000, **{str(process): 1000 for process in PROCESSES},
}  # fmt: skip
"""Volume -> number of the user who reads it, as docker-compose.yml or the image has it."""
PUBLISHED = ("localhost", "127.0.0.1")
CERTIFIED = {
    "kafka": ("kafka", *PUBLISHED),
    "keycloak": ("keycloak", *PUBLISHED),
    "collector": ("collector",),
    "prometheus": ("prometheus",),
    "admin": ("admin",),
    **{database: (database,) for database in DATABASES.values()},
    **{str(process): (process, *PUBLISHED) for process in PROCESSES},
}
"""Volume -> the names that its certificate is for; a process asks itself by `localhost` whether it is ready."""
ONLY_SERVERS = frozenset({"keycloak", "collector"})
"""They open no connection to what asks for a certificate; Kafka and MongoDB open some to themselves."""
ADMIN = "simpul"
MOUNT = "/run/simpul"
"""Where each container finds its own volume."""


MONGO_OPTIONS = "replicaSet=rs0&authSource=admin&readConcernLevel=majority&tls=true"


def environment(user: str, passwords: Mapping[str, str]) -> dict[str, str]:
    """What a process learns from its volume rather than from docker-compose.yml, for there is a password in it."""
    if user == ADMIN:
        return {"KAFKA_PASSWORD": passwords["kafka-admin"]}
    login, database = f"{user}:{passwords[user]}", DATABASES[SERVICE_OF[user]]
    return {
        "KAFKA_PASSWORD": passwords[user],
        "MONGO_URL": f"mongodb://{login}@{database}:27017/?{MONGO_OPTIONS}",
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
    write_secret(folder / "kafka" / "admin.password", passwords["kafka-admin"].encode())
    write_secret(folder / "kafka" / "cluster.id", passwords["kafka-cluster"].encode())
    for service, database in DATABASES.items():
        _database(folder / database, service, passwords)
    write_secret(folder / "grafana" / "admin.password", passwords["grafana"].encode())
    write_secret(folder / "keycloak" / "env", _lines(keycloak(passwords)))
    write_secret(folder / "admin" / "env", _lines(environment(ADMIN, passwords)))
    for process in PROCESSES:
        write_secret(folder / process / "env", _lines(environment(process, passwords)))
        write_secret(folder / process / "keys.json", (keys / f"{process}.json").read_bytes())
    shutil.copy(keys / TOKEN_JWKS, folder / API / TOKEN_JWKS)
    authority = Authority(folder / "authority")
    for volume, certified in CERTIFIED.items():
        authority.certify(folder / volume, certified, client=volume not in ONLY_SERVERS)


def _database(folder: Path, service: str, passwords: Mapping[str, str]) -> None:
    """What one database knows: its administrator, and who of its service may use it."""
    users = {
        process: {"password": passwords[process], "database": service}
        for process in PROCESSES
        if SERVICE_OF[process] == service
    }
    write_secret(folder / "root.password", passwords[f"{folder.name}-root"].encode())
    write_secret(folder / "replica.key", passwords[f"{folder.name}-replica"].encode())
    write_secret(folder / "users.json", json.dumps(users).encode())


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
        *(f"{database}-root" for database in DATABASES.values()),
        "grafana",
        "keycloak-admin",
        "keycloak-people",
        "keycloak-systems",
        *PROCESSES,
    )
    made = {name: secrets.token_urlsafe(24) for name in names}
    made["kafka-cluster"] = "S" + secrets.token_urlsafe(16)[1:]  # 16 bytes in base64, no dash in front
    for database in DATABASES.values():
        made[f"{database}-replica"] = base64.b64encode(secrets.token_bytes(48)).decode()
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
