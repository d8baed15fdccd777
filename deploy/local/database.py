"""One embedded database (MongoDB's wire protocol) as a child process, with its data under the folder given."""

import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.certificates import CERTIFICATE, KEY
from deploy.local import ports
from deploy.local.process import Process
from deploy.local.secret_files import passwords

LAUNCHER = Path(__file__).with_name("database_launcher.py")


class Database(Process):
    """One server process; a service has one of its own, because each is bound to one core (D9).

    It answers nobody without a password. Those of its `users`, who may read and write everything in it, are made at the
    first start and kept under `folder`/databases. `tls` is a folder that `deploy.certificates` filled.
    """

    ready_within = 120.0

    def __init__(
        self,
        name: str,
        folder: Path,
        port: int,
        cache: str = "1G",
        users: Sequence[str] = ("simpul",),
        tls: Path | None = None,
    ) -> None:
        self.home, self.tls = folder / name, tls
        self.users = tuple(users)
        self.password_file = folder / "databases" / f"{name}.json"
        places = ["--dir", str(self.home), "--users", str(self.password_file)]
        if tls:
            places += ["--certificate", str(tls / CERTIFICATE), "--key", str(tls / KEY)]
        super().__init__(
            name, folder, port, [sys.executable, str(LAUNCHER), "--port", str(port), *places, "--cache", cache]
        )

    @property
    def url(self) -> str:
        return self.url_of(self.users[0])

    def url_of(self, user: str, port: int | None = None) -> str:
        """Address with the login of a user; `port` of whatever stands before the server.

        With retried writes off: they make this server forty times slower (D1).
        """
        login = f"{user}:{passwords(self.password_file, self.users)[user]}"
        place = f"{ports.HOST}:{port or self.port}"
        options = "authSource=admin&directConnection=true&retryWrites=false" + ("&tls=true" if self.tls else "")
        return f"mongodb://{login}@{place}/?{options}"

    async def prepare(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        passwords(self.password_file, self.users)
