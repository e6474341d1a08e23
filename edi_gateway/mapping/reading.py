"""Generates the function that reads a tree into a record.

One function per list and one for the root. Each looks once at the children of its loop, gives every child to the first
claim that it meets, then takes the fields in their order.
"""

from collections.abc import Callable
from typing import Any

from edi_gateway.frozen import twin
from edi_gateway.mapping import run_faults
from edi_gateway.mapping.claiming import look, singles
from edi_gateway.mapping.emitter import Emitter
from edi_gateway.mapping.expressions import SUPPORT
from edi_gateway.mapping.plan import BoundBlock, BoundEnd, BoundRow, Claim, Context, Plan, Slot, claims
from edi_gateway.mapping.values import BAD, component, repetition
from edi_gateway.records.codec import field_types
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop


def reader(plan: Plan, *, traced: bool) -> Callable[..., Any]:
    """The generated `read(root, faults, checks, trace)`. Shape: `trace` gets (path, row, segment) for every value, where asked for."""
    out = Emitter(
        {
            **SUPPORT,
            "Loop": Loop,
            "BAD": BAD,
            "component": component,
            "repetition": repetition,
            "bad": lambda row, at, text, segment, faults: faults.append(run_faults.unreadable(plan.rows[row], at, text, segment)),
            "odd": lambda row, at, text, segment, checks: checks.append(run_faults.odd_read(plan.rows[row], at, text, segment)),
            "missing": lambda row, at, segment, faults: faults.append(run_faults.missing(plan.rows[row], at, segment)),
            "differs": lambda number, text, want, segment, checks: checks.append(
                run_faults.differs(plan.equations[number], text, want, segment)
            ),
        }
    )
    generator = _Generator(out, traced)
    generator.function(plan.root)
    read: Callable[..., Any] = out.compile(plan.name)["read_0"]
    return read


class _Generator:
    def __init__(self, out: Emitter, traced: bool) -> None:
        self._out = out
        self._traced = traced

    def function(self, block: BoundBlock) -> None:
        """The function of the root or of a list's item; those of the lists within it come first."""
        for inner in block.blocks():
            if inner is not block and inner.many and self._owner(inner, block):
                self.function(inner)
        out = self._out
        with out.block(f"def read_{block.number}(node, faults, checks, at, trace{_given(block)}):"):
            used = _contexts_of(block)
            self._prepare(block.context, used)
            self._scan(block.context, "node", used)
            for slot in _slots_of(block):
                self._measure(slot)
            self._fields(block)
            if block.path == "":
                out.line("if faults: return None")
            self._construct(block, "r")
            for inner, guard in self._equation_blocks(block):
                self._equations(inner, guard)
            out.line("return r")

    def _owner(self, inner: BoundBlock, block: BoundBlock) -> bool:
        return not any(
            middle.many and middle is not block and middle is not inner and inner in middle.blocks() for middle in block.blocks()
        )

    # The tree's side: which child is which

    def _prepare(self, context: Context, used: set[Context]) -> None:
        out = self._out
        names = {name for inner in used for name in singles(inner)}
        names |= {f"s{inner.opening.number}" for inner in used if inner.opening is not None}
        for name in sorted(names):
            out.line(f"{name} = None")
        for inner in sorted(used, key=lambda one: one.number):
            for listed in inner.lists:
                out.line(f"l{listed.number} = []")

    def _scan(self, context: Context, node: str, used: set[Context]) -> None:
        out = self._out
        if not isinstance(context.shape, LoopShape):
            assert context.opening is not None
            out.line(f"s{context.opening.number} = {node}")
            return
        if context.opening is not None:
            out.line(f"s{context.opening.number} = {node}.children[0]")
        claimed = claims(context)
        if claimed:
            look(out, claimed, f"{node}.children", self._listed, lambda is_loop: None)
        for inner in context.loops:
            if inner in used:
                with out.block(f"if c{inner.number} is not None:"):
                    self._scan(inner, f"c{inner.number}", used)

    def _listed(self, claim: Claim) -> None:
        if claim.context is not None and claim.context.many:
            self._out.line(f"l{claim.context.number}.append(child)")

    def _measure(self, slot: Slot) -> None:
        variable = f"s{slot.number}"
        self._out.line(f"n{slot.number} = len({variable}) if {variable} is not None else 0")
        if slot.run is not None:
            start, count = slot.run
            end = start + 2 * count
            pairs = f"dict(zip({variable}[{start}:{end}:2], {variable}[{start + 1}:{end}:2]))"
            self._out.line(f"p{slot.number} = {pairs} if n{slot.number} > {start} else {{}}")

    # The record's side: which field is what

    def _fields(self, block: BoundBlock) -> None:
        for item in block.items:
            if isinstance(item, BoundRow):
                self._row(block, item)
            elif item.many:
                self._list(block, item)
            else:
                self._record(block, item)

    def _variable(self, block: BoundBlock, field: str) -> str:
        return f"f{block.number}_{field}"

    def _row(self, block: BoundBlock, row: BoundRow) -> None:
        out, variable, end = self._out, self._variable(block, row.field), row.read
        if end is None:
            out.line(f"{variable} = None")
            return
        if row.when is not None:
            out.line(f"{variable} = None")
            with out.block(f"if {row.when.code}:"):
                self._take(block, row, end, variable)
        else:
            self._take(block, row, end, variable)

    def _take(self, block: BoundBlock, row: BoundRow, end: BoundEnd, variable: str) -> None:
        out = self._out
        fallback = "None"
        if end.default is not None:
            fallback = out.name("default", end.value(end.default))
        bare = end.conversion.read is None and end.table is None and end.codec is None and end.check is None
        text = self._text(end)
        if bare and not self._traced:
            out.line(f"{variable} = {text} or {fallback}")
        else:
            out.line(f"{variable} = {text}")
            with out.block(f"if {variable}:"):
                self._convert(block, row, end, variable)
            with out.block("else:"):
                out.line(f"{variable} = {fallback}")
        if row.required:
            with out.block(f"if {variable} is None:"):
                out.line(f"missing({row.number}, {self._at(block)}, s{end.slot.number}, faults)")

    def _convert(self, block: BoundBlock, row: BoundRow, end: BoundEnd, variable: str) -> None:
        out = self._out
        if self._traced:
            out.line(f"trace.append(({self._at(block)} + {row.field!r}, {row.number}, s{end.slot.number}))")
        if end.check is not None:
            with out.block(f"if {out.name('decode', end.check.decode)}({variable}) is BAD:"):
                out.line(f"odd({row.number}, {self._at(block)}, {variable}, s{end.slot.number}, checks)")
        steps = []
        if end.table is not None:
            steps.append(f"{out.name('names', end.table.names)}.get(@, {'@' if end.table.keep else 'BAD'})")
        elif end.codec is not None:
            steps.append(f"{out.name('decode', end.codec.decode)}(@)")
        if end.conversion.read is not None:
            steps.append(f"{out.name('take', end.conversion.read)}(@)" + (" if @ is not BAD else BAD" if steps else ""))
        if not steps:
            return
        value = variable
        for step in steps:
            out.line(f"x = {step.replace('@', value)}")
            value = "x"
        with out.block("if x is BAD:"):
            out.line(f"bad({row.number}, {self._at(block)}, {variable}, s{end.slot.number}, faults)")
            out.line("x = None")
        out.line(f"{variable} = x")
        if row.required:
            with out.block(f"if {variable} is None:"):
                out.line(f"{variable} = BAD")

    def _text(self, end: BoundEnd) -> str:
        slot = end.slot
        if end.choices:
            return " or ".join(f"p{slot.number}.get({choice.qualifier!r})" for choice in end.choices)
        element = f"s{slot.number}[{end.number}]"
        if end.repetition is not None:
            element = f"repetition({element}, {end.repetition})"
        if end.component is not None:
            element = f"component({element}, {end.component})"
        return f"({element} if n{slot.number} > {end.number} else None)"

    def _at(self, block: BoundBlock) -> str:
        """The path before a field's name, as an expression: lists carry their item's number in `at`."""
        return "at" if block.many or not block.path else f"at + {block.path.rpartition(']')[2].lstrip('.') + '.'!r}"

    def _list(self, block: BoundBlock, inner: BoundBlock) -> None:
        at = f"{self._at(block)} + {inner.field!r}"
        call = f"read_{inner.number}(one, faults, checks, {at} + '[' + str(i) + '].', trace{_given(inner)})"
        each = f"for i, one in enumerate(l{inner.context.number}, 1)"
        self._out.line(f"{self._variable(block, inner.field)} = tuple([{call} {each}])")

    def _record(self, block: BoundBlock, inner: BoundBlock) -> None:
        out, variable = self._out, self._variable(block, inner.field)
        if inner.grouped:
            self._fields(inner)
            present = " or ".join(
                f"{self._variable(inner, item.field)}{' is not None' if not (isinstance(item, BoundBlock) and item.many) else ''}"
                for item in inner.items
            )
            out.line(f"{variable} = None")
            with out.block(f"if {present or 'False'}:"):
                self._construct(inner, variable)
            return
        out.line(f"{variable} = None")
        presence = f"s{inner.slot.number}" if inner.slot is not None else f"c{inner.context.number}"
        with out.block(f"if {presence} is not None:"):
            self._fields(inner)
            self._construct(inner, variable)

    def _construct(self, block: BoundBlock, variable: str) -> None:
        """The record, made as its twin and then given its class: see `frozen`."""
        out, kind = self._out, block.kind
        given = {item.field: self._variable(block, item.field) for item in block.items}
        out.line(f"{variable} = {out.name('twin', twin(kind))}()")
        for name, (_, many, _) in field_types(kind).items():
            out.line(f"{variable}.{name} = {given.get(name, '()' if many else 'None')}")
        out.line(f"{variable}.__class__ = {out.name('kind', kind)}")

    # Equations

    def _equation_blocks(self, block: BoundBlock) -> list[tuple[BoundBlock, str]]:
        found = [(block, "")] if block.equations else []
        inner = [item for item in block.items if isinstance(item, BoundBlock) and not item.many and item.equations]
        found += [(item, self._variable(block, item.field)) for item in inner]
        return found

    def _equations(self, block: BoundBlock, record: str) -> None:
        out = self._out
        for equation in block.equations:
            if not equation.checked:
                continue
            end = equation.end
            guard = f"{record} is not None and " if record else ""
            with out.block(f"if {guard}n{end.slot.number} > {end.number}:"):
                out.line(f"text = s{end.slot.number}[{end.number}]")
                with out.block("if text:"):
                    if record:
                        out.line(f"outer, r = r, {record}")
                    out.line(f"want = {equation.expression.code}")
                    if end.conversion.read is not None:
                        out.line(f"got = {out.name('take', end.conversion.read)}(text)")
                    else:
                        out.line("got = text")
                    with out.block("if got is BAD or got != want:"):
                        out.line(f"differs({equation.number}, text, want, s{end.slot.number}, checks)")
                    if record:
                        out.line("r = outer")


def _contexts_of(block: BoundBlock) -> set[Context]:
    """The loops that one function looks into: its own, and the single ones within it."""
    found = {block.context}
    waiting = [block.context]
    while waiting:
        for inner in waiting.pop().loops:
            found.add(inner)
            waiting.append(inner)
    return found


def _given(block: BoundBlock) -> str:
    """What a list's function is given besides its item: the segments of enclosing loops that rows within it read."""
    inside = {block.context}
    waiting = [block.context]
    while waiting:
        around = waiting.pop()
        inside.update((*around.loops, *around.lists))
        waiting += (*around.loops, *around.lists)
    outside = {row.read.slot.number for row in block.rows() if row.read is not None and row.read.slot.context not in inside}
    return "".join(f", s{number}" for number in sorted(outside))


def _slots_of(block: BoundBlock) -> list[Slot]:
    """The segments that one function takes elements from."""
    found: dict[int, Slot] = {}
    ends: list[BoundEnd | None] = []
    waiting = [block]
    while waiting:
        one = waiting.pop()
        ends += [equation.end for equation in one.equations]
        for item in one.items:
            if isinstance(item, BoundRow):
                ends.append(item.read)
            elif not item.many:
                waiting.append(item)
    for end in ends:
        if end is not None:
            found[end.slot.number] = end.slot
    return [found[number] for number in sorted(found)]
