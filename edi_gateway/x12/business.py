"""The number that a set is known by in business, read from its segments alone: also of a set that is rejected, and without a map."""

from collections.abc import Mapping
from dataclasses import dataclass

from edi_gateway.x12.interchange import TransactionSet

_NUMBERS: Mapping[str, tuple[str, int]] = {
    "753": ("BGN", 2),
    "754": ("BGN", 2),
    "810": ("BIG", 2),
    "812": ("BCD", 2),
    "820": ("TRN", 2),
    "824": ("BGN", 2),
    "846": ("BIA", 3),
    "850": ("BEG", 3),
    "852": ("N9", 2),
    "855": ("BAK", 3),
    "856": ("BSN", 2),
    "860": ("BCH", 3),
    "864": ("MIT", 1),
    "865": ("BCA", 3),
    "940": ("W05", 2),
    "945": ("W06", 2),
}
"""The element that holds it, by the set: the first of its kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessNumber:
    """An order's, invoice's or shipment's number. Shape: `designator` is where it stands, as BEG03; `position` is that segment's."""

    value: str
    designator: str
    position: int


def business_number(one: TransactionSet) -> BusinessNumber | None:
    """The number of a set; None where it has none, or where no element is known to hold one."""
    tag, element = _NUMBERS.get(one.set_id, ("", 0))
    segment = one.first(tag)
    value = str(segment.get(element)).strip() if segment is not None else ""
    if segment is None or not value:
        return None
    return BusinessNumber(value=value, designator=f"{tag}{element:02}", position=segment.position)
