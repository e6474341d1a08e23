"""A file sent to a partner of a home: a message like any other, kept before it is posted, by whoever holds the home's database."""

import time
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.cli.logs import log_troubles_only
from edi_gateway.cli.outcome import FINDINGS, GOOD, UNREACHABLE
from edi_gateway.cli.partner import known_partner
from edi_gateway.cli.sent import Posting, Sent
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.lifecycle.states import Outbound
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.views import MessageDetail
from edi_gateway.services.hand_in import send_interchange
from edi_gateway.services.send import send as send_now

_LOOK_AGAIN = 0.2
"""Seconds between looks at a message that the running gateway sends."""
_ON_ITS_WAY = (Outbound.READY, Outbound.SENDING)
_GOOD = (Outbound.DELIVERED, Outbound.AWAITING_MDN)
_NOBODY_THERE = frozenset({"STO-420"})


def to_partner(home: Path, name: str, posting: Posting) -> Sent:
    """Keeps the message and sees it through its first attempt. Errors: Faulty where the home or the partner is not usable."""
    log_troubles_only()
    terms = read_terms(home)
    partner = known_partner(terms, name)
    if partner.as2.url is None:
        raise Faulty([Fault.of("PRT-NO-URL", Place(file=str(partner.source)))])
    house = House(terms)
    try:
        with ExitStack() as stack:
            is_ours = _holds(house, stack)
            number = _keep(house, partner, posting)
            if is_ours:
                send_now(house.gateway, number)
            else:
                _wait(house, number, posting.timeout)
        return _outcome(house.store.views.message(number))
    finally:
        house.close()


def _holds(house: House, stack: ExitStack) -> bool:
    """Whether no gateway runs on the database, so that this process may send; it holds the database then."""
    try:
        stack.enter_context(house.store.hold())
    except Faulty as faulty:
        if faulty.faults[0].code != "STO-101":
            raise
        return False
    return True


def _keep(house: House, partner: Partner, posting: Posting) -> int:
    row = send_interchange(
        house.gateway, partner, posting.content, posting.filename, content_type=posting.content_type, subject=posting.subject
    )
    assert row.id is not None
    return row.id


def _wait(house: House, number: int, timeout: timedelta) -> None:
    """Until the running gateway has made its first attempt, or the time is over."""
    end = time.monotonic() + timeout.total_seconds()
    while time.monotonic() < end:
        with house.store.read() as unit:
            if unit.transmissions.get(number).state not in _ON_ITS_WAY:
                return
        time.sleep(_LOOK_AGAIN)


def _outcome(found: MessageDetail) -> Sent:
    row = found.transmission
    receipt = found.receipts[-1] if found.receipts else None
    status = found.attempts[-1].http_status if found.attempts else None
    not_good = UNREACHABLE if {fault.code for fault in row.faults} & _NOBODY_THERE else FINDINGS
    return Sent(
        message_id=row.message_id,
        outcome=row.state.value,
        disposition=receipt.disposition if receipt else None,
        mic=f"{row.mic}, {row.mic_algorithm}" if row.mic else None,
        mic_matches=receipt.mic in dict(row.mics) if receipt and receipt.mic else None,
        http_status=status,
        reasons=row.faults,
        message=row.id,
        exit_code=GOOD if row.state in _GOOD else not_good,
    )
