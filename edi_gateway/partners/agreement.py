"""Who we trade with and on what terms, as values: what a partner file says once it has been read and checked."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

from edi_gateway import as2, x12
from edi_gateway.config import Secret
from edi_gateway.fileset import Entry
from edi_gateway.lifecycle.business import BusinessCalendar
from edi_gateway.lifecycle.order_rules import Rule, Treatment
from edi_gateway.lifecycle.policy import CircuitPolicy, Limits, RetryPolicy, Windows
from edi_gateway.lifecycle.states import Direction


class MdnMode(StrEnum):
    """How the partner is asked to answer."""

    SYNC = "sync"
    ASYNC = "async"
    NONE = "none"


class Transfer(StrEnum):
    """How a message's length is told to the partner's server."""

    CONTENT_LENGTH = "content-length"
    CHUNKED = "chunked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """What we put around a message; None for not at all. `legacy` lets weak algorithms pass, both ways."""

    sign: as2.Digest | None = as2.Digest.SHA256
    padding: as2.Padding = as2.Padding.PKCS1
    encrypt: as2.Cipher | None = as2.Cipher.AES256_CBC
    transport: as2.Transport = as2.Transport.PKCS1
    compress: as2.Compression | None = None
    legacy: bool = False

    @property
    def sealing(self) -> as2.Security:
        """The same, as messages are sealed by."""
        return as2.Security(
            digest=self.sign,
            padding=self.padding,
            cipher=self.encrypt,
            transport=self.transport,
            compression=self.compress or as2.Compression.NONE,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """Whom we are to the partner's server: a name, and where the password stands."""

    user: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """The TLS certificate that we show to the partner's server; its key stands in the same file where `key` is None."""

    certificate: Path
    key: Path | None = None
    passphrase: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class As2Terms:
    """AS2 with one partner. `require` is what an inbound message must be: "signed", "encrypted"."""

    id: str
    url: str | None = None
    certificates: tuple[Entry, ...] = ()
    security: Security = Security()
    quirks: str | None = None
    """The name of the preset that fits the partner's product; what it means is in the other terms already."""
    require: frozenset[str] = frozenset({"signed", "encrypted"})
    mdn: MdnMode = MdnMode.SYNC
    mdn_signed: bool = True
    mdn_digests: tuple[as2.Digest, ...] = (as2.Digest.SHA256,)
    """The MIC algorithms that we ask for, in order."""
    mdn_url: str | None = None
    """Where we ask asynchronous MDNs to be sent to: our own address as the partner sees it."""
    mic_rule: as2.MicRule = as2.MicRule.REQUESTED
    """By which algorithm we report the MIC of what the partner sends."""
    receipt_urls: tuple[str, ...] = ()
    """Where we may post asynchronous MDNs to: beginnings of addresses on the partner's side; the server of `url` where empty."""
    timeout: timedelta = timedelta(seconds=60)
    transfer: Transfer = Transfer.CONTENT_LENGTH
    max_bytes: int = 100 * 1024 * 1024
    headers: dict[str, str] = field(default_factory=dict)
    basic_auth: BasicAuth | None = None
    client: ClientCertificate | None = None
    ca_file: Entry | None = None
    """CA certificates that the partner's HTTPS server is checked against; the system's where None."""

    @property
    def policy(self) -> as2.Policy:
        """What a message from the partner is opened by."""
        return as2.Policy(
            require_signed="signed" in self.require,
            require_encrypted="encrypted" in self.require,
            legacy=self.security.legacy,
            max_body=self.max_bytes,
            max_payload=self.max_bytes,
            mic_rule=self.mic_rule,
        )

    @property
    def mdn_wanted(self) -> as2.MdnWanted | None:
        """The receipt that we ask for, None where we ask for none."""
        if self.mdn is MdnMode.NONE:
            return None
        url = self.mdn_url if self.mdn is MdnMode.ASYNC else None
        return as2.MdnWanted(signed=self.mdn_signed, algorithms=self.mdn_digests, url=url)

    def takes_receipt_at(self, url: str) -> bool:
        """Whether an asynchronous MDN may be posted to an address: same scheme, host and port as an allowed one, path below its path."""
        wanted = _origin(url)
        if wanted is None:
            return False
        return any(_covers(_origin(allowed), wanted) for allowed in self.receipt_urls or _server(self.url))

    def trusts_host_of(self, url: str) -> bool:
        """Whether the file itself says where an address leads, so that it may lie in a private network.

        It does by naming it under `receipt_urls`, or by an `as2.url` with a literal IP address. A host name of `as2.url` alone
        does not: the partner decides what it resolves to, and a message of theirs decides on the path.
        """
        if not self.takes_receipt_at(url):
            return False
        return bool(self.receipt_urls) or _is_literal(urlsplit(url).hostname or "")


def _covers(allowed: tuple[str, str, int, str] | None, wanted: tuple[str, str, int, str]) -> bool:
    if allowed is None or allowed[:3] != wanted[:3]:
        return False
    return wanted[3] == allowed[3] or wanted[3].startswith(allowed[3].rstrip("/") + "/")


def _server(url: str | None) -> tuple[str, ...]:
    """The beginning of every address on the server that we post to."""
    if url is None:
        return ()
    parts = urlsplit(url)
    return (f"{parts.scheme}://{parts.netloc}/",)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _origin(url: str) -> tuple[str, str, int, str] | None:
    """Scheme, host, port and path of an HTTP address; None for anything else, and for a path that climbs."""
    try:
        parts = urlsplit(url)
        usual = {"http": 80, "https": 443}[parts.scheme]
        port = usual if parts.port is None else parts.port
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


class Ta1(StrEnum):
    """When we answer an interchange with a TA1."""

    ASKED = "asked"
    """where its ISA14 asks for one, or it is rejected"""
    FAULT = "fault"
    """only where it is rejected"""
    NEVER = "never"


class TheirTa1(StrEnum):
    """When the partner answers an interchange of ours with a TA1."""

    NEVER = "never"
    ASKED = "asked"
    """We ask for one, by ISA14, and wait for it."""
    ALWAYS = "always"
    """They send one unasked, and we wait for it."""


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
    charset: x12.Charset = x12.Charset.UTF8
    usage: str = "P"
    mode: x12.Mode = x12.Mode.STRICT
    reject: frozenset[str] = frozenset()
    """Codes of faults that reject a set of theirs in any mode."""
    tolerate: frozenset[str] = frozenset()
    """Codes of faults that are noted in what they send and reject nothing."""
    acknowledge: bool = True
    acknowledgment: x12.Form = x12.Form.FUNCTIONAL
    acknowledgment_release: str | None = None
    """GS08 of our acknowledgments; None for `release`."""
    acknowledge_detail: x12.Detail = x12.Detail.EVERY_SET
    ta1: Ta1 = Ta1.ASKED
    expect_ta1: TheirTa1 = TheirTa1.NEVER
    expect_acknowledgment: bool = True
    """Whether they answer what we send with a 997 or 999."""
    duplicate_days: int = 30
    """For how many days a control number of theirs may not come again; 0 for not at all."""
    duplicate_sets: bool = False
    """Whether that holds for ST02 too, and not for ISA13 and GS06 alone."""
    control_low: int = 1
    control_high: int = 999_999_999


class Unread(StrEnum):
    """What becomes of a document that holds something which no row of its map reads."""

    IGNORE = "ignore"
    WARN = "warn"
    """It goes on, and what was not read is noted on it."""
    HOLD = "hold"
    """It waits for the map to be mended; a document of the ERP's is refused."""


class Mixed(StrEnum):
    """What becomes of the good documents of a file that holds faulty ones."""

    PROCEED = "proceed"
    WAIT = "wait"
    """None is sent until the whole file is good."""


class Repeats(StrEnum):
    """What becomes of a document that has the number of one that was sent before."""

    REJECT = "reject"
    """With the same content it is not sent again; with other content it is refused."""
    WARN = "warn"
    """With the same content it is not sent again; with other content it is sent, and that is noted."""
    ALLOW = "allow"
    """It is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """One document in one direction.

    Shape:  `map` and `erp_map` are names of maps ("x12/004010/850", "flat/order"); `tables` are the cross-references that stand for a
            name after `via` in them: that name, and the file's ("items", "acme/items").
    """

    set_id: str
    direction: Direction
    map: str
    erp_map: str
    layout: str
    guide: str | None = None
    tables: tuple[tuple[str, str], ...] = ()
    release: str = "004010"
    content_type: str = "application/edi-x12"
    """Of messages that carry what we send."""
    filename: str | None = None
    """Template of the name of the file that the ERP gets; None for the default, and for what we send."""
    unread: Unread = Unread.WARN
    mixed: Mixed = Mixed.PROCEED
    repeats: Repeats = Repeats.WARN
    pickup: timedelta | None = None
    """How long the ERP may leave a file in `out/`; None where it takes copies."""
    semaphore: bool = False
    """Whether a `<name>.done` follows the file that the ERP gets."""
    windows: Windows = Windows()
    rules: dict[Rule, Treatment] = field(default_factory=dict)
    """What happens to a document that breaks a rule of its order; one that is not named here is off."""


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
    calendar: BusinessCalendar = BusinessCalendar()
    circuit: CircuitPolicy = CircuitPolicy()
    limits: Limits = Limits()
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
