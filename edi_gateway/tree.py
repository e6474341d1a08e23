"""Tagged trees: the one form in which a document stands between its bytes and its record.

An X12 transaction set and an ERP flat file both read as loops of segments (records), so that one map language serves both
and the mapping engine needs neither of them.
"""

from collections.abc import Iterable, Iterator
from typing import ClassVar, TypeAlias

Element: TypeAlias = str | tuple[str, ...]
"""A simple element as it stood on the wire, "" where absent; a composite as the tuple of its components."""


class Repeated(tuple[str, ...]):
    """An element that stands more than once in its place: its repetitions in their order.

    Shape:  the components of a composite's repetition are joined by BETWEEN, which is no character of data.
    """

    __slots__ = ()
    BETWEEN: ClassVar[str] = "\x1f"

    @classmethod
    def of(cls, parts: Iterable[Element]) -> "Repeated":
        """These repetitions."""
        return cls(part if isinstance(part, str) else cls.BETWEEN.join(part) for part in parts)

    def one(self, number: int) -> Element:
        """Repetition `number`, counted from one; "" where there are fewer."""
        part = self[number - 1] if number <= len(self) else ""
        return tuple(part.split(self.BETWEEN)) if self.BETWEEN in part else part


class Segment(list[Element]):
    """One segment, or one record of a flat file: its tag first, so that `segment[3]` is the third element.

    Units:  `position` counts segments in the set from one (ST is 1), or lines in the file from one;
            `offset` is the segment's first byte in the interchange or file, from zero. Both are 0 where it was not read.
    """

    __slots__ = ("offset", "position")

    def __init__(self, elements: Iterable[Element] = (), position: int = 0, offset: int = 0) -> None:
        list.__init__(self, elements)
        self.position = position
        self.offset = offset

    @property
    def tag(self) -> str:
        return str(self[0])

    def get(self, number: int) -> Element:
        """Element `number`, counted from one; "" where the segment ends before it."""
        return self[number] if number < len(self) else ""


class Loop:
    """A loop: its tag and, in document order, its segments and inner loops. A loop's first child is the segment it is named for.

    The root's tag is the set's id ("850") or the layout's name; ST and SE are not in it. HL loops are nested by HL02. A root's
    `repeats` says that an element below it is repeated, so that nobody needs to look.
    """

    __slots__ = ("children", "repeats", "tag")

    def __init__(self, tag: str, children: Iterable["Segment | Loop"] = ()) -> None:
        self.tag = tag
        self.repeats = False
        self.children: list[Segment | Loop] = list(children)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Loop) and self.tag == other.tag and self.children == other.children

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Loop({self.tag!r}, {self.children!r})"

    def walk(self) -> Iterator[Segment]:
        """Every segment, in document order."""
        for child in self.children:
            if isinstance(child, Loop):
                yield from child.walk()
            else:
                yield child
