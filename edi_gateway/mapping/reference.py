"""The reference page's list of findings, made from the register.

Run:    python -m edi_gateway.mapping.reference   rewrites the list in docs/reference/map-language.md
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from edi_gateway.faults import register
from edi_gateway.mapping import examples

BEGIN, END = "<!-- made from the register; do not edit by hand -->", "<!-- end of what is made -->"
PAGE = Path("docs/reference/map-language.md")


def findings() -> str:
    """Every code of the family MAP- as a Markdown table."""
    rows = [
        f"| {entry.code} | {entry.severity} | {_cell(entry.title)} | {_cell(entry.fix)} |"
        for code, entry in sorted(register().items())
        if code.startswith("MAP-")
    ]
    return "\n".join(["| code | weight | what it is | what to do |", "|---|---|---|---|", *rows, "", *_examples()])


def _examples() -> Iterator[str]:
    """A bad and a good example of each finding in a text."""
    yield "### Bad and good"
    yield ""
    yield "Each stands below the header of a map of `PurchaseOrder` and `X12 004010 850`. ⏎ is a new line."
    yield ""
    for code, (bad, good) in sorted(examples.MAPS.items()):
        yield f"- **{code}** bad: `{_line(bad)}` good: `{_line(good)}`"
    yield ""
    yield "Of cross-references, the lines of the file:"
    yield ""
    for code, (bad, good) in examples.TABLES.items():
        yield f"- **{code}** bad: `{_line(bad)}` good: `{_line(good)}`"
    yield ""
    yield "Beside a guide to the 850:"
    yield ""
    for code, (rule, bad, good) in examples.GUIDED.items():
        yield f"- **{code}** with the rule `{rule.strip(' -' + chr(10))}` bad: `{_line(bad)}` good: `{_line(good)}`"
    yield ""
    yield "At run, a map and what goes through it: segments where it is read, a record where it is written. ~ ends a segment."
    yield ""
    for code, (used, bad, good) in examples.RUNS.items():
        yield f"- **{code}** with the map `{_line(used)}` bad: `{bad}` good: `{good}`"


def _line(text: str) -> str:
    return text.replace("\n", " ⏎ ")


def _cell(text: str) -> str:
    """A template's text for a table: what differs from case to case reads as `…`."""
    plain, depth = "", 0
    for letter in text.replace("{{", "\x00").replace("}}", "\x01"):
        if letter == "{":
            depth += 1
            plain += "…"
        elif letter == "}":
            depth -= 1
        elif not depth:
            plain += letter
    return plain.replace("\x00", "{").replace("\x01", "}").replace("|", "\\|")


def page_with(page: str, made: str) -> str:
    """A page's text with the list put between the two marks. Errors: ValueError where the page has no marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no marks to put the list between")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def main() -> int:
    """Rewrites the page below the current folder."""
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), findings()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
