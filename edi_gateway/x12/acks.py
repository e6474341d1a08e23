"""Our fault codes as acknowledgments write them: the code lists of TA105, AK905, AK502, AK304 and AK403.

Source: data elements I18, 716, 718, 720 and 723 (the code values as in schemas/x12; meanings as commonly published);
        the 999 writes AK3 to AK5 as IK3 to IK5 (elements 620, 621, 618).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from edi_gateway.faults import Fault


class Form(StrEnum):
    """Which acknowledgment of a functional group is written."""

    FUNCTIONAL = "997"
    IMPLEMENTATION = "999"


class Note(StrEnum):
    """Where in an acknowledgment a code stands."""

    INTERCHANGE = "TA105"
    GROUP = "AK905"
    SET = "AK502"
    SEGMENT = "AK304"
    ELEMENT = "AK403"

    def name_in(self, form: Form) -> str:
        """The element's designator in a form: AK304 of the 997 is IK304 of the 999."""
        is_renamed = form is Form.IMPLEMENTATION and self in (Note.SET, Note.SEGMENT, Note.ELEMENT)
        return "I" + self.value[1:] if is_renamed else self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AckCode:
    """A code and where it stands."""

    note: Note
    code: str


SEGMENT_HAS_ELEMENT_FAULTS = "8"
SET_HAS_SEGMENT_FAULTS = "5"
SET_HAS_GUIDE_FAULTS = "I5"
"""Of the 999: all that is wrong with the set's segments is what the guide asks beyond the standard."""
NO_ERROR = "000"

_OF_ISA_ELEMENT = ("010", "011", "012", "013", "005", "006", "007", "008", "014", "015", "016", "017", "018", "019", "020", "027")

_ROWS = (
    (
        Note.INTERCHANGE,
        "104=022 105=026 106=027 107=004 110=023 111=001 112=021 113=024 114=024 118=025 119=027 120=018 121=025 208=024 209=024 211=024",
    ),
    (Note.GROUP, "201=2 202=1 203=3 204=4 205=5 206=6 207=6/19 210=6/19"),
    (Note.SET, "301=1 302=2 303=3 304=4 306=6 307=7 308=7/23 309=6/18 310=7"),
    (Note.SEGMENT, "401=1 402=2 403=3 404=4 405=5 406=6 407=7 451=3/I8 452=2/I4 453=5"),
    (
        Note.ELEMENT,
        "408=7 410=7 501=1 502=2 503=3 504=4 505=5 506=6 507=7 508=8 509=9 510=10 511=6 512=3/12 513=3/13 514=6 515=6"
        " 551=1/I9 552=10/I10 553=7/I6 554=4 555=5",
    ),
)
"""Our number and the code; after a stroke the code of release 005010, which the 999 writes."""


def _table() -> Mapping[str, tuple[Note, str, str]]:
    table = {}
    for note, row in _ROWS:
        for pair in row.split():
            ours, _, codes = pair.partition("=")
            earlier, _, later = codes.partition("/")
            table[f"X12-{ours}"] = (note, earlier, later or earlier)
    return MappingProxyType(table)


_CODES = _table()


def ack_code(fault: Fault, form: Form = Form.FUNCTIONAL) -> AckCode | None:
    """A fault as an acknowledgment codes it; None where no acknowledgment has a code for it."""
    if fault.code in ("X12-108", "X12-109"):
        return AckCode(note=Note.INTERCHANGE, code=_OF_ISA_ELEMENT[(fault.place.element or 1) - 1])
    found = _CODES.get(fault.code)
    if found is None:
        return None
    note, earlier, later = found
    return AckCode(note=note, code=later if form is Form.IMPLEMENTATION else earlier)


def is_of_guide(fault: Fault) -> bool:
    """Whether a guide asks for it, and not the standard."""
    return fault.code.startswith(("X12-45", "X12-55"))


def ack_text(fault: Fault, form: Form = Form.FUNCTIONAL) -> str | None:
    """The same as one word, `AK304=3` or `IK304=3`."""
    found = ack_code(fault, form)
    return f"{found.note.name_in(form)}={found.code}" if found else None
