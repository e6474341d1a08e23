"""Payload bytes by SHA-256: small ones in a row, larger ones as files named by their digest, or on PostgreSQL as rows of parts.

Files would have to be shared among the hosts of a gateway on PostgreSQL, and a backup of the database would not hold them.
"""

import hashlib
import io
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, LargeBinary, bindparam, insert, select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.channels import Clock
from edi_gateway.store.statements import Asked, Driven
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
_PART = select(payload_parts.c.content).where(payload_parts.c.digest == bindparam("digest"), payload_parts.c.number == bindparam("number"))
_GET = Asked(select(payloads.c.content).where(payloads.c.digest == bindparam("digest")))
_SIZE = select(payloads.c.size).where(payloads.c.digest == bindparam("digest"))


class SqlPayloads:
    """Kept bytes, within one transaction. A file whose transaction rolls back stays as an unnamed copy, never as a lost one.

    Shape:  `folder` is where large ones stand; None is for the database.
    """

    def __init__(self, connect: Callable[[], Connection], folder: Path | None, clock: Clock) -> None:
        self._open = connect
        self._folder = folder
        self._clock = clock
        self._not_yet: list[dict[str, object]] = []

    def keep(self) -> None:
        """Writes the rows of what was put: before the transaction's next statement, and before its end.

        A writer's transaction begins with its first statement, and must not hold others up while digests are computed and files are made.
        """
        if self._not_yet:
            rows, self._not_yet = self._not_yet, []
            connection = self._open()
            for row in rows:
                _PUT.run(connection, row)

    def _connect(self) -> Connection:
        self.keep()
        return self._open()

    def put(self, content: bytes) -> str:
        digest = hashlib.sha256(content).hexdigest()
        large = len(content) > IN_DATABASE
        if large and self._folder is not None:
            write_whole(path_of(self._folder, digest), content)
        row = {"digest": digest, "size": len(content), "content": None if large else content, "created_at": self._clock.now()}
        if not large or self._folder is not None:
            self._not_yet.append(row)
        elif _PUT.run(self._connect(), row).rowcount:
            self._put_parts(digest, _parts(content))
        return digest

    def put_file(self, content: BinaryIO) -> str:
        digest = _digest_of(content)
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        if size <= IN_DATABASE:
            return self.put(content.read())
        blocks = iter(lambda: content.read(PART), b"")
        if self._folder is not None:
            write_blocks(path_of(self._folder, digest), blocks, size)
        row = {"digest": digest, "size": size, "content": None, "created_at": self._clock.now()}
        if self._folder is not None:
            self._not_yet.append(row)
        elif _PUT.run(self._connect(), row).rowcount:
            self._put_parts(digest, blocks)
        return digest

    def get(self, digest: str) -> bytes:
        content = self._in_row(digest)
        return _intact(digest, self._large(digest) if content is None else content)

    def open(self, digest: str) -> BinaryIO:
        content = self._in_row(digest)
        if content is not None:
            return io.BytesIO(_intact(digest, content))
        file = self._parts_in_a_file(digest) if self._folder is None else self._file(self._folder, digest)
        actual = _digest_of(file)
        if actual != digest:
            file.close()
            raise Faulty([Fault.of("STO-201", value=digest, found=actual)])
        file.seek(0)
        return file

    def size(self, digest: str) -> int:
        size = self._connect().execute(_SIZE, {"digest": digest}).scalar()
        if size is None:
            raise KeyError(digest)
        return int(size)

    def _in_row(self, digest: str) -> bytes | None:
        """The bytes where they stand in their row, None where they are too many. Errors: KeyError where they are not kept."""
        found = _GET.rows(self._connect(), {"digest": digest})
        if not found:
            raise KeyError(digest)
        [[content]] = found
        return None if content is None else bytes(content)

    def _put_parts(self, digest: str, parts: Iterable[bytes]) -> None:
        connection = self._connect()
        for number, part in enumerate(parts):
            # Looked at, so that it is waited for: one part is in memory at a time.
            _PUT_PART.run(connection, {"digest": digest, "number": number, "content": part}).fetchall()

    def _large(self, digest: str) -> bytes:
        if self._folder is None:
            return b"".join(self._connect().execute(_PARTS, {"digest": digest}).scalars())
        with self._file(self._folder, digest) as file:
            return file.read()

    def _file(self, folder: Path, digest: str) -> BinaryIO:
        path = path_of(folder, digest)
        try:
            return path.open("rb")
        except FileNotFoundError:
            raise Faulty([Fault.of("STO-202", value=digest, file=path)]) from None

    def _parts_in_a_file(self, digest: str) -> BinaryIO:
        """The parts put together in a scratch file, one in memory at a time."""
        file, number = scratch(None), 0
        while (part := self._connect().execute(_PART, {"digest": digest, "number": number}).scalar()) is not None:
            file.write(part)
            number += 1
        return file


def scratch(folder: Path | None) -> BinaryIO:
    """An empty file without a name, gone when it is closed: on the disk of this folder, or where the system puts such files."""
    if folder is not None:
        _make_folders(folder)
    return tempfile.TemporaryFile(dir=folder)


def _intact(digest: str, content: bytes) -> bytes:
    """The bytes. Errors: Faulty (STO-201) where they are not those that were kept."""
    actual = hashlib.sha256(content).hexdigest()
    if actual != digest:
        raise Faulty([Fault.of("STO-201", value=digest, found=actual)])
    return content


def _digest_of(file: BinaryIO) -> str:
    """The SHA-256 of a whole file."""
    file.seek(0)
    running = hashlib.sha256()
    for block in iter(lambda: file.read(PART), b""):
        running.update(block)
    return running.hexdigest()


def _parts(content: bytes) -> Iterator[bytes]:
    whole = memoryview(content)
    return (bytes(whole[start : start + PART]) for start in range(0, len(content), PART))


def path_of(folder: Path, digest: str) -> Path:
    """Where the file of a digest stands: two levels, so that no folder holds millions of names."""
    return folder / digest[:2] / digest[2:4] / digest


def write_whole(path: Path, content: bytes) -> None:
    """As `write_blocks`, of bytes in memory."""
    write_blocks(path, [content], len(content))


def write_blocks(path: Path, blocks: Iterable[bytes], size: int) -> None:
    """Makes the file, whole and durable, or not at all: temporary name, fsync, rename, fsync of the folders."""
    if path.exists() and path.stat().st_size == size:
        # Whoever renamed it may have died before the folder was durable.
        _sync_folder(path.parent)
        return
    _make_folders(path.parent)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    try:
        with temporary.open("wb") as file:
            file.writelines(blocks)
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
