"""The closing of a whole file: what it holds is counted and summed, and its header and trailer records are held against that."""

import decimal
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.layout import DOCUMENTS, TOTAL, ControlRecord, Layout
from edi_gateway.flatfile.values import as_number
from edi_gateway.tree import Segment

_EXACT = decimal.Context(prec=120)
"""Enough for a million values of 50 digits; a value of more digits adds nothing, and so the total does not agree."""
_LONGEST = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One value of a header or trailer record. Units: line and column from one."""

    text: str
    line: int
    column: int


class Tally:
    """What a file holds: documents, records, and the sum of the column that the layout's `total` names (None where it names none).

    Shape:  `tag` is that of the records that have the column; others add nothing.
    """

    def __init__(self, layout: Layout) -> None:
        self._summed = layout.total
        self.tag = layout.total.tag if layout.total is not None else None
        self.documents = 0
        self.records = 0
        self.total: Decimal | None = None if layout.total is None else Decimal(0)

    def add(self, record: Segment) -> None:
        """Adds a record's value to the total. A value that is no number adds nothing; it has a fault of its own."""
        if self._summed is None or self.total is None or record[0] != self._summed.tag:
            return
        text = str(record.get(self._summed.number))
        if text and len(text) <= _LONGEST and as_number(text, ".") is not None:
            self.total = _EXACT.add(self.total, Decimal(text))

    def of(self, name: str) -> Decimal:
        """What was counted under a name that a header or trailer record uses."""
        return (self.total or Decimal(0)) if name == TOTAL else Decimal(self.documents if name == DOCUMENTS else self.records)

    def text(self, name: str) -> str:
        """The same as it is written, with a point."""
        return format(self.of(name), "f")


class Closing:
    """Follows the records of a file from its header to its trailer, and says afterwards why it is not whole."""

    def __init__(self, layout: Layout, file: str | None) -> None:
        self._layout = layout
        self._file = file
        self._controls = {one.tag: one for one in layout.controls}
        self._said: dict[str, Mapping[str, Said]] = {}
        self._first: tuple[int, str] | None = None
        self._last: tuple[int, str] = (1, "")
        self._faults: list[Fault] = []
        self._after = False
        self.tally = Tally(layout)

    def knows(self, tag: str) -> bool:
        """Whether a record is the header or the trailer."""
        return tag in self._controls

    def count(self, tag: str, line: int) -> None:
        """One record of a document, whatever it holds."""
        self._pass(tag, line)
        self.tally.records += 1
        if self._first is None:
            self._first = (line, tag)

    def take(self, tag: str, said: Mapping[str, Said], line: int) -> None:
        """The header or the trailer, with the values that it says by their names."""
        self._pass(tag, line)
        if tag not in self._said:
            self._said[tag] = said
        elif not self._after:
            self._fault("ERP-108", line, tag)
        if self._layout.header is not None and tag == self._layout.header.tag and self._first is not None:
            self._fault("ERP-136", line, tag, found=self._first[1], where=self._first[0])

    def _pass(self, tag: str, line: int) -> None:
        self._last = (line, tag)
        trailer = self._layout.trailer
        if trailer is not None and trailer.tag in self._said and not self._after:
            self._after = True
            self._fault("ERP-135", line, tag, trailer=trailer.tag)

    def faults(self, documents: int) -> tuple[Fault, ...]:
        """Why the file is not whole, once it has been read to its end; none where it is."""
        self.tally.documents = documents
        header, trailer = self._layout.header, self._layout.trailer
        if header is not None and header.tag not in self._said:
            line, found = self._first or self._last
            self._fault("ERP-136", line, header.tag, found=found or "nothing", where=line)
        if trailer is not None and trailer.tag not in self._said:
            self._fault("ERP-133", self._last[0], trailer.tag, found=self._last[1] or "nothing")
        if not self._after:
            for tag, said in self._said.items():
                self._compare(self._controls[tag], said)
        return tuple(self._faults)

    def _compare(self, control: ControlRecord, said: Mapping[str, Said]) -> None:
        for name in control.names:
            one = said[name]
            number = as_number(one.text, self._layout.dialect.decimal)
            if number is not None and Decimal(number) == self.tally.of(name):
                continue
            place = Place(file=self._file, line=one.line, column=one.column)
            counted = self.tally.text(name)
            if name == TOTAL:
                total = self._layout.total
                self._faults.append(
                    Fault.of("ERP-137", place, one.text, tag=control.tag, field=name, summed=total.name if total else "", counted=counted)
                )
            else:
                self._faults.append(Fault.of("ERP-134", place, one.text, key=name, field=name, tag=control.tag, counted=counted))

    def _fault(self, code: str, line: int, value: str, **detail: object) -> None:
        self._faults.append(Fault.of(code, Place(file=self._file, line=line, column=1), value, **detail))
