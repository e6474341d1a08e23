"""CTX segments: in what context a 999 speaks of a fault.

Two kinds are in use. One names the business unit that the fault stands in, by the element that holds its number and the number:
`CTX*BEG03>PO-4711`. The other names what made an element necessary or impossible: `CTX*SITUATIONAL TRIGGER*N1*5*N1*3*66`.

Source: X12's answers to requests for interpretation of 005010X231: 1312 (what a business unit is, and which faults stand in it),
        2293 (at most 35 characters, and none where the number itself cannot be used), 812 (relational conditions belong in a 999).
"""

from edi_gateway.faults import Fault
from edi_gateway.tree import Element, Segment
from edi_gateway.x12.business import BusinessNumber

_TRIGGER = "SITUATIONAL TRIGGER"
_LONGEST_REFERENCE = 35


def business_unit(number: BusinessNumber) -> Segment:
    """The CTX that names the document a fault stands in."""
    return Segment(["CTX", (number.designator, number.value[:_LONGEST_REFERENCE])])


def triggers(fault: Fault, segment_note: Segment) -> tuple[Segment, ...]:
    """The CTX for the element that brought a fault of a syntax note about; none where no element did.

    Shape:  `segment_note` is the IK3 around it, as both elements stand in the segment that it names.
    """
    detail = dict(fault.detail)
    if "trigger" not in detail:
        return ()
    reference = detail["trigger_reference"]
    last: list[Element] = [(reference,)] if reference.isdecimal() else []
    return (Segment(["CTX", (_TRIGGER,), *segment_note[1:4], tuple(detail["trigger"].split("-")), *last]),)


def words(segment: Segment) -> str:
    """What a partner's CTX says, for a person; "" where it says nothing that we understand."""
    name, *reference = _parts(segment.get(1))
    where = _place(segment)
    if name.upper() == _TRIGGER:
        return f"because of {where}" if where else ""
    return " ".join(word for word in (name, *reference, f"at {where}" if where else "") if word)


def _place(segment: Segment) -> str:
    tag, position = "".join(_parts(segment.get(2))), "".join(_parts(segment.get(3)))
    element, component, *_ = (*_parts(segment.get(5)), "")
    designator = tag + (element.zfill(2) if element else "") + (f"-{component}" if element and component else "")
    return f"{designator} in segment {position}" if designator and position else designator


def _parts(element: Element) -> tuple[str, ...]:
    return element if isinstance(element, tuple) else (element,)
