"""What the agreement says of a file's documents that break a rule of their order: sent with a warning, held, or refused."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from edi_gateway.lifecycle.order_lines import orders_of
from edi_gateway.lifecycle.order_rules import Treatment, worst
from edi_gateway.lifecycle.order_thread import Entry
from edi_gateway.ports.rows import ErpFile
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.judge import Judged, Sending
from edi_gateway.services.orders import judge_order, orders_for, queue_up_for
from edi_gateway.services.results import DocumentResult


def settle_orders(uow: UnitOfWork, row: ErpFile, judged: tuple[Judged, ...], now: datetime) -> tuple[Judged, ...]:
    """Each document with what the rules of its order make of it; one counts for those that stand after it in the file.

    Shape:  from here to the end of the transaction no other document joins one of these orders.
    """
    packed = (one.sending for one in judged if one.sending is not None)
    queue_up_for(uow, row.partner, (po for sending in packed for po in orders_for(uow, row.partner, sending.record)))
    beside = _Beside(now)
    return tuple(_settled(uow, row, one, beside) for one in judged)


class _Beside:
    """The documents of a file that go out, by their orders. There may be very many: they stay packed until one is asked for."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._by_order: dict[str, list[Sending]] = {}

    def add(self, sending: Sending, entry: Entry) -> None:
        for po in orders_of(entry.record):
            self._by_order.setdefault(po, []).append(sending)

    def of(self, po: str) -> Iterator[Entry]:
        return map(self.entry, self._by_order.get(po, ()))

    def entry(self, sending: Sending) -> Entry:
        outgoing = sending.outgoing
        return Entry(set_id=outgoing.set_id, number=outgoing.business_key, at=self.now, record=sending.record)


def _settled(uow: UnitOfWork, row: ErpFile, judged: Judged, beside: _Beside) -> Judged:
    sending = judged.sending
    if sending is None:
        return judged
    entry = beside.entry(sending)
    found = judge_order(uow, sending.partner, sending.agreement, entry, beside.now, beside=beside.of)
    faults = tuple(one.fault.at(file=row.name, line=judged.answer.first_line) for one in found)
    answer = replace(judged.answer, faults=(*judged.answer.faults, *faults))
    match worst(found):
        case Treatment.REFUSE:
            return Judged(answer=replace(answer, result=DocumentResult.REFUSED))
        case Treatment.HOLD:
            code = next(one.fault.code for one in found if one.treatment is Treatment.HOLD)
            return replace(judged, answer=replace(answer, result=DocumentResult.HELD), held_code=code)
        case _:
            beside.add(sending, entry)
            return replace(judged, answer=answer)
