"""`/metrics` shows the state of the store to those who may see it, and the dashboard asks for nothing else."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from edi_gateway.lifecycle.incidents import Incident, Kind, Weight
from edi_gateway.ports.alerts import Room
from edi_gateway.testing.made import NOW
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews
from edi_gateway.web.app import create_app

DASHBOARD = Path(__file__).parents[2] / "docs" / "deploy" / "grafana-dashboard.json"
ROOM = Room(folder="/data", free=5 * 1024**3, total=10 * 1024**3)
INCIDENT = Incident(key="work", kind=Kind.WORK_WAITS, weight=Weight.CRITICAL, since=NOW, opened_at=NOW, words="Work waits.")


@pytest.fixture
def scraped(parts):
    """Every sample of a scrape: its name, labels and value."""
    day = a_day()
    health = {"tick": NOW - timedelta(seconds=5), "oldest_job": NOW - timedelta(seconds=90), "parked": 2}
    muted = replace(INCIDENT, key="quiet", muted_until=NOW + timedelta(days=1))
    views = FakeViews(day.messages, day.payloads, health=health, incidents=(INCIDENT, muted))
    client = create_app(replace(parts, views=views, room=lambda: (ROOM,))).test_client()
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain")
    return [one for family in text_string_to_metric_families(answer.text) for one in family.samples]


def value(scraped, name: str, **labels: str) -> float:
    [found] = [one.value for one in scraped if one.name == f"edi_gateway_{name}" and labels.items() <= one.labels.items()]
    return found


def test_the_state_of_clock_work_windows_and_disks_is_told(scraped):
    assert value(scraped, "clock_tick_age_seconds") == 5
    assert value(scraped, "oldest_job_age_seconds") == 90
    assert value(scraped, "parked_jobs") == 2
    assert value(scraped, "incidents", severity="critical") == 1
    assert value(scraped, "disk_free_bytes", folder="/data") == ROOM.free
    assert value(scraped, "open_rows", what="set", direction="in", state="held") >= 1
    assert value(scraped, "kept_total", what="messages") >= 100
    assert value(scraped, "certificates_end_seconds", partner="northgate") > 0


def test_nothing_of_a_document_is_told(scraped):
    said = json.dumps([(one.name, one.labels) for one in scraped])
    for secret in ("PO-4711", "4814", "850_", "@"):
        assert secret not in said


def test_addresses_outside_the_networks_get_nothing_and_no_login(parts):
    client = create_app(replace(parts, admits_metrics=lambda address: address == "10.2.0.7")).test_client()
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.2.0.8"}).status_code == 403
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "10.2.0.7"}).status_code == 200


def test_every_query_of_the_dashboard_names_metrics_that_there_are_and_labels_that_they_bear(scraped):
    labels: dict[str, set[str]] = {}
    for one in scraped:
        labels.setdefault(one.name, {"instance"}).update(one.labels)
    dashboard = json.loads(DASHBOARD.read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    assert len(queries) >= 12
    asked = set()
    for query in queries:
        names = re.findall(r"\bedi_gateway_\w+", query)
        assert names, query
        assert set(names) <= labels.keys(), query
        used = set(re.findall(r"(\w+)\s*=~?\"", query)) | {
            one.strip() for by in re.findall(r"by \(([^)]*)\)", query) for one in by.split(",")
        }
        assert all(used <= labels[name] for name in names), query
        asked.update(names)
    assert asked == labels.keys(), "each metric has its panel"
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])


def test_the_gateway_is_not_ready_without_room_for_the_largest_message(parts):
    client = create_app(replace(parts, room=lambda: (replace(ROOM, free=1024),))).test_client()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["checks"]["disk"]["ok"] is False
