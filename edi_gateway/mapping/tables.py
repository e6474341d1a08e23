"""Tables: the words of a record for the codes of a document, one to one."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of names and codes.

    Shape:  `names` has the name of every code that is read, those under `accept:` included; `codes` the one code that
            each name is written as. `keep` lets a code that is not in the table stand for itself, both ways.
            `label` is what messages call a table that is not the map's own.
    """

    name: str
    names: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    keep: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.label or self.name
