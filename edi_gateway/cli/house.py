"""A home opened for one command: its store, with nothing running in it; and whom a name that was given means."""

from collections.abc import Iterator, Sized
from contextlib import contextmanager
from pathlib import Path

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.cli.logs import log_troubles_only
from edi_gateway.faults import Fault, Faulty
from edi_gateway.marked import nearest


@contextmanager
def opened_house(home: Path) -> Iterator[House]:
    """The home's store and operator. Errors: Faulty where the home or its database cannot be used."""
    log_troubles_only()
    house = House(read_terms(home))
    try:
        yield house
    finally:
        house.close()


def check_partner(house: House, name: str | None, found: Sized = ()) -> None:
    """A partner is one with a file, or one of whom something was found: files go before what they left. None is all partners.

    Errors: Faulty with the nearest right name where there is no such partner.
    """
    if name is not None and not found and house.terms.book.partner(name) is None:
        hint = nearest(name, [one.key for one in house.terms.book.partners])
        raise Faulty([Fault.of("CFG-PARTNER-UNKNOWN", value=name, hint=hint)])
