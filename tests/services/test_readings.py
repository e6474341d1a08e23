"""A message that was just read is not read again to be mapped; what a process has forgotten, or never read, it reads."""

from dataclasses import replace
from pathlib import Path

from edi_gateway import x12
from edi_gateway.services.readings import AROUND, Readings
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

LIBRARY = x12.Library([Path(__file__).parents[2] / "schemas"])


class _Forgetful(Readings):
    """A memory that forgets at once."""

    def keep(self, digest: str, reading: x12.Reading) -> None:
        """Nothing is kept."""


def _files(trade: Trade, sealed, number: int) -> list[str]:
    """The ERP files of a message of three orders, their own numbers left out."""
    supplier = trade.supplier
    before = supplier.published()
    supplier.receive(
        sealed(trade.retailer, orders(*(f"{one}{number}" for one in "ABC"), control=number), message_id=f"<{number}@sender.example>")
    )
    supplier.work()
    return [text.replace(f"{number},", ",") for name, text in supplier.published().items() if name not in before]


def test_the_erp_gets_the_same_of_what_was_remembered_and_of_what_was_read_again(trade: Trade, sealed) -> None:
    remembered = _files(trade, sealed, 7001)
    trade.supplier.use(replace(trade.supplier.gateway, readings=_Forgetful()))
    assert _files(trade, sealed, 7002) == remembered
    assert len(remembered) == 3


def test_the_oldest_are_forgotten_and_a_large_message_is_not_kept() -> None:
    reading = x12.read(orders("A1"), LIBRARY)
    kept = Readings(most=20 * (reading.interchanges[0].sets[0].length + AROUND))
    kept.keep("large", x12.read(orders("A1", "A2", "A3"), LIBRARY))
    for number in (*range(22), 5):
        kept.keep(str(number), reading)

    assert kept.sets("large") == ()
    assert [number for number in range(22) if not kept.sets(str(number))] == [0, 1]
