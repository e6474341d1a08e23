"""What the tests of the X12 engine share: the shipped schemas, our own samples, and a way to change a sample."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.x12 import Library

CHECKOUT = Path(__file__).parents[2]
SAMPLES = CHECKOUT / "samples" / "x12"


@pytest.fixture(scope="session")
def library() -> Library:
    return Library([CHECKOUT / "schemas"])


@pytest.fixture(scope="session")
def sample() -> Callable[[str], bytes]:
    """The bytes of one of our samples."""
    return lambda name: (SAMPLES / name).read_bytes()


@pytest.fixture(scope="session")
def changed() -> Callable[[bytes, str, str], bytes]:
    """Content with one text in place of another, which must stand in it once."""

    def change(content: bytes, old: str, new: str) -> bytes:
        assert content.count(old.encode()) == 1, f"{old!r} stands {content.count(old.encode())} times"
        return content.replace(old.encode(), new.encode())

    return change
