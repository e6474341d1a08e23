"""Two gateways in one process, joined without a network: each posts straight into what the other's web would call."""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from edi_gateway.bootstrap import House, Terms, read_terms
from edi_gateway.config import load_settings
from edi_gateway.demo.homes import Pair, Side
from edi_gateway.lifecycle.replay import message_state, set_state
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports import rows
from edi_gateway.ports.channels import Answer, Clock
from edi_gateway.ports.rows import Origin
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.ports.web import IN_MEMORY, HttpReply, LargeRequest, Received, ReceivedRequest
from edi_gateway.services.compose import scan_folders
from edi_gateway.services.expire import sweep_deadlines
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.receive import receive
from edi_gateway.services.revisions import Applied, apply
from edi_gateway.services.tasks import handlers
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.poster import FakePoster, Outcome, Posted
from edi_gateway.testing.work import drain


class Party:
    """One of two gateways, on a clock that is turned by hand and a poster that a test may script."""

    def __init__(self, side: Side, partner: str, clock: Clock, poster: FakePoster, terms: Terms | None = None) -> None:
        self.side = side
        self.partner = partner
        self.house = House(terms or read_terms(side.home), clock)
        self.house.prepare_folders()
        self.store = self.house.store
        self._clock = clock
        self.use(replace(self.house.gateway, poster=poster, draw=lambda: 0.5))

    def use(self, gateway: Gateway) -> None:
        """Works with this gateway from now on: the same store, on other terms."""
        self.gateway = gateway
        self.handlers = {**self.house.handlers(), **handlers(lambda: gateway)}

    def configure(self, note: str = "") -> Applied:
        """Applies the home's files as they are now, and works with what is in force then."""
        terms = read_terms(self.side.home)
        applied = apply(self.store, self._clock, terms, origin=Origin.HOME, actor="anna", note=note)
        self.house.in_force.look()
        self.use(replace(self.house.gateway, poster=self.gateway.poster, draw=self.gateway.draw))
        return applied

    @property
    def erp(self) -> Path:
        """The folders shared with this side's ERP for the partner."""
        return self.house.settings.erp.folder / self.partner

    def receive(self, request: Received) -> HttpReply:
        return receive(self.gateway, request)

    def drop(self, name: str, content: str | bytes) -> None:
        """What the ERP does: a file into `in/`."""
        (self.erp / "in" / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def scan(self) -> int:
        return scan_folders(self.gateway)

    def sweep(self) -> int:
        return sweep_deadlines(self.gateway)

    def work(self, *tasks: Task) -> int:
        """Does all jobs that are due, of these tasks alone where some are named; how many there were."""
        return drain(self.store, self.handlers, self._clock, tasks)

    def compose(self) -> None:
        """The ERP's files taken and worked on, nothing posted."""
        self.scan()
        self.work(Task.COMPOSE)

    def published(self) -> dict[str, str]:
        """What the ERP finds in `out/`, by name."""
        return {path.name: path.read_text() for path in sorted((self.erp / "out").iterdir())}

    def result(self, name: str) -> dict[str, Any]:
        """The answer to a dropped file."""
        found = json.loads((self.erp / "ack" / f"{name}.result.json").read_text())
        assert isinstance(found, dict)
        return found

    @contextmanager
    def look(self) -> Iterator[UnitOfWork]:
        """The rows, to be read."""
        with self.store.read() as uow:
            yield uow

    def sets(self, **equal: Any) -> list[rows.TransactionSet]:
        with self.store.read() as uow:
            return uow.sets.find(**equal)

    def transmissions(self, **equal: Any) -> list[rows.Transmission]:
        with self.store.read() as uow:
            return uow.transmissions.find(**equal)

    def deadlines(self, **equal: Any) -> list[rows.Deadline]:
        with self.store.read() as uow:
            return uow.deadlines.find(**equal)

    def events(self) -> list[str]:
        """The whole timeline, as "kind: words"."""
        with self.store.read() as uow:
            return [f"{one.kind}: {one.words}" for one in uow.events.find()]


def request_of(posted: Posted) -> Received:
    """A POST as the web hands it on: a large body in a file."""
    if len(posted.body) > IN_MEMORY:
        return LargeRequest(headers=posted.headers, body=io.BytesIO(posted.body), remote_address="127.0.0.1")
    return ReceivedRequest(headers=posted.headers, body=posted.body, remote_address="127.0.0.1")


def assert_replays(store: Store) -> None:
    """Every message and set stands in the state that its recorded events lead to."""
    with store.read() as uow:
        for message in uow.transmissions.find():
            assert message.history is not None
            assert message_state(message.direction, message.history) is message.state, message
        for one in uow.sets.find():
            assert one.history is not None
            assert set_state(one.direction, one.history) is one.state, one


class Trade:
    """Both sides and the line between them. `line.answer` may be scripted; `deliver` is what it does by itself.

    Shape:  `like` is a trade between homes of the same content: what it read and compiled is used again, which is quicker.
            What a test changes in a home is then seen from the next `restart` on.
    """

    def __init__(self, pair: Pair, *, like: "Trade | None" = None) -> None:
        self.clock = HandClock()
        self.line = FakePoster(answer=self.deliver)
        self.supplier: Party = self._party(pair.supplier, pair.retailer, like.supplier if like else None)
        self.retailer: Party = self._party(pair.retailer, pair.supplier, like.retailer if like else None)

    def _party(self, side: Side, other: Side, like: Party | None) -> Party:
        terms = replace(like.house.terms, settings=load_settings(side.home)) if like else None
        return Party(side, other.name, self.clock, self.line, terms)

    def deliver(self, posted: Posted) -> Outcome:
        """Hands a POST to the side whose address it is for."""
        party = next(one for one in (self.supplier, self.retailer) if posted.url.startswith(one.side.url))
        reply = party.receive(request_of(posted))
        return Answer(status=reply.status, headers=reply.headers, body=reply.body)

    def run(self) -> None:
        """Both look into their folders and work until neither has anything left that is due."""
        self.retailer.scan()
        self.supplier.scan()
        while self.retailer.work() + self.supplier.work():
            pass

    def turn(self, by: timedelta) -> None:
        """The clock moves on, both sweep their windows, and the work that fell due is done."""
        self.clock.turn(by)
        self.retailer.sweep()
        self.supplier.sweep()
        self.run()

    def restart(self, name: str) -> Party:
        """One side's gateway put together anew from its home, as after a stop."""
        before: Party = getattr(self, name)
        before.house.close()
        after = Party(before.side, before.partner, self.clock, self.line)
        setattr(self, name, after)
        return after

    def agree(self, name: str, section: str, *lines: str) -> Party:
        """One side's gateway put together anew, with further lines in a section of its partner file: "as2", "x12"."""
        party: Party = getattr(self, name)
        file = party.side.home / "partners" / f"{party.partner}.yaml"
        added = "".join(f"  {line}\n" for line in lines)
        file.write_text(file.read_text().replace(f"{section}:\n", f"{section}:\n{added}", 1))
        return self.restart(name)

    def close(self) -> None:
        """Ends both, once their rows are where their recorded events lead to: so every test of a trade proves it."""
        for party in (self.retailer, self.supplier):
            assert_replays(party.store)
        self.retailer.house.close()
        self.supplier.house.close()
