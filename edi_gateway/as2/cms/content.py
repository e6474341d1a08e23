"""The outermost CMS structure: which kind of content it holds. Source: RFC 5652 section 3."""

from enum import Enum

from edi_gateway.as2 import ber
from edi_gateway.as2.extent import Octets
from edi_gateway.as2.malformed import Malformed


class Kind(Enum):
    """The kinds of content that an AS2 message is made of."""

    DATA = "1.2.840.113549.1.7.1"
    SIGNED = "1.2.840.113549.1.7.2"
    ENVELOPED = "1.2.840.113549.1.7.3"
    COMPRESSED = "1.2.840.113549.1.9.16.1.9"
    AUTH_ENVELOPED = "1.2.840.113549.1.9.16.1.23"


KIND_OIDS = {kind: ber.oid(kind.value) for kind in Kind}
KINDS_BY_OID = {identifier: kind for kind, identifier in KIND_OIDS.items()}


def content_info(encoded: Octets) -> tuple[Kind, ber.Node]:
    """The kind of content, and the content itself. Errors: Malformed where the bytes are no CMS object of a known kind."""
    fields = ber.Fields(ber.read(encoded))
    kind = KINDS_BY_OID.get(fields.take(ber.OBJECT).whole)
    if kind is None:
        raise Malformed("a kind of CMS content that AS2 does not use")
    (content,) = _one(fields.take(0xA0))
    return kind, content


def wrapped(kind: Kind, content: bytes) -> bytes:
    """A CMS object of this kind."""
    return ber.sequence(KIND_OIDS[kind], ber.explicit(0, content))


def _one(node: ber.Node) -> list[ber.Node]:
    inside = node.children(limit=2)
    if len(inside) != 1:
        raise Malformed("an explicit tag that does not hold one element")
    return inside


def explicit_content(node: ber.Node) -> ber.Node:
    """The element inside an explicit tag."""
    (inside,) = _one(node)
    return inside
