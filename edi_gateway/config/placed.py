"""Values of a settings or partner file, each with the place it stands at."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from edi_gateway.faults import Place


class Bare(str):
    """Text of a notation that leaves open what it is (YAML): it may be a number or a yes as well."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A value and its places.

    Shape:  `content` is a scalar, a tuple of Placed, or a dict of Placed by key; None where a key stands without a value.
            `place` is where the value stands, `key_place` where its key does (the same for what has no key).
    """

    content: Any
    place: Place
    key_place: Place = field(default_factory=Place)

    @property
    def is_table(self) -> bool:
        return isinstance(self.content, dict)

    @property
    def members(self) -> "dict[str, Placed]":
        """The members of a table; none for anything else."""
        return self.content if isinstance(self.content, dict) else {}

    def items(self) -> "Iterator[Placed]":
        """The items of a list; a lone value is a list of one, an absent one an empty list."""
        if isinstance(self.content, tuple):
            yield from self.content
        elif self.content is not None:
            yield self
