"""Binds a definition to a shape and a record type, and says everything that does not fit, with its place in the map."""

from collections.abc import Mapping
from dataclasses import is_dataclass
from decimal import Decimal

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.codecs import CHECKS, CODECS, codec_of
from edi_gateway.mapping.definition import Block, Definition, End, Equation, Row, Units
from edi_gateway.mapping.expressions import (
    Expression,
    ExpressionTrouble,
    Name,
    Sort,
    compile_expression,
    record_scope,
)
from edi_gateway.mapping.pack_sizes import Sizes
from edi_gateway.mapping.plan import BoundBlock, BoundEnd, BoundEquation, BoundRow, Plan
from edi_gateway.mapping.tables import Table
from edi_gateway.mapping.tree_binding import Here, Refused, Tree
from edi_gateway.mapping.units import BoundUnits
from edi_gateway.mapping.values import Bad, conversion, named_conversion
from edi_gateway.marked import nearest
from edi_gateway.records.codec import field_types
from edi_gateway.shape import ElementShape, Shape


def bind(definition: Definition, shape: Shape, kind: type, tables: Mapping[str, Table | Sizes]) -> tuple[Plan | None, list[Fault]]:
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
        slots=tuple(binder.tree.slots),
        contexts=tuple(binder.tree.contexts),
        units=tuple(binder.units),
    ), []


class _Binder:
    def __init__(self, shape: Shape, tables: Mapping[str, Table | Sizes]) -> None:
        self._tables = tables
        self.faults: list[Fault] = []
        self.tree = Tree(shape, self.faults)
        self.rows: list[BoundRow] = []
        self.equations: list[BoundEquation] = []
        self.units: list[BoundUnits] = []
        self._written: dict[tuple[int, int, int, int, str], Place] = {}
        self._blocks = 0

    def root(self, definition: Definition, kind: type) -> BoundBlock:
        return self._fill(definition.body, kind, "", False, True, self.tree.root())

    def _refuse(self, code: str, place: Place, value: str | None = None, **detail: object) -> Refused:
        self.faults.append(Fault.of(code, place, value, **detail))
        return Refused()

    def _fill(self, block: Block, kind: type, path: str, required: bool, root: bool, here: Here) -> BoundBlock:
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
            except Refused:
                continue
        for name, (_, _, optional) in fields.items():
            if not optional and not any(item.field == name for item in block.items):
                self.faults.append(Fault.of("MAP-118", block.place, name, record=kind.__name__))
        bound.equations += self._equations(block, kind, here)
        if block.units is not None:
            self._measure(block.units, kind, path)
        return bound

    def _measure(self, units: Units, kind: type, path: str) -> None:
        fields = field_types(kind)
        wanted = [(name, Decimal) for name in (*units.quantity, *units.price)] + [(units.unit, str), (units.item, str)]
        for name, one in wanted:
            if name not in fields or fields[name][0] is not one:
                self.faults.append(Fault.of("MAP-112", units.place, name, record=kind.__name__, hint=nearest(name, fields)))
        sizes = self._tables.get(units.table)
        if not isinstance(sizes, Sizes):
            self.faults.append(Fault.of("MAP-204", units.place, units.table, hint="It is a CSV file with the columns item, unit and size."))
        else:
            self.units.append(BoundUnits(path=path, units=units, sizes=sizes))

    def _block(self, block: Block, one: type, many: bool, required: bool, path: str, here: Here) -> BoundBlock:
        if not is_dataclass(one):
            raise self._refuse("MAP-113", block.place, block.field)
        if block.many != many:
            raise self._refuse("MAP-114", block.place, block.field, wanted="each" if many else "at")
        inner = self.tree.enter_block(block, here) if block.at is not None else here
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
        here: Here,
        above: Mapping[str, Name],
        kind: type,
    ) -> BoundRow:
        if many or is_dataclass(one):
            raise self._refuse("MAP-113" if not is_dataclass(one) else "MAP-119", row.place, row.field)
        when = self._when(row, above, field_types(kind)) if row.when is not None else None
        one_way = row.write is not row.read
        read = self._end(row.read, one, row.place, here, enclosing=one_way) if row.read else None
        write = read if not one_way else self._end(row.write, one, row.place, here) if row.write else None
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
            key = (end.slot.number, end.number, end.repetition or 1, end.component or 0, qualifier)
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

    def _equations(self, block: Block, kind: type, here: Here) -> list[BoundEquation]:
        made = []
        for equation in block.equations:
            try:
                made.append(self._equation(equation, kind, here))
            except Refused:
                continue
        return made

    def _equation(self, equation: Equation, kind: type, here: Here) -> BoundEquation:
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
            only=equation.only,
        )
        self.equations.append(bound)
        return bound

    def _end(self, end: End, one: type, place: Place, here: Here, *, enclosing: bool = False) -> BoundEnd:
        slot = self.tree.read_slot(end.path, place, here) if enclosing else self.tree.slot(end.path, place, here)
        target = end.path.target
        assert target is not None
        if target.choices:
            number, element = 0, self.tree.pair_element(slot, end.path, place)
        else:
            number, element = self.tree.element(slot.shape, target, end.path, place)
        codec = table = check = None
        if end.via is not None and end.via.startswith("!"):
            codec = codec_of(end.via[1:])
            if codec is None:
                raise self._refuse("MAP-205", place, end.via, hint=nearest(end.via[1:], CODECS))
        elif end.via is not None and end.via.startswith("?"):
            check = CODECS[end.via[1:]] if end.via[1:] in CHECKS else None
            if check is None:
                raise self._refuse("MAP-205", place, end.via, hint=nearest(end.via[1:], CHECKS))
        elif end.via is not None:
            found_table = self._tables.get(end.via)
            table = found_table if isinstance(found_table, Table) else None
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
            repetition=target.repetition,
            choices=target.choices,
            element=element,
            conversion=found,
            table=table,
            codec=codec,
            check=check,
            default=end.default,
        )
        if end.default is not None and isinstance(bound.value(end.default), Bad):
            raise self._refuse("MAP-122", place, end.default, type=found.word)
        return bound

    def _check_codes(self, table: Table, element: ElementShape, place: Place) -> None:
        if element.codes and (strange := sorted(set(table.names) - set(element.codes))):
            self.faults.append(Fault.of("MAP-206", place, ", ".join(strange), table=table.name, element=f"{element.id} ({element.name})"))


def _word(one: type) -> str:
    return {"str": "text", "Decimal": "a number", "int": "a whole number", "date": "a date", "time": "a time", "bool": "yes or no"}.get(
        one.__name__, one.__name__
    )
