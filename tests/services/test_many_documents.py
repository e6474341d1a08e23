"""A file of very many documents: its memory is for one of them at a time."""

import tracemalloc
from collections import Counter

import pytest

from edi_gateway.testing.pair import Party, Trade

LINES = 40


def invoice(number: str, po: str) -> str:
    lines = "".join(f"LIN,{line},1,EA,3.10,,B{line:06},SKU-{line}\n" for line in range(1, LINES + 1))
    head = f"HDR,INVOICE,{number},20260302,{po},20260302,,invoice,USD,BOL-55,20260302,,,,{LINES * 3.10:.2f}\n"
    return f"{head}{lines}TOT,{LINES},{LINES}\n"


def composed(party: Party, name: str, count: int) -> None:
    party.drop(f"{name}.csv", "".join(invoice(f"{name}-{number}", f"PO-{name}-{number}") for number in range(count)))
    party.compose()
    assert Counter(one["result"] for one in party.result(f"{name}.csv")["documents"]) == {"queued": count}


@pytest.mark.slow
def test_the_memory_of_a_file_is_not_that_of_all_its_documents(trade: Trade) -> None:
    def peak(name: str, count: int) -> int:
        tracemalloc.start()
        composed(trade.supplier, name, count)
        _, found = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return found

    composed(trade.supplier, "first", 1)
    small, large = peak("small", 20), peak("large", 140)
    # A record of so many lines takes 40 KB; what is kept of each for the file's answer takes a tenth of that.
    assert (large - small) / 120 < 10_000
