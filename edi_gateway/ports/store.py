"""What services need of a store: rows kept in one transaction with the payloads and the work that belongs to them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any, BinaryIO, Protocol, TypeVar

from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.incidents import Incident
from edi_gateway.lifecycle.notices import Notice
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports import rows

T = TypeVar("T")


class Unavailable(Faulty):
    """The store cannot be reached, or cannot write, now. Nothing that was not confirmed may be relied on; try again later."""


class Rows(Protocol[T]):
    """The rows of one table."""

    def add(self, row: T) -> T:
        """The row as stored, its id known."""

    def add_all(self, added: Sequence[T]) -> None:
        """Adds rows at once, where nobody asks for their ids."""

    def get(self, row_id: int) -> T:
        """The row of an id. Errors: KeyError where there is none."""

    def find(self, **equal: Any) -> list[T]:
        """The rows whose columns equal these values (a tuple or list: any of them), oldest first."""

    def ask(self, **equal: Any) -> Callable[[], list[T]]:
        """As `find`, asked now and read later: with what is asked meanwhile it is waited for once."""

    def locked(self, **equal: Any) -> list[T]:
        """As `find`, and no other transaction changes these rows until this one ends.

        Where something from outside (an MDN, a 997) takes a row on: what another transaction is about to make of it would not be
        seen otherwise, and what came would change nothing.
        """

    def change(self, row_id: int, **changes: Any) -> None:
        """Sets columns, without a guard: for facts that are not states."""

    def remove(self, row_id: int) -> None:
        """Takes a row away: only of what is no record of anything."""

    def advance(self, row_id: int, before: Any, after: Any, **changes: Any) -> bool:
        """Moves `state` from `before` (one state or several) to `after` and sets columns; False if the row was not in `before`."""

    def advance_all(self, row_ids: Collection[int], before: Any, after: Any, **changes: Any) -> set[int]:
        """As `advance`, of many rows in one statement; the ids of those that were moved."""


class Payloads(Protocol):
    """Bytes by the SHA-256 of their content, never changed once kept."""

    def put(self, content: bytes) -> str:
        """The digest in hexadecimal; the bytes are durable when the transaction commits."""

    def put_file(self, content: BinaryIO) -> str:
        """As `put`, from a file of any size, which is read from its start a block at a time."""

    def get(self, digest: str) -> bytes:
        """The bytes. Errors: KeyError where they are not kept."""

    def open(self, digest: str) -> BinaryIO:
        """The bytes as a file to read, checked against the digest before. Errors: KeyError where they are not kept."""

    def size(self, digest: str) -> int:
        """How many bytes they are. Errors: KeyError where they are not kept."""


class ControlNumbers(Protocol):
    """Atomic counters, claimed in the transaction that uses the number."""

    def claim(self, scope: str, *, low: int = 1, high: int = 999_999_999) -> int:
        """The next number of a scope such as "isa:ACME"; past `high` it goes on at `low`."""

    def claim_all(self, scopes: Sequence[str], *, low: int = 1, high: int = 999_999_999) -> list[int]:
        """As `claim`, of several scopes at once."""

    def seen(self, scope: str, number: int) -> int | None:
        """The highest number that came in a scope before, None where none did; this one is kept if it is higher, or far below.

        Shape:  a number below half of one over a thousand begins a new round. Transactions on one scope go one by one from here.
        """

    def hold(self, scope: str) -> None:
        """Transactions on a scope go one by one from here, as after `seen`."""


class Revisions(Protocol):
    """The configuration's revisions, numbered from one without gaps, never changed."""

    def newest_number(self) -> int | None:
        """The number of the newest; None where there is none."""

    def get(self, number: int) -> rows.Revision:
        """The revision of a number. Errors: KeyError where there is none."""

    def all(self) -> list[rows.Revision]:
        """Every revision, the newest first."""

    def add(self, revision: rows.Revision, files: Mapping[str, bytes]) -> rows.Revision:
        """The revision kept with its files, by path, under the next number. Whoever adds one must have queued up before."""

    def contents(self, digests: Collection[str]) -> dict[str, bytes]:
        """The files of these digests."""


class UnitOfWork(Protocol):
    """One transaction: all of it is kept at the end of the block, or none of it."""

    @property
    def transmissions(self) -> Rows[rows.Transmission]: ...
    @property
    def receipts(self) -> Rows[rows.Receipt]: ...
    @property
    def attempts(self) -> Rows[rows.Attempt]: ...
    @property
    def interchanges(self) -> Rows[rows.Interchange]: ...
    @property
    def groups(self) -> Rows[rows.Group]: ...
    @property
    def sets(self) -> Rows[rows.TransactionSet]: ...
    @property
    def documents(self) -> Rows[rows.Document]: ...
    @property
    def erp_files(self) -> Rows[rows.ErpFile]: ...
    @property
    def deadlines(self) -> Rows[rows.Deadline]: ...
    @property
    def events(self) -> Rows[rows.Event]: ...
    @property
    def api_tokens(self) -> Rows[rows.ApiToken]: ...
    @property
    def incidents(self) -> Rows[Incident]: ...
    @property
    def notices(self) -> Rows[Notice]: ...
    @property
    def pauses(self) -> Rows[rows.Pause]: ...
    @property
    def endpoints(self) -> Rows[rows.Endpoint]: ...
    @property
    def payloads(self) -> Payloads: ...
    @property
    def control_numbers(self) -> ControlNumbers: ...
    @property
    def revisions(self) -> Revisions: ...

    def expect(self, **counts: int) -> None:
        """So many rows of these tables are about to be added: where a server gives ids, it is asked once for those of all of them.

        Shape:  it changes nothing but how long that takes; an id that is not used in this transaction is lost.
        """

    def enqueue(self, task: str, *, key: str, run_at: datetime | None = None, order: str | None = None, **ids: int | str) -> None:
        """Hints that there is work: `task` with these ids, at `run_at` or now. One live job a key; a second is the same hint.

        A `run_at` that is over says since when there is: such work goes before what is due from now on, if not within its order.

        A job that is running does not count as live for this: what is enqueued meanwhile runs after it. Jobs of one `order` run one by
        one, as they were first enqueued: the next one also waits for the retries of the one before it, but not for one that is parked.
        """

    def progressed(self, key: str) -> None:
        """The work item of this key that is running has kept a part of its work with this transaction, which is not done again.

        Its attempts count anew, this one as the first: what counts are those that came no further. Nothing where none is running.
        """

    def due_deadlines(self, now: datetime, limit: int = 500) -> list[rows.Deadline]:
        """The open deadlines whose time has come, the oldest first."""

    def held_answers(
        self, found: Iterable[rows.Deadline], about: Mapping[int | None, rows.TransactionSet]
    ) -> dict[int, rows.TransactionSet]:
        """By the id of each of these windows the document that it waits for, where that is here and held; `about` are their own sets."""

    def order_sets(self, partner: str, po: str) -> list[rows.TransactionSet]:
        """Every set that names an order of this partner, in its head or in one of its lines, the oldest first."""

    def order_heads(self, partner: str | None, po: str, direction: Direction) -> list[rows.TransactionSet]:
        """Those of one direction that name it in their head. Shape: what `order_sets` has just read is not asked for again."""

    def referring(self, partner: str, numbers: Collection[str]) -> list[rows.TransactionSet]:
        """The 812s, 820s, 824s and 864s of a partner that name one of these numbers, whatever it is of, the oldest first."""

    def posts(self, partner: str, since: datetime) -> list[datetime]:
        """When the posts to a partner since then began, the oldest first."""

    def untranslated(self, partner: str) -> list[int]:
        """The messages of a partner that were opened and not translated yet."""

    def is_begun(self, transmission_id: int) -> bool:
        """Whether a received message is translated, or another transaction is at it: one that is about to say so is waited for.

        Shape:  nobody else begins it until this transaction ends.
        """

    def due_warnings(self, now: datetime, limit: int = 500) -> list[rows.Deadline]:
        """The open deadlines that are to warn and have not yet, the oldest first."""

    def first_receipt(self, as2_from: str, as2_to: str, message_id: str) -> tuple[rows.Transmission, rows.Receipt | None] | None:
        """What was opened under this Message-ID before, with the MDN it got (None where none was asked for); None where nothing was."""

    def notices_since(self, route: str, since: datetime) -> list[datetime]:
        """When the notices of a route went out after this time."""

    def queue_up(self, name: str) -> None:
        """Asks what comes next when no other transaction that queued up under this name is open; held until this one ends."""

    def stale(self, now: datetime) -> list[tuple[str, int, str | None]]:
        """Rows past their time with no live job, as (task, id, order): what the reconciler enqueues again."""


class Store(Protocol):
    """The store itself."""

    def begin(self, *, promising: bool = True) -> AbstractContextManager[UnitOfWork]:
        """A transaction that writes: committed when the block ends, rolled back when it raises.

        Shape:  a `promising` one outlasts a loss of power once the block has ended; so it is where anything outside may rely on it: an
                answer, a post, a file. What another one wrote may be lost then, if the machine dies within the next moment, and with it
                all that was written after: it is for what is done again, with the same outcome, from what was kept before.
        """

    def read(self) -> AbstractContextManager[UnitOfWork]:
        """A transaction that only reads, never waiting for writers."""

    def scratch(self) -> BinaryIO:
        """An empty file for what is too large for memory, on the disk where payloads are kept; gone when it is closed."""
