"""Where a receipt may be sent: the judgement on a URL that a stranger wrote into a header.

Nothing is resolved or connected here. The sender of an asynchronous receipt asks twice: whether the URL is the partner's,
then, for every address that the name resolves to, whether the gateway may connect to it at all.
Source: RFC 3986 section 3.2.2 for hosts; RFC 6890 for special addresses; draft rfc4130bis section 8.3.
"""

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from edi_gateway.faults import Fault

PORTS = {"http": 80, "https": 443}

_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*\.?")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A URL that may be posted to, taken apart: connect to `host` and `port`, ask for `path`."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def receipt_target(url: str, allowed: Iterable[str]) -> Target | Fault:
    """Where an asynchronous receipt goes, if the partner's allow-list holds the URL or its origin.

    Shape:  an entry of the list is a URL; one without a path allows every path below its origin, one with a path that path
            and what lies below it.
    Errors: a fault where the URL is not absolute HTTP, hides who it is for, or is on no entry.
    """
    target = _target(url)
    if isinstance(target, str):
        return _refused(url, target)
    for entry in allowed:
        permitted = _target(entry)
        if isinstance(permitted, Target) and permitted.origin == target.origin and _below(target.path, permitted.path):
            return target
    return _refused(url, "it is not on the partner's allow-list")


def _refused(url: str, cause: str) -> Fault:
    return Fault.of("AS2-MDN-URL", value=url[:200], cause=cause)


def _below(path: str, permitted: str) -> bool:
    base = permitted.partition("?")[0].rstrip("/")
    return path == permitted or path.partition("?")[0] == base or path.startswith(base + "/")


def _target(url: str) -> Target | str:
    """A URL taken apart, or why it cannot be used."""
    if not re.fullmatch(r"[\x21-\x7e]{1,2000}", url) or "\\" in url:
        return "it is not a URL of printable ASCII"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in PORTS:
        return "only http and https are posted to"
    if parts.username is not None or parts.password is not None:
        return "it holds a user name"
    host = _host(parts)
    if host is None:
        return "its host is not a name or an address in the usual form"
    if port == 0:
        return "its port cannot be connected to"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if "/../" in f"{parts.path}/" or "/./" in f"{parts.path}/" or re.search(r"%2e|%2f|%5c", parts.path, re.IGNORECASE):
        return "its path climbs"
    return Target(scheme=parts.scheme, host=host, port=port or PORTS[parts.scheme], path=path)


def _host(parts: SplitResult) -> str | None:
    """The host in its usual form; None for the odd ones (decimal, octal, hex, zone ids) that mean an address in disguise."""
    host = (parts.hostname or "").lower()
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host).compressed if "%" not in host else None
        except ValueError:
            return None
    if not _HOST.fullmatch(host) or len(host) > 253:
        return None
    labels = host.rstrip(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(ipaddress.IPv4Address(host)) if len(labels) == 4 else None
        except ValueError:
            return None
    return host.rstrip(".")


def address_fault(address: str, *, private_allowed: bool) -> Fault | None:
    """Why the gateway may not connect to an address that a partner's name resolved to; None where it may.

    Shape:  loopback, private, link-local and other special ranges are refused, also where they hide in an IPv6 address, unless
            the agreement says that the partner is inside (`private_allowed`); unusable ones (multicast, unspecified) always.
    """
    try:
        plain = _embedded(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return _refused(address, "it is not an address")
    if plain.is_multicast or plain.is_unspecified or (plain.is_reserved and not plain.is_loopback):
        return _refused(address, "nothing answers at such an address")
    if not plain.is_global and not private_allowed:
        return _refused(address, "it points into a private network")
    return None


def _embedded(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address inside an IPv6 one, where there is one: mapped, compatible, 6to4, Teredo or NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    low = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        return low
    return address


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
