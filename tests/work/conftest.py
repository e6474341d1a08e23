"""A store to work on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.clock import HandClock


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()
