"""kill -9 between any two statements: a transaction is there whole, or not at all."""

import importlib.util
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

import edi_gateway
from edi_gateway.store import SqlStore, open_store, tables
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts

DYING = Path(__file__).with_name("dying.py")
_spec = importlib.util.spec_from_file_location("dying", DYING)
assert _spec is not None
assert _spec.loader is not None
dying = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(dying)

STEPS = ("begun", "large payload kept", "small payload kept", "number claimed", "row added", "document added", "enqueued")


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'gateway.db'}"


def start(url: str, folder: Path, dies_at: str) -> subprocess.Popen[str]:
    here = {**os.environ, "PYTHONPATH": str(Path(edi_gateway.__file__).parents[1])}
    return subprocess.Popen([sys.executable, str(DYING), url, str(folder), dies_at], stdout=subprocess.PIPE, text=True, env=here)


def promised(process: subprocess.Popen[str]) -> list[int]:
    """What the process printed before it was gone."""
    output, _ = process.communicate(timeout=60)
    assert process.returncode == -9
    return [int(line) for line in output.splitlines()]


def kept_whole(store: SqlStore) -> list[int]:
    """The numbers of the messages that are kept; every one with all that belongs to it, and nothing beside them."""
    with store.read() as unit:
        messages = unit.transmissions.find()
        for message in messages:
            assert message.wire is not None
            assert message.content is not None
            number = int(message.message_id)
            assert unit.payloads.get(message.wire) == dying.large(number)
            assert unit.payloads.get(message.content) == dying.small(number)
            assert len(unit.events.find(transmission_id=message.id)) == 1
        # Every control number was used once: none is lost with a transaction that was not kept.
        assert [message.subject for message in messages] == [str(number) for number in range(1, len(messages) + 1)]
        assert len(unit.documents.find()) == len(messages)
    assert counts(store).get("job.waiting", 0) == len(messages)
    with store._database.read() as connect:
        assert len(connect().execute(select(tables.document_lines)).all()) == 2 * len(messages)
        assert len(connect().execute(select(tables.payloads.c.digest)).all()) == 2 * len(messages)
    return [int(message.message_id) for message in messages]


QUICK = ("large payload kept", "enqueued")


@pytest.mark.parametrize("step", [step if step in QUICK else pytest.param(step, marks=pytest.mark.slow) for step in STEPS])
def test_a_transaction_that_dies_before_its_end_leaves_nothing(url: str, tmp_path: Path, step: str) -> None:
    assert promised(start(url, tmp_path / "payloads", step)) == []
    store = open_store(url, tmp_path / "payloads", HandClock())
    assert kept_whole(store) == []
    store.close()


def test_a_transaction_that_was_committed_is_there_whole(url: str, tmp_path: Path) -> None:
    assert promised(start(url, tmp_path / "payloads", "committed")) == []
    store = open_store(url, tmp_path / "payloads", HandClock())
    assert len(kept_whole(store)) == 1
    store.close()


@pytest.mark.slow
@pytest.mark.parametrize(("how", "threads"), [("never", 1), (dying.IN_THREADS, 6)])
def test_whatever_was_promised_is_kept_when_it_is_killed_at_any_moment(url: str, tmp_path: Path, how: str, threads: int) -> None:
    all_promised: list[int] = []
    for count in (1, 2, 3, 5, 8, 13, 21, 34):
        process = start(url, tmp_path / "payloads", how)
        assert process.stdout is not None
        all_promised += [int(process.stdout.readline()) for _ in range(count)]
        process.kill()
        all_promised += promised(process)
    store = open_store(url, tmp_path / "payloads", HandClock())
    kept = kept_whole(store)
    store.close()
    assert set(all_promised) <= set(kept)
    # At most one a thread and a kill was committed and not yet promised.
    assert len(kept) - len(all_promised) <= 8 * threads


@pytest.fixture
def postgres_url(postgres) -> Iterator[str]:  # type: ignore[no-untyped-def]
    postgres.psql("CREATE DATABASE crash;")
    yield str(postgres.get_uri(database="crash"))
    postgres.psql("DROP DATABASE crash WITH (FORCE);")


@pytest.mark.slow
def test_a_killed_client_leaves_nothing_half_kept_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    for step in STEPS:
        assert promised(start(postgres_url, tmp_path / "payloads", step)) == []
    store = open_store(postgres_url, tmp_path / "payloads", HandClock())
    assert kept_whole(store) == []
    store.close()
