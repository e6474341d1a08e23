"""Killed at random under load, again and again: nothing that was promised is lost, and nothing is done twice.

It goes on for a minute on SQLite and half of that on PostgreSQL; EDI_GATEWAY_SOAK_SECONDS asks for longer, such as 3600.
"""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair

from .doomed import Supplier, come_to_rest, ledger, order

pytestmark = [pytest.mark.slow, pytest.mark.timeout(0)]

SHORTEST, LONGEST = 1.5, 6.0
"""Seconds that the gateway lives between two kills."""
BENCH = Path(__file__).parents[2] / "benchmarks" / "kill_bench.py"
PAUSE = 0.25
"""Seconds between two orders, each with its invoice."""


def test_killed_at_random_under_load_nothing_is_lost_and_nothing_happens_twice(
    doomed_pair: tuple[Pair, str], running: Callable, until: Callable, record_property: Callable[[str, object], None]
) -> None:
    pair, url = doomed_pair
    seconds = float(os.environ.get("EDI_GATEWAY_SOAK_SECONDS", "60" if url.startswith("sqlite") else "30"))
    draw = random.Random(seconds)
    supplier = Supplier(pair.supplier, url)
    pause = threading.Event()
    kills = count = 0
    try:
        with running(pair.retailer, "supplier") as retailer:
            supplier.start()
            end = datetime.now(UTC) + timedelta(seconds=seconds)
            dies = datetime.now(UTC) + timedelta(seconds=draw.uniform(SHORTEST, LONGEST))
            while datetime.now(UTC) < end:
                count += 1
                retailer.drop(f"order_{count}.csv", order(count))
                supplier.invoice(count)
                if datetime.now(UTC) >= dies:
                    supplier.kill()
                    supplier.start()
                    kills += 1
                    dies = datetime.now(UTC) + timedelta(seconds=draw.uniform(SHORTEST, LONGEST))
                pause.wait(PAUSE)
            patience = timedelta(seconds=60 + seconds)
            come_to_rest(supplier, retailer.store, count, until, patience)
            ledger(supplier, retailer.store, retailer.erp, count)
    finally:
        supplier.stop()
    assert kills >= seconds / 20
    record_property("kills", kills)
    record_property("documents", 2 * count)


def test_the_count_of_messages_that_are_sent_until_they_have_their_mdn_agrees() -> None:
    ran = subprocess.run([sys.executable, str(BENCH), "--messages", "60"], capture_output=True, text=True, timeout=600)
    assert ran.returncode == 0, (ran.stdout, ran.stderr[-2000:])
    assert "0 lost, 0 double" in ran.stdout
