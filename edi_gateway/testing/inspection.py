"""X12 taken apart for the console, without the engine."""

from edi_gateway.faults import Fault
from edi_gateway.ports.web import (
    InspectedElement,
    InspectedSegment,
    Inspection,
)

_NAMES = {
    "ISA": "Interchange Control Header",
    "GS": "Functional Group Header",
    "ST": "Transaction Set Header",
    "BEG": "Beginning Segment for Purchase Order",
    "CUR": "Currency",
    "REF": "Reference Identification",
    "DTM": "Date/Time Reference",
    "N1": "Name",
    "N3": "Address Information",
    "N4": "Geographic Location",
    "PO1": "Baseline Item Data",
    "PID": "Product/Item Description",
    "CTT": "Transaction Totals",
    "SE": "Transaction Set Trailer",
    "GE": "Functional Group Trailer",
    "IEA": "Interchange Control Trailer",
}
_ELEMENT_NAMES = {
    "PO102": "Quantity Ordered",
    "PO103": "Unit or Basis for Measurement Code",
    "PO104": "Unit Price",
    "CUR02": "Currency Code",
    "BEG03": "Purchase Order Number",
    "N403": "Postal Code",
}
_MEANINGS = {("PO103", "CA"): "Case", ("PO103", "EA"): "Each"}
_DEPTHS = {"ISA": 0, "IEA": 0, "GS": 1, "GE": 1, "ST": 2, "SE": 2, "N1": 4, "N3": 4, "N4": 4, "PO1": 4, "PID": 5}


def split_x12(content: bytes) -> Inspection:
    """A plain stand-in for the X12 engine's inspection: splits at the ISA's delimiters and knows a few names."""
    text = content.decode("latin-1")
    if len(text) < 106 or not text.startswith("ISA"):
        return Inspection(segments=(), faults=(Fault.of("X12-101", size=len(content)),))
    element, terminator = text[3], text[105]
    segments, offset, control, position = [], 0, "", 0
    for piece in text.split(terminator)[:-1]:
        body = piece.lstrip("\r\n")
        start = offset + len(piece) - len(body)
        offset += len(piece) + 1
        tag, *values = body.split(element)
        if tag == "ST":
            control, position = [*values, "", ""][1], 0
        position = position + 1 if control else 0
        segments.append(
            InspectedSegment(
                tag=tag,
                name=_NAMES.get(tag, ""),
                offset=start,
                elements=tuple(_inspected(f"{tag}{number:02}", value) for number, value in enumerate(values, 1)),
                position=position,
                depth=_DEPTHS.get(tag, 3),
                set_control=control,
            )
        )
        control = "" if tag == "SE" else control
    return Inspection(segments=tuple(segments), element_separator=element, terminator=terminator)


def _inspected(designator: str, value: str) -> InspectedElement:
    return InspectedElement(
        designator=designator, value=value, name=_ELEMENT_NAMES.get(designator, ""), meaning=_MEANINGS.get((designator, value), "")
    )
