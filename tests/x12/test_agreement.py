"""The fast machine and the exact walk must agree: what the one passes the other finds nothing wrong with, and the other way round."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import ElementShape, SegmentShape
from edi_gateway.x12 import Charset, Library
from edi_gateway.x12.check import Checker, Separators
from edi_gateway.x12.diagnose import Diagnoser
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.walk import Finding, Walk

CHECKOUT = Path(__file__).parents[2]
LIBRARY = Library([CHECKOUT / "schemas"])
SEPARATORS = Separators(component=">", repetition="^")
DIAGNOSER = Diagnoser(separators=SEPARATORS, charset=Charset.UTF8, encoding="ascii")
TAGS = [row.split("\t")[0] for row in (CHECKOUT / "schemas/x12/005010/segments.tsv").read_text().splitlines()]
BODIES = {
    path.name: [line for line in path.read_text().replace("\n", "").split("~")[3:-4] if line[:3] not in ("ST*", "SE*")]
    for path in sorted((CHECKOUT / "samples" / "x12").glob("8*.edi"))
}


def values(element: ElementShape) -> st.SearchStrategy[str]:
    """Values for an element: good ones, nearly good ones and bad ones."""
    if element.components:
        return st.lists(values(element.components[0]) | st.just(""), min_size=1, max_size=4).map(">".join)
    shortest = max(element.minimum - 1, 1)
    text = st.text("AB1 .-", min_size=shortest, max_size=max(shortest, min(element.maximum, 12)) + 1)
    numbers = st.sampled_from(["0", "12", "-3", "1.5", "-.5", "5.", ".", "1E3", "--1", "99999999999", "+1"])
    moments = st.sampled_from(["20261231", "20260231", "261231", "1015", "2460", "235959", "23595999", "2026123"])
    codes = st.sampled_from(sorted(element.codes)) if element.codes else text
    return st.one_of(codes, text, numbers, moments, st.sampled_from(["A>B", "A^B"]))


def repeated(element: ElementShape) -> st.SearchStrategy[str]:
    """The same, mostly once, else a few times."""
    return values(element) | st.lists(values(element) | st.just(""), min_size=1, max_size=4).map("^".join)


@st.composite
def segments(draw: st.DrawFn) -> tuple[SegmentShape, list[str]]:
    shape = LIBRARY.segment("005010", draw(st.sampled_from(TAGS)))
    assert shape is not None
    shape = replace(shape, elements=tuple(replace(one, repeat=draw(st.sampled_from([0, 1, 2]))) for one in shape.elements))
    count = draw(st.integers(0, min(len(shape.elements) + 1, 12)))
    elements = [draw(st.just("") | repeated(shape.elements[min(at, len(shape.elements) - 1)])) for at in range(count)]
    return shape, [shape.tag, *elements]


@settings(max_examples=800, deadline=None)
@given(segments())
def test_a_checker_passes_exactly_what_the_diagnoser_finds_nothing_wrong_with(given_segment: tuple[SegmentShape, list[str]]) -> None:
    shape, elements = given_segment
    faults = DIAGNOSER.faults(elements, shape, Place())
    assert Checker(shape, SEPARATORS)(elements) == (not faults), [fault.line() for fault in faults]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(TAGS), st.data())
def test_an_element_that_is_repeated_is_good_exactly_where_each_repetition_alone_would_be(tag: str, data: st.DataObject) -> None:
    segment = LIBRARY.segment("005010", tag)
    assert segment is not None
    element = replace(data.draw(st.sampled_from(segment.elements)), requirement="M")
    shape = SegmentShape(tag=tag, name="", elements=(element,))
    parts = data.draw(st.lists(values(element).filter(lambda one: "^" not in one), min_size=2, max_size=4))
    alone = [number for number, part in enumerate(parts, 1) if DIAGNOSER.faults([tag, part], shape, Place())]
    faults = DIAGNOSER.faults([tag, "^".join(parts)], shape, Place())
    assert sorted({fault.place.repetition for fault in faults}) == alone
    assert Checker(shape, SEPARATORS)([tag, "^".join(parts)]) == (not alone)


def exact(grammar: Grammar, body: list[str], release: str) -> list[Finding | Fault]:
    walk = Walk(grammar, lambda tag: LIBRARY.segment(release, tag), release)
    found: list[Finding | Fault] = []
    for line, visit in zip(body, walk.visits([line.split("*")[0] for line in body]), strict=True):
        found += visit.findings
        if visit.shape is not None:
            found += DIAGNOSER.faults(line.split("*"), visit.shape, Place())
    return [*found, *walk.missing_at_end()]


@st.composite
def disordered(draw: st.DrawFn) -> tuple[str, list[str]]:
    """A sample's body with some of its segments repeated, dropped or moved."""
    name = draw(st.sampled_from(sorted(BODIES)))
    body = list(BODIES[name])
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(body) - 1))
        end = min(len(body), start + draw(st.integers(1, 4)))
        change = draw(st.sampled_from(["drop", "repeat", "move"]))
        part = body[start:end]
        if change != "repeat":
            del body[start:end]
        if change != "drop":
            at = start if change == "repeat" else draw(st.integers(0, len(body)))
            body[at:at] = part
        if not body:
            body = list(BODIES[name])
    return name, body


@settings(max_examples=400, deadline=None)
@given(disordered())
def test_the_machine_accepts_exactly_the_bodies_that_the_walk_finds_nothing_wrong_with(given_body: tuple[str, list[str]]) -> None:
    name, body = given_body
    release = "005010" if "005010" in name else "004010"
    schema = LIBRARY.set_schema(release, name[:3])
    assert schema is not None
    grammar = schema.grammar(SEPARATORS)
    findings = exact(grammar, body, release)
    assert grammar.accepts(body, "*") == (not findings), findings


@pytest.mark.parametrize("count", [1, 2, 25, 26])
def test_limits_of_loops_are_counted_anew_in_each_turn_of_the_loop_around_them(count: int) -> None:
    schema = LIBRARY.set_schema("004010", "850")
    assert schema is not None
    body = ["BEG*00*SA*P**20261120", *(["PO1*1*1*EA", *["SAC*A*C310***1"] * count] * 3)]
    assert schema.grammar(SEPARATORS).accepts(body, "*") == (count <= 25)
    assert bool(exact(schema.grammar(SEPARATORS), body, "004010")) == (count > 25)
