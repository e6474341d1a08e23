"""Judging one transaction set: envelope, order and elements, fast where it is good and exact where it is not."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import SegmentShape
from edi_gateway.x12.check import Separators
from edi_gateway.x12.diagnose import Diagnoser
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.guide import Guide
from edi_gateway.x12.inspection import Inspection
from edi_gateway.x12.interchange import GroupHeader, InterchangeHeader, TransactionSet
from edi_gateway.x12.lexis import Lexis, Wrap
from edi_gateway.x12.rules import Rules
from edi_gateway.x12.schema import Library, SetSchema
from edi_gateway.x12.text import Context, SetText

_Wrong: TypeAlias = tuple[str, int, str, int | None, str | None, dict[str, object]]
"""A fault of a set's envelope in the making: code, position, tag, element, value, detail."""

_ELEMENTS_AT_LEAST = 2
"""ST and SE have as many in every release."""


class Judge:
    """Judges the sets of one functional group."""

    def __init__(
        self, library: Library, rules: Rules, lexis: Lexis, wrap: Wrap | None, interchange: InterchangeHeader, group: GroupHeader
    ) -> None:
        self._library = library
        self._rules = rules
        self._interchange = interchange
        self._group = group
        self._release = rules.release or group.release
        self._context = Context(lexis=lexis, wrap=wrap, lookup=self._segment, release=self._release)
        delimiters = lexis.delimiters
        self._separator = delimiters.element
        self._component = delimiters.component.encode("latin-1")
        self._repetition = (delimiters.repetition or "").encode("latin-1")
        self._controls: set[str] = set()
        self._grammars: dict[tuple[str, bool, bool], tuple[SetSchema, Grammar] | tuple[None, None]] = {}

    def judge(self, raw: bytes, offset: int, *, has_trailer: bool) -> TransactionSet:
        """The set with its faults and its verdict. `raw` goes from ST to before the terminator of SE, where it has one."""
        cut = self._context.lexis.cut(raw)
        header = cut.pieces[0].split(self._separator)
        set_id, control = header[1:3] if len(header) > 2 else (*header[1:], "", "")[:2]
        schema, grammar = self._known(set_id, raw)
        is_ordered = (
            grammar is not None and cut.is_plain and grammar.accepts(cut.pieces[1:-1] if has_trailer else cut.pieces[1:], self._separator)
        )
        text = SetText(raw=raw, kept=cut, offset=offset, context=self._context, grammar=grammar, is_ordered=is_ordered)
        wrong = list(self._envelope(set_id, control, cut.pieces, has_trailer, schema))
        guide = self._rules.guide(self._release, set_id) if self._rules.guides else None
        if wrong or not is_ordered or guide or (grammar and grammar.is_hierarchical and not self._has_sound_levels(cut.pieces)):
            place = Place(interchange=self._interchange.control_number, group=self._group.control, set_id=set_id, set_control=control)
            faults = self._faults(Inspection(text, place), wrong, grammar, is_ordered=is_ordered, guide=guide)
        else:
            faults = ()
        wrap = self._context.wrap
        end = offset + len(raw) + has_trailer
        return TransactionSet(
            set_id=set_id,
            control=control,
            release=self._release,
            interchange=self._interchange,
            group=self._group,
            shape=schema.shape if schema else None,
            faults=faults,
            verdict=self._rules.verdict(faults),
            offset=wrap.original(offset) if wrap else offset,
            length=wrap.original(end - 1) + 1 - wrap.original(offset) if wrap else end - offset,
            text=text,
        )

    def _known(self, set_id: str, raw: bytes) -> tuple[SetSchema, Grammar] | tuple[None, None]:
        """The set's schema, and its grammar for the separators that stand in its bytes."""
        key = (set_id, self._component in raw, bool(self._repetition) and self._repetition in raw)
        found = self._grammars.get(key)
        if found is None:
            schema = self._library.set_schema(self._release, set_id)
            if schema is None:
                return None, None
            delimiters = self._context.lexis.delimiters
            inner = Separators(component=delimiters.component if key[1] else None, repetition=delimiters.repetition if key[2] else None)
            found = self._grammars[key] = (schema, schema.grammar(inner))
        return found

    def _has_sound_levels(self, pieces: Sequence[str]) -> bool:
        """Whether every HL names itself anew and a parent before it: the fast look at what `Inspection.levels` finds."""
        start, seen = "HL" + self._separator, {""}
        for piece in pieces:
            if piece.startswith(start):
                _, number, parent, *_ = piece.split(self._separator, 3)
                if parent not in seen or number in seen:
                    return False
                seen.add(number)
        return True

    def _faults(
        self, inspection: Inspection, wrong: Sequence[_Wrong], grammar: Grammar | None, *, is_ordered: bool, guide: Guide | None
    ) -> tuple[Fault, ...]:
        faults = [
            inspection.fault(code, position, tag, value, element=element, **detail) for code, position, tag, element, value, detail in wrong
        ]
        if grammar is not None and not is_ordered:
            faults += inspection.content(grammar, self._diagnoser(inspection.encoding))
        if grammar is not None and grammar.is_hierarchical:
            faults += inspection.levels()
        if guide is not None:
            faults += inspection.held_against(guide)
        faults.sort(key=lambda fault: fault.place.position or 0)
        return tuple(map(inspection.pinpointed, faults))

    def _segment(self, tag: str) -> SegmentShape | None:
        return self._library.segment(self._release, tag)

    def _diagnoser(self, encoding: str) -> Diagnoser:
        delimiters = self._context.lexis.delimiters
        separators = Separators(component=delimiters.component, repetition=delimiters.repetition)
        return Diagnoser(separators=separators, charset=self._rules.charset, encoding=encoding)

    def _envelope(self, set_id: str, control: str, pieces: Sequence[str], has_trailer: bool, schema: SetSchema | None) -> Iterator[_Wrong]:
        """What is wrong with ST and SE."""
        group = self._group.functional_id
        if schema is None:
            if len(set_id) != 3 or not set_id.isalnum():
                yield "X12-306", 1, "ST", 1, set_id, {}
            elif self._release:
                yield "X12-301", 1, "ST", 1, set_id, {"release": self._release}
        elif schema.functional_id != group and group in self._library.functional_ids(self._release):
            yield "X12-309", 1, "ST", 1, set_id, {"home": schema.functional_id, "group": group}
        if not (4 <= len(control) <= 9 and control.isalnum()):
            yield "X12-307", 1, "ST", 2, control, {}
        elif control in self._controls:
            yield "X12-308", 1, "ST", 2, control, {}
        self._controls.add(control)
        last = len(pieces)
        if pieces[0].count(self._separator) > _ELEMENTS_AT_LEAST:
            yield from self._surplus(1, pieces[0])
        if not has_trailer:
            yield "X12-302", last, "SE", None, None, {}
            return
        count, again = (*pieces[-1].split(self._separator)[1:3], "", "")[:2]
        if count != str(last) and not counts(count, actual := last - pieces.count("")):
            yield "X12-304", last, "SE", 1, count, {"count": actual}
        if again != control:
            yield "X12-303", last, "SE", 2, again, {"expected": control}
        if pieces[-1].count(self._separator) > _ELEMENTS_AT_LEAST:
            yield from self._surplus(last, pieces[-1])

    def _surplus(self, position: int, piece: str) -> Iterator[_Wrong]:
        """The fault of an ST or SE with more elements than the release gives it."""
        tag, *elements = piece.split(self._separator)
        if (shape := self._segment(tag)) and len(elements) > (limit := len(shape.elements)):
            yield "X12-503", position, tag, limit + 1, elements[limit], {"count": len(elements), "limit": limit}


def counts(declared: str, actual: int) -> bool:
    """Whether a trailer's count, as it stands, is the count there is."""
    return declared.isascii() and declared.isdecimal() and len(declared) <= 10 and int(declared) == actual
