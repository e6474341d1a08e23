"""Writes the X12 schemas in this folder from a folder of facts: `python make.py FACTS`.

FACTS holds `<release>/{elements,segments,composites}.json` and `<release>/sets/*.json`. The result is text with a line per
element, segment and slot, so that a change shows as a change of those lines. Everything that is not in the facts
(the sets' titles) stands in this file.
"""

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TITLES = {
    "753": "Request for Routing Instructions",
    "754": "Routing Instructions",
    "810": "Invoice",
    "812": "Credit/Debit Adjustment",
    "820": "Payment Order/Remittance Advice",
    "824": "Application Advice",
    "830": "Planning Schedule with Release Capability",
    "832": "Price/Sales Catalog",
    "840": "Request for Quotation",
    "843": "Response to Request for Quotation",
    "846": "Inventory Inquiry/Advice",
    "850": "Purchase Order",
    "852": "Product Activity Data",
    "855": "Purchase Order Acknowledgment",
    "856": "Ship Notice/Manifest",
    "860": "Purchase Order Change Request - Buyer Initiated",
    "861": "Receiving Advice/Acceptance Certificate",
    "862": "Shipping Schedule",
    "864": "Text Message",
    "865": "Purchase Order Change Acknowledgment/Request - Seller Initiated",
    "867": "Product Transfer and Resale Report",
    "869": "Order Status Inquiry",
    "870": "Order Status Report",
    "875": "Grocery Products Purchase Order",
    "880": "Grocery Products Invoice",
    "940": "Warehouse Shipping Order",
    "943": "Warehouse Stock Transfer Shipment Advice",
    "944": "Warehouse Stock Transfer Receipt Advice",
    "945": "Warehouse Shipping Advice",
    "947": "Warehouse Inventory Adjustment Advice",
    "997": "Functional Acknowledgment",
    "999": "Implementation Acknowledgment",
}

MORE_CODES = {("618", "I6"): ("I5",)}
"""Codes that the facts lack, by the element and a code before which they stand."""

Facts = Mapping[str, Any]


def element_rows(elements: Facts) -> Iterator[str]:
    for number in sorted(elements, key=_natural):
        fact = elements[number]
        kind = "R" if re.fullmatch(r"R\d", fact["type"]) else fact["type"]
        codes = " ".join(one for code in fact.get("codes", ()) for one in (*MORE_CODES.get((number, code), ()), code))
        yield "\t".join((number, kind, str(fact["min"]), str(fact["max"]), _clean(fact["name"]), codes)).rstrip("\t")


def segment_rows(segments: Facts) -> Iterator[str]:
    for tag in sorted(segments):
        fact = segments[tag]
        elements = " ".join(f"{one['element']}/{one['req']}" for one in fact["elements"])
        yield "\t".join((tag, _clean(fact["name"]), elements, " ".join(fact["syntax"]))).rstrip("\t")


def set_rows(fact: Facts) -> Iterator[str]:
    yield f"{fact['set']} {fact['functional_group']} {TITLES[fact['set']]}"
    yield from _slots(fact["body"], "  ")


def _slots(items: Sequence[Facts], indent: str) -> Iterator[str]:
    for item in items:
        if "loop" in item:
            yield f"{indent}loop {item['loop']} {item['req']} {item['repeat'] or '*'}"
            yield from _slots(item["items"], indent + "  ")
        else:
            yield f"{indent}{item['seg']} {item['req']} {item['max'] or '*'}"


def _clean(name: str | None) -> str:
    return " ".join((name or "Unnamed").split())


def _natural(number: str) -> tuple[str, int]:
    letters = number.rstrip("0123456789")
    return letters, int(number[len(letters) :] or 0)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def _write(path: Path, rows: Iterator[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


def make(facts: Path, target: Path) -> int:
    """Writes every release found under `facts`; gives the number of sets written."""
    count = 0
    for release in sorted(path for path in facts.iterdir() if path.is_dir()):
        folder = target / release.name
        _write(folder / "elements.tsv", element_rows(_read(release / "elements.json")))
        _write(folder / "segments.tsv", segment_rows(_read(release / "segments.json")))
        _write(folder / "composites.tsv", segment_rows(_read(release / "composites.json")))
        for path in sorted((release / "sets").glob("*.json")):
            _write(folder / "sets" / f"{path.stem}.txt", set_rows(_read(path)))
            count += 1
    return count


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("facts", type=Path)
    options.add_argument("--target", type=Path, default=Path(__file__).parent)
    chosen = options.parse_args()
    print(f"{make(chosen.facts, chosen.target)} sets written under {chosen.target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
