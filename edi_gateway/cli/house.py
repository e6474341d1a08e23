"""A home opened for one command: its store, with nothing running in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.cli.logs import log_troubles_only


@contextmanager
def opened_house(home: Path) -> Iterator[House]:
    """The home's store and operator. Errors: Faulty where the home or its database cannot be used."""
    log_troubles_only()
    house = House(read_terms(home))
    try:
        yield house
    finally:
        house.close()
