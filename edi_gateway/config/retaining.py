"""The retention keys of gateway.toml."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

from edi_gateway.config.declared import Key, Reading
from edi_gateway.config.kinds import DURATION, pattern

KEEP = Key(
    path="retention.keep",
    kind=DURATION,
    default=timedelta(days=550),
    shown='"550d", eighteen months',
    words="How long contents are kept before `edi-gateway retention run` may delete them; 810, 812 and 820 at least 550 days by this key.",
    example='"550d"',
)
SETS = Key[timedelta | None](
    path="retention.sets.*",
    kind=DURATION,
    default=None,
    shown="as `retention.keep`",
    words="How long documents of this transaction set are kept, whatever `keep` says.",
    example='"3650d"',
)
AT = Key[str | None](
    path="retention.at",
    kind=pattern("time of day", 'a time of day in UTC, such as "02:30"', "(?:[01][0-9]|2[0-3]):[0-5][0-9]"),
    default=None,
    shown="the gateway deletes nothing by itself",
    words="When the gateway itself deletes each day what may go, in UTC; a time that passed while it stood is made up for.",
    example='"02:30"',
)
RETENTION_KEYS: tuple[Key[Any], ...] = (KEEP, AT, SETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long contents are kept."""

    keep: timedelta
    sets: dict[str, timedelta]
    at: time | None = None


def read_retention(reading: Reading) -> RetentionSettings:
    """The `[retention]` table."""
    named = {name: reading.get(SETS, name) for name in reading.names("retention.sets")}
    at = reading.get(AT)
    return RetentionSettings(
        keep=reading.get(KEEP),
        sets={name: length for name, length in named.items() if length is not None},
        at=time.fromisoformat(at) if at else None,
    )
