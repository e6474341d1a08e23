"""Nothing is lost in silence: what no row of a map reads is noted, or holds the document until the map is mended, as agreed."""

from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

SHIPPED = Path(__file__).parents[2] / "maps"


def agree(trade: Trade, old: str, new: str) -> Party:
    """The supplier put together anew with a changed partner file."""
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    return trade.restart("supplier")


def receiving(trade: Trade, policy: str) -> Party:
    return agree(trade, "    850:\n", f"    850:\n      unread: {policy}\n")


def without_row(party: Party, name: str, row: str) -> Path:
    """A map of the home's own: the shipped one without a row."""
    text = (SHIPPED / f"{name}.yaml").read_text()
    lines = [line for line in text.splitlines() if not line.strip().startswith(row)]
    assert len(lines) == len(text.splitlines()) - 1
    file = party.side.home / "maps" / f"{name}.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("\n".join(lines))
    party.configure()
    return file


def post(trade: Trade, sealed, *numbers: str, control: int = 1) -> None:
    trade.supplier.receive(sealed(trade.retailer, orders(*numbers, control=control), message_id=f"<{control}@sender.example>"))
    trade.supplier.work()


@pytest.mark.parametrize(("policy", "told"), [("ignore", []), ("warn", ["MAP-407"])])
def test_a_document_goes_on_and_what_was_not_read_is_noted_once_a_kind(trade: Trade, sealed, policy: str, told: list[str]):
    supplier = receiving(trade, policy)
    without_row(supplier, "x12/004010/850", "buyer_item_id:")
    post(trade, sealed, "A1")

    [row] = supplier.sets(set_id="850")
    assert row.state is SetIn.DELIVERED
    assert [fault.code for fault in row.faults][: len(told)] == told
    if told:
        assert row.faults[0].value == "BP"
        assert dict(row.faults[0].detail)["times"] == "2"


def test_it_is_noted_where_the_agreement_says_nothing(trade: Trade, sealed):
    without_row(trade.supplier, "x12/004010/850", "buyer_item_id:")
    trade.restart("supplier")
    post(trade, sealed, "A1")

    [row] = trade.supplier.sets(set_id="850")
    assert (row.state, {fault.code for fault in row.faults}) == (SetIn.DELIVERED, {"MAP-407"})


def test_a_held_document_keeps_its_reason_and_resumes_once_the_map_is_mended(trade: Trade, sealed):
    supplier = receiving(trade, "hold")
    own = without_row(supplier, "x12/004010/850", "buyer_item_id:")
    post(trade, sealed, "A1")

    [row] = supplier.sets(set_id="850")
    assert (row.state, row.held_code, row.verdict) == (SetIn.HELD, "MAP-407", "A")
    assert {"BP", "B000123"} <= {fault.value for fault in row.faults}
    assert supplier.published() == {}
    supplier.house.operator.replay(row.transmission_id, actor="anna", reason="tried too early")
    supplier.work()
    assert supplier.sets(set_id="850")[0].held_code == "MAP-407"

    own.unlink()
    supplier.configure()
    supplier.house.operator.replay(row.transmission_id, actor="anna", reason="map mended")
    supplier.work()
    [again] = supplier.sets(set_id="850")
    assert (again.state, again.held_code, again.faults) == (SetIn.DELIVERED, None, ())
    [content] = supplier.published().values()
    assert "B000123" in content


def test_held_documents_are_replayed_all_at_once_by_partner_and_reason(trade: Trade, sealed):
    supplier = receiving(trade, "hold")
    own = without_row(supplier, "x12/004010/850", "buyer_item_id:")
    for control in range(1, 4):
        post(trade, sealed, f"A{control}", f"B{control}", control=control)
    operator = supplier.house.operator
    assert len(operator.held(partner=None, code=None)) == 6
    assert len(operator.held(partner=supplier.partner, code="MAP-407")) == 6
    assert operator.held(partner="nobody", code="MAP-407") == operator.held(partner=None, code="STO-411") == ()

    own.unlink()
    supplier.configure()
    done = operator.replay_held(partner=supplier.partner, code="MAP-407", actor="anna", reason="map mended")
    supplier.work()
    assert done.words == "6 sets are mapped again."
    assert {row.state for row in supplier.sets(set_id="850")} == {SetIn.DELIVERED}
    assert len(supplier.published()) == 6
    assert operator.held(partner=None, code=None) == ()


def sending(trade: Trade, policy: str) -> Party:
    return agree(trade, "send: [855, 856, 810, 812]", f"send: {{855: , 856: , 812: , 810: {{unread: {policy}}}}}")


@pytest.mark.parametrize(
    ("policy", "result", "codes"), [("ignore", "accepted", []), ("warn", "accepted", ["MAP-407"]), ("hold", "refused", ["MAP-407"])]
)
def test_a_value_of_the_erps_that_no_row_reads_is_named_in_the_result(trade: Trade, policy: str, result: str, codes: list[str]):
    supplier = sending(trade, policy)
    without_row(supplier, "flat/invoice", "buyer_item_id:")
    text = papers.fill(papers.INVOICE, "4500017", trade.clock.now().date())
    supplier.drop("invoice.csv", text)
    supplier.scan()
    supplier.work()

    answer = supplier.result("invoice.csv")
    [document] = answer["documents"]
    assert (answer["result"], [one["code"] for one in document["findings"]]) == (result, codes)
    for one in document["findings"]:
        line = text.splitlines()[one["line"] - 1]
        assert line[one["column"] - 1 :].lstrip('"').startswith(one["value"])
    assert len(supplier.sets(direction=Direction.OUT)) == (result == "accepted")


@pytest.mark.parametrize("name", ["ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE", "CREDIT"])
def test_the_shipped_maps_read_all_that_our_sample_papers_hold(trade: Trade, name: str):
    trade.supplier.drop("file.csv", papers.fill(getattr(papers, name), "4500017", trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()
    assert [one["findings"] for one in trade.supplier.result("file.csv")["documents"]] == [[]]
