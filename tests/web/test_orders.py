"""The page of an order's thread, and what a person has paused."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from edi_gateway.lifecycle.order_thread import Balance, Role
from edi_gateway.lifecycle.states import DeadlineKind, Direction, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.views import OrderView
from edi_gateway.testing.made import NOW
from edi_gateway.testing.web import sample_parts, signed_in_client

ORDER = rows.TransactionSet(
    id=1, direction=Direction.IN, state=SetIn.DELIVERED, set_id="850", control_number="0001", created_at=NOW, partner="northgate",
    business_key="PO-1", po_number="PO-1", transmission_id=101,
)  # fmt: skip
INVOICE = replace(ORDER, id=2, direction=Direction.OUT, state=SetOut.HELD, set_id="810", business_key="INV-1", transmission_id=None)
SUMS = {Role.ORDER: Fraction(24), Role.SHIPMENT: Fraction(20), Role.INVOICE: Fraction(43, 2)}
THREAD = OrderView(
    partner="northgate",
    po="PO-1",
    sets=(ORDER, INVOICE),
    counting=frozenset({1}),
    refers={2: (("856", "SHP-7"),)},
    balances=(Balance(line_id="1", ids={"seller": "SKU-77"}, unit="EA", pack_size=None, sums=SUMS),),
    deadlines=(
        rows.Deadline(
            id=1, subject="set", subject_id=1, kind=DeadlineKind.ANSWER, due_at=NOW + timedelta(hours=3), created_at=NOW, expects="855"
        ),
    ),
)


def test_an_order_shows_its_documents_windows_and_differences():
    page = signed_in_client(sample_parts(order=lambda partner, po: THREAD if (partner, po) == ("northgate", "PO-1") else None))
    shown = page.get("/orders/northgate/PO-1")
    assert shown.status_code == 200
    for words in ("Purchase order", "INV-1", "does not count", "855", "SKU-77", "1.5 too much", "in 3 h", "for 856 SHP-7"):
        assert words in shown.text, words
    missing = page.get("/orders/northgate/PO-9")
    assert missing.status_code == 404
    assert "There is no document of order" in missing.text


def test_what_is_paused_is_seen_on_both_partner_pages():
    pause = rows.Pause(partner="northgate", direction=Direction.OUT, reason="their server moves", actor="ann", since=NOW)
    page = signed_in_client(sample_parts(pauses=lambda: (pause,)))
    for address in ("/partners", "/partners/northgate"):
        shown = page.get(address).text
        assert "their server moves" in shown, address
        assert "sending" in shown
    assert "their server moves" not in page.get("/partners/lakeshore").text
