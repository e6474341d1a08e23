"""pyas2lib as a peer, both ways. EDI_GATEWAY_PYAS2_PYTHON names a Python in which it is installed; else this is skipped."""

import base64
import itertools
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.as2 import (
    Cipher,
    Compression,
    Digest,
    Expected,
    Opened,
    Padding,
    Policy,
    Refused,
    Security,
    Signing,
    Verdict,
    disposition,
    make_mdn,
    read_heading,
    read_mdn,
    wire,
)
from edi_gateway.as2.quirks import PRESETS

PYTHON = os.environ.get("EDI_GATEWAY_PYAS2_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="EDI_GATEWAY_PYAS2_PYTHON is not set")
ANY = Policy(require_signed=False, require_encrypted=False, legacy=True, mic_rule=PRESETS["pyas2"].mic_rule)
CIPHERS = {Cipher.AES128_CBC: "aes_128_cbc", Cipher.AES256_CBC: "aes_256_cbc", Cipher.DES_EDE3_CBC: "tripledes_192_cbc"}
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask(parties, key_file, certificate_file, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    folder = tmp_path_factory.mktemp("pyas2lib")
    for name in ("ours", "theirs"):
        own = getattr(parties, name)
        (folder / f"{name}.pem").write_bytes(key_file(own) + certificate_file(own))
        (folder / f"{name}.cert").write_bytes(certificate_file(own))
    script = Path(__file__).with_name("pyas2lib_peer.py")
    with subprocess.Popen([str(PYTHON), str(script), str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as peer:
        assert peer.stdin is not None
        assert peer.stdout is not None
        stdin, stdout = peer.stdin, peer.stdout

        def asked(do: str, **more: object) -> dict[str, Any]:
            encoded = {key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in more.items()}
            stdin.write(json.dumps({"do": do, **encoded}).encode() + b"\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(stdout.readline())
            return answer

        yield asked
        stdin.close()


def read(raw: str) -> wire.Captured:
    captured = wire.read_capture(b"POST / HTTP/1.1\r\n" + base64.b64decode(raw))
    assert isinstance(captured, wire.Captured)
    return captured


TERMS = [
    {"sign": sign, "encrypt": encrypt, "compress": compress, "enc_alg": cipher, "digest_alg": digest}
    for sign, encrypt, compress in itertools.product([True, False], repeat=3)
    for cipher, digest in [("aes_128_cbc", "sha256"), ("aes_256_cbc", "sha512"), ("tripledes_192_cbc", "sha1")]
    if sign or encrypt or (cipher, digest) == ("aes_128_cbc", "sha256")
]


@pytest.mark.parametrize("terms", TERMS, ids=lambda terms: " ".join(str(value) for value in terms.values()))
def test_we_open_what_pyas2lib_sends_and_it_takes_our_receipt(parties, ask, terms):
    payload = bytes(range(32, 127)) * 20
    partner = {**terms, "mdn_mode": "SYNC", "mdn_digest_alg": "sha256"}
    captured = read(ask("build", payload=payload, partner=partner)["wire"])
    opened = parties.opened(captured.headers, captured.body, policy=ANY)
    assert isinstance(opened, Opened), opened
    assert opened.payload == payload
    assert (opened.layers.signed, opened.layers.encrypted) == (terms["sign"], terms["encrypt"])
    assert opened.layers.compressed == terms["compress"]
    heading = read_heading(captured.headers)
    assert not isinstance(heading, Refused)
    receipt = make_mdn(
        heading,
        disposition.processed(),
        message_id="<mdn@gw.test>",
        when=parties.now,
        mic=opened.mic,
        signing=Signing(key=parties.ours),
    )
    raw = wire.written_request(receipt.headers, receipt.body).partition(b"\r\n")[2]
    verdict = ask("judge", wire=raw, partner=partner)
    assert verdict == {"status": "processed", "detail": ""}


SECURITIES = [
    Security(digest=digest, cipher=cipher, compression=compression, padding=padding)
    for digest, cipher, compression, padding in itertools.product(
        [Digest.SHA256, Digest.SHA512], [None, Cipher.AES128_CBC, Cipher.AES256_CBC, Cipher.DES_EDE3_CBC], Compression, Padding
    )
]


@pytest.mark.parametrize("security", SECURITIES, ids=lambda s: f"{s.digest}/{s.cipher}/{s.compression}/{s.padding}")
def test_pyas2lib_opens_what_we_send_and_we_take_its_receipt(parties, ask, security):
    payload = bytes(range(32, 127)) * 20
    sealed = parties.sealed(
        payload,
        security,
        as2_from="GW",
        as2_to="PEER",
        signing_key=parties.ours,
        recipients=[parties.theirs.certificate],
        content_type="application/octet-stream",
    )
    raw = wire.written_request(sealed.headers, sealed.body).partition(b"\r\n")[2]
    answer = ask("parse", wire=raw, partner={"mdn_digest_alg": "sha256"})
    assert answer["status"] == "processed"
    assert base64.b64decode(answer["payload"]) == payload
    receipt = read(answer["wire"])
    verdict = read_mdn(
        receipt.headers,
        receipt.body,
        expected=Expected(message_id=sealed.message_id, mics=sealed.mics, payload=payload, head=sealed.head),
        partner_certificates=[parties.theirs.certificate],
        when=parties.now,
    )
    assert verdict.verdict is Verdict.DELIVERED, [fault.line() for fault in verdict.faults]
