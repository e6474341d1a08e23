"""Interchanges as they stood, byte for byte: to write them again with other delimiters, or to take their sets apart.

Reading gives meaning and lets go of what has none; this keeps line ends, blanks, padding and what stands between interchanges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from edi_gateway.faults import Fault, Place
from edi_gateway.x12.charset import Charset
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.interchange import Group, Interchange, Reading, TransactionSet
from edi_gateway.x12.isa import WIDTHS
from edi_gateway.x12.lexis import lexis_of
from edi_gateway.x12.write import Rendered

_LINE_ENDS = b"\r\n"
_BLANK = b" \t\r\n"
_ISA_REPETITION, _ISA_COMPONENT = 11, 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBytes:
    """A segment without its terminator, what stood before it since the one before, and whether a terminator ended it."""

    before: bytes
    text: bytes
    is_terminated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeBytes:
    """An interchange's segments. Shape: `width` and `fold` are the lines it was wrapped into and their ends, 0 and b"" where it was not."""

    delimiters: Delimiters
    segments: tuple[SegmentBytes, ...]
    width: int = 0
    fold: bytes = b""

    def render(self) -> bytes:
        """The bytes as they were read."""
        terminator = self.delimiters.terminator.encode("latin-1")
        joined = b"".join(one.before + one.text + (terminator if one.is_terminated else b"") for one in self.segments)
        if not self.width:
            return joined
        return self.fold.join(joined[at : at + self.width] for at in range(0, len(joined), self.width))


@dataclass(frozen=True, slots=True, kw_only=True)
class Verbatim:
    """A whole content: interchanges and, around them, the bytes that belong to none."""

    parts: tuple[bytes | InterchangeBytes, ...]

    def render(self) -> bytes:
        """The bytes as they were read."""
        return b"".join(part if isinstance(part, bytes) else part.render() for part in self.parts)


def verbatim(content: bytes, reading: Reading) -> Verbatim:
    """A content taken apart at the segments of its interchanges. Law: `verbatim(c, read(c, …)).render() == c`."""
    parts: list[bytes | InterchangeBytes] = []
    at = 0
    for interchange in reading.interchanges:
        parts.append(content[at : interchange.offset])
        at = min(interchange.offset + interchange.length, len(content))
        parts.append(_taken_apart(content[interchange.offset : at], interchange))
    return Verbatim(parts=(*parts, content[at:]))


def _taken_apart(content: bytes, interchange: Interchange) -> InterchangeBytes:
    width, fold = _wrapped(interchange, content)
    joined = content.translate(None, _LINE_ENDS) if width else content
    lexis = lexis_of(interchange.delimiters, Charset.UTF8)
    segments, at = [], 0
    for start, stop in lexis.spans(joined):
        end = joined.find(lexis.terminator, stop)
        is_terminated = end >= 0
        end = end if is_terminated else len(joined)
        segments.append(SegmentBytes(before=joined[at:start], text=joined[start:end], is_terminated=is_terminated))
        at = end + 1
    taken = InterchangeBytes(delimiters=interchange.delimiters, segments=tuple(segments), width=width, fold=fold)
    if taken.render() == content:
        return taken
    return InterchangeBytes(delimiters=interchange.delimiters, segments=(SegmentBytes(before=b"", text=content, is_terminated=False),))


def _wrapped(interchange: Interchange, content: bytes) -> tuple[int, bytes]:
    width = next((dict(fault.detail)["width"] for fault in interchange.faults if fault.code == "X12-116"), None)
    if width is None:
        return 0, b""
    after = content[int(width) : int(width) + 2]
    return int(width), after if after == _LINE_ENDS else after[:1]


def rewrite(content: bytes, reading: Reading, delimiters: Delimiters) -> Rendered:
    """The same interchanges with other delimiters and line ends; refused where data holds one of them."""
    rewriting = _Rewriting(delimiters)
    parts = verbatim(content, reading).parts
    written = b"".join(part.strip(_LINE_ENDS) if isinstance(part, bytes) else rewriting.interchange(part) for part in parts)
    return Rendered(content=b"" if rewriting.faults else written, faults=tuple(rewriting.faults))


class _Rewriting:
    def __init__(self, delimiters: Delimiters) -> None:
        self._to = delimiters
        self.faults: list[Fault] = []

    def interchange(self, part: InterchangeBytes) -> bytes:
        old = part.delimiters
        new = replace(self._to, repetition=(self._to.repetition or old.repetition) if old.repetition else None)
        if not new.usable:
            self.faults.append(Fault.of("X12-605", value=new.all))
        end = (new.terminator + new.line_end).encode("latin-1")
        texts = [one.text.strip(_LINE_ENDS).decode("latin-1") for one in part.segments]
        return b"".join(self._segment(text, old, new) + end for text in texts if text)

    def _segment(self, text: str, old: Delimiters, new: Delimiters) -> bytes:
        elements = text.split(old.element)
        if elements[0] == "ISA" and len(elements) == len(WIDTHS) + 1:
            elements[_ISA_COMPONENT] = new.component
            if old.repetition:
                elements[_ISA_REPETITION] = new.repetition or ""
        else:
            elements = [self._element(element, elements[0], number, old, new) for number, element in enumerate(elements)]
        return new.element.join(elements).encode("latin-1")

    def _element(self, element: str, tag: str, number: int, old: Delimiters, new: Delimiters) -> str:
        kept = set(old.component + (old.repetition or ""))
        for character in element:
            if character in new.all and character not in kept:
                place = Place(segment=tag, element=number)
                self.faults.append(Fault.of("X12-601", place, element, name=f"{tag}{number:02}", delimiter=character))
                return ""
        olds, news = old.component + (old.repetition or ""), new.component + (new.repetition or "")
        return element.translate(str.maketrans(olds, news))


def split_sets(content: bytes, reading: Reading) -> Iterator[tuple[TransactionSet, bytes]]:
    """Each transaction set in an interchange of its own, under the envelopes it came in, their counts made right."""
    for interchange in reading.interchanges:
        source = _Source(content, interchange)
        for group in interchange.groups:
            for one in group.sets:
                text = source.text(one.offset, one.length)
                envelope = [source.segment(group.offset), text, source.joined("GE", "1", group.control)]
                yield one, source.enclosed(envelope if group.elements else [text])


def split_groups(content: bytes, reading: Reading) -> Iterator[tuple[Interchange, Group, bytes]]:
    """Each functional group, as it stood, in an interchange of its own. What came without a GS is one, too."""
    for interchange in reading.interchanges:
        source = _Source(content, interchange)
        for group in interchange.groups:
            yield interchange, group, source.enclosed([source.text(group.offset, group.length)])


@dataclass(frozen=True, slots=True)
class _Source:
    """The bytes that an interchange came in, to take parts of it from. What was broken into lines comes joined."""

    content: bytes
    interchange: Interchange

    def enclosed(self, texts: Sequence[bytes]) -> bytes:
        """An interchange of some segments, or runs of them, without their last terminators; it counts one group."""
        delimiters = self.interchange.delimiters
        end = (delimiters.terminator + delimiters.line_end).encode("latin-1")
        trailer = self.joined("IEA", "1", self.interchange.control_number)
        return b"".join(text + end for text in (self.segment(self.interchange.offset), *texts, trailer))

    def segment(self, offset: int) -> bytes:
        return self.text(offset, self.content.index(self._terminator, offset) - offset)

    def text(self, offset: int, length: int) -> bytes:
        """A run of segments without its last terminator and what follows that."""
        text = self.content[offset : offset + length]
        if _wrapped(self.interchange, self.content)[0]:
            text = text.translate(None, _LINE_ENDS)
        return text.rstrip(_BLANK).removesuffix(self._terminator)

    def joined(self, *elements: str) -> bytes:
        return self.interchange.delimiters.element.join(elements).encode("latin-1")

    @property
    def _terminator(self) -> bytes:
        return self.interchange.delimiters.terminator.encode("latin-1")
