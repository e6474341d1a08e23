"""Files that commands are given and write. `-` is standard input; what cannot be read or written is a fault, never a traceback."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import click

from edi_gateway.faults import Fault, Faulty, Place

STDIN = "-"
CHUNK = 1 << 20
_WORTH_TELLING = 16 << 20
"""Bytes from which on reading a file tells its progress."""


def shown(name: str) -> str:
    """A file's name as people read it."""
    return "standard input" if name == STDIN else name


def content_of(name: str) -> bytes:
    """All of a file. Errors: Faulty where it cannot be read."""
    with opened(name) as file, unreadable(name):
        return file.read()


def text_of(name: str) -> str:
    """All of a file as text. Errors: Faulty where it cannot be read, is empty or is not UTF-8."""
    content = content_of(name)
    if not content.strip():
        raise Faulty([Fault.of("CFG-INPUT-EMPTY", Place(file=shown(name)))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        raise Faulty([Fault.of("CFG-INPUT", Place(file=shown(name)), reason=f"it is not UTF-8 text: byte {wrong.start}")]) from None


def chunks_of(name: str) -> Iterator[bytes]:
    """A file in pieces, so that a large one need not be held whole; the progress is told where a person waits for it."""
    with opened(name) as file:
        told = _Progress(name)
        while True:
            with unreadable(name):
                chunk = file.read(CHUNK)
            if not chunk:
                break
            told.more(len(chunk))
            yield chunk
        told.done()


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file to read. Errors: Faulty where there is none or it may not be read."""
    if name == STDIN:
        if sys.stdin is None:  # as the interpreter leaves it where the shell closed it
            raise Faulty([Fault.of("CFG-INPUT", Place(file=shown(name)), reason="it is closed")])
        yield sys.stdin.buffer
        return
    with ExitStack() as stack:
        with unreadable(name):
            file = stack.enter_context(Path(name).open("rb"))
        yield file


@contextmanager
def unreadable(name: str) -> Iterator[None]:
    """Makes what the system says of a file into a fault."""
    try:
        yield
    except (OSError, ValueError) as wrong:
        reason = getattr(wrong, "strerror", None) or wrong
        raise Faulty([Fault.of("CFG-INPUT", Place(file=shown(name)), reason=reason)]) from None


def write_result(out: Path | None, content: bytes) -> None:
    """Writes bytes to a file, or as they are to standard output. Errors: Faulty where the file cannot be written."""
    if out is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        out.write_bytes(content)
    except OSError as wrong:
        raise Faulty([Fault.of("CFG-OUTPUT", Place(file=str(out)), reason=wrong.strerror or wrong)]) from None


class _Progress:
    """How much of a large file has been read, on standard error, where that is a terminal."""

    def __init__(self, name: str) -> None:
        size = Path(name).stat().st_size if name != STDIN else 0
        self._total = size if size >= _WORTH_TELLING and sys.stderr.isatty() else 0
        self._read = 0

    def more(self, size: int) -> None:
        self._read += size
        if self._total:
            click.echo(f"\r{self._read >> 20} of {self._total >> 20} MiB", err=True, nl=False)

    def done(self) -> None:
        if self._total:
            click.echo("\r" + " " * 40 + "\r", err=True, nl=False)
