"""States in words: what a chip says, how much it matters, and what a disposition means in plain English."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edi_gateway.lifecycle.incidents import Weight
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.views import MessageLine


class Tone(StrEnum):
    """How much something matters; each has its own icon and colour, and never stands without a word."""

    BAD = "bad"
    WARN = "warn"
    WAIT = "wait"
    GOOD = "good"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """One status: a word, a tone, and a sentence for those who ask."""

    word: str
    tone: Tone
    hint: str = ""


def _chip(word: str, tone: Tone, hint: str) -> Chip:
    return Chip(word=word, tone=tone, hint=hint)


OUTBOUND: Mapping[str, Chip] = {
    Outbound.READY: _chip("ready", Tone.WAIT, "Sealed and stored; the next free worker sends it."),
    Outbound.SENDING: _chip("sending", Tone.WAIT, "A worker is posting it now."),
    Outbound.DELIVERED: _chip("delivered", Tone.GOOD, "The partner's MDN is verified and its MIC is equal to ours."),
    Outbound.AWAITING_MDN: _chip("MDN due", Tone.WAIT, "The partner took the bytes; the asynchronous MDN has not come yet."),
    Outbound.REFUSED: _chip(
        "refused", Tone.BAD, "The partner's MDN refuses the message. Read its disposition, then send the document anew."
    ),
    Outbound.UNVERIFIED: _chip("unverified", Tone.BAD, "An MDN came that proves nothing: a person has to judge it."),
    Outbound.RETRY_WAIT: _chip("retrying", Tone.WARN, "An attempt failed; the same bytes are posted again at the time given."),
    Outbound.STOPPED: _chip("stopped", Tone.BAD, "Sending ended on an answer that no retry can mend. Mend the cause, then resend."),
    Outbound.EXHAUSTED: _chip("exhausted", Tone.BAD, "Every attempt failed. Ask the partner, then resend."),
    Outbound.EXPIRED: _chip("expired", Tone.BAD, "The time for attempts is over. Ask the partner, then resend."),
    Outbound.CANCELLED: _chip("cancelled", Tone.NONE, "A person ended it."),
    Outbound.SUPERSEDED: _chip("superseded", Tone.NONE, "Its interchange went out anew in a message of its own."),
}

INBOUND: Mapping[str, Chip] = {
    Inbound.RECEIVED: _chip("received", Tone.WAIT, "The bytes are kept and not opened yet."),
    Inbound.OPENED: _chip("opened", Tone.WAIT, "Decrypted and verified; the MDN is being made."),
    Inbound.FAULTED: _chip("faulted", Tone.BAD, "The message could not be opened; our MDN says why."),
    Inbound.NOT_AS2: _chip("not AS2", Tone.NONE, "A post without AS2 headers, such as a scanner sends: kept and refused."),
    Inbound.RECEIPT_DUE: _chip("MDN due", Tone.WAIT, "The asynchronous MDN waits to be posted."),
    Inbound.RECEIPTED: _chip("MDN sent", Tone.GOOD, "The MDN is stored and went out."),
    Inbound.RECEIPT_EXHAUSTED: _chip("MDN undelivered", Tone.BAD, "The partner's address took no MDN in all attempts."),
    Inbound.DUPLICATE: _chip("duplicate", Tone.NONE, "Seen before under this Message-ID: the first MDN was answered again."),
}

SETS_OUT: Mapping[str, Chip] = {
    SetOut.HELD: _chip("held", Tone.BAD, "The document could not be composed. Mend what the fault names, then replay."),
    SetOut.COMPOSED: _chip("composed", Tone.WAIT, "Written and checked; not in an envelope yet."),
    SetOut.ENVELOPED: _chip("enveloped", Tone.WAIT, "Control numbers are claimed; it waits to be sent."),
    SetOut.SENT: _chip("997 due", Tone.WAIT, "Delivered; the functional acknowledgment has not come yet."),
    SetOut.ACCEPTED: _chip("accepted", Tone.GOOD, "The partner's 997 accepts it (AK501 A)."),
    SetOut.ACCEPTED_WITH_ERRORS: _chip("accepted, errors", Tone.WARN, "The partner's 997 accepts it and notes errors (AK501 E)."),
    SetOut.REJECTED: _chip("rejected", Tone.BAD, "The partner's 997 rejects it. Read its detail, mend the document and send it anew."),
    SetOut.ACK_OVERDUE: _chip("997 overdue", Tone.BAD, "The window for the 997 is over. Ask the partner; a late one still counts."),
    SetOut.CANCELLED: _chip("given up", Tone.NONE, "A person gave it up while it was held."),
    SetOut.DONE: _chip("sent", Tone.GOOD, "No functional acknowledgment of it is waited for."),
}

SETS_IN: Mapping[str, Chip] = {
    SetIn.PARSED: _chip("parsed", Tone.WAIT, "Read; not checked yet."),
    SetIn.REJECTED: _chip("rejected", Tone.BAD, "Our 997 rejects it: the faults say where."),
    SetIn.VALID: _chip("valid", Tone.WAIT, "Checked and accepted; waits for its map."),
    SetIn.HELD: _chip("held", Tone.BAD, "Accepted, but our map or partner file cannot take it. Mend that, then replay."),
    SetIn.MAPPED: _chip("mapped", Tone.WAIT, "The record is stored; the ERP file is not published yet."),
    SetIn.DELIVERED: _chip("ERP file", Tone.GOOD, "The ERP file is published."),
    SetIn.SETTLED: _chip("settled", Tone.GOOD, "An acknowledgment: it has settled what it names."),
}

FILES: Mapping[str, Chip] = {
    FileState.TRIED: _chip("tried out", Tone.NONE, "Uploaded and tried out: nothing of it is sent until it is handed in."),
    FileState.CLAIMED: _chip("claimed", Tone.WAIT, "Taken from in/; being read."),
    FileState.ACCEPTED: _chip("accepted", Tone.GOOD, "Every document in it went on."),
    FileState.PARTLY: _chip("partly", Tone.WARN, "Some documents went on; the others are named in the result."),
    FileState.REFUSED: _chip("refused", Tone.BAD, "Nothing in it went on; it lies in error/ with its result."),
    FileState.DUPLICATE: _chip("duplicate", Tone.NONE, "The same content came before; nothing was done twice."),
    FileState.READY: _chip("ready", Tone.WAIT, "Written; not published yet."),
    FileState.PUBLISHED: _chip("published", Tone.GOOD, "It lies in out/ for the ERP."),
}

RESULTS: Mapping[str, Chip] = {
    "queued": _chip("on its way", Tone.GOOD, "It is enveloped and goes to the partner."),
    "duplicate": _chip("duplicate", Tone.NONE, "It was sent before; nothing was sent again."),
    "refused": _chip("refused", Tone.BAD, "It was not sent: its findings say why."),
    "held": _chip("held", Tone.WARN, "A rule of its order holds it back until a person releases it."),
    "waiting": _chip("waits", Tone.WARN, "It is good, and is not sent as long as others of its file are not."),
}
"""What became of a document of the ERP's file."""
TRIED_RESULTS: Mapping[str, Chip] = {
    "queued": _chip("would be sent", Tone.GOOD, "It is good. It goes to the partner once the file is handed in."),
    "duplicate": _chip("sent before", Tone.NONE, "It was sent before, and would not be sent again."),
    "refused": _chip("would be refused", Tone.BAD, "It would not be sent: its findings say why."),
    "held": _chip("would be held", Tone.WARN, "A rule of its order would hold it back until a person releases it."),
    "waiting": _chip("would wait", Tone.WARN, "It is good, and would not be sent as long as others of its file are not."),
}
"""What would become of it."""

DEADLINES: Mapping[str, Chip] = {
    DeadlineState.OPEN: _chip("open", Tone.WAIT, "The window is open."),
    DeadlineState.MET: _chip("met", Tone.GOOD, "It came in time."),
    DeadlineState.BREACHED: _chip("overdue", Tone.BAD, "The window is over and nothing came."),
    DeadlineState.LATE: _chip("late", Tone.WARN, "It came after the window."),
    DeadlineState.DROPPED: _chip("dropped", Tone.NONE, "Nothing is waited for any more."),
    DeadlineState.WITHDRAWN: _chip("withdrawn", Tone.NONE, "The buyer cancelled the order: it is not waited for any more."),
    DeadlineState.CLOSED: _chip("closed by hand", Tone.NONE, "A person closed it; the timeline says who and why."),
}

EXPECTED: Mapping[str, str] = {
    DeadlineKind.MDN: "MDN",
    DeadlineKind.FUNCTIONAL_ACK: "997",
    DeadlineKind.TA1: "TA1",
    DeadlineKind.ANSWER: "business answer",
    DeadlineKind.DEPARTURE: "ship notice after departure",
    DeadlineKind.PICKUP: "ERP takes the file",
}

DOCUMENTS: Mapping[str, str] = {
    "810": "Invoice",
    "812": "Credit/debit adjustment",
    "820": "Payment order",
    "846": "Inventory advice",
    "850": "Purchase order",
    "855": "Order acknowledgment",
    "856": "Ship notice",
    "860": "Order change",
    "865": "Order change acknowledgment",
    "997": "Functional acknowledgment",
    "999": "Implementation acknowledgment",
}

FORMATS: Mapping[str, str] = {
    "csv": "CSV",
    "fixed": "fixed width",
    "json": "JSON",
    "jsonl": "JSON lines",
    "xml": "XML",
    "xlsx": "Excel workbook",
    "idoc": "IDoc, flat",
    "idoc_xml": "IDoc, XML",
}
"""In what an ERP's file stands."""

VERDICTS: Mapping[str, Chip] = {
    "A": _chip("accepted", Tone.GOOD, "A: accepted."),
    "E": _chip("accepted, errors", Tone.WARN, "E: accepted, but errors were noted."),
    "P": _chip("partly accepted", Tone.WARN, "P: partly accepted; at least one set was rejected."),
    "R": _chip("rejected", Tone.BAD, "R: rejected."),
    "M": _chip("rejected", Tone.BAD, "M: rejected; message authentication code failed."),
    "W": _chip("rejected", Tone.BAD, "W: rejected; assurance failed validity tests."),
    "X": _chip("rejected", Tone.BAD, "X: rejected; content after decryption could not be analysed."),
}

WEIGHTS: Mapping[Weight, Chip] = {
    Weight.CRITICAL: _chip("critical", Tone.BAD, "A partner or a promise is at stake: look now."),
    Weight.WARNING: _chip("warning", Tone.WARN, "Look today."),
    Weight.NOTE: _chip("note", Tone.WAIT, "Good to know."),
}

NOTHING = _chip("—", Tone.NONE, "")
_WEIGHT = {tone: weight for weight, tone in enumerate(Tone)}


def transmission_chip(row: rows.Transmission) -> Chip:
    """How far a message is on the wire."""
    return (OUTBOUND if row.direction is Direction.OUT else INBOUND)[row.state]


def delivery_chip(row: rows.Transmission) -> Chip:
    """The same; a message that was answered with a refusing MDN says so, though its MDN is out."""
    if row.direction is Direction.IN and row.faults and row.state in (Inbound.RECEIPTED, Inbound.RECEIPT_DUE):
        return _chip("refused by us", Tone.BAD, "Our MDN refuses the message: its faults say why.")
    return transmission_chip(row)


def set_chip(row: rows.TransactionSet) -> Chip:
    """How far a set is."""
    return (SETS_OUT if row.direction is Direction.OUT else SETS_IN)[row.state]


def acknowledgment_chip(row: rows.TransactionSet) -> Chip:
    """What the 997 says of a set: the partner's for what we sent, ours for what came."""
    if row.set_id in ("997", "999"):
        return NOTHING
    if row.direction is Direction.OUT:
        return NOTHING if row.state in (SetOut.HELD, SetOut.COMPOSED, SetOut.ENVELOPED, SetOut.DONE) else set_chip(row)
    if row.verdict in VERDICTS:
        return VERDICTS[row.verdict]
    if row.state in (SetIn.PARSED, SetIn.SETTLED):
        return NOTHING
    return VERDICTS["R" if row.state is SetIn.REJECTED else "A"]


def erp_chip(row: rows.TransactionSet) -> Chip:
    """How far a set is on its way to or from the ERP."""
    if row.set_id in ("997", "999"):
        return NOTHING
    if row.direction is Direction.OUT:
        held = row.state in (SetOut.HELD, SetOut.COMPOSED)
        return (
            set_chip(row)
            if held
            else _chip("from ERP", Tone.GOOD, "Made from a file that the ERP dropped.")
            if row.erp_file_id
            else NOTHING
        )
    if row.state in (SetIn.PARSED, SetIn.VALID):
        return _chip("waiting", Tone.WAIT, "Not mapped yet.")
    return NOTHING if row.state is SetIn.REJECTED else set_chip(row)


def worst(chips: Iterable[Chip]) -> Chip:
    """The chip that matters most, with how many share its word where there are several."""
    several = [chip for chip in chips if chip != NOTHING]
    if not several:
        return NOTHING
    chosen = min(several, key=lambda chip: _WEIGHT[chip.tone])
    count = sum(chip.word == chosen.word for chip in several)
    return chosen if len(several) == 1 else _chip(f"{chosen.word} {count}/{len(several)}", chosen.tone, chosen.hint)


def three_chips(line: MessageLine) -> tuple[Chip, Chip, Chip]:
    """A message's three promises: the bytes arrived, the syntax is good, the document reached the ERP or left it."""
    return (
        delivery_chip(line.transmission),
        worst(acknowledgment_chip(one) for one in line.sets),
        worst(erp_chip(one) for one in line.sets),
    )


def expiry_chip(not_before: datetime | None, not_after: datetime | None, now: datetime) -> Chip:
    """How long a certificate is good for, loud when its end is near."""
    if not_after is None:
        return _chip("none", Tone.WARN, "No certificate could be read.")
    if not_before is not None and now < not_before:
        return _chip(f"from {not_before:%Y-%m-%d}", Tone.WAIT, "Not valid yet.")
    if now >= not_after:
        return _chip("expired", Tone.BAD, f"Its end was {not_after:%Y-%m-%d}. Ask for a new one.")
    left = (not_after - now).days
    tone = Tone.BAD if left < 7 else Tone.WARN if left < 60 else Tone.GOOD
    return _chip(f"{left} days left", tone, f"Valid to {not_after:%Y-%m-%d}.")


def mic_chip(ours: str | None, theirs: str | None, again: str | None) -> Chip:
    """Whether the MIC we hold, the MIC in the MDN and the MIC taken now are one."""
    if not ours or not theirs:
        return _chip("no proof", Tone.WARN, "A MIC is missing, so nothing shows that the content arrived unchanged.")
    if ours != theirs:
        return _chip("different", Tone.BAD, "The receiver's MIC is not the sender's: it did not see the same content.")
    if again is not None and again != ours:
        return _chip("kept bytes differ", Tone.BAD, "The MICs were equal, but the bytes that are kept now give another one.")
    return _chip("equal", Tone.GOOD, "The content is the same at both ends.")


def same_chip(ours: str, named: str) -> Chip:
    """Whether an MDN names the message it stands with."""
    if ours == named:
        return _chip("yes", Tone.GOOD, "Original-Message-ID is this message's.")
    return _chip("no", Tone.BAD, "Original-Message-ID is another message's.")


def in_pairs(fingerprint: str) -> str:
    """A fingerprint as people compare it: `AB:12:…`."""
    digits = fingerprint.replace(":", "").upper()
    return ":".join(digits[at : at + 2] for at in range(0, len(digits), 2))


def document_name(set_id: str) -> str:
    """ "Purchase order" for "850"; the number itself where we have no name."""
    return DOCUMENTS.get(set_id, set_id)


_REPORTED: Mapping[str, str] = {
    "authentication-failed": "the signature did not verify, or it was not by the certificate that the receiver has on file",
    "decompression-failed": "the content could not be decompressed",
    "decryption-failed": "the content could not be decrypted: it was likely encrypted for another certificate",
    "insufficient-message-security": "the message was not signed or encrypted as agreed",
    "integrity-check-failed": "the content was changed on its way: its digest is not the one that was signed",
    "unexpected-processing-error": "the receiver had a trouble of its own",
    "unknown-trading-relationship": "the receiver does not know this pair of AS2 names",
    "unknown-trading-partner": "the receiver does not know the AS2 name of the sender",
    "duplicate-document": "the receiver had this document already",
    "unsupported format": "the receiver cannot make the kind of MDN that was asked for",
    "unsupported mic-algorithms": "the receiver knows none of the digests that were asked for",
    "sender-equals-receiver": "sender and receiver are one",
}


def disposition_meaning(disposition: str) -> str:
    """A disposition in plain English; what is not known is given back as it stands."""
    _, _, outcome = disposition.partition(";")
    kind, _, modifier = outcome.strip().partition("/")
    sort, _, detail = (part.strip().lower() for part in modifier.partition(":"))
    reason = _REPORTED.get(detail, f"“{detail}”" if detail else "no reason is given")
    match kind.strip().lower(), sort:
        case ("processed", ""):
            return "The message arrived whole, was opened and verified."
        case ("processed", "warning"):
            return f"The message was processed with a warning: {reason}."
        case ("processed", "error"):
            return f"The message was refused: {reason}."
        case ("failed", _):
            return f"The message could not be processed at all: {reason}."
        case ("", _):
            return "No disposition was given: this MDN says nothing."
        case _:
            return f"Not a disposition of AS2: “{outcome.strip()}”."
