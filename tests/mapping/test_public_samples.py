"""Documents that others made, read with the general maps. Skipped where the samples are not at hand; the laws cover the same ground."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from edi_gateway.mapping import Map
from edi_gateway.records import Record
from edi_gateway.tree import Loop
from edi_gateway.x12 import Library, Verdict, read

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT.parent / "shared" / "samples" / "public"

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the public samples are not beside the checkout")


@pytest.fixture(scope="module")
def accepted() -> list[tuple[str, str, Loop]]:
    """The sets without a fault: file, map and tree."""
    library = Library([ROOT / "schemas"])
    found = []
    for path in sorted(SAMPLES.iterdir()):
        for interchange in read(path.read_bytes(), library).interchanges:
            found += [
                (path.name, f"x12/{one.release[:6]}/{one.set_id}", one.tree())
                for one in interchange.sets
                if one.verdict is Verdict.ACCEPTED and one.shape is not None
            ]
    return found


KNOWN = ("MAP-401", "MAP-404", "MAP-413")
"""What public samples get wrong: totals that do not agree, a required value left out, numbers made up without a check digit."""


def _without_totals(record: Record) -> Record:
    totals = {name: None for name in ("total_lines", "hash_total") if hasattr(record, name)}
    return replace(record, **totals)


def test_a_good_set_becomes_a_record_that_says_the_same_when_sent_on(
    accepted: list[tuple[str, str, Loop]], shipped: Mapping[str, Map]
) -> None:
    read_and_sent = 0
    for file, name, tree in accepted:
        if name not in shipped:
            continue
        reading = shipped[name].read(tree)
        assert all(fault.code in KNOWN for fault in reading.faults), (file, [fault.line() for fault in reading.faults])
        if not reading.ok:
            continue
        assert reading.record is not None
        written = shipped[name].write(reading.record)
        assert written.tree is not None, (file, [fault.line() for fault in written.faults])
        again = shipped[name].read(written.tree)
        assert again.ok, file
        assert again.record is not None
        assert _without_totals(again.record) == _without_totals(reading.record), file
        read_and_sent += 1
    assert read_and_sent > 60
