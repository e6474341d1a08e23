"""Binds paths to a shape: which loop, which segment, which element, and the slots and contexts that rows share."""

from dataclasses import dataclass

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.definition import Block
from edi_gateway.mapping.paths import Path, Step, Target
from edi_gateway.mapping.plan import Context, Slot, Test
from edi_gateway.marked import nearest
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape

_PAIRS = {"235": "234", "365": "364"}
_QUALIFIER = {"HL": 3}


@dataclass(frozen=True, slots=True)
class Here:
    """Where a row is read: the loop, and the segment where the block stands on one."""

    context: Context
    slot: Slot | None


class Refused(Exception):
    """Ends the binding of one row; its fault is noted already."""


class Tree:
    """The tree's side of a plan under construction."""

    def __init__(self, shape: Shape, faults: list[Fault]) -> None:
        self._shape = shape
        self._faults = faults
        self.slots: list[Slot] = []
        self.contexts: list[Context] = []

    def root(self) -> Here:
        """Where the map's own rows are read."""
        return Here(self._context(self._shape.root, (), None, 0), None)

    def _refuse(self, code: str, place: Place, value: str | None = None, **detail: object) -> Refused:
        self._faults.append(Fault.of(code, place, value, **detail))
        return Refused()

    def element(self, segment: SegmentShape, target: Target, path: Path, place: Place) -> tuple[int, ElementShape]:
        assert target.element is not None
        number = int(target.element) if target.element.isdecimal() else segment.number(target.element)
        if number is None or not 1 <= number <= len(segment.elements):
            known = [element.id for element in segment.elements] if not target.element.isdecimal() else []
            hint = nearest(target.element, known) if known else f"{segment.tag} has elements 01 to {len(segment.elements):02}."
            raise self._refuse("MAP-108", place, path.text, hint=hint)
        element = segment.elements[number - 1]
        if target.repetition is not None and element.repeat and target.repetition > element.repeat:
            often = "is never repeated" if element.repeat == 1 else f"stands {element.repeat} times at most"
            raise self._refuse("MAP-108", place, path.text, hint=f"The element {often} in this release.")
        if target.component is None:
            if element.components:
                raise self._refuse("MAP-109", place, path.text, count=len(element.components))
            return number, element
        if target.component == 1 and not element.components:
            return number, element
        if not 1 <= target.component <= len(element.components):
            raise self._refuse("MAP-108", place, path.text, hint=f"The element has {len(element.components) or 1} components.")
        return number, element.components[target.component - 1]

    def pair_element(self, slot: Slot, path: Path, place: Place) -> ElementShape:
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

    def read_slot(self, path: Path, place: Place, here: Here) -> Slot:
        """The slot that a row reads: that of a segment which opens an enclosing loop, too, where this one has none of the tag."""
        return self._enclosing(path, here) or self.slot(path, place, here)

    def _enclosing(self, path: Path, here: Here) -> Slot | None:
        *outer, last = path.steps
        inside = here.context.shape
        own = {inside.tag} | ({*inside.segments, *inside.loops} if isinstance(inside, LoopShape) else set())
        if outer or last.conditions or last.tag in own:
            return None
        around = here.context.parent
        while around is not None and (around.opening is None or around.opening.shape.tag != last.tag):
            around = around.parent
        return around.opening if around is not None else None

    def slot(self, path: Path, place: Place, here: Here) -> Slot:
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
        return shape, self._order(context.shape, step.tag, 0)

    def _order(self, shape: LoopShape, tag: str, which: int) -> int:
        """Where a loop of this tag is written among its siblings; after all others where it nests in its own kind."""
        places = [at for at, item in enumerate(shape.items) if isinstance(item, LoopShape) and item.tag == tag]
        return places[which] if places else len(shape.items)

    def enter_block(self, block: Block, here: Here) -> Here:
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
                return Here(context, self._segment(context, last, path, block.place))
            return Here(self._enter(context, last, path, block.place), None)
        if is_segment:
            assert isinstance(shape, LoopShape)
            segment = shape.segments[last.tag]
            made = self._context(segment, self._tests(segment, last, path, block.place), context, shape.items.index(segment))
        else:
            loop, _ = self._loop(context, last, path, block.place)
            assert isinstance(shape, LoopShape)
            # Of several loops of a tag the one that repeats comes last.
            order = self._order(shape, last.tag, -1)
            made = self._context(loop, self._tests(loop.items[0], last, path, block.place), context, order)
        made.many = True
        if any(one.shape is made.shape and one.tests == made.tests for one in context.lists):
            raise self._refuse("MAP-120", block.place, block.field, designator=path.text, first="another list")
        context.lists.append(made)
        return Here(made, None)

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
                number, _ = self.element(segment, Target(element=condition.element), path, place)
            element = segment.elements[number - 1]
            if element.codes and (strange := [value for value in condition.values if value not in element.codes]):
                raise self._refuse("MAP-207", place, strange[0], path=path.text, element=f"{segment.tag}{number:02} ({element.name})")
            tests.append((number, condition.values))
        return tuple(tests)
