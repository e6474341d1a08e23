"""What the commands that send share: what is sent, with which algorithms, and what became of it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from edi_gateway import as2
from edi_gateway.cli.outcome import GOOD
from edi_gateway.faults import Fault

NOT_AT_ALL = "none"
DIGESTS = click.Choice([*(one.value for one in as2.Digest), NOT_AT_ALL])
CIPHERS = click.Choice([*(one.value for one in as2.Cipher), NOT_AT_ALL])


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What to send, what the partner is told of it, and how long its answer may take."""

    content: bytes
    filename: str | None
    content_type: str
    subject: str
    timeout: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What became of a message. `message` is its number in the home, None outside one."""

    message_id: str
    outcome: str
    disposition: str | None = None
    mic: str | None = None
    mic_matches: bool | None = None
    http_status: int | None = None
    reasons: tuple[Fault, ...] = ()
    message: int | None = None
    exit_code: int = GOOD

    def as_json(self) -> dict[str, Any]:
        return {
            "message_id": self.message_id,
            "outcome": self.outcome,
            "disposition": self.disposition,
            "mic": self.mic,
            "mic_matches": self.mic_matches,
            "http_status": self.http_status,
            "reasons": [fault.line() for fault in self.reasons],
            "message": self.message,
        }
