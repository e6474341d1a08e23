"""How long maps and ERP files take: an 850 of 1,000 lines, an 856 of 1,000 packs, the lint of all shipped maps."""

import sys
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout
from edi_gateway.flatfile.reference import shipped_layouts
from edi_gateway.mapping import Map, compile_map
from edi_gateway.mapping.lint import lint
from edi_gateway.records import OrderLine, Pack, PurchaseOrder, ShipItem, ShipNotice, ShippedOrder
from edi_gateway.shape import Shape
from edi_gateway.x12 import Library

ROOT = Path(__file__).parents[1]
LIBRARY = Library([ROOT / "schemas"])
LAYOUTS: dict[str, Layout] = {layout.name: layout for layout in shipped_layouts(ROOT / "schemas" / "flat")}


def shapes(name: str) -> Shape | None:
    kind, *rest = name.split()
    return LIBRARY.shape(rest[0], rest[1]) if kind == "X12" else LAYOUTS[rest[0]].shape


def base(name: str) -> tuple[str, str] | None:
    path = ROOT / "maps" / f"{name}.yaml"
    return (path.read_text(), str(path)) if path.is_file() else None


def shipped(name: str) -> Map:
    path = ROOT / "maps" / f"{name}.yaml"
    return compile_map(path.read_text(), file=str(path), shapes=shapes, base=base).must()


def order() -> PurchaseOrder:
    """An order of 1,000 lines, each PO1 and PID: 2,000 segments."""
    lines = tuple(
        OrderLine(
            line_id=str(number),
            quantity=Decimal(number % 50 + 1),
            unit_code="EA",
            unit_price=Decimal("3.10"),
            buyer_item_id=f"B{number:06}",
            seller_item_id=f"SKU-{number}",
            gtin="4006381333931",
            description=f"Article {number}",
        )
        for number in range(1, 1001)
    )
    return PurchaseOrder(id="P1", purpose="original", type="new_order", issue_date=date(2026, 1, 5), lines=lines)


def ship_notice() -> ShipNotice:
    """A shipment of 1,000 packs with an item each: 6,000 segments with their HL."""
    item = ShipItem(line_id="1", buyer_item_id="B1", seller_item_id="S1", quantity=Decimal(2), unit_code="EA")
    pack = Pack(sscc="003456789012345670", items=(item,))
    return ShipNotice(id="S1", purpose="original", orders=(ShippedOrder(po_id="P1", packs=(pack,) * 1000),))


def milliseconds(work: Callable[[], object], times: int = 15) -> float:
    """The best of some runs, in processor time: what the code takes, whatever else the machine does."""
    best = float("inf")
    for _ in range(times):
        started = time.process_time()
        work()
        best = min(best, time.process_time() - started)
    return best * 1000


def lint_all() -> None:
    for path in sorted((ROOT / "maps").rglob("*.yaml")):
        lint(path.read_text(), file=str(path), shapes=shapes, base=base)


def measures() -> list[tuple[str, float, Callable[[], object]]]:
    """What is measured, the limit in milliseconds, and the work."""
    x850, x856 = shipped("x12/004010/850"), shipped("x12/004010/856")
    flat, layout = shipped("flat/order"), LAYOUTS["order"]
    purchase, shipment = order(), ship_notice()
    tree, ship_tree, flat_tree = x850.write(purchase).tree, x856.write(shipment).tree, flat.write(purchase).tree
    assert tree is not None
    assert ship_tree is not None
    assert flat_tree is not None
    content = flatfile.write([flat_tree], layout).content_or_faulty()
    return [
        ("850 of 1,000 lines: read", 8, lambda: x850.read(tree)),
        ("850 of 1,000 lines: write", 10, lambda: x850.write(purchase)),
        ("856 of 1,000 packs: read", 8, lambda: x856.read(ship_tree)),
        ("856 of 1,000 packs: write", 10, lambda: x856.write(shipment)),
        ("ERP order of 1,000 lines: record to CSV", 10, lambda: flatfile.write([flat.write(purchase).tree or flat_tree], layout)),
        ("ERP order of 1,000 lines: CSV to record", 20, lambda: flat.read(flatfile.read(content, layout).documents[0].tree)),
        ("lint of all shipped maps", 2000, lint_all),
    ]


def main() -> int:
    late = 0
    for name, limit, work in measures():
        took = milliseconds(work, 3 if limit > 1000 else 15)
        late += took > limit
        print(f"{name:<42} {took:8.2f} ms   limit {limit:>5} ms   {'ok' if took <= limit else 'LATE'}")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
