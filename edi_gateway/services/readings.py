"""The messages that were read last, so that one which was just translated is not read again to be mapped."""

from collections import OrderedDict
from threading import Lock

from edi_gateway import x12

MOST = 4 << 20
"""Bytes of sets that are kept; what is made of them takes about four times as much memory."""
AROUND = 1000
"""What a set counts for beside its own bytes: its header, its group's and its interchange's."""
_SHARE = 8
"""No message takes more than this part of it; a larger one is read set by set when it is mapped, and is not in memory whole."""


class Readings:
    """A process's own memory of the sets of messages, by the digest of their content. What it has forgotten is read again."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, tuple[x12.TransactionSet, ...]] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def keep(self, digest: str, reading: x12.Reading) -> None:
        """Remembers a message's sets, and forgets the oldest messages where that becomes too much."""
        sets = tuple(one for interchange in reading.interchanges for one in interchange.sets)
        if not sets or _size(sets) > self._most // _SHARE:
            return
        with self._lock:
            self._size += _size(sets) - _size(self._kept.pop(digest, ()))
            self._kept[digest] = sets
            while self._size > self._most:
                self._size -= _size(self._kept.popitem(last=False)[1])

    def sets(self, digest: str) -> tuple[x12.TransactionSet, ...]:
        """The sets of a message in their order; none where it is not remembered."""
        return self._kept.get(digest, ())


def _size(sets: tuple[x12.TransactionSet, ...]) -> int:
    return sum(one.length + AROUND for one in sets)
