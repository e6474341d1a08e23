"""AS2 messages and MDNs, spoiled in every way that a network or an attacker can, and the judgement that what came of it was right.

An attacker knows our certificate, so what it changes inside an encryption it encrypts to us again; it does not have the
partner's key, so whatever is taken must be exactly what the partner signed.
"""

import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from edi_gateway import as2
from edi_gateway.as2 import cms, disposition
from edi_gateway.as2.parts import encrypted_head, header_block
from edi_gateway.as2.wire import Captured, read_capture, written_request, written_response
from edi_gateway.testing.keys import own_key

WHEN = datetime(2026, 11, 22, 3, tzinfo=UTC)
ORDER = (
    b"ISA*00*          *00*          *ZZ*PARTNER        *ZZ*GW             *261122*0040*U*00401*000000001*0*T*>~\r\nST*850*0001~\n\x00\xff"
)
POLICY = as2.Policy()
SIGNED_ALONE = as2.Policy(require_encrypted=False)

_PIECES = (
    *(b"\r\n", b"\r", b"\n", b"--", b"\r\n\r\n", b"\x00", b"\x00\x00", b"\xff\xfe", b"=", b"'", b'"', b"%0d%0a"),
    *(b"\x30\x80", b"\x24\x80", b"\xa0\x84\xff\xff\xff\xff", b"\x30\x84\x7f\xff\xff\xff"),
    *(b"Content-Type: text/plain\r\n", b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n"),
    *(b"multipart/signed", b"application/pkcs7-mime", b"; boundary=x", b"smime-type=compressed-data", b"processed", b"/error: x"),
    *(b"Disposition: automatic-action/MDN-sent-automatically; processed\r\n", b"Received-Content-MIC: x, sha256\r\n"),
)
"""What parsers stumble over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoiled:
    """One changed message or MDN as the raw bytes of an HTTP message; `secret` says that encryption may be asked for."""

    raw: bytes
    is_receipt: bool
    secret: bool


@dataclass(slots=True)
class Tally:
    """What came of them. `wrong` holds what should never be: a changed payload taken, an MDN that lies believed, an exception."""

    judged: int = 0
    taken: int = 0
    wrong: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Originals:
    """What is spoiled: whole messages, each with whether it is encrypted, the clear content of encrypted ones, and MDNs."""

    messages: tuple[tuple[as2.Sealed, bool], ...]
    insides: tuple[tuple[as2.Sealed, bytes], ...]
    receipts: tuple[as2.Receipt, ...]
    expected: as2.Expected


def originals() -> Originals:
    """A partner's messages in all wrappings that hold a signature, and its MDNs for a message of ours."""
    messages, insides = [], []
    for cipher in (None, as2.Cipher.AES256_CBC, as2.Cipher.AES128_GCM):
        for compression in as2.Compression:
            for base64_signature in (True, False):
                security = as2.Security(cipher=cipher, compression=compression, base64_signature=base64_signature)
                message = _sealed(security)
                messages.append((message, cipher is not None))
                if cipher is None:
                    insides.append((message, header_block(_content_fields(message)) + message.body))
    ours = _sealed(as2.Security())
    expected = as2.Expected(message_id=ours.message_id, mics=ours.mics)
    return Originals(messages=tuple(messages), insides=tuple(insides), receipts=tuple(_receipts(ours)), expected=expected)


def _content_fields(message: as2.Sealed) -> tuple[tuple[str, str], ...]:
    return tuple(one for one in message.headers if one[0].startswith("Content-"))


def _sealed(security: as2.Security) -> as2.Sealed:
    sealed = as2.seal(
        ORDER,
        as2_from="PARTNER",
        as2_to="GW",
        message_id="<order-1@partner.test>",
        when=WHEN,
        filename="order.edi",
        security=security,
        signing_key=own_key("partner"),
        recipients=[own_key("gateway").certificate],
    )
    # A length that no longer fits would be all that is ever found.
    return replace(sealed, headers=tuple(one for one in sealed.headers if one[0] != "Content-Length"))


def _receipts(ours: as2.Sealed) -> Iterator[as2.Receipt]:
    heading = as2.read_heading((("AS2-From", "GW"), ("AS2-To", "PARTNER"), *ours.headers[3:]))
    assert isinstance(heading, as2.Heading)
    good, other = ours.mic, as2.mic(b"something else", as2.Digest.SHA256)
    for told, mic in (
        (disposition.processed(), good),
        (disposition.processed(), other),
        (disposition.error(as2.Modifier.DECRYPTION_FAILED), None),
        (disposition.error(as2.Modifier.AUTHENTICATION_FAILED), good),
    ):
        for signing in (as2.Signing(key=own_key("partner")), as2.Signing(key=own_key("outsider")), None):
            yield as2.make_mdn(heading, told, message_id="<mdn@partner.test>", when=WHEN, mic=mic, signing=signing)


def spoiled(first: Originals, chance: random.Random) -> Spoiled:
    """One of the originals, changed."""
    kind = chance.randrange(4)
    if kind == 0:
        receipt = chance.choice(first.receipts)
        return Spoiled(raw=_changed(written_response(receipt.headers, receipt.body), chance), is_receipt=True, secret=False)
    if kind == 1:
        outside, inside = chance.choice(first.insides)
        return _again_encrypted(outside, _changed(inside, chance), chance)
    message, secret = chance.choice(first.messages)
    if kind == 2:
        return Spoiled(raw=written_request(message.headers, _changed(message.body, chance)), is_receipt=False, secret=secret)
    return Spoiled(raw=_changed(written_request(message.headers, message.body), chance), is_receipt=False, secret=secret)


def _again_encrypted(message: as2.Sealed, content: bytes, chance: random.Random) -> Spoiled:
    """As an attacker does who knows our certificate."""
    cipher = chance.choice((as2.Cipher.AES256_CBC, as2.Cipher.AES256_GCM))
    body = cms.encrypt(content, [own_key("gateway").certificate], cipher=cipher)
    kept = tuple(one for one in message.headers if not one[0].lower().startswith("content-"))
    return Spoiled(raw=written_request((*kept, *encrypted_head(cipher)), body), is_receipt=False, secret=True)


def _changed(content: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        content = chance.choice(_CHANGES)(content, chance)
    return content


def _flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return b"!"
    at = chance.randrange(len(content))
    return content[:at] + bytes([content[at] ^ (1 << chance.randrange(8))]) + content[at + 1 :]


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _drop(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[at + chance.choice((1, 2, 4, 16, 100)) :]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice(_PIECES) * chance.choice((1, 1, 2, 50)) + content[at:]


def _repeat(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    stop = min(start + chance.choice((1, 10, 100, 1000)), len(content))
    return content[:stop] + content[start:]


def _move(content: bytes, chance: random.Random) -> bytes:
    start = chance.randrange(len(content) + 1)
    stop = min(start + chance.choice((10, 100, 1000)), len(content))
    rest = content[:start] + content[stop:]
    at = chance.randrange(len(rest) + 1)
    return rest[:at] + content[start:stop] + rest[at:]


def _lines(content: bytes, chance: random.Random) -> bytes:
    """Takes out, doubles or swaps whole lines: header fields, delimiters, lines of base64."""
    lines = content.split(b"\r\n")
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    match chance.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            return content.replace(b"\r\n", b"\n", chance.choice((1, 5, -1)))
    return b"\r\n".join(lines)


_CHANGES: Sequence[Callable[[bytes, random.Random], bytes]] = (_flip, _flip, _cut, _drop, _insert, _repeat, _move, _lines)


def judge(one: Spoiled, first: Originals, tally: Tally) -> None:
    """Has it read as the gateway would, and notes what should not have come of it."""
    tally.judged += 1
    try:
        captured = read_capture(one.raw)
        if not isinstance(captured, Captured):
            captured.fault.line()
        elif one.is_receipt:
            _judge_receipt(captured, first, tally)
        else:
            _judge_message(captured, one, tally)
    except Exception as problem:
        tally.wrong.append(f"{type(problem).__name__}: {problem}: {one.raw.hex()}")


def _judge_message(captured: Captured, one: Spoiled, tally: Tally) -> None:
    heading = as2.read_heading(captured.headers)
    if isinstance(heading, as2.Refused):
        heading.fault.line()
        return
    as2.is_mdn(captured.headers, captured.body)
    terms = {
        "own_keys": [own_key("gateway")],
        "partner_certificates": [own_key("partner").certificate],
        "when": WHEN,
        "policy": POLICY if one.secret else SIGNED_ALONE,
    }
    outcome = as2.open_message(heading, captured.headers, captured.body, **terms)  # type: ignore[arg-type]
    payload = io.BytesIO()
    from_file = as2.open_file(heading, captured.headers, io.BytesIO(captured.body), payload, scratch=io.BytesIO, **terms)  # type: ignore[arg-type]
    told = outcome.disposition if isinstance(outcome, as2.Refused) else disposition.processed()
    mic = None if isinstance(outcome, as2.Refused) else outcome.mic
    as2.make_mdn(heading, told, message_id="<r@gw.test>", when=WHEN, mic=mic, signing=None)
    if isinstance(outcome, as2.Refused):
        outcome.fault.line()
        if not isinstance(from_file, as2.Refused) or payload.getvalue():
            tally.wrong.append(f"refused in memory and taken from a file: {one.raw.hex()}")
        return
    tally.taken += 1
    if outcome.payload != ORDER:
        tally.wrong.append(f"a changed payload was taken: {one.raw.hex()}")
    if isinstance(from_file, as2.Refused) or payload.getvalue() != ORDER or from_file.mic != outcome.mic:
        tally.wrong.append(f"from a file it was something else: {one.raw.hex()}")


def _judge_receipt(captured: Captured, first: Originals, tally: Tally) -> None:
    as2.original_message_id(captured.headers, captured.body)
    verdict = as2.read_mdn(
        captured.headers, captured.body, expected=first.expected, partner_certificates=[own_key("partner").certificate], when=WHEN
    )
    for fault in verdict.faults:
        fault.line()
    if verdict.verdict is not as2.Verdict.DELIVERED:
        return
    tally.taken += 1
    good = verdict.disposition == disposition.processed().verbatim and verdict.mic_matches
    if not good or verdict.signature is not as2.Signature.VERIFIED:
        tally.wrong.append(f"an MDN that says something else was believed: {captured.body.hex()}")


def run(messages: int, seed: int) -> Tally:
    """So many spoiled messages and MDNs, judged."""
    first, chance, tally = originals(), random.Random(seed), Tally()  # noqa: S311 - to be repeated, not to be secret
    for _ in range(messages):
        judge(spoiled(first, chance), first, tally)
    return tally
