"""Tables of a home at work: the codes of one partner become ours, a code nobody knows holds the order, a mended table lets it go on."""

from datetime import timedelta
from functools import partial
from pathlib import Path

from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.services.rehearse import Change, rehearse
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

ROW = "fields: {lines: {fields: {buyer_item_id: 'PO1/pair[BP] via items'}}}\n"


def taught(trade: Trade, lines: str) -> Party:
    """The supplier, whose orders from the retailer go through a map with a table, this partner's own lines in it."""
    home = trade.supplier.side.home
    files = {
        "maps/house/850.yaml": f"map: house/850\nextends: x12/004010/850\n{ROW}",
        "tables/items.csv": "record,document\n",
        "tables/retailer/items.csv": f"record,document,from,to\n{lines}",
    }
    for name, text in files.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    partner = home / "partners" / "retailer.yaml"
    terms = "    850:\n      map: house/850\n      tables: {items: retailer/items}\n"
    partner.write_text(partner.read_text().replace("    850:\n", terms, 1))
    return trade.restart("supplier")


def rehearsed(party: Party, folder: Path, text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Per archived order its agreement, and what this map in the place of house/850 would change of it."""
    candidate = folder / "candidate.yaml"
    candidate.write_text(text)
    shelf = party.gateway.shelf
    change = Change(
        name="house/850",
        live=partial(shelf.map, "house/850"),
        candidate=partial(shelf.compile, candidate),
        since=party.house.clock.now() - timedelta(days=1),
    )
    return [(one.agreement, one.kinds) for one in rehearse(party.gateway, party.store.views, change)]


def bought(party: Party, set_row_id: int) -> list[str]:
    """The articles of an order, as its record has them."""
    with party.look() as uow:
        document = uow.sets.get(set_row_id).document_id
        assert document is not None
        return [line["buyer_item_id"] for line in uow.documents.get(document).record["lines"]]


def test_a_partners_codes_become_ours_as_they_hold_on_the_day_of_the_order(trade: Trade, sealed):
    supplier = taught(trade, "OUR-1,B000123,,2026-03-02\nOUR-9,B000123,2026-03-03,\nOUR-2,B000124,,\n")
    supplier.receive(sealed(trade.retailer, orders("4500017")))
    supplier.work()
    [row] = supplier.sets(direction=Direction.IN)
    assert row.state is SetIn.DELIVERED
    assert bought(supplier, row.id) == ["OUR-1", "OUR-2"], "the order is of 2 March, whatever day it came on"
    [content] = supplier.published().values()
    assert "OUR-1" in content
    assert "B000123" not in content


def test_a_code_that_no_line_has_holds_the_order_until_the_table_is_mended(trade: Trade, sealed):
    supplier = taught(trade, "OUR-1,B000123,,\n")
    supplier.receive(sealed(trade.retailer, orders("4500017")))
    supplier.work()
    [row] = supplier.sets(direction=Direction.IN)
    assert (row.state, row.held_code, row.verdict) == (SetIn.HELD, "MAP-402", "A")
    assert "B000124" in row.faults[-1].message
    assert "retailer/items.csv, 2026-03-02" in row.faults[-1].message
    assert supplier.published() == {}

    table = trade.supplier.side.home / "tables" / "retailer" / "items.csv"
    table.write_text(f"{table.read_text()}OUR-2,B000124,,\n")
    supplier = trade.restart("supplier")
    supplier.house.operator.replay(row.transmission_id, actor="anna", reason="table mended")
    supplier.work()
    assert supplier.sets(id=row.id)[0].state is SetIn.DELIVERED
    assert bought(supplier, row.id) == ["OUR-1", "OUR-2"]


def test_a_faulty_table_holds_what_needs_it_and_says_the_line(trade: Trade, sealed):
    supplier = taught(trade, "OUR-1,B000123,,\nOUR-2,B000123,,\n")
    supplier.receive(sealed(trade.retailer, orders("4500017")))
    supplier.work()
    [row] = supplier.sets(direction=Direction.IN)
    assert (row.state, row.held_code, row.faults[-1].place.line) == (SetIn.HELD, "MAP-214", 3)


def test_a_table_that_is_not_there_is_told_of_the_partner_file(trade: Trade):
    taught(trade, "")
    (trade.supplier.side.home / "tables" / "retailer" / "items.csv").unlink()
    faults = trade.restart("supplier").gateway.book.faults
    assert [(fault.code, fault.value) for fault in faults] == [("PRT-NAME-UNKNOWN", "retailer/items")]


def test_a_changed_map_is_rehearsed_with_the_tables_of_the_agreement_on_the_day_of_the_order(trade: Trade, sealed, tmp_path: Path):
    supplier = taught(trade, "OUR-1,B000123,,2026-03-02\nB000123,B000123,2026-03-03,\nOUR-2,B000124,,\n")
    supplier.receive(sealed(trade.retailer, orders("4500017")))
    supplier.work()
    agreement = "retailer, 850 in, tables items: retailer/items"
    without = "map: new\nextends: x12/004010/850\nfields: {lines: {fields: {buyer_item_id: 'PO1/pair[BP]'}}}\n"
    assert rehearsed(supplier, tmp_path, without) == [(agreement, ("lines[].buyer_item_id changes",))]
    without_the_day = f"map: new\nextends: x12/004010/850\nomit: [issue_date]\n{ROW}"
    assert rehearsed(supplier, tmp_path, without_the_day) == [(agreement, ("issue_date disappears",))], "it came on 2 March"
    assert rehearsed(supplier, tmp_path, f"map: new\nextends: x12/004010/850\nomit: [department]\n{ROW}") == [(agreement, ())]
