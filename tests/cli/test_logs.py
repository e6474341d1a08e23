"""The log holds what happened and never what was in a message, in either form."""

import json
import logging
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.cli.logs import _PlainLines, set_up_logging
from edi_gateway.config.settings import LogSettings

PAYLOAD = b"ISA*00*4500017-of-a-partner"


def handle(payload: bytes) -> None:
    """Work that fails while it holds a payload."""
    segments = payload.split(b"*")
    raise RuntimeError(f"segment {len(segments)} has no end")


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("by", ["structlog", "logging"])
def test_a_payload_in_a_frame_that_raised_does_not_reach_the_log(form: str, by: str, capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(level="info", format=form))
    log = structlog.get_logger("test") if by == "structlog" else logging.getLogger("test")
    try:
        handle(PAYLOAD)
    except RuntimeError:
        log.exception("job failed")
    said = capsys.readouterr().err
    assert "segment 3 has no end" in said
    assert "in handle" in said or '"handle"' in said
    assert "4500017" not in said


def test_an_exception_as_json_is_one_line_with_its_frames(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logging(LogSettings(level="info", format="json"))
    try:
        handle(PAYLOAD)
    except RuntimeError:
        structlog.get_logger("test").exception("job failed")
    [line] = capsys.readouterr().err.splitlines()
    [one] = json.loads(line)["exception"]
    assert (one["exc_type"], one["frames"][-1]["name"]) == ("RuntimeError", "handle")
    assert all("locals" not in frame for frame in one["frames"])


@given(
    event=st.fixed_dictionaries(
        {
            "timestamp": st.just("2026-11-30T08:00:00.000000Z"),
            "level": st.sampled_from(("debug", "info", "warning", "error", "critical")),
            "event": st.text() | st.integers(),
            "logger": st.sampled_from(("edi_gateway.services.journal", "alembic")),
        }
    ),
    values=st.dictionaries(st.text(min_size=1), st.text() | st.integers() | st.none() | st.lists(st.text())),
    frames=st.none() | st.just("Traceback"),
)
def test_a_line_for_people_is_as_structlog_lays_it_out(event: dict[str, Any], values: dict[str, object], frames: str | None) -> None:
    line = {**values, **event} | ({"exception": frames} if frames else {})
    asked = structlog.dev.ConsoleRenderer(colors=False)(None, "info", dict(line))
    assert _PlainLines()(None, "info", dict(line)) == asked
