"""libas2 of npm as a peer, both ways: it opens what we seal, and we open and answer what it sends."""

import base64
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.as2.quirks import PRESETS

SCRIPT = Path(__file__).with_name("libas2_peer.js")
PAYLOADS = {
    "lines": b"ISA*00*          *00*          *ZZ*GW             *ZZ*PEER           ~\r\nGS*PO*GW*PEER~\r\n",
    "unix lines": b"ISA*00*~\nGS*PO~\nST*850*0001~\n",
    "no line end": b"ISA*00*~GS*PO~",
}
SIGNED = {as2.Digest.SHA256: "sha-256", as2.Digest.SHA384: "sha-384", as2.Digest.SHA512: "sha-512"}
CIPHERS = {as2.Cipher.AES128_CBC: "aes128-CBC", as2.Cipher.AES192_CBC: "aes192-CBC", as2.Cipher.AES256_CBC: "aes256-CBC"}
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def ask(peer, program, parties, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    modules = peer("libas2") / "node_modules"
    folder = tmp_path_factory.mktemp("libas2")
    parties.write(folder)
    # Node refuses PKCS #1 v1.5 decryption otherwise, and libas2 does no other.
    command = [program("node"), "--security-revert=CVE-2023-46809", str(SCRIPT), str(folder)]
    environment = {**os.environ, "NODE_PATH": str(modules)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        stdin = process.stdin
        # Node itself writes a warning there, about the option above.
        answers = (line for line in process.stdout if line.startswith(b"{"))

        def asked(do: str, **more: object) -> dict[str, Any]:
            encoded = {key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in more.items()}
            stdin.write(json.dumps({"do": do, **encoded}).encode() + b"\n")
            stdin.flush()
            answer: dict[str, Any] = json.loads(next(answers))
            assert "error" not in answer, answer["error"]
            return answer

        yield asked
        stdin.close()


def received(answer: dict[str, Any]) -> tuple[tuple[tuple[str, str], ...], bytes]:
    return tuple((name, value) for name, value in answer["headers"]), base64.b64decode(answer["body"])


@pytest.mark.parametrize("digest", SIGNED)
@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
def test_libas2_opens_what_we_seal_and_its_receipt_delivers_it(ask: Ask, parties, digest, cipher, payload: bytes):
    sealed = parties.sealed(payload, security=PRESETS["libas2"].suited(as2.Security(digest=digest, cipher=cipher)))
    answer = ask("receive", headers=sealed.headers, body=sealed.body, terms={})
    # Its parser ends each part with a line end of its own; its MIC shows that it verified the bytes without.
    assert base64.b64decode(answer["payload"]) == payload + b"\r\n"
    verdict = parties.verdict(sealed, *received(answer))
    assert (verdict.verdict, verdict.mic_matches) == (as2.Verdict.DELIVERED, True), verdict.faults


@pytest.mark.parametrize("sign", ["", *SIGNED.values()], ids=lambda word: word or "unsigned")
@pytest.mark.parametrize("encrypt", ["", *CIPHERS.values()], ids=lambda word: word or "clear")
def test_we_open_what_libas2_sends_and_it_takes_our_receipt(ask: Ask, parties, sign: str, encrypt: str):
    payload = PAYLOADS["lines"]
    headers, body = received(ask("build", payload=payload, terms={"sign": sign, "encrypt": encrypt}))
    heading = as2.read_heading(headers)
    assert isinstance(heading, as2.Heading)
    opened = as2.open_message(
        heading,
        headers,
        body,
        own_keys=[parties.ours],
        partner_certificates=[parties.theirs.certificate],
        when=datetime.now(UTC),
        policy=as2.Policy(require_signed=bool(sign), require_encrypted=bool(encrypt)),
    )
    assert isinstance(opened, as2.Opened), opened
    assert opened.payload == payload
    assert (opened.layers.signed, opened.layers.encrypted) == (bool(sign), bool(encrypt))
    receipt = as2.make_mdn(
        heading,
        disposition.processed(),
        message_id=as2.new_message_id("gw.example"),
        when=datetime.now(UTC),
        mic=opened.mic,
        signing=as2.Signing(key=parties.ours),
    )
    judged = ask("judge", headers=receipt.headers, body=receipt.body)
    assert judged["processed"]
    assert judged["of"] == heading.message_id
    assert judged["mic"]["mic"] == opened.mic.value
