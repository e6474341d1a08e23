"""What a message's HTTP headers say: from whom, to whom, which message, which receipt. Read before anything is opened.

Source: draft rfc4130bis sections 5.3.3, 6 and 8.3; RFC 8098 section 2.2 for Disposition-Notification-Options.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from edi_gateway.as2 import mime
from edi_gateway.as2.algorithms import Digest
from edi_gateway.as2.disposition import UNSUPPORTED_FORMAT, UNSUPPORTED_MIC, Modifier
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.names import one_line, read_message_id, read_name
from edi_gateway.as2.outcome import Refused, refused
from edi_gateway.faults import Fault

_MOST_ALGORITHMS = 32

Values = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MdnRequest:
    """The receipt that a sender asks for.

    Shape:  `algorithms` are MIC algorithms as spelt, in the sender's order of preference; `url` is where an asynchronous
            receipt is wanted, None for a synchronous one; `protocol_required` names a receipt protocol that we cannot give.
    """

    signed: bool
    algorithms: tuple[str, ...] = ()
    url: str | None = None
    protocol_required: str | None = None

    def chosen(self, *, legacy: bool) -> tuple[Digest, str] | None:
        """The first algorithm of the list that we compute, and its spelling; None where the list holds none.

        SHA-1 is a checksum here, so it is given where nothing better is offered; MD5 only to a legacy partner.
        """
        known = [(digest, spelling) for spelling in self.algorithms if (digest := Digest.named(spelling)) is not None]
        for digest, spelling in known:
            if legacy or not digest.weak:
                return digest, spelling
        return next(((digest, spelling) for digest, spelling in known if digest is not Digest.MD5), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """Who sends which message to whom; `mdn` is None where no receipt is asked for.

    Shape:  `problem` is set where sender and receiver are known but the message cannot be taken, as its Message-ID is unusable;
            opening it gives that refusal, and a receipt for it can still be made.
    """

    as2_from: str
    as2_to: str
    message_id: str
    version: str = "1.0"
    subject: str = ""
    date: str = ""
    mdn: MdnRequest | None = None
    problem: Refused | None = None


def read_heading(headers: Iterable[tuple[str, str]]) -> Heading | Refused:
    """The heading of a message or an MDN; the refusal where sender or receiver cannot be read, so that nobody can be answered."""
    values = _by_name(headers)
    names = []
    for name in ("AS2-From", "AS2-To"):
        try:
            names.append(read_name(_only(values, name)))
        except Malformed as cause:
            return refused("AS2-NAME", Modifier.UNKNOWN_RELATIONSHIP, header=name, cause=cause)
    problem = None
    try:
        message_id = read_message_id(_only(values, "Message-ID"))
    except Malformed as cause:
        message_id = one_line(_first(values, "Message-ID"))
        problem = refused("AS2-MESSAGE-ID", Modifier.INVALID_MESSAGE_ID, cause=cause)
    return Heading(
        as2_from=names[0],
        as2_to=names[1],
        message_id=message_id,
        version=_first(values, "AS2-Version") or "1.0",
        subject=mime.human(_first(values, "Subject")),
        date=_first(values, "Date"),
        mdn=_mdn_request(values),
        problem=problem,
    )


def _mdn_request(values: Values) -> MdnRequest | None:
    """The receipt asked for; None where Disposition-Notification-To is absent. What it says is not looked at."""
    if "disposition-notification-to" not in values:
        return None
    options = mime.field_value("options;" + _first(values, "Disposition-Notification-Options")).parameters
    importance, protocols = _values(options.get("signed-receipt-protocol", ""))
    signed = any(protocol.lower() in ("pkcs7-signature", "pkcs7", "smime") for protocol in protocols)
    return MdnRequest(
        signed=signed,
        algorithms=tuple(_values(options.get("signed-receipt-micalg", ""))[1][:_MOST_ALGORITHMS]),
        url=_first(values, "Receipt-Delivery-Option") or None,
        protocol_required=protocols[0] if protocols and not signed and importance == "required" else None,
    )


def unanswerable(request: MdnRequest | None, *, legacy: bool) -> Refused | None:
    """The refusal where a sender insists on a receipt that we cannot give. Source: draft section 8.5.3."""
    if request is None:
        return None
    if request.protocol_required is not None:
        return Refused(fault=Fault.of("AS2-RECEIPT-FORMAT", value=request.protocol_required), disposition=UNSUPPORTED_FORMAT)
    if request.signed and request.algorithms and request.chosen(legacy=legacy) is None:
        return Refused(fault=Fault.of("AS2-RECEIPT-MIC", value=", ".join(request.algorithms)[:200]), disposition=UNSUPPORTED_MIC)
    return None


def _values(text: str) -> tuple[str, list[str]]:
    """The importance ("" where none is said) and the values of an option."""
    values = [value for one in text.split(",") if (value := one.strip().strip("\"'"))]
    if values and values[0].lower() in ("optional", "required"):
        return values[0].lower(), values[1:]
    return "", values


def _by_name(headers: Iterable[tuple[str, str]]) -> Values:
    """The values of each header, by its name in lower case."""
    values: Values = {}
    for name, value in headers:
        values.setdefault(name.lower(), []).append(value.strip())
    return values


def _only(values: Values, name: str) -> str | None:
    """The value of a header that decides. Errors: Malformed where it stands twice and differs."""
    found = values.get(name.lower())
    if found is None:
        return None
    if len(set(found)) > 1:
        raise Malformed(f"two {name} headers")
    return found[0]


def _first(values: Values, name: str) -> str:
    """The first value of a header that decides nothing; "" where it is absent."""
    return values.get(name.lower(), [""])[0]
