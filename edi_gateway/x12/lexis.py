"""Cutting a transaction set's bytes into segments: the fast cut where its text is regular, the exact one everywhere else."""

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from edi_gateway.x12.charset import Charset, allowed_bytes, encoding_of
from edi_gateway.x12.delimiters import Delimiters

_SUSPICIOUS = re.compile(r"[\x00-\x1f\x7f-\x9f]|(?![0-9])\d")
_BINARY = re.compile(rb"B(?:IN|DS)")
_LINE_END = b"\r\n"
_LINE_ENDS = re.compile(rb"[\r\n]+")
_BLANK = b" \t\r\n"


class Cut(NamedTuple):
    """A set's segments as text, without terminators and line ends.

    Shape:  `is_plain` says that all characters were seen to be allowed, so that no element needs to be looked at for them;
            `is_regular` that nothing but terminator and line end stood between segments.
    """

    pieces: list[str]
    encoding: str
    is_plain: bool
    is_regular: bool


class Wrap:
    """Where line ends were taken out of a content that was broken into lines, so that each byte's own place can be told."""

    __slots__ = ("_at", "_taken", "_total")

    def __init__(self) -> None:
        self._at = array("Q")
        self._taken = array("Q")
        self._total = 0

    def joined(self, chunk: bytes, offset: int) -> bytes:
        """A chunk without its line ends; `offset` is where it begins in the joined content."""
        inside = 0
        for found in _LINE_ENDS.finditer(chunk):
            self._at.append(offset + found.start() - inside)
            inside += len(found.group())
            self._taken.append(self._total + inside)
        self._total += inside
        return chunk.translate(None, b"\r\n")

    def original(self, offset: int) -> int:
        """An offset of the joined content, as an offset of the content as it came."""
        passed = bisect_right(self._at, offset)
        return offset + (self._taken[passed - 1] if passed else 0)


def element_offset(elements: Sequence[str], number: int, encoding: str = "latin-1") -> int:
    """Where an element begins, in bytes from its segment's first; the segment's end where it has no such element.

    Shape:  `elements` are as they stood, the tag first, at number 0; a composite's components or an element's repetitions alike.
    """
    before = elements[:number]
    is_there = number < len(elements)
    return sum(len(element.encode(encoding)) for element in before) + len(before) - (not is_there)


@lru_cache(maxsize=64)
def lexis_of(delimiters: Delimiters, charset: Charset) -> "Lexis":
    """The lexis of delimiters and characters; partners keep theirs, so it is made once."""
    return Lexis(delimiters=delimiters, charset=charset)


@dataclass(frozen=True, kw_only=True)
class Lexis:
    """An interchange's delimiters and characters, made ready for cutting."""

    delimiters: Delimiters
    charset: Charset

    @cached_property
    def terminator(self) -> bytes:
        return self.delimiters.terminator.encode("latin-1")

    @cached_property
    def separator(self) -> bytes:
        return self.delimiters.element.encode("latin-1")

    @cached_property
    def boundary(self) -> re.Pattern[bytes]:
        """Where a set may end or its cutting must be careful: an envelope segment or binary data (group 2) after a terminator."""
        terminator, separator = re.escape(self.terminator), re.escape(self.separator)
        return re.compile(terminator + rb"[ \t\r\n]*((SE|ST|GE|GS|IEA|ISA|BIN|BDS)(?:" + separator + rb"|" + terminator + rb"))")

    @cached_property
    def _end(self) -> bytes:
        return self.terminator + self.delimiters.line_end.encode("latin-1")

    @cached_property
    def _plain(self) -> bytes:
        """The bytes of regular text between terminators."""
        inner = self.delimiters.element + self.delimiters.component + (self.delimiters.repetition or "")
        return bytes(set(allowed_bytes(self.charset)) | set(inner.encode("latin-1"))).translate(None, self.terminator)

    @cached_property
    def _end_text(self) -> str:
        return self._end.decode("latin-1")

    @cached_property
    def _irregular(self) -> tuple[bytes, ...]:
        """What may not stand in a set that is cut the fast way: binary data, indents, and blanks and blank lines that are no data."""
        marks = [b"BIN" + self.separator, b"BDS" + self.separator, self._end + b" "]
        if self.terminator not in _LINE_END:
            return tuple(marks)
        return (*marks, b" " + self.terminator, self._end + self.terminator)

    def cut(self, raw: bytes) -> Cut:
        """The segments of a set's bytes, from ST to before the terminator of SE."""
        ends = raw.count(self._end)
        if len(raw.translate(None, self._plain)) == ends * len(self._end) == raw.count(self.terminator) * len(self._end):
            for mark in self._irregular:
                if mark in raw:
                    break
            else:
                return Cut(raw.decode("latin-1").split(self._end_text), "ascii", True, True)
        return self._cut_exactly(raw)

    def _cut_exactly(self, raw: bytes) -> Cut:
        encoding = encoding_of(raw) if self.delimiters.all.isascii() else "latin-1"
        pieces = [raw[start:end].decode(encoding) for start, end in self._segments(raw)]
        is_plain = self.charset is Charset.UTF8 and encoding == "utf-8" and not _SUSPICIOUS.search("".join(pieces))
        return Cut(pieces, encoding, is_plain, False)

    def offsets(self, raw: bytes, cut: Cut, base: int) -> Iterator[int]:
        """Where each segment of a cut begins, counted from where the set's bytes begin at `base`."""
        if cut.is_regular:
            step = len(self._end)
            return accumulate((len(piece) + step for piece in cut.pieces[:-1]), initial=base)
        return (base + start for start, _ in self._segments(raw))

    def _segments(self, raw: bytes) -> Iterator[tuple[int, int]]:
        """The spans of a set's segments, which blank lines are not where line ends terminate."""
        is_line = self.terminator in _LINE_END
        return ((start, end) for start, end in self.spans(raw) if start < end or not is_line)

    def spans(self, raw: bytes) -> Iterator[tuple[int, int]]:
        """Where each segment of a set's bytes begins and ends, line ends around them left out."""
        binary = self._may_be_binary(raw)
        at, size = 0, len(raw)
        while at <= size:
            while at < size and raw[at] in _BLANK and raw[at] != self.terminator[0]:
                at += 1
            end = self.binary_end(raw, at) if binary else None
            end = raw.find(self.terminator, at) if end is None else raw.find(self.terminator, end)
            end = size if end < 0 else end
            stop = end
            if self.terminator in _LINE_END:
                while stop > at and raw[stop - 1] in _BLANK:
                    stop -= 1
            yield at, stop
            at = end + 1

    def binary_end(self, raw: bytes, at: int) -> int | None:
        """Where the data of a BIN or BDS segment that begins at `at` ends, as its length says; None for any other segment."""
        if not _BINARY.match(raw, at) or raw[at + 3 : at + 4] != self.separator:
            return None
        fields = raw[at : at + 64].split(self.separator)
        number = 1 if raw[at : at + 3] == b"BIN" else 2
        if len(fields) <= number + 1 or not fields[number].isdigit():
            return None
        begin = at + sum(len(field) + 1 for field in fields[: number + 1])
        return min(begin + int(fields[number]), len(raw))

    def _may_be_binary(self, raw: bytes) -> bool:
        return b"BIN" + self.separator in raw or b"BDS" + self.separator in raw
