"""Bytes in a file, read as if they were in memory: a stretch of it that is indexed, sliced, searched and walked in blocks.

What reads `bytes` by index, slice and `find` (ASN.1 and MIME) reads a stretch of a file too, so that a message of any size is
opened by the same code.
"""

from collections.abc import Iterator
from typing import BinaryIO, Protocol, overload

BLOCK = 1 << 18
_WINDOW = 1 << 14


class Octets(Protocol):
    """What `bytes` and `Extent` have in common."""

    def __len__(self) -> int: ...
    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def find(self, pattern: bytes, start: int, /) -> int: ...


class Extent:
    """The bytes of a seekable file from `start` to `stop`. A slice of it is read into memory; `part` is one that is not."""

    __slots__ = ("_at", "_file", "_window", "start", "stop")

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        self._file = file
        self.start = start
        self.stop = stop
        self._window = b""
        self._at = 0

    @classmethod
    def of(cls, file: BinaryIO) -> "Extent":
        """The whole of a file."""
        return cls(file, 0, file.seek(0, 2))

    def __len__(self) -> int:
        return self.stop - self.start

    @overload
    def __getitem__(self, key: int, /) -> int: ...
    @overload
    def __getitem__(self, key: slice, /) -> bytes: ...
    def __getitem__(self, key: int | slice, /) -> int | bytes:
        if isinstance(key, slice):
            start, stop, _ = key.indices(len(self))
            return self._read(start, max(start, stop))
        if not -len(self) <= key < len(self):
            raise IndexError("outside the extent")
        at = key % len(self)
        return self._read(at, at + 1)[0]

    def _read(self, start: int, stop: int) -> bytes:
        """Bytes by position; small reads go through a window, as headers of chunks lie close together."""
        if self._at <= start and stop <= self._at + len(self._window):
            return self._window[start - self._at : stop - self._at]
        self._file.seek(self.start + start)
        if stop - start > _WINDOW:
            return self._file.read(stop - start)
        self._window = self._file.read(min(_WINDOW, len(self) - start))
        self._at = start
        return self._window[: stop - start]

    def part(self, start: int, stop: int) -> "Extent":
        """A stretch of this one, left in the file."""
        start = min(start, len(self))
        return Extent(self._file, self.start + start, self.start + max(start, min(stop, len(self))))

    def blocks(self) -> Iterator[bytes]:
        """The bytes in their order, at most BLOCK at a time."""
        for at in range(self.start, self.stop, BLOCK):
            self._file.seek(at)
            yield self._file.read(min(BLOCK, self.stop - at))

    def find(self, pattern: bytes, start: int = 0, /) -> int:
        """Where a pattern first stands from `start` on; -1 where it does not."""
        overlap = len(pattern) - 1
        position = start
        while position + len(pattern) <= len(self):
            stop = min(position + BLOCK + overlap, len(self))
            self._file.seek(self.start + position)
            at = self._file.read(stop - position).find(pattern)
            if at >= 0:
                return position + at
            position += BLOCK
        return -1
