"""What the agreement says of a file's documents that break a rule of their order: sent with a warning, held, or refused."""

from dataclasses import replace
from datetime import datetime

from edi_gateway.lifecycle.order_rules import Treatment, worst
from edi_gateway.lifecycle.order_thread import Entry
from edi_gateway.ports.rows import ErpFile
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.judge import Judged
from edi_gateway.services.orders import judge_order, orders_for, queue_up_for
from edi_gateway.services.results import DocumentResult


def settle_orders(uow: UnitOfWork, row: ErpFile, judged: tuple[Judged, ...], now: datetime) -> tuple[Judged, ...]:
    """Each document with what the rules of its order make of it; one counts for those that stand after it in the file.

    Shape:  from here to the end of the transaction no other document joins one of these orders.
    """
    sent = [one.sending.record for one in judged if one.sending is not None]
    queue_up_for(uow, row.partner, [po for record in sent for po in orders_for(uow, row.partner, record)])
    beside: list[Entry] = []
    return tuple(_settled(uow, row, one, now, beside) for one in judged)


def _settled(uow: UnitOfWork, row: ErpFile, judged: Judged, now: datetime, beside: list[Entry]) -> Judged:
    sending = judged.sending
    if sending is None:
        return judged
    entry = Entry(set_id=sending.outgoing.set_id, number=sending.outgoing.business_key, at=now, record=sending.record)
    found = judge_order(uow, sending.partner, sending.agreement, entry, now, beside=beside)
    faults = tuple(one.fault.at(file=row.name, line=judged.answer.first_line) for one in found)
    answer = replace(judged.answer, faults=(*judged.answer.faults, *faults))
    match worst(found):
        case Treatment.REFUSE:
            return Judged(answer=replace(answer, result=DocumentResult.REFUSED))
        case Treatment.HOLD:
            code = next(one.fault.code for one in found if one.treatment is Treatment.HOLD)
            return replace(judged, answer=replace(answer, result=DocumentResult.HELD), held_code=code)
        case _:
            beside.append(entry)
            return replace(judged, answer=answer)
