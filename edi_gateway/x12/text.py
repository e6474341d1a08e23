"""One transaction set's text, from which its segments and its tree are made when they are asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from edi_gateway.shape import SegmentShape
from edi_gateway.tree import Element, Loop, Repeated, Segment
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.lexis import Cut, Lexis, Wrap, element_offset
from edi_gateway.x12.walk import Visit, Walk

_BINARY = ("BIN", "BDS")


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What the sets of one group are read with. `lookup` gives a segment of the release's dictionary."""

    lexis: Lexis
    wrap: Wrap | None
    lookup: Callable[[str], SegmentShape | None]
    release: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetText:
    """The bytes of a set, from ST to before the terminator of SE, and what is needed to read them.

    Shape:  `is_ordered` says that the fast machine took every segment; `grammar` is None where there is no schema; `kept` is the cut,
            None where it is made anew each time that it is asked for.
    """

    raw: bytes
    kept: Cut | None
    offset: int
    context: Context
    grammar: Grammar | None
    is_ordered: bool

    @property
    def cut(self) -> Cut:
        return self.kept or self.context.lexis.cut(self.raw)

    def segments(self) -> tuple[Segment, ...]:
        separator = self.context.lexis.delimiters.element
        return tuple(
            Segment(piece.split(separator), position, offset)
            for position, (piece, offset) in enumerate(zip(self.cut.pieces, self.offsets(), strict=True), 1)
        )

    def first(self, tag: str) -> Segment | None:
        """The first segment of a tag, without making the others."""
        separator = self.context.lexis.delimiters.element
        for position, piece in enumerate(self.cut.pieces, 1):
            if piece.startswith(tag) and (elements := piece.split(separator))[0] == tag:
                return Segment(elements, position, next(islice(self.offsets(), position - 1, None)))
        return None

    def offsets(self) -> Iterable[int]:
        """The offset of each segment in the content that was read."""
        found = self.context.lexis.offsets(self.raw, self.cut, self.offset)
        wrap = self.context.wrap
        return map(wrap.original, found) if wrap else found

    def offset_of(self, position: int, element: int, component: int | None, repetition: int | None) -> int:
        """The offset of an element or a part of it, `position` being its segment's; where it would stand if it is not there."""
        lexis, wrap, encoding = self.context.lexis, self.context.wrap, self.cut.encoding
        start = next(islice(lexis.offsets(self.raw, self.cut, self.offset), position - 1, None))
        elements = self.cut.pieces[position - 1].split(lexis.delimiters.element)
        at = start + element_offset(elements, element, encoding)
        part = elements[element] if element < len(elements) else ""
        for number, separator in ((repetition, lexis.delimiters.repetition), (component, lexis.delimiters.component)):
            if number is not None and separator:
                parts = part.split(separator)
                at += element_offset(parts, number - 1, encoding)
                part = parts[number - 1] if number <= len(parts) else ""
        return wrap.original(at) if wrap else at

    def body(self) -> tuple[Segment, ...]:
        """The segments between ST and SE."""
        segments = self.segments()
        return segments[1:-1] if segments[-1].tag == "SE" else segments[1:]

    def visits(self) -> Iterator[tuple[Segment, Visit]]:
        """Every segment of the body in its place, by the exact walk. Nothing without a schema."""
        if self.grammar is not None:
            body = [segment for segment in self.body() if segment.tag]
            walk = Walk(self.grammar, self.context.lookup, self.context.release)
            yield from zip(body, walk.visits([segment.tag for segment in body]), strict=True)

    def tree(self, set_id: str) -> Loop:
        delimiters = self.context.lexis.delimiters
        if self.grammar is None:
            root = Loop(set_id, self.body())
        elif self.is_ordered:
            root = self._ordered_tree(set_id, self.grammar)
        else:
            root = _grow(set_id, ((segment, visit) for segment, visit in self.visits()), delimiters.component)
        if delimiters.repetition and delimiters.repetition.encode("latin-1") in self.raw:
            _repeat(root, delimiters.repetition, delimiters.component)
        return root

    def _ordered_tree(self, set_id: str, grammar: Grammar) -> Loop:
        """The tree by the fast machine, in one pass, written out for speed: it makes its segments and loops without their `__init__`."""
        delimiters = self.context.lexis.delimiters
        separator, component = delimiters.element, delimiters.component
        new_segment, new_loop = Segment.__new__, Loop.__new__
        state, position, levels = grammar.start, 0, dict[str, Loop]()
        stack = [root := Loop(set_id)]
        children = root.children
        for text, offset in zip(self.cut.pieces, self.offsets(), strict=True):
            position += 1
            segment = new_segment(Segment)
            segment += (elements := text.split(separator))
            segment.position, segment.offset = position, offset
            growth = state.growths.get(elements[0])
            if growth is None:
                continue
            state, nest, composites = growth
            for number in composites:
                _compose(segment, number, component)
            if nest is not None:
                depth, tag, is_hierarchical = nest
                del stack[depth:]
                children = stack[-1].children
                if tag is not None:
                    loop = new_loop(Loop)
                    loop.tag = tag
                    if is_hierarchical:
                        children = levels.get(elements[2], stack[-1]).children
                        levels[elements[1]] = loop
                    children.append(loop)
                    stack.append(loop)
                    loop.children = children = [segment]
                    continue
            children.append(segment)
        return root


def _place(loop: Loop, segment: Segment, around: Loop, levels: dict[str, Loop]) -> None:
    """Puts a hierarchical loop into the parent that its HL segment names, or into the loop around it."""
    parent = levels.get(str(segment.get(2)), around)
    parent.children.append(loop)
    levels[str(segment.get(1))] = loop


def _compose(segment: Segment, number: int, separator: str) -> None:
    if number < len(segment) and (value := segment[number]):
        parts: Element = tuple(str(value).split(separator))
        segment[number] = parts


def _repeat(root: Loop, separator: str, component: str) -> None:
    """Takes the repeated elements of a tree apart, composites among them. Binary data has no separators."""
    for segment in root.walk():
        if segment.tag in _BINARY:
            continue
        for number, element in enumerate(segment[1:], 1):
            if isinstance(element, str):
                if separator in element:
                    segment[number] = Repeated(element.split(separator))
                    root.repeats = True
            elif any(separator in part for part in element):
                segment[number] = Repeated.of(tuple(part.split(component)) for part in component.join(element).split(separator))
                root.repeats = True


def _grow(set_id: str, visits: Iterable[tuple[Segment, Visit]], separator: str) -> Loop:
    """The tree of an exact walk."""
    stack, levels = [Loop(set_id)], dict[str, Loop]()
    for segment, visit in visits:
        if visit.shape is not None:
            for number, element in enumerate(visit.shape.elements, 1):
                if element.components:
                    _compose(segment, number, separator)
        del stack[len(visit.path) + (not visit.opened) :]
        if visit.opened:
            loop = Loop(visit.path[-1].tag)
            if visit.path[-1].shape.hierarchical:
                _place(loop, segment, stack[-1], levels)
            else:
                stack[-1].children.append(loop)
            stack.append(loop)
        stack[-1].children.append(segment)
    return stack[0]
