"""An archive of any size: one order from purchase order to credit, played by two real gateways, and copied with numbers of its own.

The copies are made inside the database, so that a million messages take minutes. Each differs in what a real one differs in: row ids,
times, Message-IDs, control numbers, order numbers, digests and, mostly, the partner. The kept bytes are those of the first.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, create_engine, event, func, insert, select, text
from sqlalchemy.types import TypeDecorator

from edi_gateway.demo import papers
from edi_gateway.store import statistics, tables
from edi_gateway.store.database import Database
from edi_gateway.store.indexes import INDEXES
from edi_gateway.store.types import UtcTime
from edi_gateway.testing.pair import Trade

PO = "4500000000"
EVERY = timedelta(minutes=6)
"""From one order to the next."""
PARTNERS = 40
PARTNER = "retailer"

COPIED = (
    tables.payloads,
    tables.payload_parts,
    tables.transmissions,
    tables.receipts,
    tables.attempts,
    tables.interchanges,
    tables.groups,
    tables.documents,
    tables.document_lines,
    tables.erp_files,
    tables.sets,
    tables.deadlines,
    tables.events,
)
_DIGESTS = {
    (tables.payloads, "digest"),
    (tables.payload_parts, "digest"),
    (tables.transmissions, "wire"),
    (tables.transmissions, "content"),
    (tables.interchanges, "content"),
    (tables.erp_files, "content"),
    (tables.receipts, "body"),
}
_NUMBERED = {(tables.interchanges, "control_number"), (tables.groups, "control_number")}
_WITH_ORDER = {"subject", "filename", "payload_head", "business_key", "po_number", "name", "path", "record", "number", "reference", "words"}
_STEP = 2000
"""So many orders are copied in one transaction."""


def play_order(trade: Trade, po: str = PO) -> None:
    """Order, response, ship notice, invoice, credit and claim, each with its 997 and MDNs: twelve messages."""
    day = trade.clock.now().date()
    trade.retailer.drop(f"order-{po}.csv", papers.fill(papers.ORDER, po, day))
    trade.run()
    for name in ("ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE", "CREDIT"):
        trade.turn(timedelta(minutes=20))
        trade.supplier.drop(f"{name.lower().replace('_', '-')}-{po}.csv", papers.fill(getattr(papers, name), po, day))
        trade.run()
    trade.retailer.drop(f"claim-{po}.csv", papers.fill(papers.CLAIM, po, day))
    trade.run()


def po_of(order: int) -> str:
    """The purchase order number of a copy."""
    return f"45{order:08}"


class Archive:
    """One database that holds the played order and as many copies of it as are asked for."""

    def __init__(self, database: Database, *, most_bytes: int | None = None) -> None:
        """`most_bytes`: so much is kept of each copied payload, where the contents are not asked for and the disk is small."""
        self.database = database
        self._most_bytes = most_bytes
        self._engine = _fast(database)
        self._sqlite = database.file is not None
        with self._engine.begin() as connection:
            for table in COPIED:
                connection.execute(text(f"CREATE TABLE IF NOT EXISTS base_{table.name} AS SELECT * FROM {table.name}"))  # noqa: S608
            self.strides = {table: _newest(connection, f"base_{table.name}") for table in COPIED if "id" in table.c}
        self.orders = self._kept()

    @property
    def messages(self) -> int:
        return (self.orders + 1) * self.strides[tables.transmissions]

    def grow(self, messages: int) -> None:
        """Adds copies until so many messages are kept; some of them with trouble, the newest with open windows."""
        wanted = -(-messages // self.strides[tables.transmissions]) - 1
        # What came since the last copies has numbers of its own: those after it go to further copies.
        self.orders = self._kept()
        if wanted <= self.orders:
            return
        with _without_indexes(self._engine):
            for first in range(self.orders + 1, wanted + 1, _STEP):
                with self._engine.begin() as connection:
                    for table in COPIED:
                        connection.execute(text(self._copy(table)), {"first": first, "last": min(first + _STEP - 1, wanted)})
            with self._engine.begin() as connection:
                for statement in self._troubles():
                    connection.execute(text(statement), {"first": self.orders + 1, "last": wanted})
        self.orders = wanted
        with self._engine.begin() as connection:
            self._number_on(connection)
            if self._sqlite:
                # Gone with the indexes.
                statistics.tell(connection)
        if not self._sqlite:
            # As autovacuum would have done meanwhile.
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def close(self) -> None:
        self._engine.dispose()

    def _kept(self) -> int:
        """The last copy whose row ids are taken in some table."""
        with self._engine.connect() as connection:
            return max(-(-_newest(connection, table.name) // stride) for table, stride in self.strides.items()) - 1

    def _copy(self, table: Table) -> str:
        names = [column.name for column in table.columns]
        values = ", ".join(self._value(table, column) for column in table.columns)
        ordered = "" if self._sqlite or "id" not in names else " ORDER BY n.k, b.id"
        columns = ", ".join(_quoted(name) for name in names)
        numbers = "WITH RECURSIVE n(k) AS (SELECT CAST(:first AS bigint) UNION ALL SELECT k + 1 FROM n WHERE k < :last)"
        copies = f"SELECT {values} FROM n CROSS JOIN base_{table.name} b{ordered}"  # noqa: S608 - our tables
        return f"{numbers} INSERT INTO {table.name} ({columns}) {copies}"

    def _value(self, table: Table, column: Column[Any]) -> str:
        name = f"b.{_quoted(column.name)}"
        if column.name == "id":
            return f"{name} + n.k * {self.strides[table]}"
        if column.foreign_keys and (table, column.name) not in _DIGESTS:
            target = next(iter(column.foreign_keys)).column.table
            return f"{name} + n.k * {self.strides[target]}"
        if column.name == "acknowledged_by":
            return f"{name} + n.k * {self.strides[tables.sets]}"
        if column.name == "document_id":
            return f"{name} + n.k * {self.strides[tables.documents]}"
        if column.name == "subject_id":
            sizes = {"transmission": tables.transmissions, "group": tables.groups, "set": tables.sets, "file": tables.erp_files}
            cases = " ".join(f"WHEN '{subject}' THEN {self.strides[of]}" for subject, of in sizes.items())
            return f"{name} + n.k * CASE b.subject {cases} ELSE 0 END"
        if isinstance(column.type, UtcTime):
            return self._later(name)
        if (table, column.name) in _DIGESTS:
            return self._mixed(name)
        if table is tables.payloads and column.name == "content" and self._most_bytes is not None:
            return f"substr({name}, 1, {self._most_bytes})"
        if (table, column.name) in _NUMBERED:
            number = f"(CAST({name} AS bigint) + n.k * {self.strides[table]})"
            return self._padded(number, 9) if table is tables.interchanges else f"CAST({number} AS text)"
        if column.name in ("message_id", "original_message_id"):
            mixed = f"substr({self._mixed(name)}, 1, 8)"
            return f"replace({name}, '<', '<' || {mixed} || '.')"
        if column.name == "partner":
            return f"CASE WHEN n.k % 4 = 0 OR {name} IS NULL THEN {name} ELSE 'partner-' || (n.k % {PARTNERS}) END"
        if column.name in _WITH_ORDER and isinstance(column.type, TypeDecorator):
            return f"replace({name}, '{PO}', '45' || {self._padded('n.k', 8)})"
        return name

    def _later(self, name: str) -> str:
        seconds = int(EVERY.total_seconds())
        if self._sqlite:
            return f"strftime('%Y-%m-%d %H:%M:%f', {name}, '+' || (n.k * {seconds}) || ' seconds') || '000'"
        return f"{name} + n.k * interval '{seconds} seconds'"

    def _mixed(self, name: str) -> str:
        """A digest of its own, as far from the last one as digests are."""
        mixed = "((n.k * 2654435761) & 4294967295)"
        head = f"printf('%08x', {mixed})" if self._sqlite else f"lpad(to_hex({mixed}), 8, '0')"
        return f"{head} || substr({name}, 9)"

    def _padded(self, number: str, width: int) -> str:
        return f"printf('%0{width}d', {number})" if self._sqlite else f"lpad(CAST({number} AS text), {width}, '0')"

    def _troubles(self) -> Iterator[str]:
        """What goes wrong in a year: each line is one order in so many."""
        for table, where, change, one_in in (
            ("sets", "set_id = '850'", "state = 'rejected', verdict = 'R'", 40),
            ("sets", "set_id = '856'", "state = 'rejected', verdict = 'R'", 100),
            ("sets", "set_id = '812' AND direction = 'in'", "state = 'held', held_code = 'MAP-101'", 4000),
            ("transmissions", "direction = 'out' AND subject <> '' AND id % 12 = 3", "state = 'unverified'", 1000),
            ("transmissions", "direction = 'out' AND id % 12 = 5", "state = 'refused'", 200),
            ("transmissions", "direction = 'in' AND id % 12 = 1", "state = 'faulted', content = NULL, faults = '[]'", 500),
            ("deadlines", "kind = 'answer'", "state = 'breached', settled_at = NULL", 300),
            ("erp_files", "direction = 'in'", "state = 'refused'", 500),
        ):
            stride = self.strides[tables.metadata.tables[table]]
            order = f"(id - 1) / {stride}"
            yield (
                f"UPDATE {table} SET {change} WHERE {where} AND {order} BETWEEN :first AND :last "  # noqa: S608 - our tables
                f"AND ({order}) % {one_in} = {one_in - 1}"
            )
        stride = self.strides[tables.deadlines]
        yield (
            "UPDATE deadlines SET state = 'open', settled_at = NULL "  # noqa: S608 - our tables
            f"WHERE kind = 'answer' AND (id - 1) / {stride} BETWEEN :first AND :last AND (id - 1) / {stride} > :last - 200"
        )

    def _number_on(self, connection: Connection) -> None:
        """Rows and interchanges that come next are numbered behind the copies."""
        connection.execute(text("UPDATE control_numbers SET last = last + :more"), {"more": (self.orders + 1) * 20})
        if not self._sqlite:
            for table in self.strides:
                connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), _newest(connection, table.name))))


def copy_rows(source: Database, target: Database) -> None:
    """The rows of every table but those of the queue, from one engine to the other."""
    with source.read() as connect, target.write() as into:
        for table in tables.metadata.sorted_tables:
            if table is tables.jobs:
                continue
            found: list[Mapping[str, Any]] = [dict(row) for row in connect().execute(select(table)).mappings()]
            if found:
                into().execute(insert(table), found)
            if found and "id" in table.c:
                into().execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), max(row["id"] for row in found))))


def _fast(database: Database) -> Engine:
    """Connections that write without waiting for a disk and without looking at foreign keys."""
    engine = create_engine(database.url)

    def opened(connection: Any, record: object) -> None:
        if database.file is not None:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -200000")
        else:
            connection.execute("SET session_replication_role = replica; SET synchronous_commit = off; SET work_mem = '64MB'")
            connection.commit()

    event.listen(engine, "connect", opened)
    return engine


@contextmanager
def _without_indexes(engine: Engine) -> Iterator[None]:
    """Takes the indexes of the copied tables away, and makes them again: much quicker than to keep them."""
    mine = [index for index in INDEXES if index.table in COPIED]
    with engine.begin() as connection:
        for index in mine:
            index.drop(connection)
    yield
    for index in mine:
        with engine.begin() as connection:
            index.create(connection)


def _newest(connection: Connection, table: str) -> int:
    return int(connection.execute(text(f"SELECT max(id) FROM {table}")).scalar() or 0)  # noqa: S608 - our tables


def _quoted(name: str) -> str:
    return f'"{name}"'
