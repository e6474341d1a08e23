"""How fast a changed map is tried on the archive: 850s that were received one a message, read by both maps and compared.

python benchmarks/replay_bench.py [--documents 10000]
"""

import argparse
import logging
import tempfile
import time
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from x12_files import content

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import make_pair
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.mapping import clusters
from edi_gateway.ports.rows import Transmission
from edi_gateway.services.rehearse import Change, rehearse
from edi_gateway.services.translate import translate


def archive(house: House, documents: int) -> None:
    """Receives so many orders, each as a message of its own: all that the gateway keeps of one, but for the AS2 around it."""
    (partner,) = house.gateway.book.partners
    for number in range(1, documents + 1):
        whole = content("850", 1, seed=number).replace(b"000000101", b"%09d" % number).replace(b"*101*", b"*%d*" % number)
        whole = whole.replace(b"GE*1*101~", b"GE*1*%d~" % number)
        with house.gateway.store.begin() as uow:
            row = uow.transmissions.add(
                Transmission(
                    direction=Direction.IN,
                    state=Inbound.RECEIPTED,
                    created_at=datetime.now(UTC),
                    partner=partner.key,
                    content=uow.payloads.put(whole),
                )
            )
        assert row.id is not None
        translate(house.gateway, row.id)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--documents", type=int, default=2000)
    documents = options.parse_args().documents
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        pair = make_pair(Path(folder), datetime.now(UTC))
        house = House(read_terms(pair.supplier.home))
        archive(house, documents)
        candidate = Path(folder) / "changed.yaml"
        candidate.write_text("map: acme/850\nextends: x12/004010/850\nomit: [department]\n", encoding="utf-8")
        shelf = house.gateway.shelf
        live = "x12/004010/850"
        since = datetime.now(UTC) - timedelta(days=1)
        change = Change(name=live, live=partial(shelf.map, live), candidate=partial(shelf.compile, candidate), since=since)
        started = time.process_time()
        tried = list(rehearse(house.gateway, house.store.views, change))
        took = time.process_time() - started
        found = clusters((one.name, one.kinds) for one in tried)
        house.close()
    assert len(tried) == documents
    assert sum(one.count for one in found) == documents
    print(f"{documents} archived 850s tried on a changed map: {documents / took:.0f}/s of processor time, {len(found)} kind   wanted 150/s")


if __name__ == "__main__":
    main()
