"""Judging one transaction set: envelope, order and elements, fast where it is good and exact where it is not."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import SegmentShape
from edi_gateway.x12.check import Separators
from edi_gateway.x12.diagnose import SHOWN, Diagnoser
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.interchange import GroupHeader, InterchangeHeader, TransactionSet
from edi_gateway.x12.lexis import Cut, Lexis, Wrap
from edi_gateway.x12.rules import Rules
from edi_gateway.x12.schema import Library
from edi_gateway.x12.text import SetText
from edi_gateway.x12.walk import Finding, Walk


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBytes:
    """A set as it was found: its bytes from ST to before the terminator of SE, and where they begin."""

    raw: bytes
    offset: int
    has_trailer: bool


class Judge:
    """Judges the sets of one functional group."""

    def __init__(
        self, library: Library, rules: Rules, lexis: Lexis, wrap: Wrap | None, interchange: InterchangeHeader, group: GroupHeader
    ) -> None:
        self._library = library
        self._rules = rules
        self._lexis = lexis
        self._wrap = wrap
        self._interchange = interchange
        self._group = group
        self._release = rules.release or group.release
        self._controls: set[str] = set()

    def judge(self, found: SetBytes) -> TransactionSet:
        """The set with its faults and its verdict."""
        delimiters = self._lexis.delimiters
        cut = self._lexis.cut(found.raw)
        header = cut.pieces[0].split(delimiters.element)
        set_id, control = (*header[1:3], "", "")[:2]
        schema = self._library.set_schema(self._release, set_id)
        grammar = None
        if schema is not None:
            inner = found.raw.decode("latin-1")
            grammar = schema.grammar(
                Separators(
                    component=delimiters.component if delimiters.component in inner else None,
                    repetition=delimiters.repetition if delimiters.repetition and delimiters.repetition in inner else None,
                )
            )
        body = cut.pieces[1:-1] if found.has_trailer else cut.pieces[1:]
        is_ordered = grammar is not None and cut.is_plain and grammar.accepts(body, delimiters.element)
        text = SetText(
            raw=found.raw,
            offset=found.offset,
            lexis=self._lexis,
            wrap=self._wrap,
            grammar=grammar,
            is_ordered=is_ordered,
            lookup=self._segment,
            release=self._release,
        )
        place = Place(interchange=self._interchange.control_number, group=self._group.control, set_id=set_id, set_control=control)
        inspection = _Inspection(text, cut, place)
        faults = list(self._envelope(header, cut.pieces, found, inspection, schema.functional_id if schema else None))
        if schema is None:
            faults.append(inspection.fault("X12-301", 1, "ST", set_id, element=1, release=self._release))
        elif grammar is not None and not is_ordered:
            faults += _without_consequences(inspection.content(grammar, self._diagnoser(cut), self._release))
        if grammar is not None and grammar.is_hierarchical:
            faults += inspection.levels()
        faults.sort(key=lambda fault: fault.place.position or 0)
        return TransactionSet(
            set_id=set_id,
            control=control,
            release=self._release,
            interchange=self._interchange,
            group=self._group,
            shape=schema.shape if schema else None,
            faults=tuple(faults),
            verdict=self._rules.verdict(faults),
            offset=self._wrap.original(found.offset) if self._wrap else found.offset,
            length=len(found.raw) + found.has_trailer,
            text=text,
        )

    def _segment(self, tag: str) -> SegmentShape | None:
        return self._library.segment(self._release, tag)

    def _diagnoser(self, cut: Cut) -> Diagnoser:
        delimiters = self._lexis.delimiters
        separators = Separators(component=delimiters.component, repetition=delimiters.repetition)
        return Diagnoser(separators=separators, charset=self._rules.charset, encoding=cut.encoding)

    def _envelope(
        self, header: Sequence[str], pieces: Sequence[str], found: SetBytes, inspection: "_Inspection", functional_id: str | None
    ) -> Iterator[Fault]:
        set_id, control = (*header[1:3], "", "")[:2]
        if len(set_id) != 3 or not set_id.isalnum():
            yield inspection.fault("X12-306", 1, "ST", set_id, element=1, why="which no transaction set has")
        elif functional_id is not None and self._group.functional_id and functional_id != self._group.functional_id:
            why = f"which travels in a {functional_id} group, not in {self._group.functional_id}"
            yield inspection.fault("X12-306", 1, "ST", set_id, element=1, why=why)
        if not (4 <= len(control) <= 9 and control.isalnum()):
            yield inspection.fault("X12-307", 1, "ST", control, element=2)
        elif control in self._controls:
            yield inspection.fault("X12-308", 1, "ST", control, element=2)
        self._controls.add(control)
        if not found.has_trailer:
            yield inspection.fault("X12-302", len(pieces), "SE", None)
            return
        last = len(pieces)
        count, again = (*pieces[-1].split(self._lexis.delimiters.element)[1:3], "", "")[:2]
        if not counts(count, actual := sum(piece != "" for piece in pieces)):
            yield inspection.fault("X12-304", last, "SE", count, element=1, count=actual)
        if again != control:
            yield inspection.fault("X12-303", last, "SE", again, element=2, expected=control)


def counts(declared: str, actual: int) -> bool:
    """Whether a trailer's count, as it stands, is the count there is."""
    return declared.isascii() and declared.isdecimal() and len(declared) <= 10 and int(declared) == actual


def _without_consequences(faults: Iterable[Fault]) -> list[Fault]:
    """The faults without the missing segments that were found out of sequence later on."""
    found = list(faults)
    late = {(fault.place.loop, fault.place.segment) for fault in found if fault.code == "X12-407"}
    return [fault for fault in found if fault.code != "X12-403" or (fault.place.loop, fault.place.segment) not in late]


class _Inspection:
    """The slow look at one set; offsets are worked out when a fault needs them."""

    def __init__(self, text: SetText, cut: Cut, place: Place) -> None:
        self._text = text
        self._cut = cut
        self._place = place
        self._offsets: list[int] = []

    def fault(self, code: str, position: int, tag: str, value: str | None, element: int | None = None, **detail: object) -> Fault:
        place = replace(self._at(position, tag), element=element)
        return Fault.of(code, place, value if value is None else value[:SHOWN], **detail)

    def content(self, grammar: Grammar, diagnoser: Diagnoser, release: str) -> Iterator[Fault]:
        """The faults of order and of elements, by the exact walk."""
        separator = self._text.lexis.delimiters.element
        walk = Walk(grammar, self._text.lookup, release)
        position = 1
        for position, piece in self._body():
            elements = piece.split(separator)
            if not elements[0]:
                yield self.fault("X12-409", position, "", piece or None)
                continue
            (visit,) = walk.visits(elements[:1])
            for finding in visit.findings:
                yield self._finding(finding, position, elements)
            if visit.shape is not None:
                loop = "/".join(level.tag for level in visit.path)
                yield from diagnoser.faults(elements, visit.shape, self._at(position, elements[0], loop))
        for finding in walk.missing_at_end():
            yield self._finding(finding, position + 1, [""])

    def levels(self) -> Iterator[Fault]:
        """The faults of HL numbering: a level named twice, a parent that does not exist."""
        separator = self._text.lexis.delimiters.element
        seen: set[str] = set()
        for position, piece in self._body():
            if piece.startswith("HL" + separator):
                number, parent = (*piece.split(separator)[1:3], "", "")[:2]
                if number and number in seen:
                    yield self.fault("X12-410", position, "HL", number, element=1)
                if parent and parent not in seen:
                    yield self.fault("X12-408", position, "HL", parent, element=2)
                seen.add(number)

    def _body(self) -> Iterator[tuple[int, str]]:
        pieces = self._cut.pieces
        last = len(pieces) - 1 if pieces[-1].split(self._text.lexis.delimiters.element)[0] == "SE" else len(pieces)
        for index in range(1, last):
            yield index + 1, pieces[index]

    def _finding(self, finding: Finding, position: int, elements: Sequence[str]) -> Fault:
        place = self._at(position, finding.tag, finding.path)
        detail = dict(finding.detail)
        if finding.code == "X12-403":
            known = self._text.lookup(finding.tag)
            detail["name"] = known.name if known else finding.tag
            detail["where"] = f" before {elements[0]}" if elements[0] else " at the end"
        return Fault.of(finding.code, place, self._text.lexis.delimiters.element.join(elements)[:SHOWN] or None, **detail)

    def _at(self, position: int, tag: str, loop: str = "") -> Place:
        if not self._offsets:
            self._offsets = list(self._text.offsets())
        offset = self._offsets[min(position, len(self._offsets)) - 1]
        return replace(self._place, segment=tag or None, position=position, loop=loop or None, offset=offset)
