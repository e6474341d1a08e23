"""`/metrics` for Prometheus: what the database shows at the time of asking, so that any process of any host gives the same answer."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from edi_gateway.lifecycle.incidents import Weight
from edi_gateway.lifecycle.states import DeadlineKind
from edi_gateway.ports.web import WebParts

RECENT = timedelta(minutes=5)


def metric_pages(parts: WebParts) -> Blueprint:
    """The page, for the networks of the settings; it asks for no password, as Prometheus has none."""
    pages = Blueprint("metrics", __name__)
    registry = CollectorRegistry(auto_describe=False)
    registry.register(StateCollector(parts))

    @pages.get("/metrics")
    def metrics() -> Response:
        if not parts.admits_metrics(request.remote_addr or ""):
            abort(403, "Metrics are not given to your address. metrics.networks in gateway.toml names who gets them.")
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return pages


class StateCollector(Collector):
    """Asks the store anew for each scrape."""

    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    def collect(self) -> Iterator[Metric]:
        now = self._parts.clock.now()
        for part in (_health, _rows, _recent, _incidents, _certificates, _disks):
            yield from part(self._parts, now)


def _health(parts: WebParts, now: datetime) -> Iterator[Metric]:
    found = parts.views.health()
    yield _gauge("clock_tick_age_seconds", "How long ago the clock last ticked.", _age(found.get("tick"), now))
    yield _gauge(
        "oldest_job_age_seconds", "How long the oldest waiting work item is past its time.", _age(found.get("oldest_job"), now) or 0
    )
    yield _gauge("parked_jobs", "Work items that failed as often as agreed.", found.get("parked") or 0)
    info = GaugeMetricFamily("edi_gateway_info", "The version that runs.", labels=["version"])
    info.add_metric([parts.version], 1)
    yield info


def _rows(parts: WebParts, now: datetime) -> Iterator[Metric]:
    waiting = GaugeMetricFamily(
        "edi_gateway_open_rows", "Rows that something or someone has yet to move on.", labels=["what", "direction", "state"]
    )
    for key, count in sorted(parts.views.open_counts().items()):
        what, *direction, state = key.split(".")
        waiting.add_metric([what, *(direction or [""]), state], count)
    yield waiting
    over = parts.views.overdue(now)
    overdue = GaugeMetricFamily("edi_gateway_overdue_windows", "Windows that are over and not met.", labels=["kind"])
    for kind in DeadlineKind:
        overdue.add_metric([kind], over.get(kind, 0))
    yield overdue
    kept = CounterMetricFamily("edi_gateway_kept", "Rows kept so far.", labels=["what"])
    for what, number in sorted(parts.views.kept().items()):
        kept.add_metric([what], number)
    yield kept


def _recent(parts: WebParts, now: datetime) -> Iterator[Metric]:
    recent = GaugeMetricFamily("edi_gateway_recent_messages", "Messages of the last five minutes.", labels=["direction", "state"])
    for (direction, state), count in sorted(parts.views.recent(now - RECENT).items()):
        recent.add_metric([direction, state], count)
    yield recent


def _incidents(parts: WebParts, now: datetime) -> Iterator[Metric]:
    found = [one for one in parts.views.incidents() if not one.is_muted(now)]
    incidents = GaugeMetricFamily("edi_gateway_incidents", "Open incidents that are not muted.", labels=["severity"])
    for weight in Weight:
        incidents.add_metric([weight], sum(one.weight is weight for one in found))
    yield incidents


def _certificates(parts: WebParts, now: datetime) -> Iterator[Metric]:
    ends = GaugeMetricFamily(
        "edi_gateway_certificates_end_seconds", "Time until the last of a party's certificates ends.", labels=["partner"]
    )
    book = parts.book()
    parties = [("", book.identity.certificates), *((one.key, one.as2.certificates) for one in book.partners)]
    for partner, files in parties:
        last = max((one.not_after for one in parts.certificates(files).certificates), default=None)
        if last is not None:
            ends.add_metric([partner], (last - now).total_seconds())
    yield ends


def _disks(parts: WebParts, now: datetime) -> Iterator[Metric]:
    free = GaugeMetricFamily("edi_gateway_disk_free_bytes", "Room on the disks that the gateway writes to.", labels=["folder"])
    total = GaugeMetricFamily("edi_gateway_disk_size_bytes", "Size of the disks that the gateway writes to.", labels=["folder"])
    for room in parts.room():
        free.add_metric([room.folder], room.free)
        total.add_metric([room.folder], room.total)
    yield free
    yield total


def _gauge(name: str, words: str, value: object) -> Metric:
    """A gauge without labels; without a sample where there is no value."""
    family = GaugeMetricFamily(f"edi_gateway_{name}", words)
    if isinstance(value, int | float):
        family.add_metric([], value)
    return family


def _age(moment: object, now: datetime) -> float | None:
    return max((now - moment).total_seconds(), 0) if isinstance(moment, datetime) else None
