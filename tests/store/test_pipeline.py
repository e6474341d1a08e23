"""Statements sent to PostgreSQL and not waited for: values, failures, signals, cuts, and cursors in between."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError

from edi_gateway.ports.store import Unavailable
from edi_gateway.store import pipeline as pipeline_module
from edi_gateway.store.database import Database
from edi_gateway.store.driver import drive, drive_along
from edi_gateway.store.statements import array_of
from edi_gateway.testing.line import SOON, Line

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
MOMENT = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29), timezones=st.sampled_from([UTC, timezone(timedelta(hours=-7))]))  # noqa: DTZ001 - bounds have none
COLUMNS: dict[str, tuple[str, st.SearchStrategy[Any]]] = {
    "words": ("text", TEXT),
    "code": ('text COLLATE "C"', TEXT),
    "bytes": ("bytea", st.binary()),
    "moment": ("timestamptz", MOMENT),
    "day": ("date", st.dates()),
    "number": ("bigint", st.integers(-(2**63), 2**63 - 1)),
    "small": ("integer", st.integers(-(2**31), 2**31 - 1)),
    "amount": ("numeric", st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)),
    "flag": ("boolean", st.booleans()),
    "texts": ("text[]", st.lists(st.none() | TEXT)),
    "moments": ("timestamptz[]", st.lists(st.none() | MOMENT)),
    "numbers": ("bigint[]", st.lists(st.none() | st.integers(-(2**63), 2**63 - 1))),
    "amounts": ("numeric[]", st.lists(st.none() | st.decimals(allow_nan=False, allow_infinity=False, min_value=-9, max_value=9))),
}
ROW = st.tuples(*(st.none() | values for _, values in COLUMNS.values()))


@pytest.fixture(scope="module")
def database(used_postgres: Database) -> Iterator[Database]:
    """One whose tables every example may fill."""
    opened = Database(used_postgres.url.render_as_string(hide_password=False))
    yield opened
    opened.close()


def rows_of(database: Database) -> int:
    with database.read() as connect:
        return int(connect().execute(text("SELECT count(*) FROM payloads")).scalar_one())


MANY = 200
"""More than are sent before answers are read."""
INSERT = "INSERT INTO payloads (digest, size, content, created_at) VALUES ($1, $2, $3, now())"


@given(rows=st.lists(ROW, min_size=1, max_size=4))
def test_what_is_written_is_read_back_the_same(database: Database, rows: list[tuple[Any, ...]]) -> None:
    names = ", ".join(COLUMNS)
    with database.write() as connect:
        connection = connect()
        kinds = ", ".join(f"{name} {kind}" for name, (kind, _) in COLUMNS.items())
        drive(connection, f"CREATE TEMPORARY TABLE pg_temp.kinds (id bigserial, {kinds}) ON COMMIT DROP")
        numbers = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))
        for row in rows:
            drive(connection, f"INSERT INTO kinds ({names}) VALUES ({numbers})", row)
        found = drive(connection, f"SELECT {names} FROM kinds ORDER BY id").fetchall()
    assert [tuple(row) for row in found] == rows


ARRAYS: list[tuple[str, st.SearchStrategy[Any]]] = [
    ("text[]", TEXT | st.sampled_from(["NULL", "null", "", '"', "\\", "{a,b}", " a ", "\n"])),
    ("bigint[]", st.integers(-(2**63), 2**63 - 1)),
    ("boolean[]", st.booleans()),
    ("date[]", st.dates()),
    ("timestamptz[]", MOMENT),
    ("numeric[]", st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20)),
]


@given(data=st.data())
def test_an_array_is_read_as_it_was_written(database: Database, data: st.DataObject) -> None:
    kind, of = data.draw(st.sampled_from(ARRAYS))
    values = data.draw(st.lists(st.none() | of, max_size=5))
    rows = "SELECT one FROM unnest(CAST($1 AS int[]), CAST($2 AS {})) WITH ORDINALITY AS _ (other, one, at) ORDER BY at"
    with database.read() as connect:
        found = drive(connect(), rows.format(kind), [list(range(len(values))), array_of(values)]).fetchall()
    assert [one for [one] in found] == values


def test_rows_and_counts_are_told_as_a_cursor_tells_them(database: Database) -> None:
    with database.write() as connect:
        assert drive(connect(), "SELECT generate_series(1, 3)").fetchall() == [[1], [2], [3]]
        assert drive(connect(), "SELECT 1 WHERE false").fetchall() == []
        assert drive(connect(), "SELECT generate_series(1, 3)").rowcount == 3
        assert drive(connect(), "UPDATE control_numbers SET last = last WHERE scope = $1", ["nobody's"]).rowcount == 0


def test_a_failure_is_the_one_that_sqlalchemy_would_raise_and_nothing_is_kept(database: Database) -> None:
    before = rows_of(database)

    def twice() -> None:
        with database.write() as connect:
            drive(connect(), INSERT, ["same", 1, b"first"])
            drive(connect(), INSERT, ["same", 1, b"secret"])

    with pytest.raises(DBAPIError, match="payloads") as raised:
        twice()
    with pytest.raises(DBAPIError) as cursors, database.write() as connect:
        connect().exec_driver_sql("INSERT INTO payloads (digest, size, created_at) VALUES ('same', 1, now()), ('same', 1, now())")
    assert type(raised.value) is type(cursors.value)
    assert type(raised.value.orig) is type(cursors.value.orig)
    assert not raised.value.connection_invalidated
    assert "secret" not in f"{raised.value}{raised.value.statement}{raised.value.params}"
    assert rows_of(database) == before


def test_what_asks_nothing_is_not_waited_for_and_fails_with_the_next_question(database: Database) -> None:
    before = rows_of(database)

    def ask() -> None:
        with database.write() as connect:
            drive(connect(), INSERT, ["twice", 1, b""])
            drive(connect(), INSERT, ["twice", 2, b""])
            never = drive(connect(), INSERT, ["never", 3, b""])
            with pytest.raises(DBAPIError) as raised:
                drive(connect(), "SELECT 1").fetchall()
            assert raised.value.statement == INSERT
            with pytest.raises(DBAPIError, match="not run"):
                never.rowcount  # noqa: B018 - to look at it is to wait
            raise raised.value

    with pytest.raises(DBAPIError, match="duplicate key"):
        ask()
    assert rows_of(database) == before


def test_what_was_sent_fails_for_a_cursor_in_between(database: Database) -> None:
    def ask() -> None:
        with database.write() as connect:
            drive(connect(), INSERT, ["twice", 1, b""])
            drive(connect(), INSERT, ["twice", 2, b""])
            connect().execute(text("SELECT 1"))

    with pytest.raises(DBAPIError, match="duplicate key"):
        ask()


def test_of_a_transaction_that_is_given_up_nothing_stays_and_nobody_waits(database: Database) -> None:
    before = rows_of(database)

    def give_up() -> None:
        with database.write() as connect:
            drive(connect(), INSERT, ["given up", 1, b""])
            raise LookupError

    with pytest.raises(LookupError):
        give_up()
    assert rows_of(database) == before


def test_many_statements_are_all_run_in_their_order(database: Database) -> None:
    with database.write() as connect:
        for number in range(MANY):
            drive(connect(), INSERT, [f"many {number}", number, b""])
            drive(connect(), "UPDATE payloads SET size = size + 1 WHERE digest = $1", [f"many {number}"])
        found = drive(connect(), "SELECT size FROM payloads WHERE digest LIKE 'many %' ORDER BY size").fetchall()
        connect().rollback()
    assert found == [[number + 1] for number in range(MANY)]


@pytest.mark.parametrize("idle", [0.0, pipeline_module.IDLE], ids=["after ten seconds", "within ten seconds"])
def test_a_connection_that_was_cut_while_it_was_kept_is_replaced_though_nothing_is_asked(
    database: Database, postgres: Any, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    monkeypatch.setattr(pipeline_module, "IDLE", idle)
    before = rows_of(database)
    with database.write() as connect:
        [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
    postgres.psql(f"SELECT pg_terminate_backend({pid}, 10000);")
    with database.write() as connect:
        drive(connect(), INSERT, ["after the cut", 1, b""])
    assert rows_of(database) == before + 1
    with database.write() as connect:
        drive(connect(), "DELETE FROM payloads WHERE digest = 'after the cut'")


@pytest.fixture
def line(used_postgres: Database) -> Iterator[tuple[Line, Database]]:
    """One to the server, and the database over it."""
    url = used_postgres.url
    with tempfile.TemporaryDirectory(prefix="edi-gateway-") as folder:
        opened = Line(Path(folder), f"{url.query['host']}/.s.PGSQL.{url.port or 5432}")
        far = Database(url.update_query_dict({"host": folder}).render_as_string(hide_password=False))
        yield opened, far
        far.close()
        opened.close()


def ask(database: Database) -> None:
    with database.write() as connect:
        assert drive(connect(), "SELECT 1").fetchall() == [[1]]


def test_a_connection_that_a_network_forgot_is_found_out_after_ten_seconds_and_replaced(
    line: tuple[Line, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, far = line
    ask(far)
    between.forget()
    with pytest.raises(Unavailable, match="STO-102"):
        ask(far)
    ask(far)
    between.forget()
    monkeypatch.setattr(pipeline_module, "IDLE", 0.0)
    ask(far)


def test_a_connection_that_was_heard_of_within_ten_seconds_is_not_asked_whether_it_is_there(
    line: tuple[Line, Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    between, far = line

    def waits() -> int:
        before = between.waits
        ask(far)
        return between.waits - before

    ask(far)
    assert waits() == 2, "for the answer and for the commit"
    with monkeypatch.context() as idle:
        idle.setattr(pipeline_module, "IDLE", 0.0)
        assert waits() == 3
    assert waits() == 2


def test_the_end_of_what_only_read_is_not_waited_for(database: Database) -> None:
    late = threading.Event()

    def go_on(pid: int) -> None:
        late.set()
        os.kill(pid, signal.SIGCONT)

    with database.read() as connect:
        [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
        os.kill(pid, signal.SIGSTOP)
        timer = threading.Timer(SOON, go_on, [pid])
        timer.start()
    assert not late.is_set(), "the server answers nothing, and it was waited for"
    timer.cancel()
    os.kill(pid, signal.SIGCONT)
    with database.read() as connect:
        assert drive(connect(), "SELECT pg_backend_pid()").fetchall() == [[pid]]


def test_what_only_read_has_ended_for_the_server_as_well(database: Database) -> None:
    with database.read() as connect:
        [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
    ended, end = "SELECT state, backend_xmin FROM pg_stat_activity WHERE pid = $1::int", time.monotonic() + SOON

    def look() -> list[Any]:
        with database.write() as connect:  # One transaction sees it as it was at its first look.
            found: list[Any] = drive(connect(), ended, [pid]).fetchall()
        return found

    while look() != [["idle", None]]:
        assert time.monotonic() < end


def test_a_connection_that_only_read_and_was_cut_is_replaced(database: Database, postgres: Any) -> None:
    with database.read() as connect:
        [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
    postgres.psql(f"SELECT pg_terminate_backend({pid}, 10000);")
    with database.read() as connect:
        [[other]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
    assert other != pid


def test_what_goes_along_has_no_wait_of_its_own_and_comes_behind_what_is_asked(line: tuple[Line, Database]) -> None:
    between, far = line
    with far.write() as connect:
        drive(connect(), "SELECT 1").fetchall()
        before = between.waits
        along = drive_along(connect(), "SELECT count(*) FROM payloads WHERE digest = 'along'")
        inserted = drive(connect(), INSERT, ["along", 1, b""])
        assert inserted.rowcount == 1
        assert along.fetchall() == [[1]]
        assert between.waits == before + 1
        assert drive_along(connect(), "SELECT 2").fetchall() == [[2]]
        drive_along(connect(), "SELECT nothing_of_this")
        connect().rollback()


def test_what_goes_along_is_sent_before_a_cursor_in_between_and_never_behind_the_end(database: Database) -> None:
    before = rows_of(database)
    with database.write() as connect:
        drive_along(connect(), INSERT, ["along", 1, b""])
        assert connect().execute(text("SELECT count(*) FROM payloads WHERE digest = 'along'")).scalar_one() == 1
        drive(connect(), "DELETE FROM payloads WHERE digest = 'along'")
        drive_along(connect(), INSERT, ["too late", 1, b""])
    assert rows_of(database) == before


def test_who_looks_at_statements_sees_what_goes_along_too(database: Database) -> None:
    seen: list[str] = []

    def look(connection: Any, cursor: Any, statement: str, *others: Any) -> None:
        seen.append(statement)

    event.listen(database.reader, "before_cursor_execute", look)
    with database.read() as connect:
        found = drive_along(connect(), "SELECT 71").fetchall()
    event.remove(database.reader, "before_cursor_execute", look)
    assert found == [[71]]
    assert "SELECT 71" in seen


@pytest.mark.parametrize("reads", [True, False], ids=["reading", "writing"])
def test_long_values_are_compressed_by_what_takes_the_server_least(database: Database, reads: bool) -> None:
    asked = "SELECT setting, 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"
    with database.read() if reads else database.write() as connect:
        [[setting, is_offered]] = drive(connect(), asked).fetchall()
    assert setting == ("lz4" if is_offered else "pglz")


def test_a_value_that_cannot_be_sent_is_a_failure_like_others(database: Database) -> None:
    with pytest.raises(DBAPIError, match="NUL"), database.write() as connect:
        drive(connect(), INSERT, ["a\0b", 1, b""])
    with database.write() as connect:
        assert drive(connect(), "SELECT 1").fetchall() == [[1]]


def test_a_cursor_in_between_sees_what_was_sent_and_the_other_way_round(database: Database) -> None:
    with database.write() as connect:
        connection = connect()
        drive(connection, INSERT, ["sent", 71, b"sent"])
        assert connection.execute(text("SELECT count(*) FROM payloads WHERE size = 71")).scalar_one() == 1
        insert = text("INSERT INTO payloads (digest, size, created_at) VALUES (:digest, 71, now())")
        connection.execute(insert, {"digest": "by a cursor"})
        connection.execute(insert, [{"digest": "by another"}, {"digest": "by the same"}])
        assert drive(connection, "SELECT count(*) FROM payloads WHERE size = $1", [71]).fetchall() == [[4]]
        connection.rollback()


def test_who_looks_at_statements_sees_them_and_can_run_them(database: Database) -> None:
    seen: list[str] = []

    def look(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT"):
            seen.extend(row[0] for row in cursor.execute(f"EXPLAIN {statement}", values))

    event.listen(database.reader, "before_cursor_execute", look)
    with database.read() as connect:
        found = drive(connect(), "SELECT size FROM payloads WHERE digest = $1", ["none"]).fetchall()
    event.remove(database.reader, "before_cursor_execute", look)
    assert found == []
    assert any("payloads" in step for step in seen)


def test_what_is_long_is_sent_and_received_whole(database: Database) -> None:
    """More than the buffers of both sides hold at once."""
    long = bytes(range(256)) * 80_000
    with database.write() as connect:
        drive(connect(), INSERT, ["long", 1, long])
        found = drive(connect(), "SELECT content, content FROM payloads WHERE digest = $1", ["long"]).fetchall()
        connect().rollback()
    assert found == [[long, long]]


def test_a_signal_ends_a_wait_and_the_connection_is_not_kept(database: Database) -> None:
    class Ended(Exception):
        pass

    def end(number: int, frame: object) -> None:
        raise Ended

    def wait() -> None:
        with database.write() as connect:
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            drive(connect(), "SELECT pg_sleep(60)").fetchall()

    before = signal.signal(signal.SIGALRM, end)
    try:
        with pytest.raises(Ended):
            wait()
    finally:
        signal.signal(signal.SIGALRM, before)
    with database.write() as connect:
        assert drive(connect(), "SELECT 1").fetchall() == [[1]]


def test_a_signal_while_the_server_takes_nothing_in_ends_it_too_and_the_connection_is_not_kept(database: Database) -> None:
    class Ended(Exception):
        pass

    def end(number: int, frame: object) -> None:
        raise Ended

    def send(pid: int) -> None:
        with database.write() as connect:
            connect()
            os.kill(pid, signal.SIGSTOP)
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            drive(connect(), INSERT, ["long", 1, bytes(20_000_000)]).fetchall()

    with database.write() as connect:
        [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
    before, late = signal.signal(signal.SIGALRM, end), threading.Timer(SOON / 3, os.kill, [pid, signal.SIGCONT])
    late.start()
    begun = time.monotonic()
    try:
        with pytest.raises(Ended):
            send(pid)
        assert time.monotonic() - begun < SOON / 6, "the connection was waited for once more"
    finally:
        signal.signal(signal.SIGALRM, before)
        late.cancel()
        os.kill(pid, signal.SIGCONT)
    with database.write() as connect:
        assert drive(connect(), "SELECT 1").fetchall() == [[1]]


def test_other_threads_go_on_while_one_waits_for_the_server(database: Database) -> None:
    with database.write() as holding:
        drive(holding(), "SELECT pg_advisory_xact_lock(1)").fetchall()
        got: list[int] = []

        def wait() -> None:
            with database.write() as connect:
                drive(connect(), "SELECT pg_advisory_xact_lock(1)").fetchall()
                got.append(1)

        waiting = threading.Thread(target=wait)
        waiting.start()
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while drive(holding(), held).fetchall() == [[0]]:
            assert got == []
    waiting.join()
    assert got == [1]


def test_a_commit_that_the_server_did_not_answer_is_no_commit(database: Database, postgres: Any) -> None:
    def cut() -> None:
        with database.write() as connect:
            [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
            postgres.psql(f"SELECT pg_terminate_backend({pid}, 10000);")

    with pytest.raises(Unavailable, match="STO-102"):
        cut()


def test_a_server_that_says_why_it_ends_a_connection_is_quoted(database: Database, postgres: Any) -> None:
    def cut() -> None:
        with database.write() as connect:
            [[pid]] = drive(connect(), "SELECT pg_backend_pid()").fetchall()
            postgres.psql(f"SELECT pg_terminate_backend({pid}, 10000);")
            drive(connect(), "SELECT 1").fetchall()

    with pytest.raises(Unavailable, match=r"STO-102.*terminating connection"):
        cut()
