"""What a careful colleague would say of a map, without running it."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.loading import Base
from edi_gateway.mapping.map import Map, Shapes, Tables, compile_map
from edi_gateway.mapping.plan import BoundEnd, BoundRow, Claim, Context, Slot, Test, claims
from edi_gateway.records.codec import field_types
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape
from edi_gateway.syntax import in_words, lacking, positions

_COUNTED = {"HL": frozenset({1, 2, 4})}
_SHOWN = 8


def lint(source: str, *, file: str, shapes: Shapes, base: Base | None = None, tables: Tables | None = None) -> tuple[Fault, ...]:
    """Every finding of a map's text: what keeps it from compiling, or else what makes little sense, in the order of its lines."""
    compiled = compile_map(source, file=file, shapes=shapes, base=base, tables=tables)
    if compiled.map is None:
        return compiled.faults
    return lint_map(compiled.map)


def lint_map(one: Map) -> tuple[Fault, ...]:
    """The findings of a map that compiles."""
    found = [
        *_tables(one),
        *_mandatory(one),
        *dict.fromkeys(_notes(one)),
        *_unmapped(one),
        *_one_way(one),
        *_overlaps(one),
        *_normalising(one),
    ]
    return tuple(sorted(found, key=lambda fault: (fault.place.file or "", fault.place.line or 0, fault.place.column or 0, fault.code)))


def _tables(one: Map) -> Iterator[Fault]:
    ends = [(row, end) for row in one.plan.rows for end in {id(end): end for end in (row.read, row.write)}.values() if end is not None]
    used = {end.table.name for _, end in ends if end.table is not None}
    for name, place in one.definition.table_places.items():
        if name not in used:
            yield Fault.of("MAP-209", place, name)
    for row, end in ends:
        if end.table is None or end.table.keep or not end.element.codes:
            continue
        missing = sorted(set(end.element.codes) - set(end.table.names))
        if missing:
            shown = ", ".join(missing[:_SHOWN]) + (f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else "")
            yield Fault.of("MAP-208", row.place, shown, table=end.table.name, element=f"{end.element.id} ({end.element.name})")


def _mandatory(one: Map) -> Iterator[Fault]:
    """Elements and segments that the shape wants and no row writes, in the loops that the map writes at all."""
    written: dict[Slot, set[int]] = {}
    places: dict[Slot, Place] = {}
    for row in one.plan.rows:
        if row.write is not None:
            _note(written, places, row.write, row.place)
    for equation in one.plan.equations:
        _note(written, places, equation.end, equation.place)
    for slot in one.plan.slots:
        if slot not in written and slot is not slot.context.opening:
            continue
        there = written.get(slot, set()) | {number for number, _ in slot.tests} | _COUNTED.get(slot.shape.tag, frozenset())
        place = places.get(slot) or _place_of(one, slot.context)
        for number, element in enumerate(slot.shape.elements, 1):
            if element.requirement == "M" and number not in there:
                yield Fault.of("MAP-302", place, f"{slot.shape.tag}{number:02} ({element.name})")
    for context in one.plan.contexts:
        yield from _mandatory_items(one, context, written)


def _note(written: dict[Slot, set[int]], places: dict[Slot, Place], end: BoundEnd, place: Place) -> None:
    numbers = written.setdefault(end.slot, set())
    if end.number:
        numbers.add(end.number)
    elif end.slot.run is not None:
        numbers.update((end.slot.run[0], end.slot.run[0] + 1))
    places.setdefault(end.slot, place)


def _mandatory_items(one: Map, context: Context, written: Mapping[Slot, set[int]]) -> Iterator[Fault]:
    if not isinstance(context.shape, LoopShape):
        return
    there = {slot.shape.tag for slot in context.slots if slot in written or slot.tests} | {
        inner.tag for inner in (*context.loops, *context.lists)
    }
    first = context.shape.items[0]
    for item in context.shape.items:
        if item.requirement == "M" and item.tag not in there and not (item is first and context.parent is not None):
            name = item.name if isinstance(item, SegmentShape) else "loop"
            yield Fault.of("MAP-302", _place_of(one, context), f"{item.tag} ({name})")


def _place_of(one: Map, context: Context) -> Place:
    block = next((block for block in one.plan.root.blocks() if block.context is context), one.plan.root)
    return block.place


def _notes(one: Map) -> Iterator[Fault]:
    """Elements and components that a syntax note asks for beside what rows write, and that no row writes itself."""
    written: dict[Slot, list[tuple[BoundEnd, Place]]] = {slot: [] for slot in one.plan.slots}
    for row in one.plan.rows:
        if row.write is not None:
            written[row.write.slot].append((row.write, row.place))
    for equation in one.plan.equations:
        written[equation.end.slot].append((equation.end, equation.place))
    for slot, ends in written.items():
        if not ends and slot is not slot.context.opening:
            continue
        block = _place_of(one, slot.context)
        places = {number: block for number, _ in slot.tests}
        for end, place in ends:
            places |= dict.fromkeys(range(slot.run[0], slot.run[0] + 2) if slot.run and not end.number else (end.number,), place)
        yield from _unkept(slot.shape.syntax, slot.shape.tag, slot.shape.elements, places, block)
        for number, element in enumerate(slot.shape.elements, 1):
            parts = {end.component: place for end, place in ends if end.number == number and end.component}
            if parts:
                yield from _unkept(element.syntax, f"{slot.shape.tag}{number:02}-", element.components, parts, block)


def _unkept(notes: Sequence[str], tag: str, shapes: Sequence[ElementShape], written: Mapping[int, Place], block: Place) -> Iterator[Fault]:
    """What the notes ask for and is not among what is written, at the row that makes it necessary."""
    for note in notes:
        beside = next((written[number] for number in positions(note) if number in written), block)
        for number in lacking(note, written.__contains__):
            name = shapes[number - 1].name if number <= len(shapes) else "?"
            yield Fault.of("MAP-310", beside, f"{tag}{number:02} ({name})", note=in_words(note, tag))


def _unmapped(one: Map) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for block in one.plan.root.blocks():
        mapped = {item.field for item in block.items}
        for name in field_types(block.kind):
            if name not in mapped and (block.kind.__name__, name) not in seen:
                seen.add((block.kind.__name__, name))
                yield Fault.of("MAP-303", block.place, f"{block.path}.{name}" if block.path else name)


def _one_way(one: Map) -> Iterator[Fault]:
    for row in one.plan.rows:
        if row.read is None or row.write is None:
            yield Fault.of("MAP-304", row.place, row.path)


def _overlaps(one: Map) -> Iterator[Fault]:
    for context in one.plan.contexts:
        tested = [claim for claim in claims(context) if claim.tests]
        for first, second in combinations(tested, 2):
            if first.tag == second.tag and first.loop == second.loop and _can_both(first.tests, second.tests):
                yield Fault.of("MAP-305", _claim_place(one, second), _shown(first), other=_shown(second))


def _can_both(first: tuple[Test, ...], second: tuple[Test, ...]) -> bool:
    wanted = dict(first)
    return all(set(values) & set(wanted.get(number, values)) for number, values in second)


def _shown(claim: Claim) -> str:
    return f"{claim.tag}[{','.join(f'{number:02}=' + '|'.join(values) for number, values in claim.tests)}]"


def _claim_place(one: Map, claim: Claim) -> Place:
    if claim.context is not None:
        return _place_of(one, claim.context)
    rows = (row for row in one.plan.rows if any(end is not None and end.slot is claim.slot for end in (row.read, row.write)))
    return next((row.place for row in rows), one.plan.root.place)


def _normalising(one: Map) -> Iterator[Fault]:
    said: set[Slot] = set()
    filled = {(row.write.slot, row.write.number) for row in one.plan.rows if row.write is not None}
    for row in one.plan.rows:
        for end in (row.read,):
            if end is None or row.write is None:
                continue
            if len(end.choices) > 1 and any(choice.length is None for choice in end.choices):
                yield Fault.of("MAP-306", row.place, row.path, written=end.choices[0].qualifier)
            if end.table is not None and len(end.table.names) > len(end.table.codes):
                yield Fault.of("MAP-306", row.place, row.path, written="the table's own codes")
            yield from _loose_selector(row, end, said, filled)


def _loose_selector(row: BoundRow, end: BoundEnd, said: set[Slot], filled: set[tuple[Slot, int]]) -> Iterator[Fault]:
    if end.slot in said:
        return
    said.add(end.slot)
    for number, values in end.slot.tests:
        if len(values) > 1 and (end.slot, number) not in filled:
            yield Fault.of("MAP-306", row.place, f"{end.slot.shape.tag}[{'|'.join(values)}]", written=values[0])
