"""Writing interchanges: trees in, bytes out, with the envelopes counted and the loops in the schema's order."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import Shape
from edi_gateway.tree import Element, Loop, Repeated, Segment
from edi_gateway.x12.arrange import arrange
from edi_gateway.x12.charset import Charset, is_allowed
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.isa import REPEATS_FROM, WIDTHS, is_control_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The ISA and GS values of an interchange to write.

    Shape:  `at` is written as it is, in the zone it has; `control_number` is padded to nine digits; `release` is GS08.
            `replacement` stands in for a delimiter inside data; None refuses such data.
    """

    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    control_number: str
    at: datetime
    group_sender: str
    group_receiver: str
    release: str = "004010"
    version: str = "00401"
    usage: str = "P"
    ack_requested: bool = False
    responsible_agency: str = "X"
    delimiters: Delimiters = Delimiters()
    charset: Charset = Charset.UTF8
    replacement: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetOut:
    """A transaction set to write: its body without ST and SE. Without a shape the tree's own order is kept."""

    set_id: str
    control: str
    body: Loop
    shape: Shape | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupOut:
    """A functional group to write. `release` is GS08 where it differs from the envelope's."""

    functional_id: str
    control: str
    sets: tuple[SetOut, ...]
    release: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What rendering gave: the bytes, or the faults that forbid them."""

    content: bytes
    faults: tuple[Fault, ...]


def render(envelope: Envelope, groups: Sequence[GroupOut], *, ta1s: Sequence[Segment] = ()) -> Rendered:
    """An interchange as bytes, ISA padded to 106 bytes and every count right. Nothing where something is at fault."""
    writer = SetWriter(envelope)
    pieces = [writer.isa(), *(writer.segment(one, Place()) for one in ta1s)]
    for group in groups:
        pieces += writer.group(group)
    pieces.append(writer.join(["IEA", str(len(groups)), envelope.control_number.zfill(9)]))
    if writer.faults:
        return Rendered(content=b"", faults=tuple(writer.faults))
    end = envelope.delimiters.terminator + envelope.delimiters.line_end
    return Rendered(content=(end.join(pieces) + end).encode(writer.encoding), faults=())


class SetWriter:
    """Makes the segments of one interchange and collects what is wrong with them."""

    def __init__(self, envelope: Envelope) -> None:
        self._envelope = envelope
        self._separator = envelope.delimiters.element
        self._component = envelope.delimiters.component
        self._delimiters = envelope.delimiters.all
        self._others = self._delimiters.replace(self._separator, "")
        self.faults: list[Fault] = []
        if not (envelope.delimiters.usable and self._delimiters.isascii()):
            self.faults.append(Fault.of("X12-605", value=self._delimiters))

    @property
    def encoding(self) -> str:
        return "latin-1" if self._envelope.charset is Charset.LATIN1 else "utf-8"

    def isa(self) -> str:
        one, delimiters = self._envelope, self._envelope.delimiters
        repetition = (delimiters.repetition or "^") if one.version >= REPEATS_FROM else "U"
        values = (
            *("00", "", "00", ""),
            *(one.sender_qualifier, one.sender, one.receiver_qualifier, one.receiver),
            *(f"{one.at:%y%m%d}", f"{one.at:%H%M}", repetition, one.version, one.control_number.zfill(9)),
            *("1" if one.ack_requested else "0", one.usage, delimiters.component),
        )
        self._need_number("ISA13", one.control_number)
        for number, (value, width) in enumerate(zip(values, WIDTHS, strict=True), 1):
            if len(value) > width:
                place = Place(segment="ISA", element=number)
                self.faults.append(Fault.of("X12-602", place, value, name=f"ISA{number:02}", length=len(value), limit=width))
            elif number in (6, 8):
                self._text(value, Place(segment="ISA", element=number))
        return self.join(["ISA", *(value.ljust(width) for value, width in zip(values, WIDTHS, strict=True))], is_trimmed=False)

    def group(self, group: GroupOut) -> Iterator[str]:
        one = self._envelope
        self._need_number("GS06", group.control)
        names = (one.group_sender, one.group_receiver)
        for number, name in enumerate(names, 2):
            self._text(name, Place(segment="GS", element=number, group=group.control))
        yield self.join(
            [
                *("GS", group.functional_id, *names, f"{one.at:%Y%m%d}", f"{one.at:%H%M}"),
                *(group.control, one.responsible_agency, group.release or one.release),
            ]
        )
        for transaction_set in group.sets:
            yield from self.set(transaction_set)
        yield self.join(["GE", str(len(group.sets)), group.control])

    def set(self, one: SetOut) -> list[str]:
        """The segments of a set, ST and SE among them."""
        arranged = arrange(one.body, one.shape)
        self.faults += (fault.at(set_id=one.set_id, set_control=one.control) for fault in arranged.faults)
        if not (4 <= len(one.control) <= 9 and one.control.isalnum()):
            place = Place(segment="ST", element=2)
            self.faults.append(Fault.of("X12-603", place, one.control, name="ST02", expected="four to nine letters or digits"))
        body = self._plain(arranged.segments)
        if body is None:
            places = (Place(set_id=one.set_id, set_control=one.control, position=position) for position in count(2))
            body = [self.segment(segment, place) for segment, place in zip(arranged.segments, places, strict=False)]
        header, trailer = ["ST", one.set_id, one.control], ["SE", str(len(body) + 2), one.control]
        return [self.join(header), *body, self.join(trailer)]

    def _plain(self, segments: Sequence[Segment]) -> list[str] | None:
        """The segments' texts where there is nothing in them to look at closely; None where there may be.

        All are joined first and looked at once: no composite, printable ASCII, and as many separators as there should be.
        """
        separator = self._separator
        try:
            texts = [separator.join(segment) for segment in segments]  # type: ignore[arg-type]
        except TypeError:
            return None
        whole = "".join(texts)
        if not (whole.isascii() and whole.isprintable()) or self._envelope.charset is Charset.BASIC:
            return None
        if whole.count(separator) != sum(map(len, segments)) - len(segments):
            return None
        if any(other in whole for other in self._others):
            return None
        return [text.rstrip(separator) if text[-1:] == separator else text for text in texts]

    def segment(self, segment: Segment, place: Place) -> str:
        """One segment's text, looked at element by element."""
        where = replace(place, segment=segment.tag)
        return self.join([segment.tag, *(self._element(value, where, number) for number, value in enumerate(segment[1:], 1))])

    def join(self, elements: list[str], is_trimmed: bool = True) -> str:
        while is_trimmed and not elements[-1]:
            elements.pop()
        return self._separator.join(elements)

    def _element(self, value: Element, place: Place, number: int) -> str:
        if isinstance(value, Repeated):
            return self._repeated(value, place, number)
        if isinstance(value, str):
            return self._checked(value, place, number) if value else ""
        parts = [self._checked(part, place, number) for part in value]
        while parts and not parts[-1]:
            parts.pop()
        return self._component.join(parts)

    def _repeated(self, value: Repeated, place: Place, number: int) -> str:
        separator = self._envelope.delimiters.repetition
        if separator is None or self._envelope.version < REPEATS_FROM:
            name = f"{place.segment}{number:02}"
            self.faults.append(Fault.of("X12-607", replace(place, element=number), name=name, version=self._envelope.version))
            return ""
        return separator.join(self._element(value.one(at), place, number) for at in range(1, len(value) + 1))

    def _checked(self, value: str, place: Place, number: int) -> str:
        if value.isascii() and value.isalnum():
            return value
        return self._text(value, replace(place, element=number))

    def _text(self, value: str, place: Place) -> str:
        """A value fit to write; a fault where it is not."""
        name = f"{place.segment}{place.element:02}"
        if self._envelope.replacement is not None:
            value = "".join(self._envelope.replacement if character in self._delimiters else character for character in value)
        for character in value:
            if character in self._delimiters:
                self.faults.append(Fault.of("X12-601", place, value, name=name, delimiter=character))
                return ""
        if not is_allowed(value, self._envelope.charset):
            self.faults.append(Fault.of("X12-606", place, value, name=name, encoding=self._envelope.charset.value))
            return ""
        return value

    def _need_number(self, name: str, value: str) -> None:
        if not is_control_number(value):
            self.faults.append(Fault.of("X12-603", Place(), value, name=name, expected="a number of one to nine digits"))
