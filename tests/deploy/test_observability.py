"""Dashboard, alerts and traces: they name what exists, and ask every process."""

import json
import re

import yaml

from deploy.local.service import SERVICE_OF
from tests.deploy.containers import CONTAINERS, ROOT, environment_of

OBSERVABILITY = ROOT / "deploy" / "observability"


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
    ports = {
        process: environment_of(process).get("OPERATIONS_PORT", environment_of(process)["PORT"])
        for process in SERVICE_OF
    }
    assert set(asked["simpul"]) == {f"{process}:{port}" for process, port in ports.items()}
    assert next(job for job in jobs if job["job_name"] == "simpul")["scheme"] == "https"


def test_traces_find_their_way_to_jaeger() -> None:
    collector = yaml.safe_load((OBSERVABILITY / "collector.yaml").read_text())
    taken = collector["receivers"]["otlp"]["protocols"]["http"]["endpoint"]
    assert all(
        environment_of(process)["OTEL_EXPORTER_OTLP_ENDPOINT"] == f"https://collector:{taken.split(':')[1]}"
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
