"""A gateway that is saved while orders come in, lost, and restored; its partner sends everything again."""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from edi_gateway.config.settings import load_settings
from edi_gateway.demo.homes import Pair, Side
from edi_gateway.lifecycle.states import SetIn
from edi_gateway.ports.channels import Answer
from edi_gateway.testing.interchanges import orders

from .serving import published, serving, store_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

BEFORE, AFTER = 6, 4
"""So many orders at least on each side of the backup."""
PAUSE = 0.2
"""Seconds between two: a backup that takes its time on a busy machine is not to mean hundreds of them."""


def edi_gateway(*words: str | Path) -> None:
    ran = subprocess.run([sys.executable, "-m", "edi_gateway", *map(str, words)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr


def lose_database(side: Side, request: pytest.FixtureRequest) -> None:
    """On PostgreSQL the database is gone and another one made, as a restore goes into an empty one; on SQLite it goes with the home."""
    address = make_url(load_settings(side.home).database.url)
    if address.get_backend_name() == "postgresql":
        server = request.getfixturevalue("postgres")
        server.psql(f"DROP DATABASE {address.database} WITH (FORCE);")
        server.psql(f"CREATE DATABASE {address.database};")


def test_messages_that_a_restored_backup_knows_get_their_first_mdn_and_are_not_processed_again(
    pair: Pair, post: Callable[..., object], until: Callable[..., None], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    saved, restored = tmp_path / "saved.tar", replace(pair.supplier, home=tmp_path / "restored")
    first: dict[str, bytes] = {}
    enough = threading.Event()

    def send(number: int) -> bytes:
        answer = post(pair, orders(f"PO-{number}", control=number), f"<{number}@retailer.example>")
        assert isinstance(answer, Answer)
        assert answer.status == 200
        return answer.body

    def send_on() -> None:
        while not enough.wait(PAUSE):
            number = len(first) + 1
            first[f"PO-{number}"] = send(number)

    with serving(pair.supplier):
        sending = threading.Thread(target=send_on)
        sending.start()
        until("orders come in", lambda: len(first) >= BEFORE)
        edi_gateway("backup", saved, "--home", pair.supplier.home)
        meanwhile = len(first)
        until("orders go on coming in", lambda: len(first) >= meanwhile + AFTER)
        enough.set()
        sending.join()
        until("all are with the ERP", lambda: set(published(pair.supplier)) == set(first))

    lose_database(pair.supplier, request)
    edi_gateway("restore", saved, "--home", restored.home)
    with store_of(restored) as store, store.read() as uow:
        known = {str(one.business_key) for one in uow.sets.find(set_id="850", state=SetIn.DELIVERED)}
        received = {one.message_id for one in uow.transmissions.find() if one.message_id}
    with serving(restored):
        again = {f"PO-{number}": send(number) for number in range(1, len(first) + 1)}
        until("all that was not delivered is with the ERP", lambda: set(published(restored)) | known == set(first))
    same = {number for number in first if again[number] == first[number]}
    assert same == {number for number in first if f"<{number.removeprefix('PO-')}@retailer.example>" in received}
    assert BEFORE <= len(same) <= len(first) - AFTER
    with store_of(restored) as store, store.read() as uow:
        assert sorted(str(one.business_key) for one in uow.sets.find(set_id="850")) == sorted(first)
    assert not known & set(published(restored))
    assert set(published(restored).values()) <= {1}
