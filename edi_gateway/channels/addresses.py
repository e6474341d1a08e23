"""Which network addresses may be posted to when a partner chose the address."""

import ipaddress
import socket
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NOT_PUBLIC = tuple(
    ipaddress.ip_network(one)
    for one in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10", "3fff::/20", "5f00::/16", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")
)
"""What Python takes for global in some of its versions: old site-local addresses, relays, documentation, local translation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """One address of a host, as `socket.connect` takes it."""

    family: int
    sockaddr: tuple[str, int] | tuple[str, int, int, int]

    @property
    def ip(self) -> str:
        return self.sockaddr[0]


def resolve(host: str, port: int) -> list[Resolved]:
    """Every address of a host, in the resolver's order. Errors: OSError where the name leads nowhere."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise OSError("this is not a host name") from None
    found = []
    for family, _, _, _, sockaddr in answers:
        one = Resolved(family=family, sockaddr=sockaddr)  # type: ignore[arg-type]
        if one not in found:
            found.append(one)
    return found


def is_public(ip: str) -> bool:
    """Whether an address lies in the public internet: not in this machine, a private, shared or reserved network.

    Source: RFC 6890 and IANA's registries of special addresses; RFC 3879 for fec0::/10; RFC 6052 section 2.1 for IPv4 addresses within
            64:ff9b::/96, RFC 4291 section 2.5.5.2 for mapped ones.
    """
    address: Address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            address = inner
    if any(address.version == network.version and address in network for network in _NOT_PUBLIC):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)
