"""The queue on SQLite: one live job a key, claimed once, and never lost with its worker."""

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.faults import Fault
from edi_gateway.ports.work import Job
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts

LEASE = timedelta(minutes=5)
FAULT = Fault.of("STO-301", task="send", key="send:1", attempt=1, reason="no")


@pytest.fixture
def database_url(fresh_sqlite: Path, tmp_path: Path) -> str:
    """PostgreSQL has another engine: what both promise is in tests/work/test_engines.py."""
    shutil.copy(fresh_sqlite, tmp_path / "gateway.db")
    return f"sqlite:///{tmp_path / 'gateway.db'}"


def enqueue(store: SqlStore, row_id: int = 1, task: str = "send", **at: object) -> None:
    with store.begin() as unit:
        unit.enqueue(task, key=f"{task}:{row_id}", id=row_id, **at)  # type: ignore[arg-type]


def claim(store: SqlStore, clock: HandClock, owner: str = "one", tasks: frozenset[str] | None = None) -> Job | None:
    return store.jobs.claim(clock.now(), owner=owner, lease=LEASE, tasks=tasks)


def claimed(store: SqlStore, clock: HandClock, owner: str = "one") -> Job:
    job = claim(store, clock, owner)
    assert job is not None
    return job


def test_a_job_carries_its_ids_and_is_claimed_once(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.enqueue("map", key="map:7", id=7, partner="acme")
    job = claimed(store, clock)
    assert (job.task, job.key, dict(job.ids), job.attempts, job.first_at) == ("map", "map:7", {"id": 7, "partner": "acme"}, 1, clock.now())
    assert claim(store, clock) is None
    store.jobs.done(job)
    assert counts(store) == {}


def test_the_end_of_a_job_and_the_claim_of_the_next_are_kept_together(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1)
    enqueue(store, 2, task="map")
    enqueue(store, 3)
    lane = frozenset({"send"})
    first = claim(store, clock, tasks=lane)
    assert first is not None
    second = store.jobs.exchange(first, clock.now(), owner="one", lease=LEASE, tasks=lane)
    assert second is not None
    assert (second.key, second.attempts, second.owner) == ("send:3", 1, "one")
    assert counts(store) == {"job.running": 1, "job.waiting": 1}
    assert store.jobs.exchange(second, clock.now(), owner="one", lease=LEASE, tasks=lane) is None
    assert counts(store) == {"job.waiting": 1}


def test_a_job_whose_lease_was_reaped_is_not_ended_by_the_exchange(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    lost = claimed(store, clock, "one")
    clock.turn(LEASE + timedelta(seconds=1))
    store.jobs.reap(clock.now(), LEASE)
    taken_over = claimed(store, clock, "two")
    assert store.jobs.exchange(lost, clock.now(), owner="one", lease=LEASE) is None
    assert counts(store) == {"job.running": 1}
    store.jobs.done(taken_over)


def test_jobs_are_claimed_in_the_order_they_fall_due(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1, run_at=clock.now() + timedelta(seconds=30))
    enqueue(store, 2)
    enqueue(store, 3)
    assert [claimed(store, clock).ids["id"] for _ in range(2)] == [2, 3]
    assert claim(store, clock) is None
    clock.turn(timedelta(seconds=30))
    assert claimed(store, clock).ids["id"] == 1


def test_a_second_hint_of_a_waiting_job_is_the_same_one_at_the_earlier_time(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, run_at=clock.now() + timedelta(hours=1))
    enqueue(store)
    enqueue(store, run_at=clock.now() + timedelta(hours=2))
    assert counts(store) == {"job.waiting": 1}
    assert claimed(store, clock).ids["id"] == 1


def test_a_hint_that_comes_while_the_job_runs_is_done_after_it(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    running = claimed(store, clock)
    enqueue(store)
    assert counts(store) == {"job.running": 1, "job.waiting": 1}
    assert claim(store, clock, "two") is None
    store.jobs.done(running)
    assert claimed(store, clock, "two").key == running.key


def test_a_job_that_failed_waits_for_its_time_and_remembers_its_attempts(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    first = claimed(store, clock)
    store.jobs.retry(first, clock.now() + timedelta(minutes=1), FAULT)
    assert claim(store, clock) is None
    clock.turn(timedelta(minutes=1))
    second = claimed(store, clock)
    assert (second.attempts, second.first_at) == (2, first.first_at)


def test_a_failed_job_hands_its_attempts_to_the_hint_that_came_meanwhile(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    failing = claimed(store, clock)
    enqueue(store)
    store.jobs.retry(failing, clock.now() + timedelta(hours=1), FAULT)
    assert counts(store) == {"job.waiting": 1}
    assert claimed(store, clock).attempts == 2


def test_a_parked_job_is_shown_freed_and_begins_anew(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    store.jobs.park(claimed(store, clock), clock.now(), FAULT)
    assert claim(store, clock) is None
    (parked,) = store.jobs.parked()
    assert (parked.key, parked.attempts, parked.fault, parked.parked_at) == ("send:1", 1, FAULT, clock.now())
    assert store.views.health()["parked"] == 1
    assert store.jobs.free(parked.id, clock.now())
    assert not store.jobs.free(parked.id, clock.now())
    assert claimed(store, clock).attempts == 1


def test_a_parked_job_blocks_no_other_and_goes_when_its_key_succeeds(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    store.jobs.park(claimed(store, clock), clock.now(), FAULT)
    enqueue(store, 2)
    enqueue(store)
    assert claimed(store, clock).ids["id"] == 2
    store.jobs.done(claimed(store, clock))
    assert store.jobs.parked() == []


def test_freeing_a_parked_job_whose_key_waits_again_leaves_one(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    store.jobs.park(claimed(store, clock), clock.now(), FAULT)
    enqueue(store)
    assert store.jobs.free(store.jobs.parked()[0].id, clock.now())
    assert counts(store) == {"job.waiting": 1}


def test_a_dead_workers_job_is_due_again_when_its_lease_ends(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    claimed(store, clock)
    assert store.jobs.reap(clock.turn(LEASE), LEASE) == 0
    assert store.jobs.reap(clock.turn(timedelta(seconds=1)), LEASE) == 1
    assert claimed(store, clock, "two").attempts == 2


def test_a_lease_that_is_renewed_does_not_end(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    job = claimed(store, clock)
    store.jobs.renew([job.owner], clock.now() + timedelta(hours=1))
    assert store.jobs.reap(clock.turn(timedelta(minutes=59)), LEASE) == 0


@pytest.mark.parametrize("late", ["done", "retry", "park"])
def test_who_lost_its_lease_cannot_touch_the_job_of_the_next(store: SqlStore, clock: HandClock, late: str) -> None:
    enqueue(store)
    lost = claimed(store, clock, "one")
    store.jobs.reap(clock.turn(2 * LEASE), LEASE)
    taken = claimed(store, clock, "two")
    match late:
        case "done":
            store.jobs.done(lost)
        case "retry":
            store.jobs.retry(lost, clock.now(), FAULT)
        case _:
            store.jobs.park(lost, clock.now(), FAULT)
    assert counts(store) == {"job.running": 1}
    store.jobs.done(taken)
    assert counts(store) == {}


def test_an_id_that_is_given_again_is_not_mistaken_for_the_old_job(store: SqlStore, clock: HandClock) -> None:
    enqueue(store)
    gone = claimed(store, clock, "one")
    store.jobs.done(gone)
    enqueue(store, 2)
    other = claimed(store, clock, "two")
    store.jobs.done(replace(gone, id=other.id))
    assert counts(store) == {"job.running": 1}


def test_what_was_due_before_the_clock_was_set_back_is_due_and_nothing_else(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1)
    enqueue(store, 2, run_at=clock.now() + timedelta(minutes=1))
    before = clock.now()
    clock.turn(-timedelta(hours=1))
    assert claim(store, clock) is None
    assert store.jobs.hasten(before, clock.now()) == 1
    assert claimed(store, clock).ids["id"] == 1
    assert claim(store, clock) is None


def test_recovery_makes_all_that_ran_due_again_at_once(store: SqlStore, clock: HandClock) -> None:
    for row_id in (1, 2):
        enqueue(store, row_id)
        claimed(store, clock)
    enqueue(store, 2)
    assert store.jobs.recover() == 2
    assert counts(store) == {"job.waiting": 2}


def test_a_lane_claims_its_own_tasks_only(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1, "send")
    enqueue(store, 2, "map")
    assert claim(store, clock, tasks=frozenset({"deliver"})) is None
    job = claim(store, clock, tasks=frozenset({"map", "deliver"}))
    assert job is not None
    assert job.task == "map"


def test_eight_workers_at_once_claim_every_job_exactly_once(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for row_id in range(60):
            unit.enqueue("send", key=f"send:{row_id}", id=row_id)

    def work(owner: int) -> list[int | str]:
        done = []
        while job := claim(store, clock, f"worker {owner}"):
            done.append(job.ids["id"])
            store.jobs.done(job)
        return done

    with ThreadPoolExecutor(8) as pool:
        done = [row_id for part in pool.map(work, range(8)) for row_id in part]
    assert sorted(done) == list(range(60))


def test_a_commit_wakes_who_looked_before_it(store: SqlStore, clock: HandClock) -> None:
    assert claim(store, clock) is None
    enqueue(store)
    # The commit came after the look, so this returns at once; the test's own time-out catches it if it does not.
    store.jobs.wait(timedelta(hours=1))
    assert claim(store, clock) is not None


def test_a_job_wakes_nobody_of_another_lane_and_one_of_its_own(store: SqlStore, clock: HandClock) -> None:
    maps = frozenset({"map"})
    assert claim(store, clock, tasks=maps) is None
    enqueue(store, 1, "send")
    enqueue(store, 2, "map", run_at=clock.now() + timedelta(hours=1))
    waited = threading.Event()

    def wait_for_maps() -> None:
        store.jobs.claim(clock.now(), owner="maps", lease=LEASE, tasks=maps)
        store.jobs.wait(timedelta(hours=1))
        waited.set()

    thread = threading.Thread(target=wait_for_maps, daemon=True)
    thread.start()
    assert not waited.wait(0.1)
    enqueue(store, 3, "map")
    assert waited.wait(30)
    thread.join()


def test_a_wake_ends_every_wait(store: SqlStore, clock: HandClock) -> None:
    claim(store, clock)
    store.jobs.wake()
    store.jobs.wait(timedelta(hours=1))


def test_health_shows_the_tick_the_oldest_job_and_what_is_parked(store: SqlStore, clock: HandClock) -> None:
    assert store.views.health() == {"tick": None, "oldest_job": None, "parked": 0}
    enqueue(store, 1, run_at=clock.now() - timedelta(minutes=2))
    enqueue(store, 2)
    store.jobs.tick("sweep", clock.now())
    store.jobs.tick("sweep", clock.turn(timedelta(seconds=2)))
    store.jobs.tick("scan", clock.now() - timedelta(seconds=1))
    assert store.views.health() == {"tick": clock.now(), "oldest_job": clock.now() - timedelta(minutes=2, seconds=2), "parked": 0}
