"""The log: what the parts say through `logging` and structlog, on standard error, as lines for people or as JSON.

An exception is logged with its frames and never with what their variables held: that may be a partner's document, or a password.
"""

import logging
import sys
from typing import TextIO

import structlog

from edi_gateway.config.settings import LogSettings

_CHATTY = ("apprise", "apscheduler", "alembic", "urllib3", "waitress")
"""Libraries whose everyday messages are of no use to an operator."""


def set_up_logging(settings: LogSettings) -> None:
    """Sends every log line to standard error in the form and from the level that the settings say."""
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    rendered = _rendered(settings.format)
    # Our own lines do not go through `logging`: each would become two of its records, and that took longer than the writing.
    structlog.configure(
        processors=[*common, *rendered],
        logger_factory=_Lines,
        wrapper_class=structlog.make_filtering_bound_logger(settings.level),
    )
    handler = _ToStandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendered]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def log_troubles_only() -> None:
    """For a command that works on a home: its result is what it prints, and only what went wrong is logged."""
    set_up_logging(LogSettings(level="warning", format="text"))


class _Lines:
    """Writes structlog's lines to what standard error is at the time."""

    def __init__(self, name: str = "") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sys.stderr.write(f"{line}\n")

    debug = info = warning = error = critical = exception = msg


class _ToStandardError(logging.StreamHandler[TextIO]):
    """Writes to what standard error is at the time."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


def _rendered(form: str) -> list[structlog.typing.Processor]:
    if form == "json":
        frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer(ensure_ascii=False)]
    return [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)]
