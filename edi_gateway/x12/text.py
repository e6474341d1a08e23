"""One transaction set's text, from which its segments and its tree are made when they are asked for."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from edi_gateway.shape import SegmentShape
from edi_gateway.tree import Element, Loop, Segment
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.lexis import Lexis, Wrap
from edi_gateway.x12.walk import Visit, Walk


@dataclass(frozen=True, kw_only=True)
class SetText:
    """The bytes of a set, from ST to before the terminator of SE, and what is needed to read them.

    Shape:  `is_ordered` says that the fast machine took every segment; `grammar` is None where there is no schema.
    """

    raw: bytes
    offset: int
    lexis: Lexis
    wrap: Wrap | None
    grammar: Grammar | None
    is_ordered: bool
    lookup: Callable[[str], SegmentShape | None]
    release: str

    def segments(self) -> tuple[Segment, ...]:
        separator = self.lexis.delimiters.element
        pieces = self.lexis.cut(self.raw).pieces
        return tuple(
            Segment(piece.split(separator), position, offset)
            for position, (piece, offset) in enumerate(zip(pieces, self.offsets(), strict=True), 1)
        )

    def offsets(self) -> Iterator[int]:
        """The offset of each segment in the content that was read."""
        for start, _ in self.lexis.spans(self.raw):
            at = self.offset + start
            yield self.wrap.original(at) if self.wrap else at

    def body(self) -> tuple[Segment, ...]:
        """The segments between ST and SE."""
        segments = self.segments()
        return segments[1:-1] if segments[-1].tag == "SE" else segments[1:]

    def visits(self) -> Iterator[tuple[Segment, Visit]]:
        """Every segment of the body in its place, by the exact walk. Nothing without a schema."""
        if self.grammar is not None:
            body = [segment for segment in self.body() if segment.tag]
            walk = Walk(self.grammar, self.lookup, self.release)
            yield from zip(body, walk.visits([segment.tag for segment in body]), strict=True)

    def tree(self, set_id: str) -> Loop:
        if self.grammar is None:
            return Loop(set_id, self.body())
        separator = self.lexis.delimiters.component
        if self.is_ordered:
            return _grow(set_id, _moves(self.grammar, self.body(), separator))
        return _grow(set_id, (_move(segment, visit, separator) for segment, visit in self.visits()))


Opening = tuple[int, str | None, bool] | None
"""How many loops stay open, the tag of the loop that opens then, and whether that one is hierarchical; None: no change."""


def _moves(grammar: Grammar, body: Iterable[Segment], separator: str) -> Iterator[tuple[Segment, Opening]]:
    """The body's segments and how each changes the open loops, by the fast machine."""
    state = grammar.start
    for segment in body:
        state, _, _, nest, composites = state[segment[0]]  # type: ignore[index]
        for number in composites:
            _compose(segment, number, separator)
        if nest is None:
            yield segment, None
        else:
            depth, level = nest
            yield segment, (depth, level.tag if level else None, bool(level and level.shape.hierarchical))


def _move(segment: Segment, visit: Visit, separator: str) -> tuple[Segment, Opening]:
    if visit.shape is not None:
        for number, element in enumerate(visit.shape.elements, 1):
            if element.components:
                _compose(segment, number, separator)
    if visit.opened:
        return segment, (len(visit.path), visit.path[-1].tag, visit.path[-1].shape.hierarchical)
    return segment, (len(visit.path) + 1, None, False)


def _compose(segment: Segment, number: int, separator: str) -> None:
    if number < len(segment) and (value := segment[number]):
        parts: Element = tuple(str(value).split(separator))
        segment[number] = parts


def _grow(set_id: str, moves: Iterable[tuple[Segment, Opening]]) -> Loop:
    """A tree of segments and the openings before them. A stack of open loops holds the root at 0."""
    root = Loop(set_id)
    stack = [root]
    levels: dict[str, Loop] = {}
    for segment, opening in moves:
        if opening is not None:
            depth, tag, hierarchical = opening
            del stack[depth:]
            if tag is not None:
                loop = Loop(tag)
                parent = levels.get(str(segment.get(2)), stack[-1]) if hierarchical else stack[-1]
                parent.children.append(loop)
                stack.append(loop)
                if hierarchical:
                    levels[str(segment.get(1))] = loop
        stack[-1].children.append(segment)
    return root
