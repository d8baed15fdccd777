"""docker-compose.yml and all it mounts, as far as they can be judged without Docker's engine."""

import importlib
import json
import re
import ssl
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest

from chassis.commands.recorded_time import SETTLED_AFTER
from contracts.topics import PROCESSES, SERVICES
from deploy.compose import secrets
from deploy.local.service import SERVICE_OF
from simpul.serve import APPS
from tests.deploy.containers import COMPOSE, CONTAINERS, ROOT, environment_of


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
    passed = environment_of(process)
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
            assert (
                environment_of(process)[f"{service.upper()}_URL"]
                == f"https://{service}:{environment_of(service)['PORT']}"
            )


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


ASKED_BY_BROWSERS = {"WEB_ISSUER", "WEB_ADDRESS"}


def test_every_container_is_on_networks_that_are_named_and_what_it_waits_for_can_be_asked() -> None:
    for name, container in CONTAINERS.items():
        assert set(container.get("networks", ())) <= set(COMPOSE["networks"]), name
        assert container.get("networks") or container["network_mode"] == "none", name
    assert {network for one in CONTAINERS.values() for network in one.get("networks", ())} == set(COMPOSE["networks"])
    for process in SERVICE_OF:
        addresses = [value for name, value in environment_of(process).items() if name not in ASKED_BY_BROWSERS]
        asked = re.findall(r"//(?:[^@/]*@)?([a-z-]+):", " ".join(addresses))
        assert set(asked) - {"kafka"} <= reachable(process), process


def test_only_what_publishes_a_port_is_on_a_network_that_leads_outside() -> None:
    outside = {name for name, network in COMPOSE["networks"].items() if not (network or {}).get("internal")}
    assert outside == {"partners", "people", "dashboards"}
    for name, container in CONTAINERS.items():
        assert bool(outside & set(container.get("networks", ()))) == ("ports" in container), name
