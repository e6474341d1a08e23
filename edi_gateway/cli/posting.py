"""A file sealed with given keys, posted to an address, and the answer judged. Nothing is kept but what is asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from edi_gateway import as2
from edi_gateway.as2.wire import written_request, written_response
from edi_gateway.channels.http import HttpPoster
from edi_gateway.cli.files import content_of, write_result
from edi_gateway.cli.keys import own_keys, partner_certificates
from edi_gateway.cli.outcome import FINDINGS, GOOD, UNREACHABLE
from edi_gateway.cli.sent import NOT_AT_ALL, Posting, Sent
from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.channels import Answer, Unreached

_FRAMING = frozenset({"content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the command line says of the partner and of the security, in its words."""

    as2_from: str
    as2_to: str
    own_key: tuple[Path, ...]
    own_cert: tuple[Path, ...]
    passphrase: str | None
    partner_cert: tuple[Path, ...]
    sign: str
    encrypt: str
    compress: bool
    no_mdn: bool
    mdn_url: str | None = None
    ca_file: Path | None = None
    request_out: Path | None = None
    response_out: Path | None = None


def to_address(url: str, posting: Posting, terms: Terms) -> Sent:
    """Posts the file once. Errors: Faulty where it cannot be sealed, or a file cannot be read or written."""
    theirs = partner_certificates(terms.partner_cert)
    sealed = sealed_for(posting, theirs, terms, when=datetime.now(UTC))
    if terms.request_out:
        write_result(terms.request_out, written_request(sealed.headers, sealed.body))
    authorities = content_of(str(terms.ca_file)).decode("ascii", errors="ignore") or " " if terms.ca_file else None
    answer = HttpPoster().post(url, sealed.headers, sealed.body, timeout=posting.timeout, authorities=authorities)
    if isinstance(answer, Unreached):
        fault = Fault.of("CFG-UNREACHABLE", value=url, reason=answer.detail)
        return Sent(message_id=sealed.message_id, outcome="unreached", mic=sealed.mic.text, reasons=(fault,), exit_code=UNREACHABLE)
    if terms.response_out:
        write_result(terms.response_out, _captured(answer))
    return _judged(url, sealed, answer, posting, theirs, terms)


def sealed_for(
    posting: Posting, theirs: tuple[as2.Certificate, ...], terms: Terms, *, when: datetime, message_id: str | None = None
) -> as2.Sealed:
    """The message as it goes over the wire. Errors: Faulty (STO-423) where it cannot be sealed."""
    keys = own_keys(terms.own_key, terms.own_cert, terms.passphrase)
    digest = None if terms.sign == NOT_AT_ALL else as2.Digest(terms.sign)
    cipher = None if terms.encrypt == NOT_AT_ALL else as2.Cipher(terms.encrypt)
    compression = as2.Compression.BEFORE_SIGNING if terms.compress else as2.Compression.NONE
    try:
        return as2.seal(
            posting.content,
            as2_from=terms.as2_from,
            as2_to=terms.as2_to,
            message_id=message_id or as2.new_message_id("edi-gateway.invalid"),
            when=when,
            content_type=posting.content_type,
            filename=posting.filename,
            subject=posting.subject,
            security=as2.Security(digest=digest, cipher=cipher, compression=compression),
            signing_key=keys[0] if keys else None,
            recipients=theirs[:1],
            mdn=None if terms.no_mdn else as2.MdnWanted(algorithms=(digest or as2.Digest.SHA256,), url=terms.mdn_url),
        )
    except ValueError as wrong:
        raise Faulty([Fault.of("STO-423", partner=terms.as2_to, reason=f"{wrong}.")]) from None


def _judged(url: str, sealed: as2.Sealed, answer: Answer, posting: Posting, theirs: tuple[as2.Certificate, ...], terms: Terms) -> Sent:
    if not 200 <= answer.status < 300:
        return Sent(
            message_id=sealed.message_id,
            outcome="refused",
            mic=sealed.mic.text,
            http_status=answer.status,
            reasons=(Fault.of("STO-421", value=url, status=answer.status),),
            exit_code=FINDINGS,
        )
    if terms.no_mdn:
        return Sent(message_id=sealed.message_id, outcome="taken", mic=sealed.mic.text, http_status=answer.status)
    expected = as2.Expected(message_id=sealed.message_id, mics=sealed.mics, payload=posting.content, head=sealed.head)
    verdict = as2.read_mdn(answer.headers, answer.body, expected=expected, partner_certificates=theirs, when=datetime.now(UTC))
    return Sent(
        message_id=sealed.message_id,
        outcome=verdict.verdict.value,
        disposition=verdict.disposition,
        mic=sealed.mic.text,
        mic_matches=verdict.mic_matches,
        http_status=answer.status,
        reasons=verdict.faults,
        exit_code=GOOD if verdict.verdict is as2.Verdict.DELIVERED else FINDINGS,
    )


def _captured(answer: Answer) -> bytes:
    """The answer as a capture. Its body is whole and plain by now, so the framing it came with is left out."""
    headers = tuple((name, value) for name, value in answer.headers if name.lower() not in _FRAMING)
    _, _, rest = written_response((*headers, ("Content-Length", str(len(answer.body)))), answer.body).partition(b"\r\n")
    return f"HTTP/1.1 {answer.status}\r\n".encode() + rest
