"""Generates the function that writes a record as a tree.

One function per list and one for the root. Each first makes the text of every element, walking the record, then puts the
segments and loops together in the order of the shape.
"""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from edi_gateway.mapping import run_faults
from edi_gateway.mapping.emitter import Emitter, meets
from edi_gateway.mapping.expressions import SUPPORT
from edi_gateway.mapping.plan import BoundBlock, BoundEnd, BoundEquation, BoundRow, Claim, Context, Plan, Slot, claims
from edi_gateway.mapping.values import BAD, write_text
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Element, Loop, Repeated, Segment

Part: TypeAlias = tuple[int, int, int]
"""What a row writes of a segment: the number of the element, of its repetition and of its component, 0 for the whole."""


def writer(plan: Plan, *, traced: bool) -> Callable[..., Any]:
    """The generated `write(record, faults, at, trace)`, which gives the root's children.

    Shape: `trace` gets (path, row, segment) for every value written, where asked for.
    """
    out = Emitter(
        {
            **SUPPORT,
            "Loop": Loop,
            "Segment": Segment,
            "BAD": BAD,
            "composite": _composite,
            "repeated": lambda slot, number, at, faults, *parts: _repeated(
                parts, lambda: faults.append(run_faults.gap(plan.slots[slot], number, at))
            ),
            "unwritable": lambda row, at, value, faults: faults.append(run_faults.unwritable(plan.rows[row], at, value)) or "",
            "odd": lambda row, at, value, faults: faults.append(run_faults.odd_written(plan.rows[row], at, value)),
            "unequal": lambda number, given, want, faults: faults.append(run_faults.unequal(plan.equations[number], given, want)),
            "uncountable": lambda number, want, faults: faults.append(run_faults.uncountable(plan.equations[number], want)) or "",
            "same": _same,
            "unqualified": lambda row, at, value, faults: faults.append(run_faults.unqualified(plan.rows[row], at, value)) or (),
            "crowded": lambda slot, at, faults: faults.append(run_faults.crowded(plan.slots[slot], at)),
            "taken": lambda segment, at, other, faults: faults.append(run_faults.taken(segment, at, other)),
        }
    )
    _Generator(out, traced).function(plan.root)
    write: Callable[..., Any] = out.compile(plan.name)["write_0"]
    return write


def _composite(*components: str) -> tuple[str, ...]:
    kept = list(components)
    while kept and not kept[-1]:
        kept.pop()
    return tuple(kept)


def _repeated(parts: tuple[Element, ...], refuse: Callable[[], None]) -> Element:
    """An element of its repetitions; refused where one of them is empty and another comes after it."""
    kept = list(parts)
    while kept and not kept[-1]:
        kept.pop()
    if not all(kept):
        refuse()
    return Repeated.of(kept) if len(kept) > 1 else kept[0] if kept else ""


def _same(given: str, want: str) -> bool:
    if given == want:
        return True
    try:
        return Decimal(given) == Decimal(want)
    except InvalidOperation:
        return False


class _Generator:
    def __init__(self, out: Emitter, traced: bool) -> None:
        self._out = out
        self._traced = traced
        self._filled: dict[Slot, set[Part]] = {}
        self._sources: dict[Context, tuple[BoundBlock, str, str]] = {}

    def function(self, block: BoundBlock) -> None:
        """The function of the root or of a list's item; those of the lists within it come first."""
        for inner in _lists_within(block):
            self.function(inner)
        out = self._out
        with out.block(f"def write_{block.number}(r{block.number}, faults, at, trace):"):
            self._initial(block)
            self._texts(block)
            if block.context.opening is not None and not isinstance(block.context.shape, LoopShape):
                self._segment(block.context.opening, "made")
                out.line("return made")
            else:
                self._children(block.context)
                if block.context.opening is not None:
                    self._segment(block.context.opening, "made")
                    out.line(f"k{block.context.number}.insert(0, made)")
                out.line(f"return k{block.context.number}")

    # The record's side: the text of every element

    def _initial(self, block: BoundBlock) -> None:
        out = self._out
        variables: set[str] = set()
        for one in _blocks_of(block):
            for end in [item.write for item in one.items if isinstance(item, BoundRow)] + [equation.end for equation in one.equations]:
                if end is None:
                    continue
                if end.choices:
                    if f"p{end.slot.number}" not in variables:
                        out.line(f"p{end.slot.number} = []")
                    variables.add(f"p{end.slot.number}")
                else:
                    self._filled.setdefault(end.slot, set()).add((end.number, end.repetition or 0, end.component or 0))
                    variables.add(self._element(end))
                if self._traced:
                    out.line(f"t{end.slot.number} = []")
            if one is not block and one.many is False:
                out.line(f"r{one.number} = None")
        elements = sorted(name for name in variables if name[0] == "e")
        if elements:
            out.line(f"{' = '.join(elements)} = ''")

    def _element(self, end: BoundEnd) -> str:
        return self._variable(end.slot, (end.number, end.repetition or 0, end.component or 0))

    def _texts(self, block: BoundBlock) -> None:
        out = self._out
        for item in block.items:
            if isinstance(item, BoundRow):
                self._row(block, item)
            elif item.many:
                self._sources[item.context] = (item, f"r{block.number}.{item.field}", self._at(block))
                out.line(f"v{item.number} = r{block.number}.{item.field}")
            else:
                for inner in _lists_within(item):
                    out.line(f"v{inner.number} = ()")
                out.line(f"r{item.number} = r{block.number}.{item.field}")
                with out.block(f"if r{item.number} is not None:"):
                    self._texts(item)
        for equation in block.equations:
            self._equation(block, equation)

    def _at(self, block: BoundBlock) -> str:
        return "at" if block.many or not block.path else f"at + {block.path.rpartition(']')[2].lstrip('.') + '.'!r}"

    def _row(self, block: BoundBlock, row: BoundRow) -> None:
        end = row.write
        if end is None:
            return
        if row.when_record is not None:
            self._out.line(f"r = r{block.number}")
            with self._out.block(f"if {row.when_record.code}:"):
                self._put(block, row, end)
        else:
            self._put(block, row, end)

    def _put(self, block: BoundBlock, row: BoundRow, end: BoundEnd) -> None:
        out = self._out
        value = f"r{block.number}.{row.field}"
        bare = end.conversion.write is write_text and end.table is None and end.codec is None and end.check is None and not end.choices
        if bare and not self._traced:
            out.line(f"{self._element(end)} = {value} or {end.default or ''!r}")
            return
        out.line(f"v = {value}")
        with out.block("if v is not None and v != '':" if row.one is str else "if v is not None:"):
            if end.check is not None:
                with out.block(f"if {out.name('decode', end.check.decode)}(v) is BAD:"):
                    out.line(f"odd({row.number}, {self._at(block)}, v, faults)")
            self._convert(block, row, end)
            self._store(block, row, end)
            if self._traced:
                out.line(f"t{end.slot.number}.append(({self._at(block)} + {row.field!r}, {row.number}))")
        if end.default is not None:
            with out.block("else:"):
                out.line(f"x = {end.default!r}")
                self._store(block, row, end)

    def _convert(self, block: BoundBlock, row: BoundRow, end: BoundEnd) -> None:
        out = self._out
        steps = []
        if end.conversion.write is not None and end.conversion.write is not write_text:
            steps.append(f"{out.name('give', end.conversion.write)}(@)")
        if end.table is not None:
            steps.append(f"{out.name('codes', end.table.codes)}.get(@, {'@' if end.table.keep else 'BAD'})")
        elif end.codec is not None:
            steps.append(f"{out.name('encode', end.codec.encode)}(@) if @ is not BAD else BAD")
        value = "v"
        for step in steps:
            out.line(f"x = {step.replace('@', value)}")
            value = "x"
        if steps:
            with out.block("if x is BAD:"):
                out.line(f"x = unwritable({row.number}, {self._at(block)}, v, faults)")
        else:
            out.line("x = v")

    def _store(self, block: BoundBlock, row: BoundRow, end: BoundEnd) -> None:
        out = self._out
        if not end.choices:
            out.line(f"{self._element(end)} = x")
            return
        if all(choice.length is None for choice in end.choices):
            out.line(f"p{end.slot.number} += ({end.choices[0].qualifier!r}, x)")
            return
        word = "if"
        for choice in end.choices:
            with out.block(f"{word} {f'len(x) == {choice.length}' if choice.length is not None else 'True'}:"):
                out.line(f"p{end.slot.number} += ({choice.qualifier!r}, x)")
            word = "elif"
        with out.block("elif x:"):
            out.line(f"unqualified({row.number}, {self._at(block)}, x, faults)")

    def _equation(self, block: BoundBlock, equation: BoundEquation) -> None:
        out, end = self._out, equation.end
        out.line(f"r = r{block.number}")
        out.line(f"v = {equation.expression.code}")
        if end.conversion.write is not None and end.conversion.write is not write_text:
            out.line(f"x = {out.name('give', end.conversion.write)}(v)")
            with out.block("if x is BAD:"):
                out.line(f"x = uncountable({equation.number}, v, faults)")
        else:
            out.line("x = v or ''")
        element = self._element(end)
        if equation.checked:
            with out.block(f"if {element} and not same({element}, x):"):
                out.line(f"unequal({equation.number}, {element}, x, faults)")
        out.line(f"{element} = x")

    # The tree's side: segments and loops in the order of the shape

    def _children(self, context: Context) -> None:
        out = self._out
        out.line(f"k{context.number} = []")
        pieces: list[tuple[int, bool, Slot | Context]] = [(slot.order, not slot.tests, slot) for slot in context.slots]
        pieces += [(inner.order, not inner.tests, inner) for inner in context.loops]
        pieces += [(inner.order, not inner.tests, inner) for inner in context.lists]
        for _, _, piece in sorted(pieces, key=lambda one: one[:2]):
            if isinstance(piece, Slot):
                self._slot(context, piece)
            elif piece.many:
                self._list(context, piece)
            else:
                self._loop(context, piece)

    def _live(self, blocks: list[BoundBlock]) -> str:
        return " or ".join(f"r{block.number} is not None" for block in blocks)

    def _filled_by(self, slot: Slot) -> str:
        parts = [self._variable(slot, part) for part in sorted(self._filled.get(slot, ()))]
        if slot.run is not None:
            parts.append(f"p{slot.number}")
        return " or ".join(parts)

    def _variable(self, slot: Slot, part: Part) -> str:
        number, repetition, component = part
        return f"e{slot.number}_{number}" + (f"_r{repetition}" if repetition else "") + (f"_{component}" if component else "")

    def _slot(self, context: Context, slot: Slot) -> None:
        out = self._out
        condition = " or ".join(filter(None, (self._filled_by(slot), self._live(slot.live)))) or "False"
        out.line(f"w{slot.number} = {condition}")
        with out.block(f"if w{slot.number}:"):
            self._segment(slot, "made")
            out.line(f"k{context.number}.append(made)")

    def _loop(self, context: Context, inner: Context) -> None:
        out = self._out
        assert inner.opening is not None
        self._children(inner)
        condition = " or ".join(
            filter(None, (f"k{inner.number}", self._filled_by(inner.opening), self._live(inner.live + inner.opening.live)))
        )
        out.line(f"w_c{inner.number} = {condition}")
        with out.block(f"if w_c{inner.number}:"):
            self._segment(inner.opening, "made")
            out.line(f"k{inner.number}.insert(0, made)")
            out.line(f"k{context.number}.append(Loop({inner.tag!r}, k{inner.number}))")

    def _list(self, context: Context, inner: Context) -> None:
        out = self._out
        block, _, at = self._sources[inner]
        is_loop = isinstance(inner.shape, LoopShape)
        with out.block(f"for i, one in enumerate(v{block.number}, 1):"):
            out.line(f"made = write_{block.number}(one, faults, {at} + {block.field + '['!r} + str(i) + '].', trace)")
            out.line(f"k{context.number}.append(Loop({inner.tag!r}, made))" if is_loop else f"k{context.number}.append(made)")
            self._refuse_taken(context, inner, block, f"{at} + {block.field + '['!r} + str(i) + ']'", is_loop)

    def _refuse_taken(self, context: Context, inner: Context, block: BoundBlock, at: str, is_loop: bool) -> None:
        """A list's item that a more exact row would read instead of the list: refused, or it would change its field on the way."""
        out = self._out
        before: list[Claim] = []
        for claim in claims(context):
            if claim.context is inner:
                break
            if claim.tag == inner.tag and claim.loop == is_loop and not self._differ(claim, inner):
                before.append(claim)
        if not before:
            return
        out.line("q = made[0]" if is_loop else "q = made")
        for claim in before:
            free = ""
            if claim.slot is not None:
                free = f"not w{claim.slot.number} and "
            elif claim.context is not None and claim.single:
                free = f"not w_c{claim.context.number} and "
            other = f"{claim.tag}[{','.join('|'.join(values) for _, values in claim.tests)}]"
            with out.block(f"if {free}{meets('q', claim.tests)}:"):
                out.line(f"taken(q, {at}, {other!r}, faults)")

    def _differ(self, claim: Claim, inner: Context) -> bool:
        """Whether a list's own selector keeps its items from a more exact row: the two want different values in an element."""
        wanted = dict(claim.tests)
        written = {number for number, _, _ in self._filled.get(inner.opening, ())} if inner.opening is not None else set()
        return any(number in wanted and number not in written and not set(values) & set(wanted[number]) for number, values in inner.tests)

    def _value(self, slot: Slot, number: int, filled: set[Part]) -> str:
        """An element of what rows write of it, as an expression: its text, its components, its repetitions."""
        repetitions = sorted({repetition for at, repetition, _ in filled if at == number})
        if repetitions == [0]:
            return self._once(slot, number, 0, filled)
        ones = (self._once(slot, number, one, filled) if one in repetitions else "''" for one in range(1, repetitions[-1] + 1))
        return f"repeated({slot.number}, {number}, at, faults, {', '.join(ones)})"

    def _once(self, slot: Slot, number: int, repetition: int, filled: set[Part]) -> str:
        components = sorted(part for at, one, part in filled if (at, one) == (number, repetition) and part)
        if not components:
            return self._variable(slot, (number, repetition, 0))
        given = (self._variable(slot, (number, repetition, part)) if part in components else "''" for part in range(1, components[-1] + 1))
        return f"composite({', '.join(given)})"

    def _segment(self, slot: Slot, target: str) -> None:
        """The segment of a slot: its written elements, the selector's values where no row writes them, nothing after the last."""
        out = self._out
        filled = self._filled.get(slot, set())
        parts: dict[int, str] = {number: repr(values[0]) for number, values in slot.tests}
        for number in {number for number, _, _ in filled}:
            value = self._value(slot, number, filled)
            parts[number] = f"{value} or {parts[number]}" if number in parts and value.startswith("e") else value
        texts = [repr(slot.shape.tag)]
        end = max([*parts, 0])
        if slot.run is not None:
            start, count = slot.run
            texts += [parts.get(number, "''") for number in range(1, start)]
            with out.block(f"if len(p{slot.number}) > {2 * count}:"):
                out.line(f"crowded({slot.number}, at, faults)")
            if end >= start:
                texts.append(f"*p{slot.number}, *([''] * ({2 * count} - len(p{slot.number})))")
                texts += [parts.get(number, "''") for number in range(start + 2 * count, end + 1)]
            else:
                texts.append(f"*p{slot.number}")
        else:
            texts += [parts.get(number, "''") for number in range(1, end + 1)]
        out.line(f"{target} = Segment([{', '.join(texts)}])")
        sure = texts[-1].startswith("'") and texts[-1] != "''"
        alone = len(filled) == 1 and slot.run is None and not slot.live and slot.order >= 0 and texts[-1].startswith("e")
        if not sure and not alone:
            with out.block(f"while not {target}[-1]:"):
                out.line(f"{target}.pop()")
        if self._traced and (filled or slot.run is not None):
            out.line(f"trace.extend((path, row, {target}) for path, row in t{slot.number})")


def _blocks_of(block: BoundBlock) -> list[BoundBlock]:
    """The block and those within it that its function writes: not the lists."""
    found = [block]
    for item in block.items:
        if isinstance(item, BoundBlock) and not item.many:
            found += _blocks_of(item)
    return found


def _lists_within(block: BoundBlock) -> list[BoundBlock]:
    return [item for one in _blocks_of(block) for item in one.items if isinstance(item, BoundBlock) and item.many]
