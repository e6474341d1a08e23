"""The reference page's tables of records and columns, made from the layouts.

Run:    python -m edi_gateway.flatfile.reference   rewrites the tables in docs/reference/erp-files.md
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from edi_gateway.flatfile.layout import Column, Layout
from edi_gateway.flatfile.loading import load_layout
from edi_gateway.shape import LoopShape, SegmentShape

BEGIN, END = "<!-- made from schemas/flat; do not edit by hand -->", "<!-- end of what is made -->"
PAGE = Path("docs/reference/erp-files.md")
LAYOUTS = Path("schemas/flat")
_FORMS = {"AN": "text", "ID": "code", "R": "number", "N0": "whole number", "DT": "date", "TM": "time"}


def tables(layouts: Iterable[Layout]) -> str:
    """All layouts as Markdown: per layout its records in their order, per record its columns."""
    return "\n".join(line for layout in layouts for line in _layout(layout))


def page_with(page: str, made: str) -> str:
    """A page's text with the tables put between the two marks. Errors: ValueError where the page has no marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page has no marks to put the tables between")
    return f"{before}{BEGIN}\n\n{made}\n\n{END}{after}"


def shipped_layouts(folder: Path) -> list[Layout]:
    """The layouts of a folder, in the order of an order's life. Errors: Faulty where one cannot be read."""

    def below(name: str) -> tuple[str, str]:
        return (folder / f"{name}.yaml").read_text(encoding="utf-8"), f"{name}.yaml"

    found = [load_layout(path.read_text(encoding="utf-8"), file=path.name, base=below).must() for path in sorted(folder.glob("*.yaml"))]
    order = ("order", "order_change", "order_response", "order_change_response", "ship_notice", "invoice", "adjustment")
    return sorted(found, key=lambda layout: (order.index(layout.name) if layout.name in order else len(order), layout.name))


def _layout(layout: Layout) -> Iterator[str]:
    yield f"### {layout.title}: `{layout.name}`"
    yield ""
    if layout.name != layout.shape.root.tag:
        yield f"The records and columns of `{layout.shape.root.tag}`, as `{layout.format}`."
        yield ""
        return
    prefixes = ", ".join(f"`{prefix}`" for prefix in layout.prefixes)
    yield f"First record `{layout.opening}` with the word `{layout.document}`. File names may begin with {prefixes}."
    if layout.total is not None:
        yield f"The control total of a file is the sum of `{layout.total.name}`."
    if layout.notes:
        yield ""
        yield layout.notes
    yield ""
    yield from _tree(layout.shape.root, 0)
    yield ""
    seen: set[str] = set()
    for item in layout.shape.root.walk():
        if isinstance(item, SegmentShape) and item.tag not in seen:
            seen.add(item.tag)
            yield from _record(layout, item)


def _tree(loop: LoopShape, depth: int) -> Iterator[str]:
    for item in loop.items:
        first = item.items[0] if isinstance(item, LoopShape) else item
        if depth and item is loop.items[0]:
            continue
        assert isinstance(first, SegmentShape)
        often = "once" if item.limit == 1 else "any number"
        needed = "required" if item.requirement == "M" else "optional"
        yield f"{'  ' * depth}- `{item.tag}` {first.name} ({needed}, {often})"
        if isinstance(item, LoopShape):
            yield from _tree(item, depth + 1)


def _record(layout: Layout, record: SegmentShape) -> Iterator[str]:
    columns = layout.records[record.tag].columns
    fixed = any(column.width for column in columns)
    yield f"**`{record.tag}`** {record.name}"
    yield ""
    yield f"| # | column | what it holds | form | {'width' if fixed else 'longest'} | required | example |"
    yield "|---|---|---|---|---|---|---|"
    for number, column in enumerate(columns, 1):
        yield _row(number, column)
    yield ""


def _row(number: int, column: Column) -> str:
    shape = column.shape
    form = _FORMS[shape.type]
    if shape.codes:
        form = ", ".join(f"`{code}`" for code in shape.codes)
    size = column.width or shape.maximum or ""
    needed = "yes" if shape.requirement == "M" else ""
    example = f"`{column.example}`" if column.example else ""
    return f"| {number} | `{shape.id}` | {shape.name} | {form} | {size} | {needed} | {example} |"


def main() -> int:
    """Rewrites the page below the current folder."""
    text = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(page_with(text, tables(shipped_layouts(LAYOUTS))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
