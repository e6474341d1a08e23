"""The log: what the parts say through `logging` and structlog, on standard error, as lines for people or as JSON.

An exception is logged with its frames and never with what their variables held: that may be a partner's document, or a password.
"""

import logging
import sys
from typing import TextIO

import structlog

from edi_gateway.config.settings import LogSettings

_CHATTY = ("apscheduler", "alembic", "urllib3", "waitress")
"""Libraries whose everyday messages are of no use to an operator."""


def set_up_logging(settings: LogSettings) -> None:
    """Sends every log line to standard error in the form and from the level that the settings say."""
    common: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *common, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = _ToStandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=common,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *_rendered(settings.format)],
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
