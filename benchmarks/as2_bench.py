"""How fast messages are sealed, opened, acknowledged and judged, on one core, beside the machine's own RSA limit.

    python benchmarks/as2_bench.py [--seconds 3] [--megabytes 1024] [--referee PYTHON]

`--referee` names a Python in which pyas2lib is installed; the same messages are then built and opened by it, in the same run.
"""

import argparse
import json
import re
import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from multiprocessing import get_context
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edi_gateway.as2 import (
    Expected,
    Opened,
    OwnKey,
    Policy,
    Receipt,
    Refused,
    Sealed,
    Signing,
    Verdict,
    disposition,
    make_mdn,
    open_message,
    read_heading,
    read_mdn,
    read_own_key,
    seal,
)
from edi_gateway.as2.stream_opening import OpenedFile, open_file
from edi_gateway.as2.stream_sealing import seal_file

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
LINE = b"PO1*1*100*EA*12.50**VP*WIDGET-1~\r\n"
REFEREE = Path(__file__).with_name("as2_referee.py")


@dataclass(frozen=True)
class Party:
    """One side, with the files that a referee reads."""

    own: OwnKey
    key: bytes
    certificate: bytes


def party(name: str) -> Party:
    private = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .sign(private, hashes.SHA256())
    ).public_bytes(Encoding.PEM)
    key = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    own = read_own_key(key, certificate)
    assert isinstance(own, OwnKey)
    return Party(own=own, key=key, certificate=certificate)


def rate(action: Callable[[], object], seconds: float) -> float:
    """How often an action runs in a second: the best of three stretches, as the machine is shared."""
    action()
    best = 0.0
    for _ in range(3):
        done, started = 0, time.process_time()
        while (spent := time.process_time() - started) < seconds / 3:
            action()
            done += 1
        best = max(best, done / spent)
    return best


def sealed(payload: bytes, ours: Party, theirs: Party) -> Sealed:
    return seal(
        payload,
        as2_from="US",
        as2_to="THEM",
        message_id="<bench@us>",
        when=NOW,
        filename="po.edi",
        signing_key=ours.own,
        recipients=[theirs.own.certificate],
    )


def messages(ours: Party, theirs: Party, seconds: float) -> dict[str, float]:
    payload = (LINE * 300)[:10_240]
    message = sealed(payload, ours, theirs)

    def acknowledged() -> Receipt:
        heading = read_heading(message.headers)
        assert not isinstance(heading, Refused)
        opened = open_message(
            heading,
            message.headers,
            message.body,
            own_keys=[theirs.own],
            partner_certificates=[ours.own.certificate],
            when=NOW,
        )
        assert isinstance(opened, Opened)
        signing = Signing(key=theirs.own)
        return make_mdn(heading, disposition.processed(), message_id="<mdn@them>", when=NOW, mic=opened.mic, signing=signing)

    receipts = cycle([acknowledged() for _ in range(1000)])
    expected = Expected(message_id=message.message_id, mics=message.mics)

    def judged() -> None:
        certificates = [theirs.own.certificate]
        receipt = next(receipts)
        verdict = read_mdn(receipt.headers, receipt.body, expected=expected, partner_certificates=certificates, when=NOW)
        assert verdict.verdict is Verdict.DELIVERED

    return {
        "seal": rate(lambda: sealed(payload, ours, theirs), seconds),
        "open and acknowledge": rate(acknowledged, seconds),
        "judge a receipt": rate(judged, seconds),
    }


def apart(megabytes: int) -> dict[str, float]:
    """`files` in a process of its own, so that its memory is nothing but what this takes."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(files, megabytes).result()


def files(megabytes: int) -> dict[str, float]:
    """Megabytes a second, file to file, and the most memory that the process ever held."""
    ours, theirs = party("us"), party("them")
    block = LINE * (1_000_000 // len(LINE))
    size = 0
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / name for name in ("payload", "body", "opened")}
        with paths["payload"].open("wb") as file:
            while size < megabytes * 1_000_000:
                size += file.write(block)
        started, worked = time.perf_counter(), time.process_time()
        with paths["payload"].open("rb") as payload, paths["body"].open("wb") as body:
            message = seal_file(
                payload,
                body,
                as2_from="US",
                as2_to="THEM",
                message_id="<bench@us>",
                when=NOW,
                signing_key=ours.own,
                recipients=[theirs.own.certificate],
            )
        found["seal a file, MB"] = size / 1e6 / (time.perf_counter() - started)
        found["  of processor time"] = size / 1e6 / (time.process_time() - worked)
        heading = read_heading(message.headers)
        assert not isinstance(heading, Refused)
        started, worked = time.perf_counter(), time.process_time()
        with paths["body"].open("rb") as body, paths["opened"].open("wb") as opened:
            answer = open_file(
                heading,
                message.headers,
                body,
                opened,
                own_keys=[theirs.own],
                partner_certificates=[ours.own.certificate],
                when=NOW,
                scratch=lambda: tempfile.TemporaryFile(dir=folder),  # noqa: SIM115  closed by the opener
                policy=Policy(max_body=1 << 40, max_payload=1 << 40),
            )
        assert isinstance(answer, OpenedFile)
        assert answer.size == size
        found["open a file, MB"] = size / 1e6 / (time.perf_counter() - started)
        found["  of processor time "] = size / 1e6 / (time.process_time() - worked)
        found["most resident, MiB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return found


def rsa_limit() -> float | None:
    """RSA-2048 private operations a second, as `openssl speed` counts them on one core."""
    program = shutil.which("openssl")
    if program is None:
        return None
    done = subprocess.run([program, "speed", "-seconds", "2", "rsa2048"], capture_output=True, text=True, check=False)
    match = re.search(r"^rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)", done.stdout, re.MULTILINE)
    return float(match[1]) if match else None


def referee(python: str, ours: Party, theirs: Party, seconds: float) -> dict[str, float]:
    """The same work by pyas2lib, in its own Python."""
    with tempfile.TemporaryDirectory() as folder:
        for name, one in (("ours", ours), ("theirs", theirs)):
            (Path(folder) / f"{name}.pem").write_bytes(one.key + one.certificate)
            (Path(folder) / f"{name}.cert").write_bytes(one.certificate)
        (Path(folder) / "payload").write_bytes((LINE * 300)[:10_240])
        done = subprocess.run([python, str(REFEREE), folder, str(seconds)], capture_output=True, text=True, check=False)
    if done.returncode:
        return {}
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=3.0, help="how long each figure is measured")
    arguments.add_argument("--megabytes", type=int, default=256, help="size of the large document; 0 leaves it out")
    arguments.add_argument("--referee", help="a Python with pyas2lib")
    given = arguments.parse_args()
    ours, theirs = party("us"), party("them")
    limit = rsa_limit()
    beside = referee(given.referee, ours, theirs, given.seconds) if given.referee else {}
    print("10 KB, SHA-256, AES-256-CBC, signed receipts, one core")
    print(f"{'':24}{'a second':>12}{'of RSA limit':>14}{'pyas2lib':>12}")
    for name, figure in messages(ours, theirs, given.seconds).items():
        share = f"{figure / limit:.0%}" if limit else "-"
        other = f"{beside[name]:,.0f}" if name in beside else "-"
        print(f"{name:24}{figure:>12,.0f}{share:>14}{other:>12}")
    if limit:
        print(f"{'RSA-2048 private keys':24}{limit:>12,.0f}")
    if given.megabytes:
        print(f"{given.megabytes} MB, file to file")
        for name, figure in apart(given.megabytes).items():
            print(f"{name:24}{figure:>12,.0f}")


if __name__ == "__main__":
    main()
