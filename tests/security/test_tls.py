"""Somebody on the network: reads nothing, is nobody else, and is not taken for one of our processes."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from chassis import telemetry
from chassis.messaging.retry import Outage
from chassis.security.certificates import Certificates, Identity, Unusable, client_context, server_context
from chassis.security.keys import KeyRing
from chassis.settings import Settings, TlsSettings, problems_of
from chassis.web.app import problem_response
from chassis.web.listeners import First, Listener, Loop
from contracts.outcomes import Refused, problem
from deploy.certificates import BOTH, CA, CERTIFICATE, KEY, Authority
from deploy.local import keys, ports
from services.gateway.calls import EXCHANGE
from services.gateway.clients import Services
from tests.eventually import eventually


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    """A service that has nothing; of a message without lifespan it says nothing."""
    if scope["type"] == "lifespan":
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
    elif scope["path"] == "/hello":
        await PlainTextResponse(scope["scheme"])(scope, receive, send)
    else:
        await problem_response([problem("not_found")])(scope, receive, send)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of one CA (`registry`, of a server; `gateway`, of a client too), and of another (`stranger`)."""
    folder = tmp_path_factory.mktemp("tls")
    ours, theirs = Authority(folder / "ours"), Authority(folder / "theirs")
    ours.certify(folder / "registry", ["localhost", "127.0.0.1"])
    ours.certify(folder / "elsewhere", ["registry.example"])
    ours.certify(folder / "gateway", ["gateway-api"], client=True)
    theirs.certify(folder / "stranger", ["localhost", "127.0.0.1"], client=True)
    return folder


def identity(folder: Path) -> Identity:
    return Identity(folder / CERTIFICATE, folder / KEY)


@contextlib.asynccontextmanager
async def serving(tls: ssl.SSLContext | None, app: ASGIApp = application) -> AsyncIterator[str]:
    """The address without its scheme."""
    (port,) = ports.free(1)
    server = First([Listener(app, ports.HOST, port, tls)])
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done())
    try:
        yield f"{ports.HOST}:{port}"
    finally:
        server.should_exit = True
        await task


async def ask(url: str, tls: ssl.SSLContext) -> str:
    async with httpx.AsyncClient(trust_env=False, verify=tls) as client:
        return (await client.get(f"{url}/hello")).raise_for_status().text


async def test_https_is_answered_and_plain_http_is_not(folder: Path) -> None:
    async with serving(server_context(identity(folder / "registry"))) as place:
        assert await ask(f"https://{place}", client_context(folder / "ours" / CA, None)) == "https"
        with pytest.raises(httpx.TransportError):
            await ask(f"http://{place}", client_context(None, None))


@pytest.mark.parametrize("server", ["elsewhere", "stranger"])
async def test_a_server_of_another_name_or_of_another_ca_is_refused(folder: Path, server: str) -> None:
    async with serving(server_context(identity(folder / server))) as place:
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            await ask(f"https://{place}", client_context(folder / "ours" / CA, None))


async def test_the_ca_of_the_installation_counts_for_nothing_unless_it_is_named(folder: Path) -> None:
    async with serving(server_context(identity(folder / "registry"))) as place:
        with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
            await ask(f"https://{place}", client_context(None, None))
        assert await ask(f"https://{place}", client_context(folder / "ours" / CA, None, system=True)) == "https"


@pytest.mark.parametrize("client", [None, "stranger", "registry"], ids=["none", "another CA's", "a server's"])
async def test_where_tls_is_mutual_only_a_clients_certificate_of_the_ca_opens(folder: Path, client: str | None) -> None:
    tls = server_context(identity(folder / "registry"), folder / "ours" / CA)
    async with serving(tls) as place:
        shown = identity(folder / client) if client else None
        with pytest.raises(httpx.TransportError):
            await ask(f"https://{place}", client_context(folder / "ours" / CA, shown))
        gateway = client_context(folder / "ours" / CA, identity(folder / "gateway"))
        assert await ask(f"https://{place}", gateway) == "https"


async def test_nothing_older_than_tls_1_2_is_spoken(folder: Path) -> None:
    old = client_context(folder / "ours" / CA, None)
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_1, ssl.TLSVersion.TLSv1_1
    old.set_ciphers("ALL:@SECLEVEL=0")
    async with serving(server_context(identity(folder / "registry"))) as place:
        with pytest.raises(httpx.ConnectError):
            await ask(f"https://{place}", old)


async def test_the_gateway_asks_services_by_https_and_takes_a_false_one_for_an_outage(
    folder: Path, tmp_path: Path
) -> None:
    keys.ensure(tmp_path)
    ring = KeyRing.load(tmp_path / "gateway-api.json")
    async with serving(server_context(identity(folder / "registry"), folder / "ours" / CA)) as place:
        for ca, error in (("ours", Refused), ("theirs", Outage)):
            tls = client_context(folder / ca / CA, identity(folder / "gateway"))
            services = Services({"registry": f"https://{place}"}, ring, tls)
            with pytest.raises(error):
                await services.get_outcome(EXCHANGE.model_copy(update={"organisation": "KP2MI"}), "registry", "x")
            await services.close()


async def test_traces_go_to_a_collector_that_asks_for_a_certificate(folder: Path) -> None:
    received: list[str] = []

    async def collector(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            received.append(scope["path"])
            await PlainTextResponse("")(scope, receive, send)
        else:
            await application(scope, receive, send)

    own = {"tls_ca": folder / "ours" / CA, "tls_certificate": folder / "gateway" / CERTIFICATE}
    servers = {"kafka_url": "x:1", "mongo_url": "mongodb://x", "mongo_database": "x", "keys": "x", "instance": "x-0"}
    async with serving(server_context(identity(folder / "registry"), folder / "ours" / CA), collector) as place:
        settings = Settings.model_validate(
            {
                **servers, **own, "tls_key": folder / "gateway" / KEY, "trace_ratio": 1,
                "otel_exporter_otlp_endpoint": f"https://{place}",
            }
        )  # fmt: skip
        provider = telemetry.make_provider(settings, "registry")

        async def arrived() -> bool:
            provider.get_tracer("x").start_span("x").end()
            await asyncio.to_thread(provider.force_flush)
            return bool(received)

        await eventually(arrived)  # it has a second for each, on whatever machine
        await asyncio.to_thread(provider.shutdown)
    assert set(received) == {"/v1/traces"}


async def test_a_renewed_certificate_is_shown_without_a_restart_and_a_broken_one_is_not(tmp_path: Path) -> None:
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    place_of = tmp_path / "server"
    old.certify(place_of, [ports.HOST])
    held = Certificates()
    async with serving(held.server(identity(place_of))) as place:
        for authority in (old, new):
            authority.certify(place_of, [ports.HOST])
            await held.refresh()
            assert await ask(f"https://{place}", client_context(authority.file, None)) == "https"
        (place_of / CERTIFICATE).write_bytes(b"half a cert")
        with pytest.raises(Unusable):
            await held.refresh()
        assert await ask(f"https://{place}", client_context(new.file, None)) == "https"


async def test_a_broken_certificate_keeps_no_other_from_being_renewed(tmp_path: Path) -> None:
    old, new = Authority(tmp_path / "old"), Authority(tmp_path / "new")
    broken, renewed = tmp_path / "broken", tmp_path / "renewed"
    held = Certificates()
    for place_of in (broken, renewed):
        old.certify(place_of, [ports.HOST])
    held.server(identity(broken))
    async with serving(held.server(identity(renewed))) as place:
        (broken / CERTIFICATE).write_bytes(b"half a cert")
        new.certify(renewed, [ports.HOST])
        with pytest.raises(Unusable):
            await held.refresh()
        assert await ask(f"https://{place}", client_context(new.file, None)) == "https"


async def test_a_client_takes_a_ca_that_is_added_without_a_restart(folder: Path, tmp_path: Path) -> None:
    bundle = tmp_path / CA
    bundle.write_bytes((folder / "theirs" / CA).read_bytes())
    held = Certificates()
    tls = held.client(bundle, None)
    async with serving(server_context(identity(folder / "registry"))) as place:
        with pytest.raises(httpx.ConnectError):
            await ask(f"https://{place}", tls)
        bundle.write_bytes(bundle.read_bytes() + (folder / "ours" / CA).read_bytes())
        await held.refresh()
        assert await ask(f"https://{place}", tls) == "https"


class Impatient(Loop):
    handshake_seconds = 0.3


async def test_a_client_that_begins_no_handshake_is_closed(folder: Path) -> None:
    (port,) = ports.free(1)
    server = First([Listener(application, ports.HOST, port, server_context(identity(folder / "registry")))])

    def serve() -> None:
        with asyncio.Runner(loop_factory=Impatient) as runner:
            runner.run(server.serve())

    thread = asyncio.create_task(asyncio.to_thread(serve))
    await eventually(lambda: server.started or thread.done())
    reader, writer = await asyncio.open_connection(ports.HOST, port)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()
    server.should_exit = True
    await thread


# -- settings that are wrong


@pytest.fixture
def environment(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every file is good; SECRET is what no message may show."""
    encrypted = Authority(tmp_path / "any")
    encrypted.certify(tmp_path, ["x"])
    for name, file in (("CA", folder / "ours" / CA), ("CERTIFICATE", tmp_path / CERTIFICATE), ("KEY", tmp_path / KEY)):
        monkeypatch.setenv(f"TLS_{name}", str(file))
    monkeypatch.setenv("TLS_CLIENT_CA", str(folder / "ours" / CA))
    TlsSettings()
    return monkeypatch


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("TLS_CA", None, "TLS_CA"),
        ("TLS_CA", "SECRET", "TLS_CA"),
        ("TLS_CLIENT_CA", "", "TLS_CLIENT_CA"),
        ("KAFKA_CA", "-----BEGIN CERTIFICATE-----\nSECRET\n-----END CERTIFICATE-----\n", "KAFKA_CA"),
        ("MONGO_CERTIFICATE", None, "MONGO_CERTIFICATE"),
        ("TLS_KEY", None, "TLS_KEY"),
        ("TLS_KEY", "SECRET", "TLS_CERTIFICATE"),
        ("TLS_CERTIFICATE", "SECRET", "TLS_CERTIFICATE"),
    ],
)
def test_a_file_that_is_missing_or_something_else_is_named_and_not_shown(
    environment: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None, named: str
) -> None:
    file = tmp_path / "wrong.pem"
    if content is not None:
        file.write_text(content)
    environment.setenv(name, str(file))
    with pytest.raises(ValidationError) as error:
        TlsSettings()
    (said,) = problems_of(error.value)
    assert said.startswith(f"{named}: ")
    assert str(file) in said
    assert "SECRET" not in said


def test_a_key_of_another_certificate_and_one_with_a_passphrase_are_refused(
    environment: pytest.MonkeyPatch, folder: Path, tmp_path: Path
) -> None:
    environment.setenv("TLS_KEY", str(folder / "gateway" / KEY))
    with pytest.raises(ValidationError, match="do not belong together"):
        TlsSettings()
    encrypted = tmp_path / "encrypted.pem"
    encrypted.write_bytes(_encrypted((tmp_path / KEY).read_bytes()))
    environment.setenv("TLS_KEY", str(encrypted))
    with pytest.raises(ValidationError, match=r"TLS_CERTIFICATE.*without passphrase"):
        TlsSettings()


def _encrypted(key: bytes) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"constructed"),
    )


def test_a_key_in_the_certificates_own_file_and_nothing_at_all_are_fine(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.delenv("TLS_KEY")
    environment.setenv("TLS_CERTIFICATE", str(tmp_path / BOTH))
    assert TlsSettings().server_tls is not None
    for name in ("TLS_CA", "TLS_CERTIFICATE", "TLS_CLIENT_CA"):
        environment.delenv(name)
    assert TlsSettings().server_tls is None


@pytest.mark.parametrize("lonely", ["TLS_KEY", "TLS_CLIENT_CA"])
def test_mutual_tls_without_a_certificate_is_an_error_and_not_plain_http(
    environment: pytest.MonkeyPatch, lonely: str
) -> None:
    for name in {"TLS_KEY", "TLS_CLIENT_CA"} - {lonely} | {"TLS_CERTIFICATE"}:
        environment.delenv(name)
    with pytest.raises(ValidationError, match=f"TLS_CERTIFICATE is missing, which {lonely} needs"):
        TlsSettings()


@pytest.mark.parametrize(
    ("url", "encrypted"),
    [
        ("mongodb://db:27017/", False),
        ("mongodb://db:27017/?tls=false", False),
        ("mongodb://u:p@a:1,b:2/?replicaSet=rs0&tls=true", True),
        ("mongodb://db/?SSL=True", True),
        ("mongodb+srv://db.example/", True),
        ("mongodb+srv://db.example/?tls=false", False),
    ],
)
def test_the_database_is_told_of_the_ca_where_its_address_asks_for_tls(
    environment: pytest.MonkeyPatch, folder: Path, url: str, encrypted: bool
) -> None:
    options = {"tlsCAFile": str(folder / "ours" / CA)} if encrypted else {}
    assert TlsSettings().mongo_tls(url) == options


@pytest.mark.parametrize(
    ("setting", "value", "reason"),
    [
        ("KAFKA_CA", "CA", "KAFKA_CA is set, but KAFKA_SECURITY is not SASL_SSL"),
        ("MONGO_CA", "CA", "MONGO_CA is set, but MONGO_URL lacks tls=true"),
        ("MONGO_CERTIFICATE", "CA", "MONGO_CERTIFICATE is set, but MONGO_URL lacks tls=true"),
        ("MONGO_URL", "mongodb://db/?tls=true&tlsAllowInvalidHostnames=true", "MONGO_URL switches the check"),
        ("MONGO_URL", "mongodb://db/?tls=true&tlsInsecure=True", "MONGO_URL switches the check"),
    ],
)
def test_tls_that_would_be_none_is_an_error(
    environment: pytest.MonkeyPatch, folder: Path, setting: str, value: str, reason: str
) -> None:
    given = {"KAFKA_URL": "x:1", "MONGO_URL": "mongodb://x", "MONGO_DATABASE": "x", "KEYS": "x", "INSTANCE": "x-0"}
    for name, plain in given.items():
        environment.setenv(name, plain)
    Settings()
    environment.setenv(setting, str(folder / "ours" / CA) if value == "CA" else value)
    with pytest.raises(ValidationError, match=reason):
        Settings()
