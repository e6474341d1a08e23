"""Work in the calling thread, for tests."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from edi_gateway.ports.work import Handler
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.work import drain


def test_all_that_is_due_is_done_and_what_it_enqueues_too(store: SqlStore, clock: HandClock) -> None:
    def count_down(ids: Mapping[str, int | str]) -> None:
        if left := int(ids["left"]):
            with store.begin() as unit:
                unit.enqueue("count", key=f"count:{left - 1}", left=left - 1)

    with store.begin() as unit:
        unit.enqueue("count", key="count:3", left=3)
        unit.enqueue("count", key="later", run_at=clock.now() + timedelta(hours=1), left=0)
    assert drain(store, {"count": count_down}, clock) == 4
    assert drain(store, {"count": count_down}, clock) == 0
    clock.turn(timedelta(hours=1))
    assert drain(store, {"count": count_down}, clock) == 1


def test_of_the_tasks_that_are_named_alone(store: SqlStore, clock: HandClock) -> None:
    done: list[str] = []
    with store.begin() as unit:
        for task in ("send", "map", "compose"):
            unit.enqueue(task, key=f"{task}:1", id=1)
    handlers: dict[str, Handler] = {task: lambda _, task=task: done.append(task) for task in ("send", "map", "compose")}  # type: ignore[misc]
    assert drain(store, handlers, clock, ("map", "compose")) == 2
    assert sorted(done) == ["compose", "map"]


def test_a_failure_reaches_the_test(store: SqlStore, clock: HandClock) -> None:
    def fail(ids: Mapping[str, int | str]) -> None:
        raise ZeroDivisionError

    with store.begin() as unit:
        unit.enqueue("send", key="send:1", id=1)
    with pytest.raises(ZeroDivisionError):
        drain(store, {"send": fail}, clock)
