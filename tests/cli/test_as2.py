"""`edi-gateway as2`: captures judged as the gateway would, and one file sent."""

import hashlib
import http.server
import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.as2.wire import written_request, written_response
from edi_gateway.demo.homes import Pair, free_port
from edi_gateway.testing.keys import KeyFiles, own_key, write_key

from .conftest import SAMPLES, Run

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
AT = ("--now", NOW.isoformat())
ORDER = (SAMPLES / "x12" / "850.edi").read_bytes()
MESSAGE_ID = "<1@partner>"
CORPUS = Path(__file__).resolve().parents[3] / "shared" / "wire"


@dataclass(frozen=True, kw_only=True)
class Lab:
    """Two parties' keys as files, and what passed between them."""

    folder: Path
    us: KeyFiles
    partner: KeyFiles

    @property
    def ours(self) -> tuple[object, ...]:
        return ("--own-key", self.us.key, "--own-cert", self.us.certificate)

    @property
    def theirs(self) -> tuple[object, ...]:
        return ("--partner-cert", self.partner.certificate)

    def keep(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(folder=tmp_path, us=write_key(tmp_path, "us"), partner=write_key(tmp_path, "partner"))


def sealed(**changes: Any) -> as2.Sealed:
    """An order from the partner to us."""
    terms: dict[str, Any] = {
        "as2_from": "PARTNER",
        "as2_to": "US",
        "message_id": MESSAGE_ID,
        "when": NOW,
        "filename": "order.edi",
        "signing_key": own_key("partner"),
        "recipients": [own_key("us").certificate],
    }
    return as2.seal(ORDER, **{**terms, **changes})


def request(**changes: Any) -> bytes:
    one = sealed(**changes)
    return written_request(one.headers, one.body)


def test_a_good_request_is_opened_and_its_payload_kept(lab: Lab, run: Run) -> None:
    one, out = sealed(), lab.folder / "payload.edi"
    file = lab.keep("request.http", written_request(one.headers, one.body))
    ran = run("as2", "open", file, *lab.ours, *lab.theirs, *AT, "--require", "signed,encrypted", "--payload-out", out, "--json")
    assert (ran.code, out.read_bytes()) == (0, ORDER)
    assert ran.json() == {
        "accepted": True,
        "disposition": "automatic-action/MDN-sent-automatically; processed",
        "signed": True,
        "encrypted": True,
        "compressed": False,
        "digest": "sha256",
        "cipher": "aes256-cbc",
        "mic": one.mic.value,
        "mic_algorithm": one.mic.algorithm,
        "payload_sha256": hashlib.sha256(ORDER).hexdigest(),
        "filename": "order.edi",
        "fault": None,
    }


def test_the_outcome_is_told_in_words_too(lab: Lab, run: Run) -> None:
    ran = run("as2", "open", lab.keep("request.http", request()), *lab.ours, *lab.theirs, *AT)
    lines = dict(line.split("  ", 1) for line in ran.out.splitlines())
    assert (lines["outcome"].strip(), lines["AS2"].strip(), lines["signed"].strip()) == ("accepted", "PARTNER to US", "yes, sha256")


REFUSALS: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "unsigned": ({"security": as2.Security(digest=None), "signing_key": None}, ("--require", "signed"), "insufficient-message-security"),
    "unencrypted": ({"security": as2.Security(cipher=None), "recipients": []}, ("--require", "encrypted"), "insufficient-message-security"),
    "signed by another": ({"signing_key": own_key("stranger")}, (), "failed"),
    "for another key": ({"recipients": [own_key("stranger").certificate]}, (), "decryption-failed"),
    "from another name": ({}, ("--from", "SOMEBODY"), "unknown-trading-relationship"),
    "too large": ({}, ("--max-bytes", "100"), ""),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_request_is_refused_as_the_gateway_would(case: str, lab: Lab, run: Run) -> None:
    changes, options, word = REFUSALS[case]
    out = lab.folder / "payload.edi"
    file = lab.keep("request.http", request(**changes))
    ran = run("as2", "open", file, *lab.ours, *lab.theirs, *AT, *options, "--payload-out", out, "--json")
    said = ran.json()
    assert (ran.code, said["accepted"], said["payload_sha256"], out.exists()) == (1, False, None, False)
    assert word in (said["disposition"] or "")
    assert said["fault"]["code"].startswith("AS2-")
    plain = run("as2", "open", file, *lab.ours, *lab.theirs, *AT, *options)
    assert plain.err.startswith(said["fault"]["code"])


def test_weak_algorithms_pass_for_legacy_alone(lab: Lab, run: Run) -> None:
    file = lab.keep("request.http", request(security=as2.Security(digest=as2.Digest.SHA1)))
    assert run("as2", "open", file, *lab.ours, *lab.theirs, *AT).code == 1
    assert run("as2", "open", file, *lab.ours, *lab.theirs, *AT, "--legacy").code == 0


def test_several_keys_are_tried(lab: Lab, run: Run) -> None:
    next_us, other = write_key(lab.folder, "next-us"), write_key(lab.folder, "other")
    file = lab.keep("request.http", request())
    keys = ("--own-key", next_us.key, "--own-key", lab.us.key, "--own-cert", lab.us.certificate, "--own-cert", next_us.certificate)
    assert run("as2", "open", file, *keys, "--partner-cert", other.certificate, *lab.theirs, *AT).code == 0


def test_a_key_without_its_certificate_is_told(lab: Lab, run: Run) -> None:
    file = lab.keep("request.http", request())
    ran = run("as2", "open", file, "--own-key", lab.us.key, "--own-cert", lab.partner.certificate, *AT)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "PRT-KEY-ALONE")


@pytest.mark.parametrize("content", [b"", b"not HTTP at all\r\n\r\n", ORDER], ids=["empty", "words", "an order"])
def test_what_is_no_request_is_unreadable(content: bytes, lab: Lab, run: Run) -> None:
    ran = run("as2", "open", lab.keep("request.http", content), *lab.ours, *lab.theirs, "--json")
    assert (ran.code, ran.json()["fault"]["code"]) == (2, "AS2-HTTP")


def receipt(one: as2.Sealed, said: as2.Disposition, *, mic: as2.Mic | None = None, signer: str = "partner") -> bytes:
    """The other side's MDN for a message of ours, as a captured response."""
    heading = as2.read_heading(one.headers)
    assert isinstance(heading, as2.Heading)
    made = as2.make_mdn(
        heading,
        said,
        message_id="<mdn@partner>",
        when=NOW,
        mic=mic or one.mic,
        signing=as2.Signing(key=own_key(signer)) if signer else None,
    )
    return written_response(made.headers, made.body)


@pytest.fixture
def ours() -> as2.Sealed:
    """An order from us to the partner."""
    return sealed(as2_from="US", as2_to="PARTNER", signing_key=own_key("us"), recipients=[own_key("partner").certificate])


def judged(run: Run, lab: Lab, one: as2.Sealed, response: bytes, *options: str) -> Any:
    given = ("--message-id", one.message_id, "--mic", one.mic.value, "--mic-algorithm", one.mic.algorithm)
    return run("as2", "mdn", lab.keep("response.http", response), *given, *lab.theirs, *AT, *options, "--json")


def test_a_good_receipt_means_delivered(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    ran = judged(run, lab, ours, receipt(ours, disposition.processed()), "--from", "US", "--to", "PARTNER")
    said = ran.json()
    assert (ran.code, said["verdict"], said["mic_matches"], said["signature"]) == (0, "delivered", True, "verified")
    assert list(said) == ["verdict", "disposition", "mic_matches", "signature", "reasons"]


def test_a_receipt_is_told_in_words_too(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    file = lab.keep("response.http", receipt(ours, disposition.processed()))
    ran = run("as2", "mdn", file, "--message-id", ours.message_id, "--mic", ours.mic.value, *lab.theirs, *AT)
    assert ran.code == 0
    assert "verdict       delivered" in ran.out


@pytest.mark.parametrize(
    ("make", "verdict"),
    [
        (lambda one: receipt(one, disposition.error(as2.Modifier.DECRYPTION_FAILED)), "refused"),
        (lambda one: receipt(one, disposition.processed(), signer="stranger"), "unverified"),
        (lambda one: receipt(one, disposition.processed(), signer=""), "unverified"),
        (lambda one: receipt(one, disposition.processed(), mic=as2.mic(b"else", as2.Digest.SHA256)), "unverified"),
        (lambda one: b"HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", "unverified"),
    ],
    ids=["refused", "another signer", "unsigned", "another MIC", "no receipt"],
)
def test_anything_less_is_no_delivery(make: Callable[[as2.Sealed], bytes], verdict: str, lab: Lab, run: Run, ours: as2.Sealed) -> None:
    ran = judged(run, lab, ours, make(ours))
    assert (ran.code, ran.json()["verdict"]) == (1, verdict)
    assert ran.json()["reasons"]


def test_an_unsigned_receipt_counts_where_none_that_is_signed_was_asked_for(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    assert judged(run, lab, ours, receipt(ours, disposition.processed(), signer=""), "--unsigned-ok").code == 0


@pytest.mark.parametrize("digest", [as2.Digest.SHA256, as2.Digest.SHA384, as2.Digest.SHA512])
def test_a_mic_without_its_algorithm_is_known_by_its_length(digest: as2.Digest, lab: Lab, run: Run, ours: as2.Sealed) -> None:
    mic = as2.mic(b"whatever it is over", digest)
    file = lab.keep("response.http", receipt(ours, disposition.processed(), mic=mic))
    ran = run("as2", "mdn", file, "--message-id", ours.message_id, "--mic", mic.value, *lab.theirs, *AT, "--json")
    assert (ran.code, ran.json()["mic_matches"]) == (0, True)


def test_what_is_no_response_is_unreadable(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    assert judged(run, lab, ours, b"nothing that anybody sent").code == 2


class Partner(http.server.BaseHTTPRequestHandler):
    """A partner that takes what it can open, and answers with its MDN."""

    def __init__(self, posted: list[bytes], *given: Any) -> None:
        self._posted = posted
        super().__init__(*given)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._posted.append(body)
        if self.path == "/broken":
            self.send_response(500)
            self.end_headers()
            return
        headers = list(self.headers.items())
        heading = as2.read_heading(headers)
        assert isinstance(heading, as2.Heading)
        now = datetime.now(UTC)
        opened = as2.open_message(
            heading, headers, body, own_keys=[own_key("partner")], partner_certificates=[own_key("us").certificate], when=now
        )
        assert isinstance(opened, as2.Opened)
        signing = as2.Signing(key=own_key("partner"))
        made = as2.make_mdn(heading, disposition.processed(), message_id="<m@p>", when=now, mic=opened.mic, signing=signing)
        self.send_response(200)
        for name, value in made.headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(made.body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def partner() -> Iterator[tuple[str, list[bytes]]]:
    """A partner's address, and what was posted there."""
    posted: list[bytes] = []
    with http.server.HTTPServer(("127.0.0.1", 0), partial(Partner, posted)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}", posted
        server.shutdown()
        thread.join()


NAMES = ("--from", "US", "--to", "PARTNER")


def test_a_file_sent_to_an_address_is_judged_and_can_be_judged_again(
    lab: Lab, run: Run, order: Path, partner: tuple[str, list[bytes]]
) -> None:
    url, posted = partner
    kept = ("--request-out", lab.folder / "request.http", "--response-out", lab.folder / "response.http")
    ran = run("as2", "send", order, "--url", f"{url}/as2", *NAMES, *lab.ours, *lab.theirs, *kept, "--json")
    said = ran.json()
    assert (ran.code, said["outcome"], said["mic_matches"], said["http_status"], len(posted)) == (0, "delivered", True, 200, 1)
    keys = ("--own-key", lab.partner.key, "--own-cert", lab.partner.certificate, "--partner-cert", lab.us.certificate)
    opened = run("as2", "open", lab.folder / "request.http", *keys, "--json").json()
    assert (opened["accepted"], opened["filename"]) == (True, "order.edi")
    mic = ("--message-id", said["message_id"], "--mic", said["mic"].split(", ")[0])
    assert run("as2", "mdn", lab.folder / "response.http", *mic, *lab.theirs).code == 0


def test_an_address_that_refuses_is_a_finding_and_one_where_nobody_is_not_reachable(
    lab: Lab, run: Run, order: Path, partner: tuple[str, list[bytes]]
) -> None:
    given = (*NAMES, *lab.ours, *lab.theirs)
    refused = run("as2", "send", order, "--url", f"{partner[0]}/broken", *given)
    assert (refused.code, refused.err.split("  ")[0]) == (1, "STO-421")
    nobody = run("as2", "send", order, "--url", f"http://127.0.0.1:{free_port()}/as2", *given)
    assert (nobody.code, nobody.err.split("  ")[0]) == (3, "CFG-UNREACHABLE")


@pytest.mark.parametrize("missing", ["key", "certificate"])
def test_a_message_that_cannot_be_sealed_is_not_sent(
    missing: str, lab: Lab, run: Run, order: Path, partner: tuple[str, list[bytes]]
) -> None:
    given = lab.theirs if missing == "key" else lab.ours
    ran = run("as2", "send", order, "--url", f"{partner[0]}/as2", *NAMES, *given)
    assert (ran.code, ran.err.split("  ")[0], partner[1]) == (2, "STO-423", [])


def test_an_address_needs_the_two_names(run: Run, order: Path) -> None:
    assert run("as2", "send", order, "--url", "http://127.0.0.1:1/as2").code == 2


@pytest.fixture
def home(own_pair: Pair) -> Path:
    """A home whose partner is not there."""
    return own_pair.retailer.home


def test_a_file_for_a_partner_is_a_message_of_the_home(home: Path, run: Run, order: Path) -> None:
    ran = run("as2", "send", order, "--partner", "supplier", "--home", home, "--json")
    said = ran.json()
    assert (ran.code, said["outcome"]) == (3, "retry_wait")
    assert said["reasons"][0].startswith("STO-420  ")
    kept = run("message", "show", said["message"], "--json", "--home", home).json()
    assert (kept["state"], kept["message_id"], kept["filename"], kept["attempts"]) == ("retry_wait", said["message_id"], "order.edi", 1)
    assert kept["posts"][0]["outcome"] == "connect"
    assert run("message", "show", said["message"], "--content", "--home", home).out.encode() == ORDER


def test_a_partner_that_is_none_is_told(home: Path, run: Run, order: Path) -> None:
    ran = run("as2", "send", order, "--partner", "suplier", "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-PARTNER-UNKNOWN")


def opened(run: Run, lab: Lab, file: Path, *options: object) -> dict[str, object]:
    keys = ("--own-key", lab.partner.key, "--own-cert", lab.partner.certificate, "--partner-cert", lab.us.certificate)
    said: dict[str, object] = run("as2", "open", file, *keys, *AT, *options, "--json").json()
    return said


@pytest.mark.parametrize("options", [[], ["--compress", "--sign", "sha512"], ["--encrypt", "none"], ["--no-mdn"]], ids=" ".join)
def test_what_is_sealed_can_be_opened(options: list[str], lab: Lab, run: Run, order: Path) -> None:
    out = lab.folder / "request.http"
    ran = run("as2", "seal", order, *NAMES, *lab.ours, *lab.theirs, *AT, "--message-id", MESSAGE_ID, "--out", out, *options, "--json")
    said = ran.json()
    assert (ran.code, said["message_id"], said["bytes"]) == (0, MESSAGE_ID, out.stat().st_size)
    found = opened(run, lab, out)
    assert (found["accepted"], found["filename"], found["compressed"]) == (True, "order.edi", "--compress" in options)
    if options != ["--no-mdn"]:
        assert found["mic"] == said["mic"]


def test_a_message_that_cannot_be_sealed_leaves_no_file(lab: Lab, run: Run, order: Path) -> None:
    ran = run("as2", "seal", order, *NAMES, *lab.ours, "--out", lab.folder / "request.http")
    assert (ran.code, ran.err.split("  ")[0], (lab.folder / "request.http").exists()) == (2, "STO-423", False)


def test_without_pyas2lib_a_second_opinion_says_how_to_get_it(lab: Lab, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyas2lib", None)
    file = lab.keep("request.http", request())
    ran = run("as2", "open", file, *lab.ours, *lab.theirs, *AT, "--second-opinion")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-REFEREE")
    assert "edi-gateway[referee]" in ran.err
    assert run("as2", "open", file, *lab.ours, *lab.theirs, *AT).code == 0


@pytest.mark.parametrize("terms", [{}, {"security": as2.Security(cipher=None), "recipients": []}], ids=["encrypted", "signed only"])
def test_pyas2lib_agrees_on_a_good_request(terms: dict[str, object], lab: Lab, run: Run) -> None:
    pytest.importorskip("pyas2lib.as2")
    said = run("as2", "open", lab.keep("r.http", request(**terms)), *lab.ours, *lab.theirs, *AT, "--second-opinion", "--json").json()
    assert (said["accepted"], said["second_opinion"]["agrees"], said["second_opinion"]["words"]) == (True, True, "it agrees")


def test_a_receipt_by_an_algorithm_of_which_no_mic_was_given_is_told_as_that(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    by_512 = as2.mic(b"the content", as2.Digest.SHA512)
    file = lab.keep("response.http", receipt(ours, disposition.processed(), mic=by_512))
    given = ("--message-id", ours.message_id, "--mic", ours.mic.value, *lab.theirs, *AT)
    ran = run("as2", "mdn", file, *given)
    assert (ran.code, [line.split("  ")[0] for line in ran.err.splitlines()]) == (1, ["CFG-MIC-ALGORITHM"])
    assert "sha-512" in ran.err
    assert run("as2", "mdn", file, *given, "--mic", by_512.value).code == 0


def test_a_mic_that_differs_by_the_same_algorithm_still_differs(lab: Lab, run: Run, ours: as2.Sealed) -> None:
    file = lab.keep("response.http", receipt(ours, disposition.processed(), mic=as2.mic(b"else", as2.Digest.SHA256)))
    ran = run("as2", "mdn", file, "--message-id", ours.message_id, "--mic", ours.mic.value, *lab.theirs, *AT)
    assert ran.err.split("  ")[0] == "AS2-MDN-MIC-DIFFERS"


def captured(kind: str) -> list[str]:
    """A few captures of each product, where the corpus is at hand."""
    if not (CORPUS / "index.json").exists():
        return []
    cases = [entry["case"] for entry in json.loads((CORPUS / "index.json").read_text()) if entry["class"] == kind]
    return cases[:: max(1, len(cases) // 12)]


@pytest.mark.parametrize("case", captured("message"))
def test_captures_of_other_products_are_opened_from_the_command_line(case: str, run: Run) -> None:
    folder = CORPUS / case
    about = json.loads((folder / "meta.json").read_text())
    expect, keys = about["expect"], about["keys"]
    own = ("--own-key", CORPUS / "keys" / f"{keys['ours']}.key.pem", "--own-cert", CORPUS / "keys" / f"{keys['ours']}.cert.pem")
    theirs = [
        word
        for name in keys.get("sender_certs") or [keys["sender_cert"]]
        for word in ("--partner-cert", CORPUS / "keys" / f"{name}.cert.pem")
    ]
    given = (*(own if keys.get("ours") else ()), *theirs, "--legacy", "--now", "2026-06-01")
    ran = run("as2", "open", folder / "request.http", *given, "--from", about["as2_from"], "--to", about["as2_to"], "--json")
    said = ran.json()
    assert ran.code == (0 if said["accepted"] else 1)
    if expect["result"] == "accept":
        assert said["accepted"]
    if said["accepted"]:
        assert expect.get("payload_sha256") in (None, said["payload_sha256"])


@pytest.mark.parametrize(
    ("status", "given", "verdict", "code"),
    [
        ("200 OK", ["--none-asked"], "delivered", 0),
        ("204 No Content", ["--none-asked"], "delivered", 0),
        ("500 Oops", ["--none-asked"], "unverified", 1),
        ("403 Forbidden", ["--none-asked"], "unverified", 1),
        ("200 OK", [], "unverified", 1),
        ("200 OK", ["--unsigned-ok"], "unverified", 1),
    ],
)
def test_where_no_receipt_was_asked_for_the_status_is_the_answer(run: Run, tmp_path: Path, status, given, verdict, code) -> None:
    response = tmp_path / "response.http"
    response.write_bytes(f"HTTP/1.1 {status}\r\nContent-Length: 2\r\n\r\nOK".encode())
    ran = run("as2", "mdn", response, "--message-id", "<1@us>", "--mic", "AAAA", *given, "--json")
    assert (ran.code, ran.json()["verdict"]) == (code, verdict)
    assert bool(ran.json()["reasons"]) == (verdict != "delivered")


@pytest.mark.parametrize("kind", ["missing", "empty", "binary", "a folder"])
def test_a_certificate_of_ours_that_cannot_be_read_is_the_file_that_is_named(lab: Lab, run: Run, tmp_path: Path, kind: str) -> None:
    certificate = tmp_path / "ours.pem"
    match kind:
        case "empty":
            certificate.write_bytes(b"")
        case "binary":
            certificate.write_bytes(bytes(range(256)) * 9)
        case "a folder":
            certificate.mkdir()
    file = lab.keep("request.http", request())
    ran = run("as2", "open", file, "--own-key", lab.us.key, "--own-cert", certificate, *lab.theirs)
    assert ran.code == 2
    assert str(certificate) in ran.err
    assert ran.err.split("  ")[0] in ("PRT-CERT-UNREADABLE", "AS2-CERT-UNREADABLE")
