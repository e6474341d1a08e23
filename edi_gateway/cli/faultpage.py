"""The reference page of fault codes, made from the register; `python -m edi_gateway.cli.faultpage` writes it.

It stands among the commands because it needs the register and the X12 acknowledgments' codes side by side.
"""

import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from edi_gateway.faults import Fault, Place
from edi_gateway.faults.register import Entry, register
from edi_gateway.x12 import Form, ack_text

PAGE = Path("docs/reference/faults.md")
FAMILIES = (
    (
        "X12",
        "What a partner's interchange gets wrong, or what we are asked to write. 1xx the interchange, 2xx functional groups,\n"
        "3xx transaction sets, 4xx segments, 5xx elements, 6xx what we write, 7xx acknowledgments that come in, 8xx schema and\n"
        "guide files. The last column is what our acknowledgment says; AK3, AK4 and AK5 are IK3, IK4 and IK5 in a 999.",
    ),
    ("AS2", "Transport, security and receipts."),
    ("MAP", "Maps, and values that a map cannot carry. 1xx the map's form, 2xx its tables, 3xx its sense, 4xx at work on a document."),
    ("PRT", "Partner files, agreements and certificates."),
    ("ERP", "Flat files and their folders. 1xx a file that is read, 2xx a file that is written, 3xx layouts."),
    ("CFG", "Settings, folders, ports and passwords of the gateway itself, and what a command was given."),
    ("STO", "The store and what waits in it. 1xx the database, 2xx payloads, 3xx work items, 4xx windows, held sets and posts."),
)
INTRO = """\
Every fault that the gateway shows has a code, and the code never changes its meaning. A fault says what is wrong, where, and what to
do: on the command line, in the console, in the result file of an ERP file, and as JSON (`code`, `severity`, `place`, `value`, `detail`,
`message`, `fix`). Words in ‹ › are filled in with what was found.

An **error** stops what it stands on: a set is rejected, a file refused, a start given up. A **warning** stops nothing, but somebody should
look. A **note** is told and needs nobody.

Made from `edi_gateway/faults/families/`; do not change it by hand."""


def fault_page() -> str:
    """The reference page of all fault codes, a table for each family. Errors: ValueError where a family is not described."""
    entries = register().values()
    unknown = {one.code.partition("-")[0] for one in entries} - {name for name, _ in FAMILIES}
    if unknown:
        raise ValueError(f"no words for the families {sorted(unknown)}")
    lines = ["# Fault codes", "", INTRO, ""]
    for name, words in FAMILIES:
        lines += _family(name, words, sorted((one for one in entries if one.code.startswith(f"{name}-")), key=lambda one: one.code))
    return "\n".join(lines)


def readable(template: str) -> str:
    """A register's template with its fields named for a reader: "IEA02 is {value!r}." gives "IEA02 is ‹value›."."""
    parsed = string.Formatter().parse(template)
    return "".join(literal + (f"‹{name.replace('_', ' ')}›" if name else "") for literal, name, _, _ in parsed)


def acknowledged_as(code: str) -> str:
    """What an acknowledgment says of a fault: "AK304=3", with the 999's own code where it differs; "" where it says nothing."""
    in_997, in_999 = (_told(code, form) for form in (Form.FUNCTIONAL, Form.IMPLEMENTATION))
    if in_997.partition("=")[2] == in_999.partition("=")[2]:
        return in_997
    return f"{in_997}, {in_999} in a 999"


def _told(code: str, form: Form) -> str:
    """As `ack_text`; where the code goes by the ISA element, only where it stands."""
    told = {ack_text(Fault(code=code, place=Place(element=element)), form) or "" for element in range(1, 17)}
    if len(told) == 1:
        return told.pop()
    return told.pop().partition("=")[0] + ", by the element"


def _family(name: str, words: str, entries: Iterable[Entry]) -> Iterator[str]:
    has_acknowledgment = name == "X12"
    yield from (f"## {name}", "", words, "")
    yield "| Code | Severity | What is wrong | What to do |" + (" Acknowledged as |" if has_acknowledgment else "")
    yield "|---|---|---|---|" + ("---|" if has_acknowledgment else "")
    for one in entries:
        cells = [
            f'<a id="{one.code.lower()}"></a>`{one.code}`',
            str(one.severity),
            f"**{one.title}.** {readable(one.words)}",
            readable(one.fix),
        ]
        if has_acknowledgment:
            cells.append(f"`{told}`" if (told := acknowledged_as(one.code)) else "")
        yield "| " + " | ".join(_cell(cell) for cell in cells) + " |"
    yield ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else PAGE).write_text(fault_page(), encoding="utf-8")
