"""Reading receipts: what an MDN says, and whether it counts as delivery.

It counts only where the report that is read is the one that was signed, the signature is the partner's, the message is ours,
the disposition is good, and the MIC is there and equal. Anything less is refused or unverified, never delivered.
Source: draft rfc4130bis sections 8.3.1 and 8.4; RFC 8098 section 3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edi_gateway.as2 import mime
from edi_gateway.as2.algorithms import Digest
from edi_gateway.as2.cms.signed import Unverified
from edi_gateway.as2.identity import Certificate
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.mic import Mic, resemblance, way_of, ways_of_computing
from edi_gateway.as2.names import same_message_id
from edi_gateway.as2.opening import Policy, Wrapping
from edi_gateway.as2.outcome import Layers
from edi_gateway.as2.report import Report, read_report
from edi_gateway.faults import Fault

MAX_RECEIPT = 4 << 20
_MAX_NESTING = 4
_RECEIPT = Policy(max_payload=MAX_RECEIPT)


class Verdict(StrEnum):
    """What a receipt comes to."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    UNVERIFIED = "unverified"


class Signature(StrEnum):
    """What became of a receipt's signature."""

    VERIFIED = "verified"
    BAD = "bad"
    ABSENT = "absent"


class Arrival(StrEnum):
    """How a receipt came: as the answer on our own connection, or as a message that anybody could have posted."""

    SYNCHRONOUS = "synchronous"
    ASYNCHRONOUS = "asynchronous"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What was sent and what was asked for.

    Shape:  `mics` are the MICs of the message by each algorithm asked for; `payload` and `head`, where they are at hand, let
            a MIC that differs be explained. `legacy` lets an MD5 signature pass; SHA-1 passes with a note, as forging a
            receipt would take a second preimage.
    """

    message_id: str
    mics: tuple[Mic, ...]
    signed: bool = True
    legacy: bool = False
    payload: bytes | None = None
    head: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class MdnVerdict:
    """The judgement on a receipt, with all it rests on. `faults` are the reasons, worst first; notes may stand on a good one."""

    verdict: Verdict
    signature: Signature
    faults: tuple[Fault, ...]
    report: Report | None
    message_id: str | None
    date: str | None
    signer: Certificate | None
    digest: Digest | None
    mic_expected: Mic | None

    @property
    def disposition(self) -> str | None:
        """The Disposition field verbatim."""
        return self.report.disposition.verbatim if self.report else None

    @property
    def mic_received(self) -> Mic | None:
        return self.report.mic if self.report else None

    @property
    def mic_matches(self) -> bool:
        received = self.mic_received
        return received is not None and self.mic_expected is not None and received.equals(self.mic_expected)

    @property
    def original_message_id(self) -> str | None:
        return self.report.original_message_id if self.report else None


def is_mdn(headers: Iterable[tuple[str, str]], body: bytes) -> bool:
    """Whether a request is a receipt rather than a message, as far as it can be seen without opening it. Never fails."""
    try:
        entity = _reported(_entity(headers, body))
    except Malformed:
        return False
    return mime.field_value(entity.one("content-type")).value in ("multipart/report", "message/disposition-notification")


def original_message_id(headers: Iterable[tuple[str, str]], body: bytes) -> str | None:
    """The message that a receipt claims to be for, before anything is verified; None where it names none. Never fails."""
    try:
        return read_report(_reported(_entity(headers, body))).original_message_id
    except Malformed:
        return None


def read_mdn(
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    expected: Expected,
    partner_certificates: Sequence[Certificate],
    when: datetime,
    arrival: Arrival = Arrival.SYNCHRONOUS,
) -> MdnVerdict:
    """The verdict on a receipt. Never fails: what cannot be read is unverified, and says why."""
    fields = tuple(headers)
    wrapping = Wrapping((), [one for one in partner_certificates if one.in_force(when)], _RECEIPT)
    signature, report = Signature.ABSENT, None
    problems: list[Fault] = []
    try:
        entity = _entity(fields, body)
        report = read_report(wrapping.unwrap(entity))
        signature = Signature.VERIFIED if wrapping.verified else Signature.ABSENT
        if wrapping.verified is not None and wrapping.verified.digest is Digest.MD5 and not expected.legacy:
            signature = Signature.BAD
            problems.append(Fault.of("AS2-MDN-SIGNATURE", cause="it is an MD5 signature"))
    except Unverified as problem:
        signature = Signature.BAD
        problems.append(Fault.of("AS2-MDN-SIGNATURE", cause=problem))
        report = _unverified_report(fields, body)
    except Malformed as problem:
        signature = Signature.BAD if wrapping.signed and wrapping.verified is None else Signature.ABSENT
        code = "AS2-MDN-SIGNATURE" if signature is Signature.BAD else "AS2-MDN-UNREADABLE"
        problems.append(Fault.of(code, cause=problem))
        report = _unverified_report(fields, body) if signature is Signature.BAD else None
    verdict, reasons = _judged(report, signature, problems, expected, arrival)
    return _verdict(fields, verdict, signature, reasons, report, wrapping.layers, expected)


def _verdict(
    fields: mime.HeaderFields,
    verdict: Verdict,
    signature: Signature,
    reasons: tuple[Fault, ...],
    report: Report | None,
    layers: Layers,
    expected: Expected,
) -> MdnVerdict:
    return MdnVerdict(
        verdict=verdict,
        signature=signature,
        faults=reasons,
        report=report,
        message_id=_first(fields, "message-id"),
        date=_first(fields, "date"),
        signer=layers.signer,
        digest=layers.digest,
        mic_expected=_comparable(report.mic if report else None, expected.mics),
    )


def _first(fields: mime.HeaderFields, name: str) -> str | None:
    size = len(name)
    for key, value in fields:
        if len(key) == size and key.lower() == name:
            return value
    return None


def _judged(
    report: Report | None, signature: Signature, problems: list[Fault], expected: Expected, arrival: Arrival
) -> tuple[Verdict, tuple[Fault, ...]]:
    """The verdict, by the first thing that is wrong."""
    if report is None or signature is Signature.BAD:
        return Verdict.UNVERIFIED, tuple(problems)
    about = report.original_message_id
    if about is None or not same_message_id(about, expected.message_id):
        return Verdict.UNVERIFIED, (Fault.of("AS2-MDN-OTHER-MESSAGE", value=about, expected=expected.message_id),)
    unsigned = [Fault.of("AS2-MDN-UNSIGNED")] if expected.signed and signature is Signature.ABSENT else []
    if not report.disposition.good:
        refusal = Fault.of("AS2-MDN-REFUSED", value=report.disposition.verbatim, text=report.text[:500])
        # An unsigned refusal on our own connection is the partner's; posted to us, it may be anybody's.
        trusted = not unsigned or arrival is Arrival.SYNCHRONOUS
        return (Verdict.REFUSED if trusted else Verdict.UNVERIFIED), (refusal, *unsigned)
    if unsigned:
        return Verdict.UNVERIFIED, tuple(unsigned)
    notes = [Fault.of("AS2-MDN-WARNING", value=report.disposition.text)] if report.disposition.warning else []
    if report.mic is None:
        return Verdict.UNVERIFIED, (Fault.of("AS2-MDN-NO-MIC"), *notes)
    if not any(report.mic.equals(one) for one in expected.mics):
        return Verdict.UNVERIFIED, (_differs(report.mic, expected), *notes)
    return Verdict.DELIVERED, tuple(notes)


def _differs(received: Mic, expected: Expected) -> Fault:
    """The fault of a MIC that is not ours, with the way in which the partner computed it where it is a known one."""
    sent = _comparable(received, expected.mics)
    words = resemblance(received, expected.mics)
    if words is None and expected.payload is not None:
        way = way_of(received, ways_of_computing(expected.head, expected.payload))
        words = f"It is the digest of {way}." if way else "It is not one of the known ways of computing it."
    return Fault.of(
        "AS2-MDN-MIC-DIFFERS",
        value=received.text,
        expected=sent.text if sent else "none by that algorithm",
        way=words or "How the partner computed it cannot be told without the document.",
    )


def _comparable(received: Mic | None, mics: Sequence[Mic]) -> Mic | None:
    """Our MIC by the algorithm that the partner used; the first where there is none."""
    digest = received.digest if received is not None else None
    for one in mics:
        if one.digest is digest:
            return one
    return next(iter(mics), None)


def _entity(headers: Iterable[tuple[str, str]], body: bytes) -> mime.Entity:
    if len(body) > MAX_RECEIPT:
        raise Malformed(f"a receipt of more than {MAX_RECEIPT} bytes")
    return mime.Entity(fields=tuple(headers), body=body, raw=body)


def _reported(entity: mime.Entity) -> mime.Entity:
    """The report inside a signed receipt, its signature not looked at."""
    for _ in range(_MAX_NESTING):
        kind = mime.field_value(entity.one("content-type"))
        if kind.value != "multipart/signed":
            return entity
        entity = mime.entity(mime.parts(entity.body, kind.parameters.get("boundary", ""))[0])
    return entity


def _unverified_report(fields: mime.HeaderFields, body: bytes) -> Report | None:
    try:
        return read_report(_reported(_entity(fields, body)))
    except Malformed:
        return None
