"""docker-compose.yml and all it mounts, as far as they can be judged without Docker's engine."""

import asyncio
import contextlib
import importlib
import json
import re
import shutil
import ssl
import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from fastapi import FastAPI

from chassis.commands.recorded_time import SETTLED_AFTER
from chassis.security.certificates import Identity, server_context
from chassis.web import app as web_app
from chassis.web.listeners import First, Listener
from contracts.topics import PROCESSES, SERVICES
from deploy.certificates import CA, CERTIFICATE, KEY
from deploy.compose import secrets
from deploy.local import ports
from deploy.local.service import SERVICE_OF
from simpul.serve import APPS
from tests.eventually import eventually

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OBSERVABILITY = ROOT / "deploy" / "observability"


def test_it_is_a_compose_file() -> None:
    """The schema of the Compose Specification (compose-spec/compose-spec, Apache-2.0; LICENSE.compose-spec)."""
    schema = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(COMPOSE)] == []


@pytest.mark.parametrize("name", CONTAINERS)
def test_images_are_pinned_by_version(name: str) -> None:
    container = CONTAINERS[name]
    if "build" not in container:
        assert re.search(r":v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?$", container["image"])


def test_images_are_pinned_by_digest_but_for_those_that_the_operators_page_names() -> None:
    images = {container["image"] for container in CONTAINERS.values() if "build" not in container}
    by_tag_alone = {image.partition(":")[0] for image in images if "@sha256:" not in image}
    page = (ROOT / "docs" / "operations.md").read_text()
    named = re.search(r"by tag alone: (.+?)\.", page)
    assert named
    assert by_tag_alone == set(re.findall(r"`([^`]+)`", named[1]))


@pytest.mark.parametrize("name", CONTAINERS)
def test_containers_gain_no_privileges_and_publish_on_this_machine_only(name: str) -> None:
    container = CONTAINERS[name]
    assert container["read_only"] is True
    assert "no-new-privileges:true" in container["security_opt"]
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", ()))


@pytest.mark.parametrize("name", CONTAINERS)
def test_what_a_container_waits_for_can_come_true(name: str) -> None:
    waits = CONTAINERS[name].get("depends_on", {})
    for other, how in waits.items() if isinstance(waits, dict) else ():
        if how["condition"] == "service_healthy":
            assert "healthcheck" in CONTAINERS[other]
        if how["condition"] == "service_completed_successfully":
            assert CONTAINERS[other]["restart"] == "no"


def test_transactions_end_before_a_question_about_the_past_is_answered() -> None:
    command = CONTAINERS["mongo-registry"]["command"]
    limit = next(text for text in command if "transactionLifetimeLimitSeconds" in text)
    assert int(limit.rpartition("=")[2]) < SETTLED_AFTER.total_seconds()


def test_what_is_mounted_is_there() -> None:
    mounts = [mount.split(":")[0] for one in CONTAINERS.values() for mount in one.get("volumes", ())]
    for source in mounts:
        assert source in COMPOSE["volumes"] if not source.startswith(".") else (ROOT / source).exists(), source
    assert set(COMPOSE["volumes"]) <= set(mounts)


def test_every_secret_has_a_volume_that_its_reader_alone_mounts() -> None:
    filled = {mount.split(":")[0] for mount in CONTAINERS["secrets"]["volumes"]}
    assert filled == {f"secrets-{volume}" for volume in secrets.USERS}
    readers: dict[str, set[str]] = {}
    for name, container in CONTAINERS.items():
        for mount in container.get("volumes", ()):
            readers.setdefault(mount.split(":")[0], set()).add(name)
    for process in PROCESSES:
        assert readers[f"secrets-{process}"] == {"secrets", process}


def test_secrets_are_handed_to_the_users_that_containers_run_as() -> None:
    for name, container in CONTAINERS.items():
        for mount in container.get("volumes", ()):
            volume = mount.split(":")[0].removeprefix("secrets-")
            if volume in secrets.USERS and "user" in container and name != "secrets":
                assert container["user"] == f"{secrets.USERS[volume]}:{secrets.USERS[volume]}"


@pytest.mark.parametrize("script", sorted((ROOT / "deploy" / "compose").glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_executable_and_whole(script: Path) -> None:
    assert script.stat().st_mode & 0o111
    assert subprocess.run(["sh", "-n", str(script)], check=False).returncode == 0


# -- the six processes


def given(process: str) -> dict[str, str]:
    """The environment of a process: from docker-compose.yml with its defaults, and from its volume."""
    passwords = dict.fromkeys(("kafka-admin", *PROCESSES), "s3cret")
    plain = CONTAINERS[process]["environment"] | secrets.environment(process, passwords)
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in plain.items()}


@pytest.fixture(scope="module")
def volumes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The volumes of secrets, filled."""
    folder = tmp_path_factory.mktemp("volumes")
    for volume in secrets.USERS:
        (folder / volume).mkdir()
    secrets.make(folder)
    return folder


def test_the_processes_are_all_there() -> None:
    served = {
        name: one["command"] for name, one in CONTAINERS.items() if one.get("command", [])[:2] == ["simpul", "serve"]
    }
    assert served == {process: ["simpul", "serve", process] for process in SERVICE_OF}


@pytest.mark.parametrize("process", SERVICE_OF)
def test_every_setting_passed_exists_and_every_required_one_is_passed(
    process: str, volumes: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = importlib.import_module(APPS[process].replace(".app:", ".settings:").partition(":")[0]).Settings
    known = {name.upper(): field for name, field in settings.model_fields.items()}
    passed = given(process)
    assert set(passed) - set(known) == set()
    assert {name for name, field in known.items() if field.is_required()} - set(passed) == set()
    for name in known:
        monkeypatch.delenv(name, raising=False)
    for name, value in passed.items():
        monkeypatch.setenv(name, value.replace(secrets.MOUNT, str(volumes / process)))
    read = settings()
    assert read.server_tls is not None
    assert read.server_tls.verify_mode == ssl.CERT_REQUIRED
    assert read.kafka_tls is not None
    assert read.mongo_tls(read.mongo_url)
    assert (read.kafka_user, read.mongo_database) == (process, SERVICE_OF[process])
    assert read.instance.startswith(process)


def test_no_two_processes_share_a_static_member_id() -> None:
    names = [CONTAINERS[process]["environment"]["INSTANCE"] for process in SERVICE_OF]
    assert len(set(names)) == len(names)


def test_the_gateway_finds_the_services() -> None:
    for process in ("gateway-api", "gateway-exchange", "gateway-exchange-urgent"):
        for service in SERVICES[:3]:
            assert given(process)[f"{service.upper()}_URL"] == f"https://{service}:{given(service)['PORT']}"


# -- secrets


def test_secrets_are_made_once_and_only_for_their_reader(tmp_path: Path) -> None:
    for volume in secrets.USERS:
        (tmp_path / volume).mkdir()
    secrets.make(tmp_path)
    files = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    secrets.make(tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files if path.name != "jwks.json")
    for process in PROCESSES:
        others = set(PROCESSES) - {process}
        held = b"".join(content for path, content in files.items() if path.parent.name == process)
        passwords = json.loads((tmp_path / "admin" / "passwords.json").read_text())
        assert passwords[process].encode() in held
        roots = (name for name in passwords if name.endswith("-root"))
        assert not any(passwords[other].encode() in held for other in (*others, "kafka-admin", *roots))


def test_a_process_takes_its_passwords_from_its_volume(tmp_path: Path) -> None:
    for volume in secrets.USERS:
        (tmp_path / volume).mkdir(exist_ok=True)
    secrets.make(tmp_path)
    script = (ROOT / "deploy/compose/with-secrets.sh").read_text()
    here = tmp_path / "with-secrets.sh"
    here.write_text(script.replace(secrets.MOUNT, str(tmp_path / "registry")))
    done = subprocess.run(["sh", str(here), "env"], capture_output=True, text=True, check=True)
    passwords = json.loads((tmp_path / "admin" / "passwords.json").read_text())
    for name, value in secrets.environment("registry", passwords).items():
        assert f"{name}={value}\n" in done.stdout


# -- who can reach whom


def reachable(name: str) -> set[str]:
    """Containers that share a network with this one."""
    mine = set(CONTAINERS[name].get("networks", ()))
    return {other for other, container in CONTAINERS.items() if mine & set(container.get("networks", ()))} - {name}


GATEWAY = {process for process, service in SERVICE_OF.items() if service == "gateway"}
WATCHING = {"prometheus", "collector", "admin"}


@pytest.mark.parametrize("service", SERVICES[:3])
def test_a_service_reaches_its_own_database_and_no_other_service(service: str) -> None:
    own = {"kafka", f"mongo-{service}", f"mongo-{service}-init"}
    assert reachable(service) == own | GATEWAY | WATCHING
    assert reachable(f"mongo-{service}") == {service, f"mongo-{service}-init"}


def test_the_gateways_database_is_the_gateways_and_the_issuer_talks_to_the_api_alone() -> None:
    assert reachable("mongo-gateway") == GATEWAY | {"mongo-gateway-init"}
    assert reachable("keycloak") == {"gateway-api"}
    assert reachable("secrets") == set()
    assert reachable("grafana") & (set(SERVICE_OF) | {"kafka", "keycloak"}) == set()


def test_every_container_is_on_networks_that_are_named_and_what_it_waits_for_can_be_asked() -> None:
    for name, container in CONTAINERS.items():
        assert set(container.get("networks", ())) <= set(COMPOSE["networks"]), name
        assert container.get("networks") or container["network_mode"] == "none", name
    assert {network for one in CONTAINERS.values() for network in one.get("networks", ())} == set(COMPOSE["networks"])
    for process in SERVICE_OF:
        asked = re.findall(r"//(?:[^@/]*@)?([a-z-]+):", " ".join(given(process).values()))
        assert set(asked) - {"kafka"} <= reachable(process), process


def test_only_what_publishes_a_port_is_on_a_network_that_leads_outside() -> None:
    outside = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}
    assert outside == {"partners", "people", "dashboards"}
    for name, container in CONTAINERS.items():
        assert bool(outside & set(container.get("networks", ()))) == ("ports" in container), name


# -- certificates


def test_every_server_has_a_certificate_for_the_names_it_is_asked_by_and_its_key_is_its_readers(volumes: Path) -> None:
    for volume, names in secrets.CERTIFIED.items():
        folder = volumes / volume
        certificate = x509.load_pem_x509_certificate((folder / CERTIFICATE).read_bytes())
        named = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert {str(name.value) for name in named} == set(names)
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate((folder / CA).read_bytes()))
        assert (folder / KEY).stat().st_mode & 0o077 == 0
    keys = [(volumes / volume / KEY).read_bytes() for volume in secrets.CERTIFIED]
    assert len(set(keys)) == len(keys)
    readers = [
        name for name, one in CONTAINERS.items() if any("secrets-authority" in m for m in one.get("volumes", ()))
    ]
    assert readers == ["secrets"]


def test_only_who_opens_connections_has_a_certificate_that_opens_them(volumes: Path) -> None:
    for volume in secrets.CERTIFIED:
        certificate = x509.load_pem_x509_certificate((volumes / volume / CERTIFICATE).read_bytes())
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        opens = ExtendedKeyUsageOID.CLIENT_AUTH in usages
        assert opens == (volume not in secrets.ONLY_SERVERS)


async def test_a_container_asks_itself_whether_it_is_ready_with_its_own_certificate(
    volumes: Path, tmp_path: Path
) -> None:
    (port,) = ports.free(1)
    tls = server_context(
        Identity(volumes / "registry" / CERTIFICATE, volumes / "registry" / KEY), volumes / "registry" / CA
    )
    ready = web_app.create_app("x", lifespan=_no_lifespan, ready=lambda: {"it": (tmp_path / "ready").exists()})
    server = First([Listener(ready, ports.HOST, port, tls)])
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started or task.done())
    folder = volumes / "registry"
    environment = {"TLS_CA": folder / CA, "TLS_CERTIFICATE": folder / CERTIFICATE, "TLS_KEY": folder / KEY}
    script = [sys.executable, "-S", "-E", str(ROOT / "deploy/compose/healthcheck.py")]
    codes = []
    for _ in range(2):
        asked = await asyncio.create_subprocess_exec(
            *script, env={"PORT": str(port), **{name: str(file) for name, file in environment.items()}},
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        codes.append(await asked.wait())
        (tmp_path / "ready").touch()
    server.should_exit = True
    await task
    assert codes == [1, 0]


@contextlib.asynccontextmanager
async def _no_lifespan(_: FastAPI) -> AsyncIterator[None]:
    yield


# -- the image


def copied(to: Path) -> None:
    """What deploy/Dockerfile copies, less what .dockerignore keeps out."""
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept_out = [line for line in ignored if line and line[0] not in "#!*"]
    for line in re.findall(r"^COPY (.+)$", (ROOT / "deploy" / "Dockerfile").read_text(), re.MULTILINE):
        *sources, target = line.split()
        for source in sources:
            assert any(
                source == name or source.startswith(f"{name}/")
                for name in (one[1:] for one in ignored if one[:1] == "!")
            )
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, to / target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (to / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / source, to / target)
    for name in kept_out:
        path = to / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def test_the_image_holds_everything_that_its_processes_import(tmp_path: Path) -> None:
    copied(tmp_path)
    extra = {line.split("==")[0] for line in (ROOT / "requirements/local.txt").read_text().splitlines() if "==" in line}
    base = {line.split("==")[0] for line in (ROOT / "requirements/base.txt").read_text().splitlines() if "==" in line}
    absent = sorted({name.replace("-", "_").lower() for name in extra - base} | {"secantus", "pytest"})
    modules = [
        "services.registry.app",
        "services.indicators.app",
        "services.notifications.alerts.app",
        "services.gateway.app",
    ]
    modules += ["simpul.cli", "simpul.serve", "simpul.partners", "simpul.keys", "simpul.dead_letters", "simpul.tokens"]
    modules += ["deploy.compose.secrets", "deploy.compose.setup"]
    program = f"""
import importlib, sys
sys.path.insert(0, {str(tmp_path)!r})
for name in {absent!r}:
    sys.modules[name] = None
for name in {modules!r}:
    assert importlib.import_module(name).__file__.startswith({str(tmp_path)!r}), name
"""
    done = subprocess.run(
        [sys.executable, "-P", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "deploy/local/database_launcher.py").exists()


def test_the_image_runs_a_python_that_the_project_supports() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    found = re.search(r"^FROM python:3\.(\d+)\.\d+-slim@sha256:[0-9a-f]{64}$", dockerfile, re.MULTILINE)
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert found
    assert int(found[1]) >= int(oldest.removeprefix(">=3."))
    assert re.search(r"^USER simpul$", dockerfile, re.MULTILINE)


# -- looking at it


def metrics() -> set[str]:
    """What the processes expose: our own metrics with the suffixes of their kind, and the client's process metrics."""
    rooms = [path for room in ("chassis", "services") for path in (ROOT / room).rglob("*.py")]
    text = "".join(path.read_text() for path in rooms)
    names = set(re.findall(r'(?:Counter|Gauge)\(\s*"(simpul_\w+)"', text))
    for name in re.findall(r'Histogram\(\s*"(simpul_\w+)"', text):
        names |= {f"{name}_bucket", f"{name}_count", f"{name}_sum"}
    return names | {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}


def names_in(expression: str) -> set[str]:
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]|\b(?:by|without) \([^)]*\)", "", expression)
    return set(re.findall(r"\b[a-z_]+\b(?!\s*\()", bare)) - {"and", "or", "unless"}


def test_dashboard_and_alerts_name_metrics_that_exist() -> None:
    dashboard = json.loads((OBSERVABILITY / "grafana/dashboards/simpul.json").read_text())
    alerts = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text())
    expressions = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    used = set().union(*(names_in(expression) for expression in expressions))
    assert used <= metrics()
    ours = {name for name in metrics() if name.startswith("simpul_")}
    assert {name for name in ours if not name.endswith(("_count", "_sum"))} - used == set()


def test_prometheus_asks_every_process() -> None:
    jobs = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text())["scrape_configs"]
    asked = {job["job_name"]: job["static_configs"][0]["targets"] for job in jobs}
    ports = {process: given(process).get("OPERATIONS_PORT", given(process)["PORT"]) for process in SERVICE_OF}
    assert set(asked["simpul"]) == {f"{process}:{port}" for process, port in ports.items()}
    assert next(job for job in jobs if job["job_name"] == "simpul")["scheme"] == "https"


def test_traces_find_their_way_to_jaeger() -> None:
    collector = yaml.safe_load((OBSERVABILITY / "collector.yaml").read_text())
    taken = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert all(
        given(process)["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"https://collector:{taken.split(':')[1]}"
        for process in SERVICE_OF
    )
    assert collector["exporters"]["otlp"]["endpoint"].split(":")[0] in CONTAINERS
    pipeline = collector["service"]["pipelines"]["traces"]
    assert all(set(pipeline[part]) <= set(collector[part]) for part in ("receivers", "processors", "exporters"))


def test_grafana_finds_its_dashboards_and_sources() -> None:
    provisioning = OBSERVABILITY / "grafana/provisioning"
    provider = yaml.safe_load((provisioning / "dashboards/simpul.yaml").read_text())["providers"][0]
    assert any(mount.split(":")[1] == provider["options"]["path"] for mount in CONTAINERS["grafana"]["volumes"])
    sources = yaml.safe_load((provisioning / "datasources/simpul.yaml").read_text())["datasources"]
    dashboard = json.loads((OBSERVABILITY / "grafana/dashboards/simpul.json").read_text())
    assert {panel["datasource"]["uid"] for panel in dashboard["panels"]} <= {source["uid"] for source in sources}
    assert all(re.match(r"http://(\w+):", source["url"])[1] in CONTAINERS for source in sources)  # type: ignore[index]
