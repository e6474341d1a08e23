"""The exact walk of a set through its grammar: where every segment stands, and what is wrong with the order.

Slower than the fast machine and complete: it goes on after every fault and keeps its consequences quiet.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from edi_gateway.shape import SegmentShape
from edi_gateway.x12.grammar import Candidate, Grammar, Level, Move, left_out


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something wrong with a segment's place: a code of the register, the tag it is about, and its detail."""

    code: str
    tag: str
    path: str
    detail: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One segment in its place.

    Shape:  `path` are the loops around it, from the outermost; `opened` says that it opens the last of them; `shape` is None
            for a segment that the release does not know.
    """

    path: tuple[Level, ...]
    opened: bool
    shape: SegmentShape | None
    findings: tuple[Finding, ...] = ()


@dataclass(slots=True)
class _Position:
    """A place in the grammar and how often it was used; loops opened out of place start one of their own."""

    level: Level
    index: int
    uses: int = 1
    root: Level | None = None
    below: tuple[Level, ...] = ()
    turns: dict[int, int] = field(default_factory=dict)

    def path(self) -> tuple[Level, ...]:
        if self.root is None:
            return self.level.path
        return (*self.below, *self.level.path[self.root.depth - 1 :])


class Walk:
    """Walks one set. `lookup` gives a segment of the release's dictionary, None where there is none."""

    def __init__(self, grammar: Grammar, lookup: Callable[[str], SegmentShape | None], release: str) -> None:
        self._grammar = grammar
        self._lookup = lookup
        self._release = release
        self._main = _Position(grammar.root, -1)
        self._stray: _Position | None = None

    def visits(self, tags: Sequence[str]) -> Iterator[Visit]:
        """A visit a segment, in order."""
        for tag in tags:
            yield self._visit(tag)

    def missing_at_end(self) -> tuple[Finding, ...]:
        """What the set still needed when it ended."""
        return _missing(left_out(self._main.level, self._main.index))

    def _visit(self, tag: str) -> Visit:
        main, is_over = self._choose(self._main, tag)
        if main is None or main.missing or is_over:
            stray = self._stray and self._choose(self._stray, tag)[0]
            if self._stray and stray:
                return self._take(self._stray, stray, ())
        if main is None:
            return self._misplaced(tag)
        self._stray = None
        findings = _missing(main.missing)
        if is_over:
            findings += self._over(main)
        return self._take(self._main, main, findings)

    def _choose(self, position: _Position, tag: str) -> tuple[Candidate | None, bool]:
        """The nearest place that leaves nothing out and is within limits; else one over its limit, else one that leaves something out."""
        over: Candidate | None = None
        leaving: Candidate | None = None
        for found in self._grammar.places(position.level, position.index, tag):
            if position.root is not None and not _is_inside(found.level, position.root):
                break
            if self._is_over(position, found):
                over = over or found
            elif not found.missing:
                return found, False
            else:
                leaving = leaving or found
        return (over, True) if over and not over.missing else (leaving or over, leaving is None)

    def _is_over(self, position: _Position, found: Candidate) -> bool:
        if found.move is Move.STAY:
            limit = found.level.slot(found.index).limit
            return bool(limit) and position.uses >= limit
        if found.move is Move.REPEAT:
            return bool(found.level.limit) and position.turns.get(found.level.number, 1) >= found.level.limit
        return False

    def _over(self, found: Candidate) -> tuple[Finding, ...]:
        """The fault of going over a limit, once for each slot or loop."""
        slot = found.level.slot(found.index)
        if found.move is Move.STAY:
            if self._main.uses > slot.limit:
                return ()
            return (Finding(code="X12-405", tag=slot.tag, path=_path(found.level), detail=(("limit", slot.limit), ("name", slot.name))),)
        if self._main.turns.get(found.level.number, 1) > found.level.limit:
            return ()
        return (Finding(code="X12-404", tag=slot.tag, path=_path(found.level), detail=(("limit", found.level.limit),)),)

    def _take(self, position: _Position, found: Candidate, findings: tuple[Finding, ...]) -> Visit:
        number = found.level.number
        if found.move is Move.OPEN:
            position.turns[number] = 1
        elif found.move is Move.REPEAT:
            position.turns[number] = position.turns.get(number, 1) + 1
        position.uses = position.uses + 1 if found.move is Move.STAY else 1
        position.level, position.index = found.level, found.index
        opened = found.move in (Move.OPEN, Move.REPEAT)
        return Visit(path=position.path(), opened=opened, shape=found.level.slot(found.index), findings=findings)

    def _misplaced(self, tag: str) -> Visit:
        here = (self._stray or self._main).path()
        homes = self._grammar.homes.get(tag)
        if homes is None:
            known = self._lookup(tag)
            code, detail = ("X12-401", ()) if known is None else ("X12-406", (("name", known.name),))
            finding = Finding(code=code, tag=tag, path=_path(self._main.level), detail=(*detail, ("release", self._release)))
            return Visit(path=here, opened=False, shape=known, findings=(finding,))
        open_levels = (*self._main.level.path, self._grammar.root)
        within = sorted((home for home in homes if home[0] in open_levels), key=lambda home: -home[0].depth)
        beside = sorted((home for home in homes if home[0].parent in open_levels), key=lambda home: -home[0].depth)
        level, index = (within or beside or homes)[0]
        slot = level.slot(index)
        if level in open_levels or (index == 0 and level.parent in open_levels):
            after = self._reached(level if level in open_levels else level.parent or level)
            finding = Finding(code="X12-407", tag=tag, path=_path(level), detail=(("name", slot.name), ("after", after)))
        else:
            home = level.parent if index == 0 and level.parent else level
            finding = Finding(code="X12-402", tag=tag, path=_path(level), detail=(("name", slot.name), ("home", home.tag)))
        if level in open_levels:
            return Visit(path=here, opened=False, shape=slot, findings=(finding,))
        below = self._main.path()
        self._stray = _Position(level, index, root=level, below=below)
        return Visit(path=self._stray.path(), opened=True, shape=slot, findings=(finding,))

    def _reached(self, level: Level) -> str:
        """The tag that an open loop has got to."""
        here, index = self._main.level, self._main.index
        while here is not level and here.parent is not None:
            here, index = here.parent, here.index
        return level.slots[index].tag if index >= 0 else level.tag


def _is_inside(level: Level, root: Level) -> bool:
    return level is root or root in level.path


def _path(level: Level) -> str:
    return "/".join(one.tag for one in level.path)


def _missing(slots: Sequence[tuple[Level, str]]) -> tuple[Finding, ...]:
    return tuple(Finding(code="X12-403", tag=tag, path=_path(level)) for level, tag in slots)
