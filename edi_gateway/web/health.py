"""For load balancers and monitors: is the process there, and can it do its work."""

import logging
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify

from edi_gateway.ports.web import WebParts

log = logging.getLogger("edi_gateway.web")


def health_pages(parts: WebParts) -> Blueprint:
    """`/healthz` says that the process answers; `/readyz` that database, clock and work are well. Both are open."""
    pages = Blueprint("health", __name__)

    @pages.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok", version=parts.version)

    @pages.get("/readyz")
    def readyz() -> tuple[Response, int]:
        checks = readiness(parts)
        ready = all(check["ok"] for check in checks.values())
        return jsonify(status="ready" if ready else "not ready", checks=checks), 200 if ready else 503

    return pages


def readiness(parts: WebParts) -> dict[str, dict[str, Any]]:
    """Each check by name, with what was found and what it means."""
    try:
        health = parts.views.health()
    except Exception:  # whatever the database driver raises, the answer is the same: not ready
        log.exception("readiness_database")
        return {"database": {"ok": False, "words": "The database does not answer. Its error is in the log."}}
    now, settings = parts.clock.now(), parts.settings
    tick, job, parked = health.get("tick"), health.get("oldest_job"), health.get("parked")
    rooms = parts.room()
    least = min((room.free for room in rooms), default=None)
    tick_age = _seconds_since(tick, now)
    job_age = _seconds_since(job, now)
    works = parts.works()
    return {
        "database": {"ok": True},
        "clock": {
            "ok": tick_age is not None and tick_age <= settings.tick_limit.total_seconds(),
            "last_tick_seconds": tick_age,
            "words": "The clock drives retries and windows; where it stands still, start the gateway again.",
        },
        "work": {
            "ok": works and (job_age is None or job_age <= settings.job_limit.total_seconds()),
            "running": works,
            "oldest_job_seconds": job_age,
            "parked": parked,
            "words": "Whether the worker runs, and how long the oldest waiting job is past its time.",
        },
        "disk": {
            "ok": least is None or least >= 2 * settings.max_body_bytes,
            "free_bytes": least,
            "words": "Room for what may come next. Where there is none, nothing more is taken in.",
        },
    }


def _seconds_since(moment: object, now: datetime) -> float | None:
    """How long a moment is past; 0 where it is still to come."""
    return round(max((now - moment).total_seconds(), 0), 1) if isinstance(moment, datetime) else None
