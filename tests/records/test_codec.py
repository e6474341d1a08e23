"""A record's JSON is the record: exact numbers, dates and times, nothing more than what is there."""

import json
from dataclasses import fields, is_dataclass
from datetime import date, time
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_gateway.records import RECORDS, OrderLine, PurchaseOrder, from_json, record_type, to_json
from edi_gateway.records.codec import field_types

_VALUES: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(min_size=1, max_size=8),
    bool: st.booleans(),
    int: st.integers(),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    time: st.times(),
}


@cache
def _records(kind: type) -> st.SearchStrategy[Any]:
    given_fields = {}
    for name, (one, many, optional) in field_types(kind).items():
        value = _records(one) if is_dataclass(one) else _VALUES[one]
        given_fields[name] = st.lists(value, max_size=2).map(tuple) if many else (st.none() | value if optional else value)
    return st.fixed_dictionaries(given_fields).map(lambda given: kind(**given))


@pytest.mark.parametrize("name", sorted(RECORDS))
@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_a_record_is_its_json(name: str, data: st.DataObject) -> None:
    record = data.draw(_records(record_type(name)))
    assert from_json(record_type(name), json.loads(json.dumps(to_json(record)))) == record


def test_what_is_absent_is_left_out_and_numbers_keep_their_digits() -> None:
    order = PurchaseOrder(id="1", issue_date=date(2026, 1, 5), lines=(OrderLine(quantity=Decimal("2.50")),))
    assert to_json(order) == {"id": "1", "issue_date": "2026-01-05", "lines": [{"quantity": "2.50"}]}


@pytest.mark.parametrize("plain", [{}, {"id": "1", "colour": "red"}, {"id": "1", "issue_date": "5.1.2026"}])
def test_what_is_no_record_is_refused(plain: dict[str, Any]) -> None:
    with pytest.raises((TypeError, KeyError, ValueError)):
        from_json(PurchaseOrder, plain)


@pytest.mark.parametrize("kind", RECORDS.values(), ids=list(RECORDS))
def test_a_record_has_slots_and_checks_nothing_when_made(kind: type) -> None:
    """Maps fill records slot by slot, past the constructor."""
    assert not hasattr(kind, "__post_init__")
    assert all(hasattr(getattr(kind, field.name), "__set__") for field in fields(kind))
