"""Whether a post may go now: the address answers as far as is known, and the partner takes that many.

What is known is in the database, so that all workers share it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from edi_gateway.lifecycle.circuit import Circuit, entered, failed, got_through, waits_until
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Endpoint
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import enqueue_sending
from edi_gateway.services.journal import note

_MINUTE = timedelta(minutes=1)
_BUSY = timedelta(seconds=5)
"""When it is looked again whether one of the posts under way has ended."""
_SPREAD = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A post does not go now. `why` is a part of a sentence."""

    until: datetime
    why: str


def enter(uow: UnitOfWork, partner: Partner, url: str, now: datetime, draw: float) -> Wait | None:
    """Lets a post go, in the transaction that begins it; else when to ask again. Units: `draw` from 0 to 1 spreads who waits."""
    busy = _limited(uow, partner, now, draw)
    if busy is not None:
        return busy
    address = address_of(url)
    if not uow.endpoints.find(address=address):
        return None
    uow.queue_up(f"endpoint {address}")
    [row] = uow.endpoints.find(address=address)
    circuit = _circuit(row)
    until = waits_until(circuit, now)
    if until is not None:
        # Spread over a tenth of the wait, so that they do not come all at once.
        return Wait(until=until + partner.circuit.wait * (0.1 * draw), why=f"{address} did not answer {row.failures} times in a row")
    _keep(uow, row, entered(circuit, partner.circuit, now, partner.as2.timeout))
    return None


def told(uow: UnitOfWork, partner: Partner, url: str, now: datetime, *, reached: bool) -> None:
    """Keeps how a post ended for the address that it was for."""
    address = address_of(url)
    if reached and not uow.endpoints.find(address=address):
        return
    uow.queue_up(f"endpoint {address}")
    found = uow.endpoints.find(address=address)
    row = found[0] if found else uow.endpoints.add(Endpoint(address=address))
    before = _circuit(row)
    after = got_through(before) if reached else failed(before, partner.circuit, now)
    if after != before:
        _keep(uow, row, after)
    assert row.id is not None
    if before.open_until is None and after.open_until is not None:
        uow.endpoints.change(row.id, opened_at=now)
        words = f"{address} failed {after.failures} times in a row: it is left alone until {after.open_until:%Y-%m-%d %H:%M:%S} UTC."
        note(uow, now, "endpoint.opened", words, partner=partner.key)
    elif before.open_until is not None and after.open_until is None:
        uow.endpoints.change(row.id, opened_at=None)
        note(uow, now, "endpoint.closed", f"{address} answers again.", partner=partner.key)
        _follow(uow, partner, now)


def _follow(uow: UnitOfWork, partner: Partner, now: datetime) -> None:
    """Looks at once at what waited for the address: it answers again, and some would wait as long as a probe may take."""
    for row in uow.transmissions.find(direction=Direction.OUT, partner=partner.key, state=(Outbound.READY, Outbound.RETRY_WAIT)):
        if row.id is not None and row.next_attempt_at is not None and row.next_attempt_at > now:
            uow.transmissions.change(row.id, next_attempt_at=now)
            enqueue_sending(uow, row.id)


def address_of(url: str) -> str:
    """The server of an address: scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _limited(uow: UnitOfWork, partner: Partner, now: datetime, draw: float) -> Wait | None:
    limits = partner.limits
    if limits.posts_per_minute is None and limits.concurrent_posts is None:
        return None
    uow.queue_up(f"posts {partner.key}")
    if limits.concurrent_posts is not None:
        under_way = uow.transmissions.find(direction=Direction.OUT, partner=partner.key, state=Outbound.SENDING)
        if len(under_way) >= limits.concurrent_posts:
            return Wait(until=now + _BUSY * (1 + draw), why=f"{len(under_way)} posts are under way")
    if limits.posts_per_minute is None:
        return None
    began = uow.posts(partner.key, now - _MINUTE)
    if len(began) < limits.posts_per_minute:
        return None
    waiting = uow.transmissions.find(direction=Direction.OUT, partner=partner.key, state=(Outbound.READY, Outbound.RETRY_WAIT))
    # As many follow as the minutes to come take.
    spread = min(_MINUTE * (len(waiting) / limits.posts_per_minute), _SPREAD)
    free = began[-limits.posts_per_minute] + _MINUTE
    return Wait(until=free + spread * draw, why=f"{len(began)} posts began in the last minute")


def _circuit(row: Endpoint) -> Circuit:
    return Circuit(failures=row.failures, open_until=row.open_until)


def _keep(uow: UnitOfWork, row: Endpoint, circuit: Circuit) -> None:
    assert row.id is not None
    if circuit != _circuit(row):
        uow.endpoints.change(row.id, failures=circuit.failures, open_until=circuit.open_until)
