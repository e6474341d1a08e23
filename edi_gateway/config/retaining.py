"""The retention keys of gateway.toml."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key, Reading
from edi_gateway.config.kinds import DURATION

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
RETENTION_KEYS: tuple[Key[Any], ...] = (KEEP, SETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long contents are kept."""

    keep: timedelta
    sets: dict[str, timedelta]


def read_retention(reading: Reading) -> RetentionSettings:
    """The `[retention]` table."""
    named = {name: reading.get(SETS, name) for name in reading.names("retention.sets")}
    return RetentionSettings(keep=reading.get(KEEP), sets={name: length for name, length in named.items() if length is not None})
