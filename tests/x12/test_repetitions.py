"""Writing elements that are repeated."""

from datetime import UTC, datetime

import pytest

from edi_gateway.tree import Element, Loop, Repeated, Segment
from edi_gateway.x12 import Delimiters, Envelope, GroupOut, SetOut, render


def _written(value: Element, version: str) -> tuple[bytes, list[str]]:
    envelope = Envelope(
        sender_qualifier="ZZ",
        sender="S",
        receiver_qualifier="ZZ",
        receiver="R",
        control_number="1",
        at=datetime(2026, 1, 5, tzinfo=UTC),
        group_sender="S",
        group_receiver="R",
        version=version,
        delimiters=Delimiters(repetition="^"),
    )
    body = Loop("850", [Segment(["REF", "DP", value])])
    one = SetOut(set_id="850", control="0001", body=body, shape=None)
    rendered = render(envelope, [GroupOut(functional_id="PO", control="1", sets=(one,))])
    return rendered.content, [fault.code for fault in rendered.faults]


@pytest.mark.parametrize(
    ("value", "text"), [(Repeated(("A", "B")), b"REF*DP*A^B~"), (Repeated.of([("VN", "X"), ("DP", "Y")]), b"REF*DP*VN>X^DP>Y~")]
)
def test_a_repeated_element_is_written_with_its_separator(value: Element, text: bytes) -> None:
    content, faults = _written(value, "00501")
    assert faults == []
    assert text in content


def test_a_version_without_a_separator_refuses_it() -> None:
    assert _written(Repeated(("A", "B")), "00401") == (b"", ["X12-607"])


def test_a_value_that_holds_the_separator_is_refused_as_before() -> None:
    assert _written(Repeated(("A", "B^C")), "00501") == (b"", ["X12-601"])
