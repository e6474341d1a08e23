"""How far the work of one event loop is, so that one that stands still is found out.

A loop that memory runs out in may forget for good that a job has ended, or that it is time to look for the next. Nothing fails then.
"""

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from procrastinate.jobs import Job

from edi_gateway.work.lanes import Lane

CLOSING = 20.0
"""Seconds that an event loop which was given up has for what is left in it."""


class _Held:
    """A job that was claimed. `runs` is whether a thread is at it; `since` is when the loop last did something for it."""

    def __init__(self, job: Job, lane: str, since: float) -> None:
        self.job = job
        self.lane = lane
        self.since = since
        self.runs = False
        self.parked = False


class Progress:
    """What the lanes have claimed and when they last looked. Threads and the loop tell of it, and a watch asks.

    Shape:  a job is one claim of it, the object and not its number: what is put back may be claimed anew before that is noted here.
    """

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._threads = {lane.name: lane.threads for lane in lanes}
        self._looked = dict.fromkeys(self._threads, time.monotonic())
        self._quiet = set(self._threads)
        self._held: dict[int, _Held] = {}
        self._asking: set[object] = set()
        self.ending = False
        """Whether the lanes are asked to end: they look for nothing more."""
        self.left = False
        """Whether the loop is given up: what comes to its end now is done again."""
        self._left_at = 0.0

    def leave(self) -> None:
        """The loop is given up, or has ended."""
        self.ending = self.left = True
        self._left_at = time.monotonic()

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The database is asked for a job: it may be ours there, and not here yet."""
        question = object()
        self._asking.add(question)
        try:
            yield
        finally:
            self._asking.discard(question)

    def questions(self) -> frozenset[object]:
        """Those that are not answered yet."""
        return frozenset(self._asking)

    def looked(self, lane: str) -> None:
        """A lane has asked for a job."""
        self._looked[lane] = time.monotonic()
        self._quiet.discard(lane)

    def claimed(self, lane: str, job: Job) -> None:
        self._held[id(job)] = _Held(job, lane, time.monotonic())

    def begun(self, job: Job) -> None:
        """A thread is at the job."""
        self._held[id(job)].runs = True

    def parked(self, job: Job) -> None:
        """The job has failed as often as agreed."""
        self._held[id(job)].parked = True

    def ended(self, job: Job) -> None:
        """The thread is done with the job, whose end is to be kept."""
        held = self._held[id(job)]
        held.runs = False  # First, as it needs no memory: what is left may fail.
        held.since = time.monotonic()

    def waits(self, job: Job) -> None:
        """The loop is at keeping the job's end: the database is asked again and again."""
        if held := self._held.get(id(job)):
            held.since = time.monotonic()

    def kept(self, job: Job) -> None:
        """The job's end is kept, and its lane has room for another."""
        held = self._held.pop(id(job), None)
        if held is not None:
            self._looked[held.lane] = time.monotonic()

    def is_parked(self, job: Job) -> bool:
        held = self._held.get(id(job))
        return held is not None and held.parked

    def has_begun(self) -> bool:
        """Whether every lane has asked for a job."""
        return not self._quiet

    def numbers(self) -> set[int | None]:
        """Those of all jobs that are held."""
        return {held.job.id for held in self._held.values()}

    def runs(self) -> bool:
        """Whether a thread is at a job."""
        return any(held.runs for held in list(self._held.values()))

    def stands(self, patience: float) -> bool:
        """Whether a job without a thread, or a lane with room, has seen nothing of the loop for so long. Units: seconds."""
        now, held = time.monotonic(), list(self._held.values())
        if self.left:
            return now - self._left_at > max(patience, 2 * CLOSING)
        if any(not one.runs and now - one.since > patience for one in held):
            return True
        silent = [lane for lane, looked in list(self._looked.items()) if now - looked > patience and self._has_room(lane, held)]
        if self.ending:
            return len(silent) == len(self._threads) and not held
        return bool(silent)

    def _has_room(self, lane: str, held: Collection[_Held]) -> bool:
        return sum(one.lane == lane for one in held) < self._threads[lane]
