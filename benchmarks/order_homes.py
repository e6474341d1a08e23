"""The homes of a retailer that orders and of a supplier whose gateway is measured.

Sending to the partner is paused, so that our 997s are queued and not posted: a partner's endpoint would eat the same processors.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.lifecycle.states import Direction
from edi_gateway.services.pauses import pause
from edi_gateway.work import system_clock

PARTNER = "retailer"


def make_homes(folder: Path, url: str | None, *, web: int = 1, working: int = 1) -> Pair:
    """The two homes, as `edi-gateway init` makes them, on the database of this address; the supplier's sending is paused.

    Shape:  so many `web` processes answer and so many are `working`, in each gateway that is started on the supplier's.
    """
    pair = make_pair(folder, system_clock.now())
    settings = pair.supplier.home / "gateway.toml"
    before, mark, work = settings.read_text().partition("[work]")
    text = before.replace("# processes = 2", f"processes = {web}") + mark + work.replace("# processes = 2", f"processes = {working}")
    settings.write_text(text if url is None else text.replace("[database]", f'[database]\nurl = "{url}"'))
    with house_of(pair) as house:
        house.configure()
        done = pause(house.gateway, PARTNER, Direction.OUT, actor="benchmark", reason="997s are to be queued alone")
        assert not done.faults
    return pair


@contextmanager
def house_of(pair: Pair) -> Iterator[House]:
    """The supplier's gateway, to look into its store."""
    house = House(read_terms(pair.supplier.home))
    try:
        yield house
    finally:
        house.close()


def erp_folder(pair: Pair) -> Path:
    """Where the supplier's ERP finds the retailer's orders."""
    return pair.supplier.home / "erp" / PARTNER / "out"


def names(folder: Path) -> list[str]:
    """The files in a folder."""
    return [one.name for one in os.scandir(folder)]
