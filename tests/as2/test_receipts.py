"""Receipts: what we answer, and what we take for delivery. Nothing forged, doubled, unsigned or unclear counts."""

import base64
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.as2 import (
    Arrival,
    Digest,
    Disposition,
    Expected,
    MdnVerdict,
    MdnWanted,
    Modifier,
    Opened,
    Receipt,
    Refused,
    Security,
    Signature,
    Signing,
    Verdict,
    ber,
    cms,
    disposition,
    is_mdn,
    make_mdn,
    original_message_id,
    read_heading,
    read_mdn,
)
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, wrapped
from edi_gateway.as2.mic import mic, read_mic, way_of, ways_of_computing
from edi_gateway.as2.parts import signature_trailer

DISPOSITIONS = [
    disposition.processed(),
    disposition.DUPLICATE,
    disposition.warning("authentication-failed, processing continued"),
    disposition.UNSUPPORTED_FORMAT,
    disposition.UNSUPPORTED_MIC,
    *(disposition.error(modifier) for modifier in Modifier),
]


def sent(parties, **more):
    """A message of ours to the partner."""
    names = {"as2_from": "GW", "as2_to": "PARTNER", "message_id": "<sent-1@gw.test>"}
    return parties.sealed(signing_key=parties.ours, recipients=[parties.theirs.certificate], **(names | more))


def answered(parties, message, what: Disposition | None = None, *, signed: bool = True, **more) -> Receipt:
    """The partner's receipt for it, made by the partner's own gateway."""
    heading = read_heading(message.headers)
    assert not isinstance(heading, Refused)
    opened = parties.opened(message.headers, message.body, own_keys=[parties.theirs], certificates=[parties.ours.certificate])
    assert isinstance(opened, Opened)
    settings = {"message_id": "<mdn-1@partner.test>", "when": parties.now, "mic": opened.mic}
    signing = Signing(key=parties.theirs) if signed else None
    return make_mdn(heading, what or disposition.processed(), signing=signing, **(settings | more))


def judged(parties, receipt: Receipt, message, *, body: bytes | None = None, **more) -> MdnVerdict:
    about = {"message_id": message.message_id, "mics": message.mics, "payload": parties.order, "head": message.head}
    terms = {key: more.pop(key) for key in ("signed", "legacy") if key in more}
    context = {"partner_certificates": [parties.theirs.certificate], "when": parties.now}
    headers = more.pop("headers", receipt.headers)
    return read_mdn(headers, receipt.body if body is None else body, expected=Expected(**about, **terms), **(context | more))


def codes(verdict: MdnVerdict) -> list[str]:
    return [fault.code for fault in verdict.faults]


def test_a_signed_receipt_with_the_right_mic_is_delivery(parties):
    message = sent(parties)
    verdict = judged(parties, answered(parties, message), message)
    assert (verdict.verdict, verdict.signature, verdict.faults) == (Verdict.DELIVERED, Signature.VERIFIED, ())
    assert verdict.disposition == "automatic-action/MDN-sent-automatically; processed"
    assert verdict.mic_matches
    assert verdict.mic_received == verdict.mic_expected == message.mic
    assert (verdict.original_message_id, verdict.message_id) == ("<sent-1@gw.test>", "<mdn-1@partner.test>")
    assert verdict.signer == parties.theirs.certificate
    assert verdict.date == "Sun, 22 Nov 2026 03:00:00 GMT"


@pytest.mark.parametrize("what", DISPOSITIONS, ids=lambda d: d.verbatim)
def test_every_disposition_that_we_write_is_read_as_meant(parties, what):
    message = sent(parties)
    verdict = judged(parties, answered(parties, message, what), message)
    assert verdict.report is not None
    assert verdict.report.disposition == what
    assert verdict.verdict is (Verdict.DELIVERED if what.good else Verdict.REFUSED)
    assert codes(verdict) == (["AS2-MDN-REFUSED"] if not what.good else ["AS2-MDN-WARNING"] if what.warning else [])


@pytest.mark.parametrize("modifier", Modifier)
def test_every_error_is_explained_to_people_in_the_report(parties, modifier):
    message = sent(parties)
    report = judged(parties, answered(parties, message, disposition.error(modifier)), message).report
    assert report is not None
    [explanation] = [value for name, value in report.fields if name == "Explanation"]
    assert explanation.endswith(".")
    assert explanation in report.text


def test_what_was_taken_needs_no_explanation(parties):
    message = sent(parties)
    report = judged(parties, answered(parties, message, disposition.processed()), message).report
    assert report is not None
    assert "Explanation" not in dict(report.fields)


SPELLINGS = {
    "automatic-action/MDN-sent-automatically;processed": True,
    "AUTOMATIC-ACTION/MDN-SENT-AUTOMATICALLY; PROCESSED": True,
    "manual-action/MDN-sent-manually ;  Processed ": True,
    "automatic-action/MDN-sent-automatically; processed/warning: duplicate-document": True,
    "automatic-action/MDN-sent-automatically; processed/Warning:x": True,
    "automatic-action/MDN-sent-automatically; processed/Error: decryption-failed": False,
    "automatic-action/MDN-sent-automatically; processed/error:insufficient-message-security": False,
    "automatic-action/MDN-sent-automatically; processed/error": False,
    "automatic-action/MDN-sent-automatically; processed/ERROR : x": False,
    "automatic-action/MDN-sent-automatically; failed/failure=Cannot read properties": False,
    "automatic-action/MDN-sent-automatically; failed": False,
    "processed; failed/Failure: x": False,
    "automatic-action/MDN-sent-automatically; displayed": False,
    "automatic-action/MDN-sent-automatically; denied": False,
    "automatic-action/MDN-sent-automatically; processed/something-new": False,
    "processed": True,
    "": False,
    "automatic-action/MDN-sent-automatically; ": False,
    "automatic-action/MDN-sent-automatically; processed and more": False,
}


@pytest.mark.parametrize(("field", "good"), SPELLINGS.items())
def test_a_disposition_is_good_in_every_spelling_and_nothing_else_is(field, good):
    read = disposition.read_disposition(field)
    assert read.good == good
    assert read.verbatim == field


def resigned(parties, receipt: Receipt, change: Callable[[bytes], bytes], key=None) -> bytes:
    """The body of a receipt whose report was changed and then signed again, as only the partner could."""
    boundary = receipt.body[2 : receipt.body.index(b"\r\n")]
    report = change(receipt.body.split(b"--" + boundary)[1][2:-2])
    signature = cms.sign(Digest.SHA256.of(report), Signing(key=key or parties.theirs), when=parties.now)
    return b"--" + boundary + b"\r\n" + report + signature_trailer(boundary, signature, base64_signature=True)


def field_changed(name: str, value: str) -> Callable[[bytes], bytes]:
    return lambda report: re.sub(f"{name}: [^\r]*\r\n".encode(), lambda _: value.encode(), report)


CHANGES: dict[str, tuple[str, str, Verdict, str]] = {
    "no MIC": ("Received-Content-MIC", "", Verdict.UNVERIFIED, "AS2-MDN-NO-MIC"),
    "an empty MIC": ("Received-Content-MIC", "Received-Content-MIC: \r\n", Verdict.UNVERIFIED, "AS2-MDN-NO-MIC"),
    "another MIC": (
        "Received-Content-MIC",
        f"Received-Content-MIC: {mic(b'x', Digest.SHA256).text}\r\n",
        Verdict.UNVERIFIED,
        "AS2-MDN-MIC-DIFFERS",
    ),
    "two MICs": (
        "Received-Content-MIC",
        "Received-Content-MIC: a\r\nReceived-Content-MIC: b\r\n",
        Verdict.UNVERIFIED,
        "AS2-MDN-UNREADABLE",
    ),
    "another message": ("Original-Message-ID", "Original-Message-ID: <sent-2@gw.test>\r\n", Verdict.UNVERIFIED, "AS2-MDN-OTHER-MESSAGE"),
    "no message": ("Original-Message-ID", "", Verdict.UNVERIFIED, "AS2-MDN-OTHER-MESSAGE"),
    "an empty message": ("Original-Message-ID", "Original-Message-ID: \r\n", Verdict.UNVERIFIED, "AS2-MDN-OTHER-MESSAGE"),
    "two messages": (
        "Original-Message-ID",
        "Original-Message-ID: <sent-1@gw.test>\r\nOriginal-Message-ID: <sent-2@gw.test>\r\n",
        Verdict.UNVERIFIED,
        "AS2-MDN-UNREADABLE",
    ),
    "two dispositions": (
        "Disposition",
        "Disposition: a; processed\r\nDisposition: a; failed\r\n",
        Verdict.UNVERIFIED,
        "AS2-MDN-UNREADABLE",
    ),
    "no disposition": ("Disposition", "", Verdict.UNVERIFIED, "AS2-MDN-UNREADABLE"),
    "an empty disposition": ("Disposition", "Disposition: \r\n", Verdict.UNVERIFIED, "AS2-MDN-UNREADABLE"),
    "NUL in the disposition": ("Disposition", "Disposition: a; processed\0/error\r\n", Verdict.UNVERIFIED, "AS2-MDN-UNREADABLE"),
    "an error, then a blank line and processed": (
        "Disposition",
        "Disposition: a; processed/error: a\r\n\r\nDisposition: a; processed\r\n",
        Verdict.REFUSED,
        "AS2-MDN-REFUSED",
    ),
}


@pytest.mark.parametrize(("name", "value", "verdict", "code"), CHANGES.values(), ids=CHANGES)
def test_a_receipt_that_lacks_or_doubles_what_decides_is_no_delivery(parties, name, value, verdict, code):
    message = sent(parties)
    receipt = answered(parties, message)
    answer = judged(parties, receipt, message, body=resigned(parties, receipt, field_changed(name, value)))
    assert (answer.verdict, codes(answer)) == (verdict, [code])


GOOD_CHANGES = {
    "no angle brackets": ("Original-Message-ID", "Original-Message-ID: sent-1@gw.test\r\n"),
    "lower-case field name": ("Disposition", "disposition: automatic-action/mdn-sent-automatically; processed\r\n"),
    "a folded disposition": ("Disposition", "Disposition: automatic-action/MDN-sent-automatically;\r\n processed\r\n"),
    "no Original-Recipient": ("Original-Recipient", ""),
    "no Reporting-UA": ("Reporting-UA", ""),
}


@pytest.mark.parametrize(("name", "value"), GOOD_CHANGES.values(), ids=GOOD_CHANGES)
def test_honest_spellings_of_a_receipt_are_delivery(parties, name, value):
    message = sent(parties)
    receipt = answered(parties, message)
    answer = judged(parties, receipt, message, body=resigned(parties, receipt, field_changed(name, value)))
    assert answer.verdict is Verdict.DELIVERED, answer.faults


@pytest.mark.parametrize("spelling", ["sha-256", "SHA256", " sha256", "Sha-256", "sha2-256", "rsa-sha256", '"sha256"'])
def test_the_mic_algorithm_is_read_in_every_spelling(parties, spelling):
    message = sent(parties)
    receipt = answered(parties, message)
    field = field_changed("Received-Content-MIC", f"Received-Content-MIC: {message.mic.value},{spelling}\r\n")
    assert judged(parties, receipt, message, body=resigned(parties, receipt, field)).verdict is Verdict.DELIVERED


def test_the_mic_may_be_by_any_algorithm_that_was_asked_for(parties):
    message = sent(parties, mdn=MdnWanted(algorithms=(Digest.SHA512, Digest.SHA1)))
    receipt = answered(parties, message)
    assert receipt.body.count(message.mics[1].value.encode()) == 1
    assert judged(parties, receipt, message).verdict is Verdict.DELIVERED


BADLY_WRITTEN: dict[str, tuple[Callable[[str], str], str]] = {
    "in hexadecimal": (lambda value: base64.b64decode(value).hex(), "in hexadecimal"),
    "cut off": (lambda value: value[:20], "cut off"),
    "in lower case": (str.lower, "upper and lower case"),
    "by another name": (lambda value: f"{value}, sha-512", "not sha-512"),
}


@pytest.mark.parametrize(("change", "words"), BADLY_WRITTEN.values(), ids=BADLY_WRITTEN)
def test_a_mic_that_is_badly_written_is_no_delivery_and_says_how(parties, change, words):
    message = sent(parties)
    receipt = answered(parties, message)
    value = change(message.mic.value)
    field = f"Received-Content-MIC: {value if ',' in value else value + ', sha-256'}\r\n"
    verdict = judged(parties, receipt, message, body=resigned(parties, receipt, field_changed("Received-Content-MIC", field)))
    assert (verdict.verdict, codes(verdict)) == (Verdict.UNVERIFIED, ["AS2-MDN-MIC-DIFFERS"])
    assert words in verdict.faults[0].message


def tampered(receipt: Receipt) -> bytes:
    return receipt.body.replace(b"processed/error: decryption-failed", b"processed")


def test_a_failure_turned_into_a_success_is_caught(parties):
    message = sent(parties)
    receipt = answered(parties, message, disposition.error(Modifier.DECRYPTION_FAILED))
    verdict = judged(parties, receipt, message, body=tampered(receipt))
    assert (verdict.verdict, verdict.signature, codes(verdict)) == (Verdict.UNVERIFIED, Signature.BAD, ["AS2-MDN-SIGNATURE"])
    assert verdict.original_message_id == "<sent-1@gw.test>"
    assert verdict.signer is None


@pytest.mark.parametrize("who", ["outsider", "impostor", "expired", "not_yet"])
def test_only_the_partners_certificate_in_force_counts(parties, who):
    message = sent(parties)
    receipt = answered(parties, message)
    key = getattr(parties, who)
    body = resigned(parties, receipt, lambda report: report, key)
    verdict = judged(parties, receipt, message, body=body, partner_certificates=[parties.theirs.certificate, parties.not_yet.certificate])
    assert (verdict.verdict, verdict.signature) == (Verdict.UNVERIFIED, Signature.BAD)


def test_either_of_two_certificates_in_force_counts(parties):
    message = sent(parties)
    receipt = answered(parties, message)
    body = resigned(parties, receipt, lambda report: report, parties.outsider)
    verdict = judged(parties, receipt, message, body=body, partner_certificates=[parties.theirs.certificate, parties.outsider.certificate])
    assert (verdict.verdict, verdict.signer) == (Verdict.DELIVERED, parties.outsider.certificate)


def test_an_unsigned_receipt_is_no_delivery_where_a_signed_one_was_asked_for(parties):
    message = sent(parties)
    receipt = answered(parties, message, signed=False)
    verdict = judged(parties, receipt, message)
    assert (verdict.verdict, verdict.signature, codes(verdict)) == (Verdict.UNVERIFIED, Signature.ABSENT, ["AS2-MDN-UNSIGNED"])
    assert judged(parties, receipt, message, signed=False).verdict is Verdict.DELIVERED


def test_an_unsigned_refusal_counts_on_our_own_connection_only(parties):
    message = sent(parties)
    receipt = answered(parties, message, disposition.error(Modifier.UNKNOWN_RELATIONSHIP), signed=False)
    assert judged(parties, receipt, message).verdict is Verdict.REFUSED
    posted = judged(parties, receipt, message, arrival=Arrival.ASYNCHRONOUS)
    assert posted.verdict is Verdict.UNVERIFIED
    assert codes(posted) == ["AS2-MDN-REFUSED", "AS2-MDN-UNSIGNED"]


def without_signers(parties, receipt: Receipt) -> bytes:
    boundary = receipt.body[2 : receipt.body.index(b"\r\n")]
    head = receipt.body[: receipt.body.index(b"\r\n--" + boundary + b"\r\nContent-Type: application/pkcs7-signature")]
    along = ber.explicit(0, parties.theirs.certificate.der)
    nobody = wrapped(Kind.SIGNED, ber.sequence(ber.integer(1), ber.set_of([]), ber.sequence(KIND_OIDS[Kind.DATA]), along, ber.set_of([])))
    return head + signature_trailer(boundary, nobody, base64_signature=True)


def test_a_signature_that_nobody_made_is_none(parties):
    message = sent(parties)
    receipt = answered(parties, message)
    verdict = judged(parties, receipt, message, body=without_signers(parties, receipt))
    assert (verdict.verdict, verdict.signature) == (Verdict.UNVERIFIED, Signature.BAD)


def test_an_md5_signature_counts_for_a_legacy_partner_only(parties):
    message = sent(parties)
    receipt = answered(parties, message, signed=False)
    heading = read_heading(message.headers)
    assert not isinstance(heading, Refused)
    weak = make_mdn(
        heading,
        disposition.processed(),
        message_id="<m@p>",
        when=parties.now,
        mic=message.mic,
        signing=Signing(key=parties.theirs, digest=Digest.MD5),
    )
    assert judged(parties, weak, message).signature is Signature.BAD
    assert judged(parties, weak, message, legacy=True).verdict is Verdict.DELIVERED
    assert receipt.body != weak.body


def wrapped_reports(parties, message) -> dict[str, tuple[str, bytes]]:
    """Receipts that hold a good report somewhere it was not signed."""
    receipt = answered(parties, message)
    kind = dict(receipt.headers)["Content-Type"]
    boundary = receipt.body[2 : receipt.body.index(b"\r\n")]
    other = resigned(parties, receipt, field_changed("Original-Message-ID", "Original-Message-ID: <sent-2@gw.test>\r\n"))
    good = answered(parties, message, signed=False)
    report = b"Content-Type: " + dict(good.headers)["Content-Type"].encode() + b"\r\n\r\n" + good.body
    delimiter = b"--" + boundary
    line = b"\r\n" + delimiter + b"\r\n"
    return {
        "in the preamble": (kind, delimiter + b"X\r\n" + report + b"\r\n" + other),
        "in the epilogue": (kind, other + report),
        "between the parts": (kind, other.replace(line, line + report + line, 1)),
        "before the parts": (kind, delimiter + b"\r\n" + report + b"\r\n" + other),
        "beside a genuine one": (
            "multipart/mixed; boundary=M",
            b"--M\r\n" + report + b"\r\n--M\r\nContent-Type: " + kind.encode() + b"\r\n\r\n" + other + b"\r\n--M--\r\n",
        ),
        "quoted in a text": (kind, resigned(parties, receipt, lambda _: b"Content-Type: text/plain\r\n\r\n" + report)),
        "twice in one report": (kind, resigned(parties, receipt, _doubled)),
        "a hundred multiparts deep": (kind, resigned(parties, receipt, _deep)),
        "cut off": (kind, receipt.body[: len(receipt.body) // 2]),
        "nothing": (kind, b""),
        "an empty page": ("text/html", b""),
        "a page": ("text/html", b"<html>Thank you</html>"),
    }


def _doubled(report: bytes) -> bytes:
    start = report.index(b"\r\n--", report.index(b"Content-Type: text/plain"))
    end = report.rindex(b"\r\n--")
    return report[:end] + report[start:end] + report[end:]


def _deep(report: bytes) -> bytes:
    for level in range(100):
        mark = b"L%d" % level
        report = (
            b"Content-Type: multipart/report; boundary=" + mark + b"\r\n\r\n--" + mark + b"\r\n" + report + b"\r\n--" + mark + b"--\r\n"
        )
    return report


CASES = [
    "in the preamble",
    "in the epilogue",
    "between the parts",
    "before the parts",
    "beside a genuine one",
    "quoted in a text",
    "twice in one report",
    "a hundred multiparts deep",
    "cut off",
    "nothing",
    "an empty page",
    "a page",
]


@pytest.mark.parametrize("case", CASES)
def test_a_report_that_is_not_the_one_signed_is_never_read(parties, case):
    message = sent(parties)
    kind, body = wrapped_reports(parties, message)[case]
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Content-Type", kind)]
    verdict = read_mdn(
        headers,
        body,
        expected=Expected(message_id=message.message_id, mics=message.mics),
        partner_certificates=[parties.theirs.certificate],
        when=parties.now,
    )
    assert verdict.verdict is Verdict.UNVERIFIED
    assert verdict.faults


def test_a_receipt_is_told_from_a_message_before_anything_is_opened(parties):
    message = sent(parties)
    for signed in (True, False):
        receipt = answered(parties, message, signed=signed)
        assert is_mdn(receipt.headers, receipt.body)
        assert original_message_id(receipt.headers, receipt.body) == "<sent-1@gw.test>"
    plain = sent(parties, security=Security(cipher=None))
    for one in (message, plain):
        assert not is_mdn(one.headers, one.body)
        assert original_message_id(one.headers, one.body) is None


def test_a_receipt_goes_the_other_way_and_echoes_nothing_that_breaks_a_line(parties):
    heading = read_heading([("AS2-From", '"a \\" b"'), ("AS2-To", "GW"), ("Message-ID", "<\xe9@x>"), ("Subject", "a\tb\x85c")])
    assert not isinstance(heading, Refused)
    receipt = make_mdn(heading, disposition.processed(), message_id="<m@gw>", when=parties.now)
    headers = dict(receipt.headers)
    assert (headers["AS2-From"], headers["AS2-To"]) == ("GW", '"a \\" b"')
    assert receipt.body.isascii()
    assert all(len(line) < 300 for line in receipt.body.split(b"\r\n"))


def test_a_bad_message_id_is_answered_with_the_disposition_for_it(parties):
    message = parties.sealed()
    headers = [(name, "<a\x00b>" if name == "Message-ID" else value) for name, value in message.headers]
    heading = read_heading(headers)
    assert not isinstance(heading, Refused)
    refused = parties.opened(headers, message.body)
    assert isinstance(refused, Refused)
    assert refused.disposition.text == "invalid-message-id"
    receipt = make_mdn(heading, refused.disposition, message_id="<m@gw>", when=parties.now)
    assert b"Original-Message-ID: <a?b>\r\n" in receipt.body


@pytest.mark.parametrize(
    ("options", "code", "verbatim"),
    [
        (
            "signed-receipt-protocol=required, pgp-signature; signed-receipt-micalg=optional, sha256",
            "AS2-RECEIPT-FORMAT",
            "failed/Failure: unsupported format",
        ),
        (
            "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, md5",
            "AS2-RECEIPT-MIC",
            "failed/Failure: unsupported MIC-algorithms",
        ),
        (
            "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=required, whirlpool",
            "AS2-RECEIPT-MIC",
            "failed/Failure: unsupported MIC-algorithms",
        ),
    ],
)
def test_a_receipt_that_we_cannot_give_is_said_so(parties, options, code, verbatim):
    message = parties.sealed()
    headers = [(name, options if name == "Disposition-Notification-Options" else value) for name, value in message.headers]
    refused = parties.opened(headers, message.body)
    assert isinstance(refused, Refused)
    assert (refused.fault.code, refused.disposition.verbatim.split("; ")[1]) == (code, verbatim)


@pytest.mark.parametrize(
    ("options", "signed", "first"),
    [
        ("signed-receipt-protocol=required,pkcs7-signature;signed-receipt-micalg=required,sha512,sha-256 , SHA1", True, "sha512"),
        ("signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, md5, sha1, sha256", True, "sha256"),
        ("signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, md5, sha1", True, "sha1"),
        ("Signed-Receipt-Protocol=OPTIONAL, PKCS7-SIGNATURE; SIGNED-RECEIPT-MICALG=optional, SHA-384", True, "SHA-384"),
        ("signed-receipt-protocol=pkcs7-signature; signed-receipt-micalg=sha256", True, "sha256"),
        ("signed-receipt-protocol=optional, pgp-signature", False, None),
        ("", False, None),
        ("garbage", False, None),
    ],
)
def test_what_a_sender_asks_for_is_read_in_every_spelling(parties, options, signed, first):
    heading = read_heading(
        [*parties.sealed(mdn=None).headers, ("Disposition-Notification-To", "x"), ("disposition-notification-options", options)]
    )
    assert not isinstance(heading, Refused)
    assert heading.mdn is not None
    chosen = heading.mdn.chosen(legacy=False)
    assert (heading.mdn.signed, chosen[1] if chosen else None) == (signed, first)


def test_no_receipt_is_asked_for_without_the_header_for_it(parties):
    heading = read_heading(parties.sealed(mdn=None).headers)
    assert not isinstance(heading, Refused)
    assert heading.mdn is None


@given(payload=st.binary(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_every_known_way_of_computing_a_mic_is_recognised(payload):
    head = b"Content-Type: application/edi-x12\r\n\r\n"
    for name, content in ways_of_computing(head, payload):
        found = way_of(mic(content, Digest.SHA256), ways_of_computing(head, payload))
        assert found is not None
        assert dict(ways_of_computing(head, payload))[found] == content, name
    assert way_of(mic(b"no way at all" + payload, Digest.SHA256), ways_of_computing(head, payload)) is None


def test_a_mic_that_differs_says_how_the_partner_computed_it(parties):
    message = sent(parties)
    receipt = answered(parties, message, mic=mic(parties.order, Digest.SHA256))
    verdict = judged(parties, receipt, message)
    assert verdict.verdict is Verdict.UNVERIFIED
    assert "It is the digest of the content alone." in verdict.faults[0].message


@pytest.mark.parametrize("value", ["", ",", "====", "a b", "é, sha256", "AAAA, sha1, sha256", "," * 100])
def test_any_mic_field_is_read(value):
    read = read_mic(value)
    assert not read.equals(mic(b"", Digest.SHA256))


@given(cut=st.floats(0, 1), noise=st.binary(max_size=30))
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=300)
def test_a_changed_receipt_never_raises_and_is_never_delivery_for_other_bytes(parties, cut, noise):
    message = sent(parties)
    receipt = answered(parties, message)
    at = int(cut * len(receipt.body))
    body = receipt.body[:at] + noise + receipt.body[at + len(noise) :]
    verdict = judged(parties, receipt, message, body=body)
    if verdict.verdict is Verdict.DELIVERED:
        assert verdict.report == judged(parties, receipt, message).report
        assert verdict.signature is Signature.VERIFIED


@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        ["multipart/report; boundary=B", "message/disposition-notification", "multipart/signed; boundary=B", "application/pkcs7-mime"]
    ),
)
@settings(suppress_health_check=list(HealthCheck), deadline=None)
def test_any_bytes_at_all_get_a_verdict(parties, body, kind):
    message = replace(sent(parties), message_id="<sent-1@gw.test>")
    receipt = Receipt(headers=(("Content-Type", kind),), body=body, message_id="")
    assert judged(parties, receipt, message).verdict is not Verdict.DELIVERED
    assert is_mdn(receipt.headers, body) in (True, False)
    original_message_id(receipt.headers, body)
