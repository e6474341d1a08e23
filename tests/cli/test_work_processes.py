"""Further processes that do the work of a gateway on SQLite: one that dies is started again and its work done by another."""

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair
from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.store import open_store
from edi_gateway.work import place_of, system_clock

from .test_serve import serving
from .test_web_processes import answers, children_of, eventually, lives

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")]


def with_crew(home: Path, count: int) -> None:
    settings = home / "gateway.toml"
    before, mark, work = settings.read_text().partition("[work]")
    assert "# processes = 2" in work
    settings.write_text(before + mark + work.replace("# processes = 2", f"processes = {count}"))


def orders(pair: Pair, numbers: range) -> None:
    """Drops orders at the retailer's, which sends them to the supplier."""
    for number in numbers:
        folder = pair.retailer.home / "erp" / "supplier" / "in"
        new = folder.parent / f"order_{number}.new"
        new.write_text(papers.fill(papers.ORDER, f"PO-{number}", system_clock.now().date()))
        new.rename(folder / f"order_{number}.csv")


def delivered(pair: Pair) -> list[str]:
    return sorted(path.name.split("_")[1] for path in (pair.supplier.home / "erp" / "retailer" / "out").glob("order_*"))


def test_further_processes_do_the_work_and_a_killed_one_is_started_again(own_pair: Pair) -> None:
    pair = own_pair
    with_crew(pair.supplier.home, 2)
    with serving(pair.supplier.home) as (gateway, _), serving(pair.retailer.home):
        eventually(lambda: answers(pair.supplier.url), "the gateway does not answer")
        first = children_of(gateway.pid)
        assert len(first) == 2
        orders(pair, range(10))
        eventually(lambda: bool(delivered(pair)), "nothing is delivered")
        for one in first:
            os.kill(one, signal.SIGKILL)
        eventually(lambda: len(set(children_of(gateway.pid)) - set(first)) == 2, "the killed processes were not started again")
        eventually(lambda: len(delivered(pair)) == 10, "not all orders are delivered")
        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(60) == 0
    assert delivered(pair) == sorted(f"PO-{number}" for number in range(10))


def test_none_outlives_a_gateway_that_is_killed(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_crew(side.home, 2)
    with serving(side.home) as (gateway, _):
        children = children_of(gateway.pid)
        assert len(children) == 2
        # Of one that has only begun there may be nothing to see yet.
        eventually(lambda: all(map(lives, children)), "a process does not live")
        gateway.kill()
        gateway.wait(60)
    with serving(side.home) as (_, line):
        assert side.url in line
        eventually(lambda: not any(map(lives, children)), "a process goes on")


def test_a_gateway_does_not_begin_while_a_process_of_the_last_one_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edi_gateway.store.hold.PATIENCE", timedelta(milliseconds=100))
    store = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", system_clock)
    with store.join():
        with pytest.raises(Faulty, match="STO-101"), store.hold():
            pass
        with store.join():  # there may be several
            pass
    with store.hold(), store.join():
        pass
    store.close()


def test_what_a_dead_process_did_is_due_again_and_what_others_do_is_not(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", system_clock)
    jobs = store.jobs
    with store.begin() as unit:
        for number in (1, 2):
            unit.enqueue(Task.MAP, key=Task.MAP.key(number), id=number)
    for process in (4711, 471):
        assert jobs.claim(system_clock.now(), owner=f"{place_of(process)}abc:work-1", lease=timedelta(minutes=5)) is not None
    store.recover(place_of(471))
    again = jobs.claim(system_clock.now(), owner="other", lease=timedelta(minutes=5))
    assert again is not None
    assert again.attempts == 2
    assert jobs.claim(system_clock.now(), owner="other", lease=timedelta(minutes=5)) is None
    store.close()
