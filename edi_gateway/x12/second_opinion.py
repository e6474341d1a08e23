"""What pyx12 says of a transaction set that we judged: the same schema, other people's engine.

pyx12 reads its maps from a folder, so this is the one place of the engine that writes files: a temporary folder for each set's
maps, gone with the `Referee`.
"""

import io
import json
import logging
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyx12.errors
import pyx12.params
import pyx12.x12n_document

from edi_gateway.x12.acks import Note, ack_code
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.interchange import TransactionSet
from edi_gateway.x12.isa import WIDTHS
from edi_gateway.x12.pyx12_maps import CONTROL_VERSIONS, map_files
from edi_gateway.x12.schema import RELEASE_LENGTH, Library

logging.getLogger("pyx12").addHandler(logging.NullHandler())

_CRASHES = (
    pyx12.errors.X12Error,
    pyx12.errors.EngineError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What pyx12 raises on input it did not foresee; it is then of no opinion, and says so."""

_OF_THE_GROUP = ("X12-308", "X12-309")
"""Faults that need the group around a set, which pyx12 is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Remark:
    """One thing that is wrong, as both engines can say it: `ak` reads "AK304=3"; positions count segments of the set from one."""

    position: int
    segment: str
    element: int
    ak: str
    words: str = ""

    @property
    def key(self) -> tuple[int, str]:
        """What two engines must agree on: which segment is at fault. They differ in how they name one cause."""
        return self.position, self.segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Both engines' view of one set. `crash` is why pyx12 has none, "" where it has one."""

    ours: tuple[Remark, ...]
    theirs: tuple[Remark, ...]
    crash: str = ""

    @property
    def agrees(self) -> bool:
        """Whether both accept the set, or both find it at fault."""
        return not self.crash and bool(self.ours) == bool(self.theirs)

    @property
    def only_ours(self) -> tuple[Remark, ...]:
        return _beyond(self.ours, self.theirs)

    @property
    def only_theirs(self) -> tuple[Remark, ...]:
        return _beyond(self.theirs, self.ours)


class Referee:
    """Asks pyx12. A context manager: its map files are gone when it is left."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._folder = tempfile.TemporaryDirectory(prefix="pyx12-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._folder.cleanup()

    def opinion(self, one: TransactionSet) -> Opinion | None:
        """Both views of a set; None where there is no schema that pyx12 could read it by."""
        release = one.release[:RELEASE_LENGTH]
        if one.shape is None or release not in CONTROL_VERSIONS:
            return None
        ours = tuple(sorted(_our_remarks(one)))
        found = io.StringIO()
        try:
            pyx12.x12n_document.x12n_document(
                pyx12.params.ParamsBase(),
                io.StringIO(self._alone(one, release)),
                None,
                None,
                fd_json=found,
                map_path=str(self._maps(one, release)),
            )
        except _CRASHES as crash:
            return Opinion(ours=ours, theirs=(), crash=f"{type(crash).__name__}: {crash}")
        return Opinion(ours=ours, theirs=tuple(sorted(_their_remarks(json.loads(found.getvalue())))))

    def _maps(self, one: TransactionSet, release: str) -> Path:
        folder = Path(self._folder.name) / f"{release}-{one.set_id}"
        if not folder.is_dir():
            folder.mkdir()
            for name, text in map_files(self._library, release, one.set_id).items():
                (folder / name).write_text(text, encoding="utf-8")
        return folder

    def _alone(self, one: TransactionSet, release: str) -> str:
        """The set alone in an envelope that pyx12 finds nothing wrong with, in ASCII, which it cannot read beyond."""
        delimiters = one.interchange.delimiters
        schema = self._library.set_schema(release, one.set_id)
        functional_id = schema.functional_id if schema else ""
        version = CONTROL_VERSIONS[release]
        fields = ("00", "", "00", "", "ZZ", "OURS", "ZZ", "THEIRS", "260101", "1200")
        repetition = (delimiters.repetition or "^") if version > "00401" else "U"
        isa = (*fields, repetition, version, "000000001", "0", "T", delimiters.component)
        padded = ["ISA", *(value.ljust(width) for value, width in zip(isa, WIDTHS, strict=True))]
        group = ["GS", functional_id, "OURS", "THEIRS", "20260101", "1200", "1", "X", release]
        trailers = [["GE", "1", "1"], ["IEA", "1", "000000001"]]
        body = [_once(piece, delimiters) for piece in one.text.cut.pieces if piece]
        texts = [*map(delimiters.element.join, (padded, group)), *body, *map(delimiters.element.join, trailers)]
        joined = "".join(text + delimiters.terminator for text in texts)
        return joined.encode("ascii", "replace").decode("ascii")


def _once(segment: str, delimiters: Delimiters) -> str:
    """A segment with the first repetition of each element alone: pyx12 takes the separator for a character of the data."""
    if not delimiters.repetition or delimiters.repetition not in segment:
        return segment
    return delimiters.element.join(element.partition(delimiters.repetition)[0] for element in segment.split(delimiters.element))


def _our_remarks(one: TransactionSet) -> Iterator[Remark]:
    for fault in one.faults:
        code = ack_code(fault)
        if code is not None and code.note in (Note.SET, Note.SEGMENT, Note.ELEMENT) and fault.code not in _OF_THE_GROUP:
            place = fault.place
            yield Remark(
                position=place.position or 0,
                segment=place.segment or "",
                element=place.element or 0,
                ak=f"{code.note.value}={code.code}",
                words=fault.message,
            )


def _their_remarks(report: Any) -> Iterator[Remark]:
    for interchange in report["interchanges"]:
        for group in interchange["groups"]:
            for one in group["transactions"]:
                for error in one["errors"]:
                    yield Remark(position=0, segment="SE", element=0, ak=f"AK502={error['err_cde']}", words=error["err_str"])
                for segment in one["segments"]:
                    yield from _of_segment(segment)


def _of_segment(segment: Any) -> Iterator[Remark]:
    position, tag = int(segment["seg_count"] or 0), str(segment["seg_id"] or "")
    for error in segment["errors"]:
        yield Remark(position=position, segment=tag, element=0, ak=f"AK304={error['err_cde']}", words=error["err_str"])
    for element in segment["elements"]:
        for error in element["errors"]:
            number = int(element["ele_pos"] or 0)
            yield Remark(position=position, segment=tag, element=number, ak=f"AK403={error['err_cde']}", words=error["err_str"])


def _beyond(one: tuple[Remark, ...], other: tuple[Remark, ...]) -> tuple[Remark, ...]:
    known = {remark.key for remark in other}
    return tuple(remark for remark in one if remark.key not in known)
