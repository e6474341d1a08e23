"""What the worker and the clock need of a store: jobs with leases, and the times of ticks."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from edi_gateway.faults import Fault
from edi_gateway.ports.store import Store

Handler: TypeAlias = Callable[[Mapping[str, int | str]], None]
"""Does one work item; gets the ids that it was enqueued with. It may be called twice for one hint, and must then do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One claimed work item. `attempts` counts this one; `first_at` is when the first attempt began; `owner` is the thread that has it.

    Shape:  `ordering` is the order that it was enqueued in, None where it is in none.
    """

    id: int
    task: str
    key: str
    ids: Mapping[str, int | str]
    attempts: int
    first_at: datetime
    owner: str
    ordering: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedJob:
    """A work item that failed as often as agreed, kept until a person frees it, or its key succeeds."""

    id: int
    task: str
    key: str
    ids: Mapping[str, int | str]
    attempts: int
    parked_at: datetime
    fault: Fault | None


class Queue(Protocol):
    """What every engine's queue answers. Each call is a short transaction of its own."""

    def parked(self, limit: int = 100) -> list[ParkedJob]:
        """What is parked, the oldest first."""

    def free(self, job_id: int, now: datetime) -> bool:
        """Makes a parked job due now, its attempts forgotten; False where it is not parked."""

    def tick(self, name: str, at: datetime) -> None:
        """Keeps when the clock last ticked, so that others see when it stands."""


class Jobs(Queue, Protocol):
    """The queue as worker threads see it: they claim jobs, and those of a dead one are due again when its lease has ended."""

    @property
    def is_shared(self) -> bool:
        """Whether workers of other hosts and releases are on it: a task that this one does not know is another's then."""

    def claim(self, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        """The job that is due the longest, ours until the lease ends; None where none is due. `tasks` limits which."""

    def done(self, job: Job) -> None:
        """The job succeeded: it is gone, and so is what was parked under its key."""

    def exchange(self, job: Job, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        """`done` and `claim` in one transaction: the next job, None where none is due."""

    def attempts(self, job: Job) -> int:
        """How many attempts of our job count, this one included: fewer than at its claim where a part of its work was kept since."""

    def retry(self, job: Job, at: datetime, fault: Fault) -> None:
        """The job failed and is due again at this time."""

    def park(self, job: Job, now: datetime, fault: Fault) -> None:
        """The job failed and is not tried again until a person frees it."""

    def renew(self, owners: Collection[str], until: datetime) -> None:
        """Lengthens the leases of all that these owners run. Called now and then even for none: the process that calls lives."""

    def reap(self, now: datetime, lease: timedelta) -> int:
        """Makes jobs due again whose lease has ended; how many. Shape: `lease` is how long one lasts, where jobs do not keep it.

        On a shared queue jobs of a process that died are due again after some calls, before their lease has ended.
        """

    def hasten(self, due_by: datetime, now: datetime) -> int:
        """Makes due now what was due by a time that is still to come: for a clock that was set back. How many."""

    def recover(self, place: str = "") -> int:
        """Makes running jobs due again whose owners are dead: all at the start of a sole gateway, or those of one process. How many.

        Shape:  `place` is what the owners' names begin with.
        """

    def wait(self, timeout: timedelta) -> None:
        """Returns when this process commits a job, or after the time-out: a hint to claim again."""

    def wake(self) -> None:
        """Ends every `wait` of this process."""

    def committed(self, tasks: Iterable[str]) -> None:
        """This process has committed jobs of these tasks that are due."""

    def close(self) -> None:
        """Ends what hears of jobs."""


class WorkStore(Store, Protocol):
    """A store with its queue."""

    @property
    def jobs(self) -> Jobs: ...
