"""Whatever is slow, fails or dies in between: the ERP gets a change after the order that it changes."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.precedence import order_of_set
from edi_gateway.lifecycle.states import SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.web import WebSettings
from edi_gateway.ports.work import Job
from edi_gateway.testing.interchanges import Set, group, interchange, order_lines
from edi_gateway.testing.pair import Party, Trade

LEASE = timedelta(hours=1)
FAULT = Fault.of("STO-301", task="map", key="map:1", attempt=1, reason="no")

MESSAGES = (
    (("850", "A"),),
    (("850", "B"), ("860", "A")),
    (("860", "B"), ("860", "A")),
    (("860", "B"),),
)
"""What comes, message by message: orders, and their changes among them."""


def change_lines(po: str) -> Set:
    return ("860", f"BCH*04*SA*{po}***20260302", "POC*1*QI*30*6*EA*3.1**VP*SKU-77", "CTT*1")


def content(number: int, sets: tuple[tuple[str, str], ...]) -> bytes:
    """A message, each kind of set in a group of its own."""
    lines: dict[str, list[Set]] = defaultdict(list)
    for set_id, po in sets:
        lines[set_id].append(order_lines(po) if set_id == "850" else change_lines(po))
    names = {"850": "PO", "860": "PC"}
    groups = [group(names[set_id], f"{number}{position}", found) for position, (set_id, found) in enumerate(sorted(lines.items()))]
    return interchange(groups, control=number)


def taking_changes(trade: Trade) -> Party:
    """The supplier, whose agreement takes changes of orders as well."""
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("  receive:\n", "  receive:\n    860:\n", 1))
    return trade.restart("supplier")


def publications(supplier: Party) -> dict[str, list[str]]:
    """The sets that the ERP got, in order, by purchase order."""
    found: dict[str, list[str]] = defaultdict(list)
    with supplier.look() as uow:
        for event in uow.events.find(kind="erp.published"):
            row = uow.sets.get(event.set_row_id or 0)
            found[row.po_number or ""].append(f"{row.set_id} of message {row.transmission_id}")
    return found


class Hands:
    """Several workers in one thread: each has a job and does it, or fails at it, when it is told to."""

    def __init__(self, trade: Trade, supplier: Party, choose: Callable[[int], int]) -> None:
        self._trade, self._supplier, self._choose = trade, supplier, choose
        self._held: list[Job] = []

    def play(self, steps: int) -> None:
        jobs, now = self._supplier.store.jobs, self._trade.clock.now
        for step in range(steps):
            job = jobs.claim(now(), owner=f"hand {step}", lease=LEASE) if len(self._held) < 3 else None
            if job is not None:
                self._held.append(job)
            if self._held and (job is None or self._choose(2)):
                self._end(self._held.pop(self._choose(len(self._held))))
            elif job is None:
                self._trade.clock.turn(timedelta(seconds=7))

    def _end(self, job: Job) -> None:
        jobs, later = self._supplier.store.jobs, self._trade.clock.now() + timedelta(seconds=20)
        match self._choose(4):
            case 0:
                jobs.retry(job, later, FAULT)
            case 1:
                # It did its work, and then nobody learned of it.
                self._supplier.handlers[job.task](job.ids)
                jobs.retry(job, later, FAULT)
            case _:
                self._supplier.handlers[job.task](job.ids)
                jobs.done(job)

    def finish(self) -> None:
        """All that is held and all that waits is done."""
        for job in self._held:
            self._supplier.handlers[job.task](job.ids)
            self._supplier.store.jobs.done(job)
        for _ in range(20):
            self._trade.clock.turn(timedelta(seconds=30))
            self._supplier.work()


@pytest.fixture
def fresh(template: Any, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Trade]:
    def made() -> Trade:
        folder: Path = tmp_path_factory.mktemp("ordered")
        both: Trade = template("sync").copied(folder)
        return both

    return made


@pytest.mark.sqlite
@settings(
    max_examples=8, deadline=None, phases=[Phase.explicit, Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(choices=st.lists(st.integers(0, 11), min_size=40, max_size=160))
def test_a_change_never_overtakes_its_order(fresh: Callable[[], Trade], sealed: Any, choices: list[int]) -> None:
    trade = fresh()
    supplier = taking_changes(trade)
    left = iter(choices)
    hands = Hands(trade, supplier, lambda among: next(left, 2) % among)
    for number, sets in enumerate(MESSAGES, 1):
        supplier.receive(sealed(trade.retailer, content(number, sets), message_id=f"<{number}@retailer>"))
        hands.play(len(choices) // 8)
    hands.finish()
    with supplier.look() as uow:
        came = {row.message_id: row.id for row in uow.transmissions.find() if row.id is not None}
    expected: dict[str, list[str]] = defaultdict(list)
    for number, sets in enumerate(MESSAGES, 1):
        for set_id, po in sets:
            expected[po].append(f"{set_id} of message {came[f'<{number}@retailer>']}")
    assert publications(supplier) == expected
    trade.close()


@pytest.mark.sqlite
def test_a_message_that_is_read_in_one_go_leaves_a_change_to_wait_for_its_order(trade: Trade, sealed: Any) -> None:
    supplier = taking_changes(trade)
    jobs, now = supplier.store.jobs, trade.clock.now()

    def do(job: Job | None) -> None:
        assert job is not None
        supplier.handlers[job.task](job.ids)
        jobs.done(job)

    slow = None
    for number in (1, 2):
        supplier.receive(sealed(trade.retailer, content(number, MESSAGES[number - 1]), message_id=f"<{number}@retailer>"))
        do(jobs.claim(now, owner="reader", lease=LEASE, tasks={Task.TRANSLATE}))
        slow = slow or jobs.claim(now, owner="slow", lease=LEASE, tasks={Task.MAP})
    do(jobs.claim(now, owner="quick", lease=LEASE, tasks={Task.MAP}))
    assert sorted((row.po_number, row.set_id) for row in supplier.sets(state=SetIn.VALID)) == [("A", "850"), ("A", "860")]
    do(slow)
    supplier.work()
    assert [one.split()[0] for one in publications(supplier)["A"]] == ["850", "860"]


def orders_of_jobs(party: Party, task: Task) -> list[str | None]:
    with party.store._database.read() as connect:
        return [row.ordering for row in connect().exec_driver_sql(f"SELECT ordering FROM jobs WHERE task = '{task}' ORDER BY id")]


@pytest.mark.sqlite
def test_the_messages_of_a_partner_without_changes_are_read_side_by_side(trade: Trade, sealed: Any) -> None:
    for number in (1, 2):
        trade.supplier.receive(sealed(trade.retailer, content(number, (("850", f"A{number}"),)), message_id=f"<{number}@retailer>"))
    assert orders_of_jobs(trade.supplier, Task.TRANSLATE) == [None, None]
    supplier = taking_changes(trade)
    supplier.receive(sealed(trade.retailer, content(3, (("850", "A3"),)), message_id="<3@retailer>"))
    assert orders_of_jobs(supplier, Task.TRANSLATE) == [None, None, "retailer:in"]


@pytest.mark.sqlite
def test_what_we_send_of_one_order_is_posted_in_its_order(trade: Trade) -> None:
    trade.retailer.drop("order.csv", (Path(__file__).parents[2] / "samples" / "erp" / "order.csv").read_text())
    trade.retailer.compose()
    assert orders_of_jobs(trade.retailer, Task.SEND) == ["supplier:850:4500017"]


@pytest.mark.parametrize(
    ("set_id", "po_number", "order"),
    [("850", "A", "acme:850:A"), ("860", "A", "acme:850:A"), ("855", "A", "acme:855:A"), ("865", "A", "acme:855:A"), ("810", None, None)],
)
def test_a_change_belongs_to_the_order_of_what_it_changes(set_id: str, po_number: str | None, order: str | None) -> None:
    assert order_of_set("acme", set_id, po_number) == order
    assert order_of_set(None, set_id, po_number) is None


def test_what_was_read_goes_to_the_erp_before_the_next_message_is_read(trade: Trade, sealed: Any) -> None:
    supplier, jobs = trade.supplier, trade.supplier.store.jobs
    for number in (1, 2, 3):
        supplier.receive(sealed(trade.retailer, content(number, (("850", f"A{number}"),)), message_id=f"<{number}@retailer>"))
        trade.clock.turn(timedelta(seconds=1))
    done: list[str] = []
    lane = {Task.TRANSLATE, Task.MAP}
    while (job := jobs.claim(trade.clock.now(), owner="worker", lease=LEASE, tasks=lane)) is not None:
        supplier.handlers[job.task](job.ids)
        jobs.done(job)
        done.append(job.task)
        trade.clock.turn(timedelta(seconds=1))
    assert done == [Task.TRANSLATE, Task.MAP] * 3


def test_what_came_long_ago_and_is_read_only_now_does_not_look_like_work_that_nobody_does(trade: Trade, sealed: Any) -> None:
    supplier, jobs = trade.supplier, trade.supplier.store.jobs
    supplier.receive(sealed(trade.retailer, content(1, (("850", "A1"),)), message_id="<1@retailer>"))
    trade.clock.turn(timedelta(days=2))
    job = jobs.claim(trade.clock.now(), owner="worker", lease=LEASE, tasks={Task.TRANSLATE})
    assert job is not None
    supplier.handlers[job.task](job.ids)
    jobs.done(job)
    oldest = supplier.store.views.health()["oldest_job"]
    assert isinstance(oldest, datetime)
    assert timedelta(0) < trade.clock.now() - oldest < WebSettings(secret_key=b"", password_hash=None).job_limit
