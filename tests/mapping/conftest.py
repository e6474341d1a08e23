"""The shipped maps against the real schemas, and records made up for each of them from its own plan."""

from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from edi_gateway.flatfile import Layout, load_layout
from edi_gateway.mapping import Compiled, Map, compile_map
from edi_gateway.mapping.plan import BoundBlock, BoundEnd, BoundRow, claims
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape
from edi_gateway.x12 import Library

ROOT = Path(__file__).parents[2]
PLAIN = st.characters(codec="utf-8", categories=("Lu", "Ll", "Nd"), include_characters=" -./'\",;#")


@pytest.fixture(scope="session")
def layouts() -> Mapping[str, Layout]:
    folder = ROOT / "schemas" / "flat"

    def below(name: str) -> tuple[str, str]:
        return (folder / f"{name}.yaml").read_text(), f"{name}.yaml"

    found = (load_layout(path.read_text(), file=path.name, base=below).must() for path in sorted(folder.glob("*.yaml")))
    return {layout.name: layout for layout in found}


@pytest.fixture(scope="session")
def library() -> Library:
    return Library([ROOT / "schemas"])


@pytest.fixture(scope="session")
def shapes(layouts: Mapping[str, Layout], library: Library) -> Callable[[str], Shape | None]:
    def shape(name: str) -> Shape | None:
        match name.split():
            case ["X12", release, set_id]:
                return library.shape(release, set_id)
            case ["flat", layout] if layout in layouts:
                return layouts[layout].map_shape
        return None

    return shape


def base(name: str) -> tuple[str, str] | None:
    path = ROOT / "maps" / f"{name}.yaml"
    return (path.read_text(), str(path)) if path.is_file() else None


@pytest.fixture(scope="session")
def shipped(shapes: Callable[[str], Shape | None]) -> Mapping[str, Map]:
    paths = sorted((ROOT / "maps").rglob("*.yaml"))
    names = [path.relative_to(ROOT / "maps").with_suffix("").as_posix() for path in paths]
    return {
        name: compile_map(path.read_text(), file=str(path), shapes=shapes, base=base).must()
        for name, path in zip(names, paths, strict=True)
    }


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "each_layout" in metafunc.fixturenames:
        metafunc.parametrize("each_layout", sorted(path.stem for path in (ROOT / "schemas" / "flat").glob("*.yaml")))
    names = sorted(path.relative_to(ROOT / "maps").with_suffix("").as_posix() for path in (ROOT / "maps").rglob("*.yaml"))
    if "each_map" in metafunc.fixturenames:
        metafunc.parametrize("each_map", names)
    if "each_x12_map" in metafunc.fixturenames:
        metafunc.parametrize("each_x12_map", [name for name in names if not name.startswith("flat/")])


@pytest.fixture
def one_map(each_map: str, shipped: Mapping[str, Map]) -> Map:
    return shipped[each_map]


@pytest.fixture
def one_x12_map(each_x12_map: str, shipped: Mapping[str, Map]) -> Map:
    return shipped[each_x12_map]


@pytest.fixture(scope="session")
def small_shape() -> Shape:
    """A small order: enough of an 850 to try every construct of the language."""

    def element(number: str, kind: str = "AN", maximum: int = 30, codes: tuple[str, ...] = ()) -> ElementShape:
        return ElementShape(id=number, name=f"element {number}", type=kind, maximum=maximum, codes=dict.fromkeys(codes, ""))

    def segment(tag: str, *elements: ElementShape, limit: int = 1) -> SegmentShape:
        return SegmentShape(tag=tag, name=tag, elements=elements, limit=limit)

    def loop(tag: str, *items: SegmentShape | LoopShape) -> LoopShape:
        return LoopShape(tag=tag, items=items, limit=0, hierarchical=tag == "HL")

    pairs = tuple(element(number) for _ in range(3) for number in ("235", "234"))
    composite = ElementShape(id="C040", name="reference", type="AN", components=(element("128"), element("127")))
    return Shape(
        name="X12 004010 850",
        title="Order",
        root=LoopShape(
            tag="850",
            items=(
                segment(
                    "BEG", element("353"), element("92", codes=("NE", "RO", "SA")), element("324"), element("328"), element("373", "DT", 8)
                ),
                segment("CUR", element("98"), element("100")),
                segment("REF", element("128"), element("127"), element("352"), composite, limit=0),
                segment("DTM", element("374"), element("373", "DT", 8), element("337", "TM", 8), limit=10),
                segment("TDS", element("610", "N2", 15)),
                loop("N1", segment("N1", element("98"), element("93"), element("66"), element("67")), segment("N4", element("19"))),
                loop(
                    "PO1",
                    segment("PO1", element("350"), element("330", "R", 9), element("355"), element("212", "R", 17), element("639"), *pairs),
                    loop("PID", segment("PID", element("349"), element("750"), element("559"), element("751"), element("352"))),
                    segment("REF", element("128"), element("127"), element("352"), limit=0),
                ),
                loop("CTT", segment("CTT", element("354", "N0", 6), element("347", "R", 10))),
            ),
        ),
    )


@pytest.fixture(scope="session")
def compiled(small_shape: Shape) -> Callable[..., Compiled]:
    """Compiles a map over the small order: its header and `id` are given, the rest is the test's."""

    def compile_text(body: str, **further: Any) -> Compiled:
        text = "map: t\nrecord: PurchaseOrder\nschema: X12 004010 850\n" + body
        return compile_map(text, file="t.yaml", shapes=lambda name: small_shape if "850" in name else None, **further)

    return compile_text


@pytest.fixture(scope="session")
def records() -> Callable[[Map], st.SearchStrategy[Any]]:
    """A strategy for the records that a map carries: fields that equations fill are left empty, what the shape requires is there."""
    return cache(lambda one: _record(one.plan.root, one))


@pytest.fixture(scope="session")
def whole_records() -> Callable[[Map], st.SearchStrategy[Any]]:
    """The same, with nothing left out: every field and every block is there, and every list holds something."""
    return cache(lambda one: _record(one.plan.root, one, whole=True))


def _record(block: BoundBlock, one: Map, *, whole: bool = False) -> st.SearchStrategy[Any]:
    kept: dict[str, st.SearchStrategy[Any]] = {}
    filled = {(equation.end.slot.number, equation.end.number) for equation in one.plan.equations}
    for item in block.items:
        if isinstance(item, BoundBlock):
            inner = _record(item, one, whole=whole)
            least = 1 if whole or item.context.shape.requirement == "M" else 0
            most = 2 if whole else 3
            kept[item.field] = st.lists(inner, min_size=least, max_size=most).map(tuple) if item.many else _maybe(inner, whole)
        elif item.write is not None and (item.write.slot.number, item.write.number) not in filled:
            kept[item.field] = _maybe(_value(item, block), whole or item.required or item.write.element.requirement == "M")
    made = st.fixed_dictionaries(kept).map(lambda given: block.kind(**given))
    if block.grouped:
        empty = block.kind()
        return made.map(lambda record: None if record == empty else record)
    return made


def _maybe(value: st.SearchStrategy[Any], is_there: bool) -> st.SearchStrategy[Any]:
    return value if is_there else st.none() | value


def _value(row: BoundRow, block: BoundBlock) -> st.SearchStrategy[Any]:
    end = row.write
    assert end is not None
    if end.table is not None and row.one is str:
        return st.sampled_from(sorted(end.table.codes))
    if row.one is bool:
        return st.booleans()
    if row.one is date:
        return st.dates(date(1950, 1, 1), date(2049, 12, 31))
    if row.one is time:
        return st.times(time(0), time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
    if row.one is int:
        return st.integers(0, 10 ** min(end.element.maximum or 6, 9) - 1)
    if row.one is Decimal:
        places = int(end.element.type[1]) if end.element.type[0] == "N" else 2
        return st.decimals(0, 10 ** min((end.element.maximum or 8) - 3, 9), places=places).map(abs)
    return _text(end, block)


def check_digit(digits: str) -> str:
    """The GS1 check digit of a number without its own."""
    weighed = sum(int(digit) * (1 if position % 2 else 3) for position, digit in enumerate(reversed(digits)))
    return str(-weighed % 10)


def _text(end: BoundEnd, block: BoundBlock) -> st.SearchStrategy[str]:
    codec = end.codec or end.check
    if codec is not None and codec.name.startswith("sscc"):
        return st.sampled_from(["003456789012345670", "106141411234567897"])
    lengths = [choice.length for choice in end.choices if choice.length is not None]
    if lengths:
        return (
            st.sampled_from(lengths)
            .flatmap(lambda length: st.text("0123456789", min_size=length - 1, max_size=length - 1))
            .map(lambda digits: digits + check_digit(digits))
        )
    if codec is not None:
        return st.sampled_from(["4006381333931", "5901234123457"])
    taken = _taken(end, block)
    if end.element.codes:
        return st.sampled_from(sorted(set(end.element.codes) - taken))
    longest = min(end.element.maximum or 20, 20)
    least = end.element.minimum or 1
    return st.text(PLAIN, min_size=least, max_size=longest).map(str.strip).filter(lambda text: len(text) >= least and text not in taken)


def _taken(end: BoundEnd, block: BoundBlock) -> set[str]:
    """What a list's item must not hold, as a more exact row would read it."""
    context = block.context
    if not context.many or context.parent is None:
        return set()
    before = [claim for claim in claims(context.parent) if claim.tag == context.tag and claim.context is not context]
    return {value for claim in before for number, values in claim.tests if number == end.number for value in values}
