"""Documents of any size, from file to file: the same answers as in memory, within little memory."""

import base64
import io
import itertools
import quopri
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.as2 import Cipher, Compression, Digest, Opened, Policy, Refused, Security, read_heading
from edi_gateway.as2.extent import Extent
from edi_gateway.as2.stream_opening import OpenedFile, open_file
from edi_gateway.as2.stream_sealing import seal_file

ANY = Policy(require_signed=False, require_encrypted=False, max_ratio=2000)
WRAPPINGS = [
    Security(digest=digest, cipher=cipher, compression=compression)
    for digest, cipher, compression in itertools.product([None, Digest.SHA256], [None, Cipher.AES256_CBC, Cipher.AES128_GCM], Compression)
]


def sealed_file(parties, payload: bytes, security: Security):
    body = io.BytesIO()
    sealed = seal_file(
        io.BytesIO(payload),
        body,
        as2_from="PARTNER",
        as2_to="GW",
        message_id=parties.message_id,
        when=parties.now,
        filename="order.edi",
        security=security,
        signing_key=parties.theirs,
        recipients=[parties.ours.certificate],
    )
    return sealed, body.getvalue()


def opened_file(parties, headers, body: bytes, policy: Policy = ANY) -> tuple[OpenedFile | Refused, bytes]:
    heading = read_heading(headers)
    assert not isinstance(heading, Refused)
    payload = io.BytesIO()
    answer = open_file(
        heading,
        headers,
        io.BytesIO(body),
        payload,
        own_keys=[parties.ours],
        partner_certificates=[parties.theirs.certificate],
        when=parties.now,
        scratch=io.BytesIO,
        policy=policy,
    )
    return answer, payload.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    """Two and a half megabytes in which line ends and delimiters fall on every place."""
    chance = random.Random(6362)
    pieces = [b"\r", b"\n", b"\r\n", b"--", b"=_", b"ISA*", bytes(range(256)), b"~" * 997]
    return b"".join(chance.choices(pieces, k=17_000))[: 5 << 19]


@pytest.mark.parametrize("security", WRAPPINGS, ids=lambda s: f"{s.digest}/{s.cipher}/{s.compression}")
def test_what_is_sealed_file_to_file_opens_in_memory_and_file_to_file(parties, large, security):
    sealed, body = sealed_file(parties, large, security)
    in_memory = parties.opened(sealed.headers, body, policy=ANY)
    answer, payload = opened_file(parties, sealed.headers, body)
    assert isinstance(in_memory, Opened), in_memory
    assert isinstance(answer, OpenedFile), answer
    assert in_memory.payload == payload == large
    assert (answer.layers, answer.mic, answer.filename) == (in_memory.layers, in_memory.mic, "order.edi")
    assert answer.mic.equals(sealed.mics[0])
    assert sealed.size == len(body) == int(dict(sealed.headers)["Content-Length"])


@pytest.mark.parametrize("security", WRAPPINGS[::3], ids=lambda s: f"{s.digest}/{s.cipher}/{s.compression}")
def test_what_is_sealed_in_memory_opens_file_to_file(parties, large, security):
    sealed = parties.sealed(large, security)
    answer, payload = opened_file(parties, sealed.headers, sealed.body)
    assert isinstance(answer, OpenedFile)
    assert payload == large


@pytest.mark.parametrize(
    "body",
    [b"SVNBKg==", b"SVNB\r\nKg==\r\n", b"not base64!", b"SVNBKg==SVNB", b"SVNBK", b"", b"=", b"SVNB" * 90_000, b"SVNB" * 90_000 + b"=SVN"],
    ids=["whole", "in lines", "none", "padding inside", "cut", "empty", "padding", "long", "long and broken"],
)
def test_base64_in_clear_reads_from_a_file_as_from_memory(parties, body):
    headers = (
        ("AS2-From", "PARTNER"),
        ("AS2-To", "GW"),
        ("Message-ID", "<1@x>"),
        ("Content-Type", "application/edi-x12"),
        ("Content-Transfer-Encoding", "base64"),
    )
    in_memory = parties.opened(headers, body, policy=ANY)
    answer, payload = opened_file(parties, headers, body)
    assert isinstance(in_memory, Opened)
    assert isinstance(answer, OpenedFile)
    assert payload == in_memory.payload


@pytest.mark.parametrize("encodings", [["binary", "base64"], ["quoted-printable"], ["base64"], ["x-unknown"], []], ids="+".join)
@pytest.mark.parametrize("form", ["binary", "base64", "base64 without end", "quoted-printable"])
def test_an_announced_encoding_of_an_envelope_counts_in_a_file_as_in_memory(parties, encodings, form):
    sealed = parties.sealed()
    text = base64.encodebytes(sealed.body)
    body = {
        "binary": sealed.body,
        "base64": text,
        "base64 without end": text[:-20],
        "quoted-printable": quopri.encodestring(sealed.body),
    }[form]
    headers = [one for one in sealed.headers if one[0] not in ("Content-Transfer-Encoding", "Content-Length")]
    headers += [("Content-Transfer-Encoding", one) for one in encodings]
    in_memory = parties.opened(headers, body, policy=ANY)
    answer, payload = opened_file(parties, headers, body)
    if isinstance(in_memory, Opened):
        assert isinstance(answer, OpenedFile), answer
        assert payload == in_memory.payload == parties.order
    else:
        assert isinstance(answer, Refused)
        assert (answer.disposition, answer.fault.code) == (in_memory.disposition, in_memory.fault.code)


def test_openssl_reads_what_is_sealed_file_to_file(parties, openssl, large):
    for cipher in (Cipher.AES256_CBC, Cipher.AES256_GCM):
        _, body = sealed_file(parties, large, Security(digest=None, cipher=cipher))
        assert openssl("-decrypt -binary -inform DER -inkey @ours.key -recip @ours.cert", body).endswith(large)


@given(
    which=st.sampled_from(WRAPPINGS),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 30), st.binary(max_size=30)), max_size=3),
)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=300)
def test_a_changed_message_gets_the_same_answer_from_a_file_as_from_memory(parties, which, edits):
    sealed = parties.sealed(parties.order, which)
    body = sealed.body
    for where, cut, noise in edits:
        at = int(where * len(body))
        body = body[:at] + noise + body[at + cut :]
    in_memory = parties.opened(sealed.headers, body, policy=ANY)
    answer, payload = opened_file(parties, sealed.headers, body)
    if isinstance(in_memory, Opened):
        assert isinstance(answer, OpenedFile), answer
        assert (payload, answer.mic, answer.layers) == (in_memory.payload, in_memory.mic, in_memory.layers)
    else:
        assert isinstance(answer, Refused)
        assert (answer.disposition, answer.fault.code, payload) == (in_memory.disposition, in_memory.fault.code, b"")


@given(st.binary(max_size=300), st.integers(0, 40), st.integers(0, 300), st.binary(min_size=1, max_size=4))
def test_a_stretch_of_a_file_reads_like_bytes(content, start, stop, pattern):
    part = Extent(io.BytesIO(content), 0, len(content)).part(start, max(start, stop))
    expected = content[start : max(start, stop)]
    assert b"".join(part.blocks()) == expected
    assert part.find(pattern, 3) == expected.find(pattern, 3)
    assert part[1:7] == expected[1:7]
    assert [part[at] for at in range(len(part))] == list(expected)


LARGE_RUN = """
import sys, tempfile
from datetime import UTC, datetime
from edi_gateway.as2 import *
from edi_gateway.as2.stream_opening import OpenedFile, open_file
from edi_gateway.as2.stream_sealing import seal_file
folder, size = sys.argv[1], int(sys.argv[2])
def own(name):
    return read_own_key(open(f"{folder}/{name}.key", "rb").read(), open(f"{folder}/{name}.cert", "rb").read())
ours, theirs, now = own("ours"), own("theirs"), datetime(2026, 11, 22, 3, tzinfo=UTC)
block = bytes(range(256)) * 4096
with open(f"{folder}/payload", "wb") as file:
    for _ in range(size // len(block)):
        file.write(block)
with open(f"{folder}/payload", "rb") as payload, open(f"{folder}/body", "wb") as body:
    sealed = seal_file(payload, body, as2_from="PARTNER", as2_to="GW", message_id="<1@x>", when=now, signing_key=theirs,
                       recipients=[ours.certificate])
policy = Policy(max_body=size * 2, max_payload=size * 2)
with open(f"{folder}/body", "rb") as body, open(f"{folder}/opened", "wb") as opened:
    answer = open_file(read_heading(sealed.headers), sealed.headers, body, opened, own_keys=[ours],
                       partner_certificates=[theirs.certificate], when=now, policy=policy,
                       scratch=lambda: tempfile.TemporaryFile(dir=folder))
assert isinstance(answer, OpenedFile) and answer.size == size and answer.mic.equals(sealed.mics[0]), answer
print(next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")))
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the most memory used is read from /proc")
@pytest.mark.parametrize("megabytes", [128, pytest.param(1024, marks=pytest.mark.slow)])
def test_a_large_document_takes_less_than_64_mebibytes_of_memory(parties, certificate_file, key_file, megabytes, tmp_path: Path):
    for name in ("ours", "theirs"):
        (tmp_path / f"{name}.key").write_bytes(key_file(getattr(parties, name)))
        (tmp_path / f"{name}.cert").write_bytes(certificate_file(getattr(parties, name)))
    done = subprocess.run(
        [sys.executable, "-c", LARGE_RUN, str(tmp_path), str(megabytes << 20)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert done.returncode == 0, done.stderr.decode()
    kibibytes = int(done.stdout)
    for name in ("payload", "body", "opened"):
        (tmp_path / name).unlink()
    assert kibibytes < 64 << 10
