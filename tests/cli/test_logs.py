"""The log holds what happened and never what was in a message, in either form."""

import json
import logging

import pytest
import structlog

from edi_gateway.cli.logs import set_up_logging
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
