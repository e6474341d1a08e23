"""The form of a layout's records: what each value needs to be written, worked out once a layout."""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from edi_gateway.flatfile.layout import Column, Format, Layout, RecordType
from edi_gateway.flatfile.values import Change, outward

Fits: TypeAlias = Callable[[Sequence[str]], bool]

_MOST = 256


class Form:
    """One record type. Shape: `changes` are by column, None where the tree's text is written as it is; `blanks` are its empty cells."""

    __slots__ = ("_fits", "blanks", "changes", "record")

    def __init__(self, record: RecordType, layout: Layout) -> None:
        self.record = record
        self.changes = tuple(_outward(column, layout) for column in record.columns)
        self.blanks = [""] * len(record.columns)
        self._fits: dict[int, Fits] = {}

    def fits(self, cells: list[str]) -> bool:
        """Whether all these values surely go into the file as they are; one that does not may yet do so, empty or changed."""
        size = len(cells)
        known = self._fits.get(size)
        if known is None:
            if size > len(self.blanks):
                return False
            known = self._fits[size] = self._compiled(size)
        return known(cells)

    def _compiled(self, size: int) -> Fits:
        """The function for so many values: one comparison for each that has a limit."""
        names = [f"v{number}" for number in range(size)]
        tests = ["True"]
        for name, column, change in zip(names, self.record.columns, self.changes, strict=False):
            if change is not None:
                tests.append(f"not {name}")
            elif column.shape.codes:
                tests.append(f"(not {name} or {name} in {tuple(column.shape.codes)!r})")
            if maximum(column):
                tests.append(f"len({name}) <= {maximum(column)}")
        taken = f"{', '.join(names)}, = cells" if names else "pass"
        space: dict[str, Fits] = {}
        source = f"def fits(cells):\n {taken}\n return {' and '.join(tests)}\n"
        exec(compile(source, f"<record {self.record.tag}>", "exec"), space)  # noqa: S102 - the source is ours: numbers, and codes as their repr
        return space["fits"]


_forms: dict[int, tuple[Layout, dict[str, Form]]] = {}
"""Forms by the identity of their layouts, which are kept with them so that no other layout can take their number."""


def forms(layout: Layout) -> dict[str, Form]:
    """The forms of a layout's records, by tag."""
    known = _forms.get(id(layout))
    if known is None:
        if len(_forms) >= _MOST:
            _forms.clear()
        known = _forms[id(layout)] = (layout, {tag: Form(record, layout) for tag, record in layout.records.items()})
    return known[1]


def maximum(column: Column) -> int:
    """How many characters fit: the width of a fixed column, or else the limit of a text. 0 means any number."""
    return column.width or (column.shape.maximum if column.shape.type in ("AN", "ID") else 0)


def _outward(column: Column, layout: Layout) -> Change | None:
    """How the tree's text becomes a cell; in an IDoc a time fills its column."""
    if column.shape.type == "TM" and layout.format in (Format.IDOC, Format.IDOC_XML):
        return lambda text: text.ljust(column.width, "0")
    return outward(column.shape, layout.dialect)
