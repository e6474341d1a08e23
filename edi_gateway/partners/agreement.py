"""Who we trade with and on what terms, as values: what a partner file says once it has been read and checked."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edi_gateway.config import Secret
from edi_gateway.lifecycle.policy import RetryPolicy, Windows
from edi_gateway.lifecycle.states import Direction


class MdnMode(StrEnum):
    """How the partner is asked to answer."""

    SYNC = "sync"
    ASYNC = "async"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What we put around a message. Shape: words of the partner file, "sha256", "aes256-cbc"; None for not at all."""

    sign: str | None = "sha256"
    encrypt: str | None = "aes256-cbc"
    compress: bool = False
    legacy: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class As2Terms:
    """AS2 with one partner. `require` is what an inbound message must be: "signed", "encrypted"."""

    id: str
    url: str | None = None
    certificates: tuple[Path, ...] = ()
    security: Security = Security()
    require: frozenset[str] = frozenset({"signed", "encrypted"})
    mdn: MdnMode = MdnMode.SYNC
    mdn_signed: bool = True
    mdn_url: str | None = None
    """Where we ask asynchronous MDNs to be sent to: our own address as the partner sees it."""
    receipt_urls: tuple[str, ...] = ()
    """Where we may post asynchronous MDNs to: address prefixes on the partner's side."""
    timeout: timedelta = timedelta(seconds=60)
    max_bytes: int = 100 * 1024 * 1024
    headers: dict[str, str] = field(default_factory=dict)
    ca_file: Path | None = None
    """CA certificates that the partner's HTTPS server is checked against; the system's where None."""

    def takes_receipt_at(self, url: str) -> bool:
        """Whether an asynchronous MDN may be posted to an address: same scheme, host and port as an allowed one, path below its path."""
        wanted = _origin(url)
        if wanted is None:
            return False
        return any(
            allowed is not None
            and allowed[:3] == wanted[:3]
            and (wanted[3] == allowed[3] or wanted[3].startswith(allowed[3].rstrip("/") + "/"))
            for allowed in map(_origin, self.receipt_urls)
        )


def _origin(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path of an HTTP address; None for anything else, and for a path that climbs."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    if parts.hostname is None or parts.username is not None or ".." in unquote(parts.path):
        return None
    return parts.scheme, parts.hostname, port, parts.path or "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class X12Identity:
    """A party's name in envelopes: ISA05/06 or ISA07/08, and GS02 or GS03."""

    qualifier: str
    id: str
    group_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class X12Terms:
    """X12 with one partner: their identity, and how envelopes to them look."""

    identity: X12Identity
    version: str = "00401"
    release: str = "004010"
    element: str = "*"
    component: str = ">"
    repetition: str = "^"
    terminator: str = "~"
    suffix: str = "\n"
    usage: str = "P"
    acknowledge: bool = True
    control_low: int = 1
    control_high: int = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One document in one direction. `map` and `erp_map` are names of maps ("x12/004010/850", "flat/order")."""

    set_id: str
    direction: Direction
    map: str
    erp_map: str
    layout: str
    guide: str | None = None
    release: str = "004010"
    filename: str | None = None
    """Template of the name of the file that the ERP gets; None for the default, and for what we send."""
    windows: Windows = Windows()


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """One trading partner, as its file says. `key` is the file's name without its ending."""

    key: str
    name: str
    as2: As2Terms
    x12: X12Terms
    agreements: tuple[Agreement, ...] = ()
    retry: RetryPolicy = RetryPolicy()
    windows: Windows = Windows()
    active: bool = True
    source: Path | None = None

    def agreement(self, set_id: str, direction: Direction) -> Agreement | None:
        """The agreement on a document in a direction, None where there is none."""
        for one in self.agreements:
            if one.set_id == set_id and one.direction == direction:
                return one
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Ourselves: our AS2 name, our X12 identity, our keys (newest first) and the address partners reach us at."""

    as2_id: str
    x12: X12Identity
    keys: tuple[Path, ...]
    certificates: tuple[Path, ...]
    url: str | None = None
    passphrase: Secret | None = None
