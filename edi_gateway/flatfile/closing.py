"""The trailer of a file, held against what stands before it."""

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.layout import Trailer


class Closing:
    """Counts the records of a file up to its trailer."""

    def __init__(self, trailer: Trailer) -> None:
        self._trailer = trailer
        self._records = 0
        self._last = 1
        self._found: tuple[list[str], list[int], int] | None = None

    def count(self, number: int) -> None:
        """One record, whatever it holds. Units: lines from one."""
        self._records += 1
        self._last = number

    def take(self, cells: list[str], starts: list[int], number: int) -> bool:
        """Whether the line is the trailer; else it counts as a record."""
        if cells[0] != self._trailer.tag:
            self.count(number)
            return False
        self._found = self._found or (cells, starts, number)
        return True

    def faults(self, documents: int, file: str | None) -> tuple[Fault, ...]:
        """Why the file is not whole: no trailer at its end, or one that counts otherwise."""
        if self._found is None or self._found[2] < self._last:
            return (Fault.of("ERP-133", Place(file=file, line=self._last, column=1), self._trailer.tag),)
        cells, starts, line = self._found
        counted = {"documents": documents, "records": self._records}
        found = []
        for at, name in enumerate(self._trailer.counts, 1):
            said = cells[at] if at < len(cells) else ""
            if said != str(counted[name]):
                place = Place(file=file, line=line, column=starts[at] if at < len(starts) else 1)
                found.append(Fault.of("ERP-134", place, said, key=name, tag=self._trailer.tag, counted=counted[name]))
        return tuple(found)
