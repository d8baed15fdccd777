# SPDX-License-Identifier: GPL-2.0-only
# This file imports SecantusDB, which is licensed under GPL-2.0-only, and is therefore licensed under GPL-2.0-only too,
# unlike the rest of Simpul. It runs as a process of its own; no other file imports it or SecantusDB (see NOTICE).
"""Runs the embedded database: `database_launcher.py --port P --dir FOLDER --users FILE --cache 1G`. Stops on SIGTERM.

FILE is a JSON object of users and passwords; whoever gives none of them is answered nothing but the handshake.
With `--certificate` and `--key` (PEM files) it speaks TLS.

The settings mend what was measured of SecantusDB 0.7.0b3 (`make conformance` watches it): commits are synced to disk
(D2), the log of changes is pruned outside clients' transactions (D3), an orphaned transaction ends after 3 s, also when
nobody else begins one (D7), and the registry of retried writes stays small (D1). It ends itself when its storage has
given up.
"""

import argparse
import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import secantus.auth
import secantus.storage
import secantus.transactions
import wiredtiger
from secantus import SecantusDBServer

EVICTION = "eviction_dirty_target=30,eviction_dirty_trigger=50"
"""Per cent of the cache that may wait to be written. Ids and keyed hashes fall on pages all over a collection: at
WiredTiger's 5 and 20 each page of a large one is written again for every few documents."""
PANIC = "WT_PANIC"
"""What WiredTiger says for ever once it could not write, on a full disk for instance: the process must be started
again. Until then clients would be told that each of their requests is bad."""

ROLES = [{"role": role, "db": "admin"} for role in ("readWriteAnyDatabase", "dbAdminAnyDatabase")]

log = logging.getLogger("database_launcher")


def main() -> None:
    arguments = _arguments()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    _mend()
    server = SecantusDBServer(
        port=arguments.port,
        storage_path=arguments.dir,
        require_auth=True,
        cache_size=arguments.cache,
        sync_on_commit=True,
        enable_test_commands=False,
        ttl_sweep_seconds=10,
        oplog_max_entries=50_000,
        transaction_lifetime_seconds=3,
        tls_cert_file=arguments.certificate,
        tls_key_file=arguments.key,
    )
    stopping = threading.Event()
    chores: list[threading.Thread] = []

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()
        for chore in chores:  # the storage must not close under one
            chore.join(10)
        server.stop()
        sys.exit(0)

    signal.signal(signal.SIGTERM, stop)
    _add_users(server.storage, arguments.users)
    server.start()
    server.storage._conn.reconfigure(EVICTION)
    chores.append(_every(1, lambda: _prune(server.storage), stopping))
    chores.append(_every(1, server.transactions.prune_expired, stopping))
    server.wait()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", required=True)
    parser.add_argument("--users", type=Path, required=True)
    parser.add_argument("--cache", default="1G")
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    return parser.parse_args()


def _add_users(storage: Any, file: Path) -> None:
    """Before the first client is answered. A password that was changed in the file replaces the old one."""
    for user, password in json.loads(file.read_text()).items():
        credentials = secantus.auth.derive_credentials(password, username=user)
        record = {
            "_id": f"admin.{user}",
            "user": user,
            "db": "admin",
            "credentials": credentials.to_doc(),
            "roles": ROLES,
            "mechanisms": [secantus.auth.SCRAM_SHA_256],
        }
        storage.add_user("admin", user, record, replace=True)


def _mend() -> None:
    for module, name, value in (
        (secantus.transactions, "_RETRYABLE_RECORD_MAX", 256),
        (secantus.storage, "_OPLOG_PRUNE_INTERVAL", 10**12),
    ):
        _require(module, name)
        setattr(module, name, value)
    _require(secantus.storage.Storage, "_session")


def _require(where: Any, name: str) -> None:
    if not hasattr(where, name):
        sys.exit(f"This SecantusDB has no {where.__name__}.{name}: the launcher fits 0.7.0b3 only.")


def _prune(storage: Any) -> None:
    """In one transaction that is not synced: row by row, every removal would be, while all writers wait."""
    session = storage._session()
    session.begin_transaction()
    try:
        storage.prune_oplog()
    except BaseException:
        session.rollback_transaction()
        raise
    session.commit_transaction("sync=off")


def _every(seconds: float, work: Callable[[], object], stopping: threading.Event) -> threading.Thread:
    def repeat() -> None:
        while not stopping.wait(seconds):
            try:
                work()
            except wiredtiger.WiredTigerError as error:  # the next round tries again
                log.exception("housekeeping failed")
                if PANIC in str(error):
                    os._exit(1)

    chore = threading.Thread(target=repeat, daemon=True)
    chore.start()
    return chore


if __name__ == "__main__":
    main()
