"""What a seller still owes on an order that its buyer has cancelled. Pure.

A cancellation is an 850 or 860 whose purpose (BEG01, BCH01) cancels the whole order. One that deletes lines is none, and be it every
line: the next change may bring them back, and what is left is to be confirmed, shipped and invoiced.
"""

from collections.abc import Sequence
from datetime import date

from edi_gateway.lifecycle.order_thread import ROLES, Entry, Role, in_force
from edi_gateway.records import PurchaseOrder, PurchaseOrderChange

CANCELLING = frozenset({"cancel", "17"})
"""X12 element 353: 01 is a cancellation, as the maps name it; 17, which they keep, one of what is to be issued anew."""
_OF_THE_BUYER = (Role.ORDER, Role.CHANGE)
_OF_THE_SELLER = (Role.RESPONSE, Role.SHIPMENT, Role.INVOICE)


def is_cancellation(entry: Entry) -> bool:
    """Whether by this document the buyer cancels the order as a whole."""
    return entry.role in _OF_THE_BUYER and entry.purpose in CANCELLING


def cancellation_of(asked: Entry, thread: Sequence[Entry]) -> Entry | None:
    """The cancellation that takes back an order or a change of it; None where that stands, or is a cancellation itself.

    Shape:  `thread` has the documents of the order that count, in the order in which they came, and `asked` among them.

    What comes after the cancellation is ordered anew, and stands. Only a cancellation that came before any order of its number is about
    the one that it overtook, where it bears that order's date: a number may be used again. Of an order with releases (BEG04), one that
    names a release cancels that one.
    """
    if asked.role not in _OF_THE_BUYER or is_cancellation(asked):
        return None
    here = next(at for at, one in enumerate(thread) if one is asked)
    for at, one in enumerate(thread):
        if is_cancellation(one) and _is_of_its_release(one, asked) and (here < at or _overtook(thread[:at], one, asked)):
            return one
    return None


def is_cancelled(thread: Sequence[Entry]) -> bool:
    """Whether the buyer has cancelled the order, and not ordered anew since."""
    orders = [one for one in thread if one.role is Role.ORDER and not is_cancellation(one)]
    return any(map(is_cancellation, thread)) and all(cancellation_of(one, thread) is not None for one in orders)


def withdrawn_by(asked: Entry, answer: str, thread: Sequence[Entry]) -> Entry | None:
    """The cancellation for which a document of the buyer's is not to be answered by this set any more; None where the answer stays owed.

    Shape:  as in `cancellation_of`.

    - Confirmation, ship notice and invoice of what the buyer takes back are not to come: `closed_order` warns of one that does.
    - The answer to the cancellation itself stays owed, as it is agreed: an 865 to an 860, an 855 to an 850.
    - Where a ship notice is in force, whether it left before the cancellation or crossed with it, goods are on their way: the invoice
      stays owed.
    - What is no answer of the seller's to an order stays as it is.
    """
    role = ROLES.get(answer, Role.OTHER)
    if role not in _OF_THE_SELLER or asked.role not in _OF_THE_BUYER:
        return None
    if role is Role.INVOICE and any(one.role is Role.SHIPMENT for one in in_force(thread)):
        return None
    if is_cancellation(asked):
        return None if role is Role.RESPONSE else asked
    return cancellation_of(asked, thread)


def _overtook(before: Sequence[Entry], cancellation: Entry, asked: Entry) -> bool:
    is_first = not any(one.role is Role.ORDER and not is_cancellation(one) for one in before)
    day = _ordered_on(cancellation)
    return is_first and day is not None and day == _ordered_on(asked)


def _ordered_on(entry: Entry) -> date | None:
    """The date of the order that a document of the buyer's bears."""
    match entry.record:
        case PurchaseOrder() as order:
            return order.issue_date
        case PurchaseOrderChange() as change:
            return change.po_date
        case _:
            return None


def _is_of_its_release(cancellation: Entry, asked: Entry) -> bool:
    named = getattr(cancellation.record, "release_number", None)
    return named is None or named == getattr(asked.record, "release_number", None)
