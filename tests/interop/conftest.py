"""Other people's AS2 products, installed by `make interop` into folders of their own; each is skipped where it could not be."""

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway import as2
from edi_gateway.channels.http import HttpPoster
from edi_gateway.faults import Fault
from edi_gateway.partners.making import MadeKey, make_own_key
from edi_gateway.ports.channels import Answer

Serving = Callable[..., AbstractContextManager[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """Both sides' keys, as PEM for the peer and read for ourselves."""

    ours: as2.OwnKey
    theirs: as2.OwnKey
    our_pem: MadeKey
    their_pem: MadeKey

    def write(self, folder: Path) -> None:
        (folder / "ours.pem").write_bytes(self.our_pem.certificate)
        (folder / "theirs.pem").write_bytes(self.their_pem.certificate)
        (folder / "theirs.key").write_bytes(self.their_pem.private)

    def sealed(
        self, payload: bytes, *, by: str = "GW", to: str = "PEER", security: as2.Security, mdn: as2.MdnWanted | None = None
    ) -> as2.Sealed:
        return as2.seal(
            payload,
            as2_from=by,
            as2_to=to,
            message_id=as2.new_message_id("gw.example"),
            when=now(),
            filename="order.edi",
            security=security,
            signing_key=self.ours,
            recipients=[self.theirs.certificate],
            mdn=mdn or as2.MdnWanted(),
        )

    def verdict(self, sealed: as2.Sealed, headers: tuple[tuple[str, str], ...], body: bytes, *, signed: bool = True) -> as2.MdnVerdict:
        """What we make of the peer's receipt."""
        expected = as2.Expected(message_id=sealed.message_id, mics=sealed.mics, signed=signed)
        return as2.read_mdn(headers, body, expected=expected, partner_certificates=[self.theirs.certificate], when=now())

    def post(self, url: str, sealed: as2.Sealed, *, signed: bool = True) -> as2.MdnVerdict:
        """Posts a message, and judges the receipt in the response."""
        answer = HttpPoster().post(url, sealed.headers, sealed.body, timeout=timedelta(seconds=30))
        assert isinstance(answer, Answer), answer
        assert answer.status == 200, re.sub(rb"<style.*?</style>|<[^>]*>|\s+", b" ", answer.body, flags=re.DOTALL)[:800]
        return self.verdict(sealed, answer.headers, answer.body, signed=signed)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="session")
def parties() -> Parties:
    made = [make_own_key(name, now() - timedelta(days=1)) for name in ("GW", "PEER")]
    keys = [as2.read_own_key(one.private, one.certificate) for one in made]
    ours, theirs = keys
    assert not isinstance(ours, Fault)
    assert not isinstance(theirs, Fault)
    return Parties(ours=ours, theirs=theirs, our_pem=made[0], their_pem=made[1])


@pytest.fixture(scope="session")
def peer() -> Callable[[str], Path]:
    """The folder that a peer is installed in; skips with the reason where it is not."""

    def found(name: str) -> Path:
        root = os.environ.get("EDI_GATEWAY_INTEROP")
        if not root:
            pytest.skip("the peers are installed by make interop")
        folder = Path(root).absolute() / name
        why = folder / "missing.txt"
        if not folder.is_dir() or why.exists():
            pytest.skip(f"{name} is not installed: {why.read_text().strip() if why.exists() else 'no folder'}")
        return folder

    return found


@contextmanager
def _serving(command: list[str], port: int, *, folder: Path | None = None, environment: dict[str, str] | None = None) -> Iterator[str]:
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder, env=environment) as server:
        try:
            until = time.monotonic() + 30
            while not _listens(port):
                assert server.poll() is None, f"{command} ended with {server.returncode}"
                assert time.monotonic() < until, f"{command} does not listen on port {port}"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=10)


@pytest.fixture(scope="session")
def serving() -> Serving:
    """Runs a peer's server on loopback, from its first accepted connection on; gives its address."""
    return _serving


def _listens(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Gives ports of loopback on which nobody listens."""

    def found() -> int:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            return int(listener.getsockname()[1])

    return found


@pytest.fixture(scope="session")
def program() -> Callable[[str], str]:
    """The path of a program of this machine; skips where there is none."""

    def found(name: str) -> str:
        path = shutil.which(name)
        if path is None:
            pytest.skip(f"{name} is not on this machine")
        return path

    return found
