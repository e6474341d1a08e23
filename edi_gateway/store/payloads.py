"""Payload bytes by SHA-256: small ones in a row, larger ones as files named by their digest, or on PostgreSQL as rows of parts.

Files would have to be shared among the hosts of a gateway on PostgreSQL, and a backup of the database would not hold them.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import Connection, LargeBinary, bindparam, insert, select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.channels import Clock
from edi_gateway.store.statements import Driven
from edi_gateway.store.tables import payload_parts, payloads
from edi_gateway.store.types import UtcTime

IN_DATABASE = 256 * 1024
"""Up to this many bytes a payload stands in its row: with it in the backup, and one fsync instead of three."""
PART = 1024 * 1024
"""How many bytes of a larger one stand in a row: the driver makes copies of what it sends."""

# Written out: both databases read this, and SQLAlchemy has a construct of its own for each.
_PUT = Driven(
    text(
        """
        INSERT INTO payloads (digest, size, content, created_at) VALUES (:digest, :size, :content, :created_at)
        ON CONFLICT (digest) DO NOTHING
        """
    ).bindparams(bindparam("content", type_=LargeBinary), bindparam("created_at", type_=UtcTime))
)
_PUT_PART = Driven(insert(payload_parts))
_PARTS = select(payload_parts.c.content).where(payload_parts.c.digest == bindparam("digest")).order_by(payload_parts.c.number)
_GET = select(payloads.c.content).where(payloads.c.digest == bindparam("digest"))


class SqlPayloads:
    """Kept bytes, within one transaction. A file whose transaction rolls back stays as an unnamed copy, never as a lost one.

    Shape:  `folder` is where large ones stand; None is for the database.
    """

    def __init__(self, connect: Callable[[], Connection], folder: Path | None, clock: Clock) -> None:
        self._connect = connect
        self._folder = folder
        self._clock = clock

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        large = len(content) > IN_DATABASE
        if large and self._folder is not None:
            # Before the connection is asked for: a writer's transaction begins there, and must not hold others up for a disk.
            write_whole(path_of(self._folder, digest), content)
        row = {"digest": digest, "size": len(content), "content": None if large else content, "created_at": self._clock.now()}
        if _PUT.run(self._connect(), row).rowcount and large and self._folder is None:
            self._put_parts(digest, content)
        return digest

    def get(self, digest: str) -> bytes:
        found = self._connect().execute(_GET, {"digest": digest}).one_or_none()
        if found is None:
            raise KeyError(digest)
        content = found.content if found.content is not None else self._large(digest)
        actual = hashlib.sha256(content).hexdigest()
        if actual != digest:
            raise Faulty([Fault.of("STO-201", value=digest, found=actual)])
        return bytes(content)

    def _put_parts(self, digest: str, content: bytes) -> None:
        connection, whole = self._connect(), memoryview(content)
        for start in range(0, len(content), PART):
            _PUT_PART.run(connection, {"digest": digest, "number": start // PART, "content": bytes(whole[start : start + PART])})

    def _large(self, digest: str) -> bytes:
        if self._folder is None:
            return b"".join(self._connect().execute(_PARTS, {"digest": digest}).scalars())
        path = path_of(self._folder, digest)
        try:
            return path.read_bytes()
        except FileNotFoundError:
            raise Faulty([Fault.of("STO-202", value=digest, file=path)]) from None


def path_of(folder: Path, digest: str) -> Path:
    """Where the file of a digest stands: two levels, so that no folder holds millions of names."""
    return folder / digest[:2] / digest[2:4] / digest


def write_whole(path: Path, content: bytes) -> None:
    """Makes the file, whole and durable, or not at all: temporary name, fsync, rename, fsync of the folders."""
    if path.exists() and path.stat().st_size == len(content):
        # Whoever renamed it may have died before the folder was durable.
        _sync_folder(path.parent)
        return
    _make_folders(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _make_folders(folder: Path) -> None:
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for made in missing:
        _sync_folder(made.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
