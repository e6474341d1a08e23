"""A delivery in an IDoc: items and handling units stand side by side and refer to one another; maps see orders that hold packs of items.

In the file each item (E1EDL24) names its order (E1EDL41), and each handling unit (E1EDL37) names what it holds (E1EDL44): items by
their numbers, or other units by theirs. `unfolding` follows the references; `folding` makes them anew and numbers the items, as X12
numbers HL levels.

Source: DELVRY03 as SAP's schema has it. VELIN 1 is an item, 3 a handling unit, and pallets stand on one level with what they hold
(sap.how/s4/le/how-to-fill-desadv-to-create-nested-hus, read 2026-11).
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation

from edi_gateway.shape import LoopShape, SegmentShape, Shape
from edi_gateway.tree import Loop, Segment

NAME = "delivery"
"""What a layout says of itself: `arrange: delivery`."""
HEADER, ITEM, ORDERED, SOLD, UNIT, HELD = "E1EDL20", "E1EDL24", "E1EDL41", "E1EDL43", "E1EDL37", "E1EDL44"
ORDER, PACK, PALLET = "ORDER", "PACK", "PALLET"
NEEDED: Mapping[str, tuple[str, ...]] = {
    HEADER: (),
    ITEM: ("posnr", "lfimg", "vrkme"),
    ORDERED: ("quali", "bstnr", "posex"),
    SOLD: ("qualf", "belnr"),
    UNIT: ("exidv",),
    HELD: ("velin", "vbeln", "posnr", "exidv", "vemng", "vemeh"),
}
"""The records and columns without which the references cannot be followed."""
ITEM_HELD, UNIT_HELD = "1", "3"
BUYERS_ORDER, SALES_ORDER = "001", "C"
Columns = Mapping[str, Mapping[str, int]]
"""The numbers of columns, by record and name."""


def nested_shape(shape: Shape) -> Shape:
    """The document as maps see it: below the header ORDER, and in it items, PACK and PALLET."""
    header = shape.root.loops[HEADER]
    item, unit = header.loops[ITEM], header.loops[UNIT]
    opening = unit.items[0]
    pack = LoopShape(tag=PACK, items=(opening, *(one for one in unit.items[1:] if one.tag != HELD), item), limit=0)
    pallet = LoopShape(tag=PALLET, items=(opening, pack), limit=0)
    order = LoopShape(tag=ORDER, items=(*_order_items(item), item, pack, pallet), requirement="M", limit=0)
    inner = (*(one for one in header.items if one.tag not in (ITEM, UNIT)), order)
    root = LoopShape(
        tag=shape.root.tag,
        items=tuple(
            LoopShape(tag=HEADER, items=inner, requirement=one.requirement, limit=one.limit) if one.tag == HEADER else one
            for one in shape.root.items
        ),
    )
    return Shape(name=shape.name, title=shape.title, root=root)


def lacking(shape: Shape) -> tuple[str, ...]:
    """What a layout lacks for its references to be followed, as "E1EDL44/posnr"; nothing where it has all."""
    header = shape.root.loops.get(HEADER)
    if header is None or not {ITEM, UNIT} <= set(header.loops):
        return (f"{HEADER} with {ITEM} and {UNIT} under it, as records with records",)
    columns = columns_of(shape)
    places = {ORDERED: ITEM, SOLD: ITEM, HELD: UNIT}
    astray = tuple(tag for tag, parent in places.items() if tag not in header.loops[parent].segments)
    return astray or tuple(f"{tag}/{name}" for tag, names in NEEDED.items() for name in names if name not in columns.get(tag, {}))


def _order_items(item: LoopShape) -> Iterator[SegmentShape]:
    yield item.segments[ORDERED]
    yield item.segments[SOLD]


def columns_of(shape: Shape) -> Columns:
    """The numbers of the columns that references need, by record and name; what is not there is left out."""
    segments = {one.tag: one for one in shape.root.walk() if isinstance(one, SegmentShape)}
    return {
        tag: {name: number for name in names if (number := segments[tag].number(name))} for tag, names in NEEDED.items() if tag in segments
    }


def opening_of(loop: Loop) -> Segment:
    """The segment that opens a loop."""
    opening = loop.children[0]
    assert isinstance(opening, Segment)
    return opening


def changed(segment: Segment, number: int, text: str) -> Segment:
    """The segment with another text in an element, and nothing empty at its end."""
    made = Segment(segment, segment.position, segment.offset)
    made += [""] * (number + 1 - len(made))
    made[number] = text
    while not made[-1]:
        made.pop()
    return made


def key_of(segments: Iterable[Segment]) -> tuple[tuple[str, ...], ...]:
    """What tells orders apart: all that their items say of them."""
    return tuple(tuple(str(text) for text in segment) for segment in segments)


def plain(child: Segment | Loop) -> object:
    """A segment or loop as a value that can be compared and kept in a table."""
    return tuple(child) if isinstance(child, Segment) else (child.tag, tuple(map(plain, child.children)))


def amount_of(text: str) -> Decimal | None:
    """A quantity; None where there is none."""
    try:
        return Decimal(text) if text else None
    except InvalidOperation:
        return None
