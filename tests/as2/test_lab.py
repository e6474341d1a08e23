"""Captured traffic judged off line: what the commands print and how they exit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.as2 import Expected, Modifier, Policy, disposition, make_mdn, read_heading, wire
from edi_gateway.as2.cms import Signing
from edi_gateway.as2.lab import judge_receipt, judge_request

STRICT = Policy()


def request(parties, sealed=None, *, framing: str = "Content-Length") -> bytes:
    sealed = sealed or parties.sealed()
    if framing == "Content-Length":
        return wire.written_request(sealed.headers, sealed.body)
    headers = [pair for pair in sealed.headers if pair[0] != "Content-Length"]
    chunks = b"".join(
        b"%x;ext=1\r\n%s\r\n" % (len(piece), piece) for piece in (sealed.body[at : at + 100] for at in range(0, len(sealed.body), 100))
    )
    return wire.written_request((*headers, ("Transfer-Encoding", "chunked")), chunks + b"0\r\nTrailer: x\r\n\r\n")


def judged(parties, raw: bytes, policy: Policy = STRICT, **more):
    return judge_request(
        raw, own_keys=[parties.ours], partner_certificates=[parties.theirs.certificate], when=parties.now, policy=policy, **more
    )


@pytest.mark.parametrize("framing", ["Content-Length", "chunked"])
def test_a_good_request_is_accepted_with_all_its_facts(parties, framing):
    sealed = parties.sealed()
    judgement = judged(parties, request(parties, sealed, framing=framing), as2_from="PARTNER", as2_to='"GW"')
    answer = judgement.as_json()
    assert (judgement.exit_code, judgement.payload) == (0, parties.order)
    assert answer == answer | {
        "accepted": True,
        "disposition": "automatic-action/MDN-sent-automatically; processed",
        "signed": True,
        "encrypted": True,
        "compressed": False,
        "digest": "sha256",
        "cipher": "aes256-cbc",
        "mic": sealed.mic.value,
        "mic_algorithm": "sha-256",
        "filename": "order.edi",
        "fault": None,
    }


def test_what_follows_a_whole_request_is_the_next_one(parties):
    assert judged(parties, request(parties) + b"GET / HTTP/1.1\r\n\r\n").exit_code == 0


def test_another_name_is_an_unknown_relationship(parties):
    judgement = judged(parties, request(parties), as2_from="SOMEBODY")
    assert judgement.exit_code == 1
    assert judgement.as_json()["disposition"] == "automatic-action/MDN-sent-automatically; processed/error: unknown-trading-relationship"


BROKEN = {
    "cut off": lambda raw: raw[:-60],
    "a junk chunk size": lambda raw: raw.replace(b"64;ext=1", b"zz;ext=1", 1),
    "a chunk that is longer than it says": lambda raw: raw.replace(b"64;ext=1", b"60;ext=1", 1),
    "both framings": lambda raw: raw.replace(b"Transfer-Encoding", b"Content-Length: 5\r\nTransfer-Encoding", 1),
    "a header without a name": lambda raw: raw.replace(b"AS2-To:", b": ", 1),
    "a bare carriage return": lambda raw: raw.replace(b"AS2-To: GW", b"AS2-To: G\rW", 1),
    "NUL in a header": lambda raw: raw.replace(b"AS2-To: GW", b"AS2-To: G\0W", 1),
    "headers without an end": lambda raw: raw[:100],
    "a huge header": lambda raw: raw.replace(b"AS2-To: GW", b"AS2-To: " + b"G" * 100_000, 1),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_broken_framing_is_a_refusal(parties, broken):
    judgement = judged(parties, broken(request(parties, framing="chunked")))
    assert judgement.exit_code == 1
    assert judgement.fault is not None
    assert judgement.fault.code == "AS2-HTTP"
    assert judgement.as_json()["accepted"] is False


def test_a_declared_length_that_does_not_come_or_is_too_large_is_a_refusal(parties):
    raw = request(parties)
    short = judged(parties, raw.replace(b"Content-Length: ", b"Content-Length: 1"))
    assert short.fault is not None
    assert short.fault.code == "AS2-HTTP"
    huge = judged(parties, raw.replace(b"Content-Length: ", b"Content-Length: 999999999"))
    assert huge.fault is not None
    assert huge.fault.code == "AS2-TOO-LARGE"
    odd = judged(parties, raw.replace(b"Content-Length: ", b"Content-Length: 0x"))
    assert odd.exit_code == 1


@pytest.mark.parametrize("raw", [b"", b"hello", b"\x00\x01", b"GET", b"HTTP/2 200\r\n\r\n"])
def test_what_is_no_http_at_all_is_unreadable(parties, raw):
    judgement = judged(parties, raw)
    assert judgement.exit_code == 2
    assert judge_receipt(raw, expected=Expected(message_id="<a>", mics=()), partner_certificates=[], when=parties.now).exit_code == 2


@given(st.binary(max_size=200))
def test_any_bytes_after_a_request_line_are_captured_or_not(rest):
    captured = wire.read_capture(b"POST / HTTP/1.1\r\n" + rest)
    assert isinstance(captured, wire.Captured) or captured.recognised


def receipt_for(parties, sealed, what=None, *, signed: bool = True):
    heading = read_heading(sealed.headers)
    signing = Signing(key=parties.ours) if signed else None
    return make_mdn(heading, what or disposition.processed(), message_id="<m@gw>", when=parties.now, mic=sealed.mic, signing=signing)


def judged_receipt(parties, raw: bytes, sealed, **more):
    expected = Expected(message_id=sealed.message_id, mics=sealed.mics)
    return judge_receipt(raw, expected=expected, partner_certificates=[parties.ours.certificate], when=parties.now, **more)


def test_a_good_receipt_is_delivered_as_a_response_and_as_a_post(parties):
    sealed = parties.sealed()
    receipt = receipt_for(parties, sealed)
    for raw in (wire.written_response(receipt.headers, receipt.body), wire.written_request(receipt.headers, receipt.body)):
        judgement = judged_receipt(parties, raw, sealed, as2_from="GW", as2_to="PARTNER")
        assert judgement.exit_code == 0
        assert judgement.as_json() == {
            "verdict": "delivered",
            "disposition": "automatic-action/MDN-sent-automatically; processed",
            "mic_matches": True,
            "signature": "verified",
            "reasons": [],
        }


def test_interim_responses_before_the_receipt_are_passed_over(parties):
    sealed = parties.sealed()
    receipt = receipt_for(parties, sealed)
    raw = b"HTTP/1.1 102 Processing\r\n\r\n" + wire.written_response(receipt.headers, receipt.body)
    assert judged_receipt(parties, raw, sealed).exit_code == 0


def test_a_refusal_says_why(parties):
    sealed = parties.sealed()
    receipt = receipt_for(parties, sealed, disposition.error(Modifier.DECRYPTION_FAILED))
    judgement = judged_receipt(parties, wire.written_response(receipt.headers, receipt.body), sealed)
    assert (judgement.exit_code, judgement.as_json()["verdict"]) == (1, "refused")
    assert "decryption-failed" in judgement.faults[0].line()


@pytest.mark.parametrize(
    ("status", "code"), [(b"204 No Content", "AS2-MDN-UNREADABLE"), (b"404 Not Found", "AS2-MDN-HTTP"), (b"503 Busy", "AS2-MDN-HTTP")]
)
def test_an_answer_without_a_receipt_is_unverified(parties, status, code):
    judgement = judged_receipt(parties, b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\n\r\n", parties.sealed())
    assert (judgement.exit_code, judgement.as_json()["verdict"], judgement.faults[0].code) == (1, "unverified", code)


def test_headers_that_name_a_stranger_are_noted_on_a_signed_receipt_and_spoil_an_unsigned_one(parties):
    sealed = parties.sealed()
    for signed, verdict in ((True, "delivered"), (False, "unverified")):
        receipt = receipt_for(parties, sealed, signed=signed)
        raw = wire.written_response(receipt.headers, receipt.body)
        judgement = judge_receipt(
            raw,
            expected=Expected(message_id=sealed.message_id, mics=sealed.mics, signed=signed),
            partner_certificates=[parties.ours.certificate],
            when=parties.now,
            as2_from="ANOTHER",
            as2_to="PARTNER",
        )
        assert judgement.as_json()["verdict"] == verdict
        assert judgement.faults[-1].code == "AS2-MDN-OTHER-PARTY"
