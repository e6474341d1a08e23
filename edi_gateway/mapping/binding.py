"""Binds a definition to a shape and a record type, and says everything that does not fit, with its place in the map."""

from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass
from decimal import Decimal

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.codecs import CODECS
from edi_gateway.mapping.definition import Block, Definition, End, Equation, Row
from edi_gateway.mapping.expressions import (
    Expression,
    ExpressionTrouble,
    Name,
    Sort,
    compile_expression,
    record_scope,
)
from edi_gateway.mapping.paths import Path, Step, Target
from edi_gateway.mapping.plan import BoundBlock, BoundEnd, BoundEquation, BoundRow, Context, Plan, Slot, Test
from edi_gateway.mapping.tables import Table
from edi_gateway.mapping.values import Bad, conversion, named_conversion
from edi_gateway.marked import nearest
from edi_gateway.records.codec import field_types
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape

_PAIRS = {"235": "234", "365": "364"}
_QUALIFIER = {"HL": 3}


def bind(definition: Definition, shape: Shape, kind: type, tables: Mapping[str, Table]) -> tuple[Plan | None, list[Fault]]:
    """The plan of a definition, None where faults stand."""
    binder = _Binder(shape, {**tables, **definition.tables})
    root = binder.root(definition, kind)
    if binder.faults:
        return None, binder.faults
    return Plan(
        name=definition.name,
        root=root,
        rows=tuple(binder.rows),
        equations=tuple(binder.equations),
        slots=tuple(binder.slots),
        contexts=tuple(binder.contexts),
    ), []


@dataclass(frozen=True, slots=True)
class _Here:
    """Where a row is read: the loop, and the segment where the block stands on one."""

    context: Context
    slot: Slot | None


class _Refused(Exception):
    """Ends the binding of one row; its fault is noted already."""


class _Binder:
    def __init__(self, shape: Shape, tables: Mapping[str, Table]) -> None:
        self._shape = shape
        self._tables = tables
        self.faults: list[Fault] = []
        self.rows: list[BoundRow] = []
        self.equations: list[BoundEquation] = []
        self.slots: list[Slot] = []
        self.contexts: list[Context] = []
        self._written: dict[tuple[int, int, int, str], Place] = {}
        self._blocks = 0

    def root(self, definition: Definition, kind: type) -> BoundBlock:
        context = self._context(self._shape.root, (), None, 0)
        return self._fill(definition.body, kind, "", False, True, _Here(context, None))

    def _refuse(self, code: str, place: Place, value: str | None = None, **detail: object) -> _Refused:
        self.faults.append(Fault.of(code, place, value, **detail))
        return _Refused()

    # The record's side

    def _fill(self, block: Block, kind: type, path: str, required: bool, root: bool, here: _Here) -> BoundBlock:
        bound = BoundBlock(
            number=self._blocks,
            field=block.field,
            path=path,
            place=block.place,
            kind=kind,
            many=block.many,
            required=required,
            context=here.context,
            slot=here.slot,
            grouped=not root and block.at is None,
        )
        self._blocks += 1
        fields = field_types(kind)
        inner = f"{path}{'[]' if block.many else ''}." if path else ""
        above: dict[str, Name] = {}
        for item in block.items:
            try:
                if item.field not in fields:
                    raise self._refuse("MAP-112", item.place, item.field, record=kind.__name__, hint=nearest(item.field, fields))
                one, many, optional = fields[item.field]
                if isinstance(item, Block):
                    bound.items.append(self._block(item, one, many, not optional, f"{inner}{item.field}", here))
                else:
                    bound.items.append(self._row(item, one, many, not optional, f"{inner}{item.field}", here, above, kind))
                above[item.field] = Name(code=f"f{bound.number}_{item.field}", one=one, many=many)
            except _Refused:
                continue
        for name, (_, _, optional) in fields.items():
            if not optional and not any(item.field == name for item in block.items):
                self.faults.append(Fault.of("MAP-118", block.place, name, record=kind.__name__))
        bound.equations += self._equations(block, kind, here)
        return bound

    def _block(self, block: Block, one: type, many: bool, required: bool, path: str, here: _Here) -> BoundBlock:
        if not is_dataclass(one):
            raise self._refuse("MAP-113", block.place, block.field)
        if block.many != many:
            raise self._refuse("MAP-114", block.place, block.field, wanted="each" if many else "at")
        inner = self._enter_block(block, here) if block.at is not None else here
        bound = self._fill(block, one, path, required, False, inner)
        if block.at is not None and not many:
            (inner.slot or inner.context).live.append(bound)
        return bound

    def _row(
        self,
        row: Row,
        one: type,
        many: bool,
        required: bool,
        path: str,
        here: _Here,
        above: Mapping[str, Name],
        kind: type,
    ) -> BoundRow:
        if many or is_dataclass(one):
            raise self._refuse("MAP-113" if not is_dataclass(one) else "MAP-119", row.place, row.field)
        when = self._when(row, above, field_types(kind)) if row.when is not None else None
        read = self._end(row.read, one, row.place, here) if row.read else None
        write = read if row.write is row.read else self._end(row.write, one, row.place, here) if row.write else None
        if write is not None and when is None:
            self._claim_place(write, row.place, path)
        bound = BoundRow(
            number=len(self.rows),
            field=row.field,
            path=path,
            place=row.place,
            one=one,
            required=required,
            read=read,
            write=write,
            when=when,
            when_record=compile_expression(row.when, record_scope(kind, "r")) if row.when is not None else None,
        )
        self.rows.append(bound)
        return bound

    def _claim_place(self, end: BoundEnd, place: Place, path: str) -> None:
        for qualifier in [choice.qualifier for choice in end.choices] or [""]:
            key = (end.slot.number, end.number, end.component or 0, qualifier)
            if key in self._written:
                self.faults.append(Fault.of("MAP-120", place, path, designator=end.designator, first=self._written[key].words()))
            self._written[key] = place

    def _when(self, row: Row, above: Mapping[str, Name], fields: Mapping[str, tuple[type, bool, bool]]) -> Expression:
        try:
            expression = compile_expression(row.when or "", above)
        except ExpressionTrouble as trouble:
            later = next((name for name in fields if name not in above and name in (row.when or "")), None)
            if later is not None and "is no field" in str(trouble):
                raise self._refuse("MAP-301", row.when_place, row.when, field=later) from None
            raise self._refuse("MAP-121", row.when_place, row.when, why=trouble) from None
        if expression.sort is not Sort.TRUTH:
            raise self._refuse("MAP-121", row.when_place, row.when, why="a condition is true or false")
        return expression

    def _equations(self, block: Block, kind: type, here: _Here) -> list[BoundEquation]:
        made = []
        for equation in block.equations:
            try:
                made.append(self._equation(equation, kind, here))
            except _Refused:
                continue
        return made

    def _equation(self, equation: Equation, kind: type, here: _Here) -> BoundEquation:
        try:
            expression = compile_expression(equation.text, record_scope(kind, "r"))
        except ExpressionTrouble as trouble:
            raise self._refuse("MAP-121", equation.place, equation.text, why=trouble) from None
        if expression.sort not in (Sort.NUMBER, Sort.TEXT):
            raise self._refuse("MAP-121", equation.place, equation.text, why="an equation gives a number or text")
        one: type = Decimal if expression.sort is Sort.NUMBER else str
        end = self._end(End(path=equation.path), one, equation.place, here)
        bound = BoundEquation(
            number=len(self.equations),
            path=equation.path.text,
            place=equation.place,
            end=end,
            expression=expression,
            text=equation.text,
            checked=equation.checked,
        )
        self.equations.append(bound)
        return bound

    # The tree's side

    def _end(self, end: End, one: type, place: Place, here: _Here) -> BoundEnd:
        slot = self._slot(end.path, place, here)
        target = end.path.target
        assert target is not None
        if target.choices:
            number, element = 0, self._pair_element(slot, end.path, place)
        else:
            number, element = self._element(slot.shape, target, end.path, place)
        codec = table = None
        if end.via is not None and end.via.startswith("!"):
            codec = CODECS.get(end.via[1:])
            if codec is None:
                raise self._refuse("MAP-205", place, end.via, hint=nearest(end.via[1:], CODECS))
        elif end.via is not None:
            table = self._tables.get(end.via)
            if table is None:
                raise self._refuse("MAP-204", place, end.via, hint=nearest(end.via, self._tables))
            self._check_codes(table, element, place)
        found = conversion(element, one) if table is None else named_conversion(one)
        if found is None:
            raise self._refuse("MAP-111", place, end.path.text, type=element.type, field=_word(one))
        bound = BoundEnd(
            slot=slot,
            number=number,
            component=target.component,
            choices=target.choices,
            element=element,
            conversion=found,
            table=table,
            codec=codec,
            default=end.default,
        )
        if end.default is not None and isinstance(bound.value(end.default), Bad):
            raise self._refuse("MAP-122", place, end.default, type=found.word)
        return bound

    def _check_codes(self, table: Table, element: ElementShape, place: Place) -> None:
        if element.codes and (strange := sorted(set(table.names) - set(element.codes))):
            self.faults.append(Fault.of("MAP-206", place, ", ".join(strange), table=table.name, element=f"{element.id} ({element.name})"))

    def _element(self, segment: SegmentShape, target: Target, path: Path, place: Place) -> tuple[int, ElementShape]:
        assert target.element is not None
        number = int(target.element) if target.element.isdecimal() else segment.number(target.element)
        if number is None or not 1 <= number <= len(segment.elements):
            known = [element.id for element in segment.elements] if not target.element.isdecimal() else []
            hint = nearest(target.element, known) if known else f"{segment.tag} has elements 01 to {len(segment.elements):02}."
            raise self._refuse("MAP-108", place, path.text, hint=hint)
        element = segment.elements[number - 1]
        if target.component is None:
            if element.components:
                raise self._refuse("MAP-109", place, path.text, count=len(element.components))
            return number, element
        if target.component == 1 and not element.components:
            return number, element
        if not 1 <= target.component <= len(element.components):
            raise self._refuse("MAP-108", place, path.text, hint=f"The element has {len(element.components) or 1} components.")
        return number, element.components[target.component - 1]

    def _pair_element(self, slot: Slot, path: Path, place: Place) -> ElementShape:
        """The value element of the segment's first run of qualified pairs."""
        elements = slot.shape.elements
        for start in range(len(elements) - 1):
            count = 0
            while (at := start + 2 * count) + 1 < len(elements) and _PAIRS.get(elements[at].id) == elements[at + 1].id:
                count += 1
            if count:
                slot.run = (start + 1, count)
                return elements[start + 1]
        raise self._refuse("MAP-110", place, path.text, segment=slot.shape.tag)

    def _slot(self, path: Path, place: Place, here: _Here) -> Slot:
        """The slot of a row's segment, made where no row asked for it yet."""
        *outer, last = path.steps
        context = here.context
        if not outer and here.slot is not None and last.tag == here.slot.shape.tag and not last.conditions:
            return here.slot
        for step in outer:
            context = self._enter(context, step, path, place)
        return self._segment(context, last, path, place)

    def _segment(self, context: Context, step: Step, path: Path, place: Place) -> Slot:
        opening = context.opening
        if opening is not None and step.tag == opening.shape.tag and not step.conditions:
            return opening
        if isinstance(context.shape, SegmentShape):
            raise self._refuse("MAP-106", place, path.text, wanted=f"an element of {context.shape.tag}, on which this block stands")
        segment = context.shape.segments.get(step.tag)
        if segment is None:
            inner = self._enter(context, step, path, place)
            assert inner.opening is not None
            return inner.opening
        tests = self._tests(segment, step, path, place)
        for slot in context.slots:
            if slot.shape.tag == step.tag and slot.tests == tests:
                return slot
        slot = self._new_slot(segment, tests, context, context.shape.items.index(segment))
        context.slots.append(slot)
        return slot

    def _enter(self, context: Context, step: Step, path: Path, place: Place) -> Context:
        """The loop within a loop that a step names, made where no row asked for it yet."""
        shape, order = self._loop(context, step, path, place)
        tests = self._tests(shape.items[0], step, path, place)
        for inner in context.loops:
            if inner.shape is shape and inner.tests == tests:
                return inner
        made = self._context(shape, tests, context, order)
        context.loops.append(made)
        return made

    def _loop(self, context: Context, step: Step, path: Path, place: Place) -> tuple[LoopShape, int]:
        loops = context.shape.loops if isinstance(context.shape, LoopShape) else {}
        shape = loops.get(step.tag)
        if shape is None or not isinstance(context.shape, LoopShape):
            known = set(loops) | (set(context.shape.segments) if isinstance(context.shape, LoopShape) else set())
            raise self._refuse("MAP-124", place, path.text, tag=step.tag, where=context.tag, hint=nearest(step.tag, known))
        items = context.shape.items
        return shape, items.index(shape) if shape in items else len(items)

    def _enter_block(self, block: Block, here: _Here) -> _Here:
        """The loop or segment that a block stands on."""
        path = block.at
        assert path is not None
        *outer, last = path.steps
        context = here.context
        for step in outer:
            context = self._enter(context, step, path, block.place)
        shape = context.shape
        is_segment = isinstance(shape, LoopShape) and last.tag in shape.segments and last.tag not in shape.loops
        if not is_segment and isinstance(shape, LoopShape) and last.tag == shape.tag and not shape.hierarchical:
            is_segment = True
        if not block.many:
            if is_segment:
                return _Here(context, self._segment(context, last, path, block.place))
            return _Here(self._enter(context, last, path, block.place), None)
        if is_segment:
            assert isinstance(shape, LoopShape)
            segment = shape.segments[last.tag]
            made = self._context(segment, self._tests(segment, last, path, block.place), context, shape.items.index(segment))
        else:
            loop, order = self._loop(context, last, path, block.place)
            made = self._context(loop, self._tests(loop.items[0], last, path, block.place), context, order)
        made.many = True
        if any(one.shape is made.shape and one.tests == made.tests for one in context.lists):
            raise self._refuse("MAP-120", block.place, block.field, designator=path.text, first="another list")
        context.lists.append(made)
        return _Here(made, None)

    def _context(self, shape: LoopShape | SegmentShape, tests: tuple[Test, ...], parent: Context | None, order: int) -> Context:
        context = Context(number=len(self.contexts), shape=shape, tests=tests, parent=parent, order=order)
        self.contexts.append(context)
        first = shape if isinstance(shape, SegmentShape) else shape.items[0]
        if parent is not None and isinstance(first, SegmentShape):
            context.opening = self._new_slot(first, tests, context, -1)
        return context

    def _new_slot(self, segment: SegmentShape, tests: tuple[Test, ...], context: Context, order: int) -> Slot:
        slot = Slot(number=len(self.slots), shape=segment, tests=tests, context=context, order=order)
        self.slots.append(slot)
        return slot

    def _tests(self, segment: object, step: Step, path: Path, place: Place) -> tuple[Test, ...]:
        assert isinstance(segment, SegmentShape)
        tests = []
        for condition in step.conditions:
            if condition.element is None:
                number = _QUALIFIER.get(segment.tag, 1)
            else:
                number, _ = self._element(segment, Target(element=condition.element), path, place)
            element = segment.elements[number - 1]
            if element.codes and (strange := [value for value in condition.values if value not in element.codes]):
                raise self._refuse("MAP-207", place, strange[0], path=path.text, element=f"{segment.tag}{number:02} ({element.name})")
            tests.append((number, condition.values))
        return tuple(tests)


def _word(one: type) -> str:
    return {"str": "text", "Decimal": "a number", "int": "a whole number", "date": "a date", "time": "a time", "bool": "yes or no"}.get(
        one.__name__, one.__name__
    )
