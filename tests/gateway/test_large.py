"""A large document from one running gateway to another: whole, and within a bound of memory on both sides."""

import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair, Side
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Transmission
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import system_clock

pytestmark = pytest.mark.slow

SIZE = 200_000_000
ALLOWED_GROWTH = 64 << 20


def opened(side: Side) -> SqlStore:
    return open_store(f"sqlite:///{side.home / 'data' / 'gateway.db'}", side.home / "data" / "payloads", system_clock)


def settle_limits(side: Side) -> None:
    """Lets the side take large messages, as its operator would."""
    settings = side.home / "gateway.toml"
    text = settings.read_text()
    settings.write_text(text.replace("[server]\n", '[server]\nmax_body = "1GiB"\n', 1))
    for file in (side.home / "partners").glob("*.yaml"):
        file.write_text(file.read_text().replace("as2:\n", "as2:\n  max_size: 1GiB\n  timeout: 5m\n", 1))


def peak(process: subprocess.Popen[str]) -> int:
    """The most memory that a process ever held. Units: bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def state_of(side: Side) -> Outbound:
    store = opened(side)
    try:
        with store.read() as uow:
            return uow.transmissions.find(direction=Direction.OUT)[0].state
    finally:
        store.close()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("transfer", ["content-length", "chunked"])
def test_a_document_of_200_megabytes_goes_both_ways_within_64_mebibytes(
    homes: Callable[[str], Pair], start, until, tmp_path: Path, transfer: str
) -> None:
    pair = homes("sync")
    for side in (pair.supplier, pair.retailer):
        settle_limits(side)
    file = next((pair.retailer.home / "partners").glob("*.yaml"))
    file.write_text(file.read_text().replace("as2:\n", f"as2:\n  transfer: {transfer}\n", 1))
    document = tmp_path / "document"
    block = bytes(range(256)) * 4000 + b"\r\n--\r\n"
    with document.open("wb") as out:
        while out.tell() < SIZE:
            out.write(block)
    receiver, sender = start(pair.supplier, ""), start(pair.retailer, "")
    before = [peak(one) for one in (receiver, sender)]
    store = opened(pair.retailer)
    with store.begin() as uow, document.open("rb") as content:
        row = uow.transmissions.add(
            Transmission(
                direction=Direction.OUT,
                state=Outbound.READY,
                created_at=system_clock.now(),
                partner="supplier",
                as2_from=pair.retailer.as2_id,
                as2_to=pair.supplier.as2_id,
                message_id="<large@retailer.example>",
                content_type="application/octet-stream",
                content=uow.payloads.put_file(content),
            )
        )
        assert row.id is not None
        uow.enqueue(Task.SEND, key=Task.SEND.key(row.id), id=row.id)
    store.close()
    with document.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()

    until("the MDN", lambda: state_of(pair.retailer) is Outbound.DELIVERED)

    kept = opened(pair.supplier)
    with kept.read() as uow:
        [received] = uow.transmissions.find(direction=Direction.IN)
        assert received.content == digest
        uow.payloads.open(digest).close()
    kept.close()
    growth = [peak(one) - was for one, was in zip((receiver, sender), before, strict=True)]
    print(f"grew by {[f'{one / 2**20:.0f} MiB' for one in growth]}")
    assert max(growth) < ALLOWED_GROWTH, growth
