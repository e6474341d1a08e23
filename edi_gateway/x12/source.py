"""Bytes that arrive in pieces, seen as one window that grows on demand and forgets what is done with."""

from collections.abc import Iterable, Iterator

from edi_gateway.x12.lexis import Wrap

_KEPT = 1 << 16


class Source:
    """A window over chunks of bytes, of which everything before `at` is done with.

    Units:  positions are relative to the window; `absolute` counts from the first byte, `offset` counts as the content came,
            before its lines were joined.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks: Iterator[bytes] = iter(chunks)
        self.wrap: Wrap | None = None
        self._forgotten = 0
        self.window = b""
        self.at = 0
        self.is_exhausted = False

    def absolute(self, position: int) -> int:
        return self._forgotten + position

    def offset(self, position: int) -> int:
        at = self.absolute(position)
        return self.wrap.original(at) if self.wrap else at

    def fill(self) -> bool:
        """Makes the window longer by as much as it still holds, at least one chunk. False where there is no more."""
        if self.is_exhausted:
            return False
        wanted = max(len(self.window) - self.at, 1)
        parts = [self.window]
        end = self.absolute(len(self.window))
        for chunk in self._chunks:
            parts.append(self._joined(chunk, end))
            end += len(parts[-1])
            wanted -= len(parts[-1])
            if wanted <= 0:
                break
        else:
            self.is_exhausted = True
        before = len(self.window)
        self.window = b"".join(parts) if len(parts) > 2 or before else (parts[-1] if len(parts) > 1 else b"")
        return len(self.window) > before

    def need(self, count: int) -> bool:
        """Makes the window hold `count` bytes from where it stands; False where there are not so many."""
        while len(self.window) - self.at < count:
            if not self.fill():
                return False
        return True

    def forget(self) -> None:
        """Lets go of what was passed, once that is worth while. Positions taken before are void after."""
        if self.at > _KEPT and not self.is_exhausted:
            self._forgotten += self.at
            self.window = self.window[self.at :]
            self.at = 0

    def find(self, wanted: bytes, start: int) -> int:
        """The position of `wanted` from `start` on, filling the window as needed; -1 where it never comes."""
        while (found := self.window.find(wanted, start)) < 0:
            start = max(start, len(self.window) - len(wanted) + 1)
            if not self.fill():
                return -1
        return found

    def join_lines(self) -> None:
        """From where the window stands, line ends carry no meaning."""
        self.wrap = Wrap()
        self.window = self.window[: self.at] + self._joined(self.window[self.at :], self.absolute(self.at))

    def _joined(self, chunk: bytes, offset: int) -> bytes:
        return self.wrap.joined(chunk, offset) if self.wrap else chunk
