"""Cutting a transaction set's bytes into segments: the fast cut where its text is regular, the exact one everywhere else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from edi_gateway.x12.charset import Charset, allowed_bytes, encoding_of
from edi_gateway.x12.delimiters import Delimiters

_SUSPICIOUS = re.compile(r"[\x00-\x1f\x7f-\x9f]|(?![0-9])\d")
_BINARY = re.compile(rb"B(?:IN|DS)")
_LINE_END = b"\r\n"
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A set's segments as text, without terminators and line ends.

    Shape:  `is_plain` says that all characters were seen to be allowed, so that no element needs to be looked at for them.
    """

    pieces: list[str]
    encoding: str
    is_plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    """Lines of a fixed width that the content was broken into, from `start` on."""

    start: int
    width: int
    line_end: int

    def original(self, offset: int) -> int:
        """An offset of the joined content, as an offset of the content as it came."""
        into = offset - self.start
        return offset + (into // self.width) * self.line_end if into > 0 else offset


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
    def _end(self) -> bytes:
        return self.terminator + self.delimiters.line_end.encode("latin-1")

    @cached_property
    def _plain(self) -> bytes:
        """The bytes of regular text between terminators."""
        inner = self.delimiters.element + self.delimiters.component + (self.delimiters.repetition or "")
        return bytes(set(allowed_bytes(self.charset)) | set(inner.encode("latin-1"))).translate(None, self.terminator)

    def cut(self, raw: bytes) -> Cut:
        """The segments of a set's bytes, from ST to before the terminator of SE."""
        ends = raw.count(self.terminator)
        regular = raw.count(self._end) == ends and not self._may_be_binary(raw) and not self._may_be_padded(raw)
        others = raw.translate(None, self._plain)
        if regular and len(others) == ends * len(self._end):
            return Cut(pieces=raw.decode("latin-1").split(self._end.decode("latin-1")), encoding="ascii", is_plain=True)
        encoding = encoding_of(raw) if self.delimiters.all.isascii() else "latin-1"
        pieces = [raw[start:end].decode(encoding) for start, end in self.spans(raw)]
        is_plain = self.charset is Charset.UTF8 and encoding == "utf-8" and not _SUSPICIOUS.search("".join(pieces))
        return Cut(pieces=pieces, encoding=encoding, is_plain=is_plain)

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

    def _may_be_padded(self, raw: bytes) -> bool:
        """Whether segments are indented, or lines end in blanks, which belong to no element where the line end is the terminator."""
        if self._end + b" " in raw:
            return True
        return self.terminator in _LINE_END and (b" " + self.terminator in raw or raw.endswith(b" "))

    def _may_be_binary(self, raw: bytes) -> bool:
        return b"BIN" + self.separator in raw or b"BDS" + self.separator in raw
