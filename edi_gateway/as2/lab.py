"""Captured traffic judged off line, by the very code that serves: what `as2 open` and `as2 mdn` print."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edi_gateway.as2 import mime
from edi_gateway.as2.disposition import Modifier, processed
from edi_gateway.as2.heading import Heading, read_heading
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.names import read_name
from edi_gateway.as2.opening import Policy, open_message
from edi_gateway.as2.outcome import Layers, Opened, Refused, refused
from edi_gateway.as2.receipt import Arrival, Expected, MdnVerdict, Signature, Verdict, is_mdn, read_mdn
from edi_gateway.as2.wire import Captured, Uncaptured, read_capture
from edi_gateway.faults import Fault

GOOD, REFUSED, UNREADABLE = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestJudgement:
    """What a captured request came to. `exit_code` is 0 accepted, 1 refused, 2 unreadable."""

    outcome: Opened | Refused | Uncaptured
    heading: Heading | None

    @property
    def exit_code(self) -> int:
        match self.outcome:
            case Opened():
                return GOOD
            case Refused():
                return REFUSED
            case Uncaptured(recognised=recognised):
                return REFUSED if recognised else UNREADABLE

    @property
    def payload(self) -> bytes | None:
        return self.outcome.payload if isinstance(self.outcome, Opened) else None

    @property
    def fault(self) -> Fault | None:
        return None if isinstance(self.outcome, Opened) else self.outcome.fault

    def as_json(self) -> dict[str, object]:
        opened = self.outcome if isinstance(self.outcome, Opened) else None
        layers = Layers() if isinstance(self.outcome, Uncaptured) else self.outcome.layers
        return {
            "accepted": opened is not None,
            "disposition": self._disposition(),
            "signed": layers.signed,
            "encrypted": layers.encrypted,
            "compressed": layers.compressed,
            "digest": layers.digest.value if layers.digest else None,
            "cipher": layers.cipher.value if layers.cipher else None,
            "mic": opened.mic.value if opened else None,
            "mic_algorithm": opened.mic.algorithm if opened else None,
            "payload_sha256": hashlib.sha256(opened.payload).hexdigest() if opened else None,
            "filename": opened.filename if opened else None,
            "fault": self.fault.as_json() if self.fault else None,
        }

    def _disposition(self) -> str | None:
        match self.outcome:
            case Opened():
                return processed().verbatim
            case Refused(disposition=disposition):
                return disposition.verbatim
            case Uncaptured():
                return None


def judge_request(
    raw: bytes,
    *,
    own_keys: Sequence[OwnKey],
    partner_certificates: Sequence[Certificate],
    when: datetime,
    policy: Policy,
    as2_from: str | None = None,
    as2_to: str | None = None,
) -> RequestJudgement:
    """What the gateway would make of a captured request, with this one partner known; any names where none are given."""
    captured = read_capture(raw, max_body=policy.max_body)
    if isinstance(captured, Uncaptured):
        return RequestJudgement(outcome=captured, heading=None)
    heading = read_heading(captured.headers)
    if isinstance(heading, Refused):
        return RequestJudgement(outcome=heading, heading=None)
    if heading.as2_from != _named(as2_from, heading.as2_from) or heading.as2_to != _named(as2_to, heading.as2_to):
        stranger = refused("AS2-UNKNOWN-PARTNER", Modifier.UNKNOWN_RELATIONSHIP, as2_from=heading.as2_from, as2_to=heading.as2_to)
        return RequestJudgement(outcome=stranger, heading=heading)
    outcome = open_message(
        heading,
        captured.headers,
        captured.body,
        own_keys=own_keys,
        partner_certificates=partner_certificates,
        when=when,
        policy=policy,
    )
    return RequestJudgement(outcome=outcome, heading=heading)


def _named(given: str | None, otherwise: str) -> str:
    """A name as a person gives it, with the quotes of a header or without."""
    try:
        return read_name(given) if given else otherwise
    except Malformed:
        return given or otherwise


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptJudgement:
    """What a captured receipt came to. `exit_code` is 0 delivered, 1 refused or unverified, 2 unreadable."""

    verdict: MdnVerdict | None
    faults: tuple[Fault, ...]
    exit_code: int

    def as_json(self) -> dict[str, object]:
        verdict = self.verdict
        word = verdict.verdict if verdict else Verdict.DELIVERED if self.exit_code == GOOD else Verdict.UNVERIFIED
        if word is Verdict.DELIVERED and self.exit_code != GOOD:
            word = Verdict.UNVERIFIED
        return {
            "verdict": word.value,
            "disposition": verdict.disposition if verdict else None,
            "mic_matches": verdict.mic_matches if verdict else False,
            "signature": verdict.signature.value if verdict else Signature.ABSENT.value,
            "reasons": [fault.line() for fault in self.faults],
        }


def judge_receipt(
    raw: bytes,
    *,
    expected: Expected,
    partner_certificates: Sequence[Certificate],
    when: datetime,
    as2_from: str | None = None,
    as2_to: str | None = None,
) -> ReceiptJudgement:
    """What the gateway would make of a captured response (synchronous) or POST (asynchronous) with a receipt.

    Shape:  `as2_from` and `as2_to` are the two parties, in either order, as people give the message's or the receipt's.
    """
    captured = read_capture(raw)
    if isinstance(captured, Uncaptured):
        return ReceiptJudgement(verdict=None, faults=(captured.fault,), exit_code=REFUSED if captured.recognised else UNREADABLE)
    verdict = read_mdn(
        captured.headers,
        captured.body,
        expected=expected,
        partner_certificates=partner_certificates,
        when=when,
        arrival=Arrival.ASYNCHRONOUS if captured.status is None else Arrival.SYNCHRONOUS,
    )
    faults = verdict.faults
    if verdict.report is None and captured.status is not None and not 200 <= captured.status < 300:
        faults = (Fault.of("AS2-MDN-HTTP", status=captured.status), *faults)
    strangers = _strangers(captured, {_named(name, name) for name in (as2_from, as2_to) if name})
    good = verdict.verdict is Verdict.DELIVERED
    if strangers is not None:
        faults = (*faults, strangers)
        good = good and verdict.signature is Signature.VERIFIED
    return ReceiptJudgement(verdict=verdict, faults=faults, exit_code=GOOD if good else REFUSED)


def judge_unasked(raw: bytes) -> ReceiptJudgement | None:
    """What a response to a message without a request for a receipt comes to: its status decides. None where a receipt came all the same."""
    captured = read_capture(raw)
    if isinstance(captured, Uncaptured) or captured.status is None or is_mdn(captured.headers, captured.body):
        return None
    if 200 <= captured.status < 300:
        return ReceiptJudgement(verdict=None, faults=(), exit_code=GOOD)
    return ReceiptJudgement(verdict=None, faults=(Fault.of("AS2-MDN-HTTP", status=captured.status),), exit_code=REFUSED)


def _strangers(captured: Captured, parties: set[str]) -> Fault | None:
    """The note where the receipt's headers name somebody else. They are not signed, so a verified signature outweighs them."""
    found = set()
    for header in ("AS2-From", "AS2-To"):
        try:
            found.add(read_name(mime.one(captured.headers, header)))
        except Malformed:
            continue
    others = found - parties
    if not parties or not others:
        return None
    return Fault.of("AS2-MDN-OTHER-PARTY", value=", ".join(sorted(others)))
