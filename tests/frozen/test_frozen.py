"""Values made quickly are what their own constructor makes, for every kind of row."""

from dataclasses import FrozenInstanceError, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from edi_gateway.frozen import changed, maker, twin
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports import rows

KINDS = [kind for kind in vars(rows).values() if isinstance(kind, type) and hasattr(kind, "__dataclass_fields__")]
ROW = rows.Transmission(direction=Direction.IN, state=Inbound.RECEIVED, created_at=datetime(2026, 11, 30, tzinfo=UTC), subject="an order")


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_made_of_all_its_fields_is_what_its_constructor_makes(kind: Any) -> None:
    values = [f"value of {field.name}" for field in fields(kind)]
    made = maker(kind)(*values)
    asked = kind(**dict(zip((field.name for field in fields(kind)), values, strict=True)))
    assert (type(made), made, hash(made)) == (kind, asked, hash(asked))


def test_a_change_leaves_the_value_as_it_was_and_gives_another() -> None:
    made = changed(ROW, state=Inbound.RECEIPTED, id=7)
    assert (made, ROW.state, ROW.id) == (replace(ROW, state=Inbound.RECEIPTED, id=7), Inbound.RECEIVED, None)


def test_a_value_made_quickly_is_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        changed(ROW, id=7).id = 8  # type: ignore[misc]  # that is what must not be


def test_what_is_no_field_is_not_changed() -> None:
    with pytest.raises(AttributeError):
        changed(ROW, no_field=1)


@dataclass(frozen=True, slots=True)
class Base:
    """What another kind inherits from."""

    one: int


@dataclass(frozen=True, slots=True)
class Heir(Base):
    """A kind that inherits."""

    two: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A kind that checks what it is given."""

    one: int

    def __post_init__(self) -> None:
        assert self.one


@pytest.mark.parametrize("kind", [Heir, Checked])
def test_a_kind_that_inherits_or_checks_itself_has_no_twin(kind: type) -> None:
    with pytest.raises(AssertionError):
        twin(kind)
