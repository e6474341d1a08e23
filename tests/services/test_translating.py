"""What an interchange holds: every set judged, every group acknowledged, good orders in the ERP's folder, and nothing twice."""

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from edi_gateway import x12
from edi_gateway.lifecycle.states import Direction, Inbound, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.services.translate import translate
from edi_gateway.testing.interchanges import acknowledgment, group, interchange, order_lines, orders
from edi_gateway.testing.pair import Party, Trade

LEASE = timedelta(minutes=5)


def acknowledgments(party: Party) -> list[str]:
    """The 997s that a party queued, one segment a line."""
    with party.look() as uow:
        rows = [uow.transmissions.get(one.transmission_id) for one in uow.sets.find(direction=Direction.OUT, set_id="997")]
        return [uow.payloads.get(row.content).decode() for row in rows]


def bodies(text: str) -> list[str]:
    """The lines of an acknowledgment between ST and SE."""
    lines = text.split("~\n")
    begin = next(number for number, line in enumerate(lines) if line.startswith("ST*"))
    return lines[begin + 1 : next(number for number, line in enumerate(lines) if line.startswith("SE*"))]


def post(trade: Trade, sealed, content: bytes, number: int = 1) -> None:
    """The retailer's bytes at the supplier, and all that follows there."""
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<{number}@sender.example>"))
    trade.supplier.work()


def takes_an_order(trade: Trade, sealed) -> bool:
    """Whether the next message goes through to the supplier's ERP."""
    before = len(trade.supplier.published())
    post(trade, sealed, orders("NEXT-1", control=77), number=77)
    return len(trade.supplier.published()) == before + 1


def test_an_850_with_errors_is_rejected_by_a_997_that_names_segment_and_element(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "1", [order_lines("4500017", unit="QQQ")])]))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert (row.state, row.verdict) == (SetIn.REJECTED, "R")
    assert trade.supplier.published() == {}
    [text] = acknowledgments(trade.supplier)
    assert bodies(text) == ["AK1*PO*1", "AK2*850*0001", "AK3*PO1*7*PO1*8", "AK4*3*355*5*QQQ", "AK5*R*5", "AK9*R*1*1*0"]
    assert takes_an_order(trade, sealed)


def test_good_sets_of_a_group_go_on_where_another_is_rejected(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1"), order_lines("A2", unit="QQQ"), order_lines("A3")])]))

    states = {row.control_number: row.state for row in trade.supplier.sets(direction=Direction.IN)}
    assert states == {"0001": SetIn.DELIVERED, "0002": SetIn.REJECTED, "0003": SetIn.DELIVERED}
    [text] = acknowledgments(trade.supplier)
    assert bodies(text)[-1] == "AK9*P*3*3*2"
    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_A1", "order_A3"]


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda text: text.replace(b"SE*10*0001", b"SE*11*0001"), "X12-304"),
        (lambda text: text[: text.index(b"IEA")], "X12-110"),
        (lambda text: text.replace(b"GE*1*1", b"GE*1*2"), "X12-2"),
    ],
    ids=["SE count", "no IEA", "GE control"],
)
def test_a_broken_envelope_is_rejected_with_a_coded_fault_and_its_bytes_kept(trade: Trade, sealed, damage, code: str):
    content = damage(orders("4500017"))
    post(trade, sealed, content)

    [row] = trade.supplier.sets(direction=Direction.IN)
    with trade.supplier.look() as uow:
        kept = [*row.faults, *uow.groups.get(row.group_id).faults, *uow.interchanges.get(row.interchange_id).faults]
        assert uow.payloads.get(uow.transmissions.get(row.transmission_id).content) == content
    assert any(fault.code.startswith(code) for fault in kept), kept
    assert row.state is SetIn.REJECTED
    assert trade.supplier.published() == {}
    assert takes_an_order(trade, sealed)


@pytest.mark.parametrize(
    "content", [b"", b"no EDI at all", b"GS*PO*A*B*20260101*1200*1*X*004010~", b"<order/>"], ids=["empty", "text", "no ISA", "XML"]
)
def test_a_body_that_is_not_x12_is_kept_and_named_on_the_message(trade: Trade, sealed, content: bytes):
    post(trade, sealed, content)

    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert row.state is Inbound.RECEIPTED
    assert row.faults[0].code in ("X12-101", "X12-102")
    with trade.supplier.look() as uow:
        assert uow.payloads.get(row.content) == content
    assert takes_an_order(trade, sealed)


def test_what_is_only_noted_of_a_message_asks_for_nobodys_attention(trade: Trade, sealed):
    post(trade, sealed, b"\xef\xbb\xbf" + orders("4500017"))

    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert row.faults == ()
    assert any("X12-115" in line for line in trade.supplier.events())
    assert len(trade.supplier.published()) == 1


def test_several_groups_and_sets_each_come_to_their_own_end(trade: Trade, sealed):
    content = interchange(
        [
            group("PO", "1", [order_lines("A1"), order_lines("A2")]),
            group("PO", "2", [order_lines("B1")]),
            group("FA", "3", [("997", "AK1*PR*4711", "AK9*A*1*1*1")]),
        ]
    )
    post(trade, sealed, content)

    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_A1", "order_A2", "order_B1"]
    assert [bodies(text)[0] for text in acknowledgments(trade.supplier)] == ["AK1*PO*1", "AK1*PO*2"]
    [settled] = trade.supplier.sets(direction=Direction.IN, set_id="997")
    assert (settled.state, settled.faults[0].code) == (SetIn.SETTLED, "STO-412")


@pytest.mark.parametrize("wrapped", [False, True], ids=["as written", "in lines of 80"])
def test_several_interchanges_in_one_message_are_each_mapped_from_their_own_bytes(trade: Trade, sealed, wrapped: bool):
    content = orders("A1", "A2").replace(b"\n", b"") + orders("B1", control=2).replace(b"\n", b"")
    if wrapped:
        content = b"".join(content[at : at + 80] + b"\r\n" for at in range(0, len(content), 80))
    post(trade, sealed, content)

    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_A1", "order_A2", "order_B1"]
    assert [bodies(text)[-1] for text in acknowledgments(trade.supplier)] == ["AK9*A*2*2*2", "AK9*A*1*1*1"]


def test_two_groups_with_the_same_control_number_are_both_kept_and_acknowledged(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "7", [order_lines("A1")]), group("PO", "7", [order_lines("B1")])]))

    with trade.supplier.look() as uow:
        groups = uow.groups.find(direction=Direction.IN)
        assert [one.control_number for one in groups] == ["7", "7"]
        assert len({one.acknowledged_by for one in groups}) == 2
    assert len(acknowledgments(trade.supplier)) == 2


def test_verdicts_are_kept_as_ak501_and_ak901_write_them(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1"), order_lines("A2", unit="QQQ")])]))

    assert [row.verdict for row in trade.supplier.sets(direction=Direction.IN)] == ["A", "R"]
    with trade.supplier.look() as uow:
        assert [one.verdict for one in uow.groups.find(direction=Direction.IN)] == ["P"]


def test_bad_data_that_holds_a_delimiter_of_ours_does_not_spoil_the_acknowledgment(trade: Trade, sealed):
    content = orders("4500017").replace(b"*EA*", b"*E*A*").replace(b"*", b"|").replace(b"|E|A|", b"|E*A|")
    post(trade, sealed, content)

    [text] = acknowledgments(trade.supplier)
    assert bodies(text)[-1] == "AK9*R*1*1*0"
    assert not any(line.endswith("E*A") for line in bodies(text))


def test_an_acknowledgment_that_cannot_be_written_holds_up_no_order(trade: Trade, sealed):
    supplier = trade.supplier
    [partner] = supplier.gateway.book.partners
    terms = replace(partner, x12=replace(partner.x12, release="003010"))
    supplier.use(replace(supplier.gateway, book=replace(supplier.gateway.book, partners=(terms,))))
    post(trade, sealed, orders("4500017"))

    assert len(supplier.published()) == 1
    with supplier.look() as uow:
        [kept] = uow.groups.find(direction=Direction.IN)
    assert [fault.code for fault in kept.faults] == ["STO-426"]
    assert "003010" in kept.faults[0].message


def test_an_interchange_from_somebody_else_is_held_until_the_identity_is_corrected(trade: Trade, sealed):
    content = interchange([group("PO", "1", [order_lines("4500017")])], sender="STRANGER")
    post(trade, sealed, content)
    [row] = trade.supplier.sets(direction=Direction.IN)
    assert (row.state, row.held_code) == (SetIn.HELD, "STO-413")

    # A replay without the correction does not slip it through.
    trade.supplier.house.operator.replay(row.transmission_id, actor="anna", reason="test")
    trade.supplier.work()
    assert trade.supplier.sets(id=row.id)[0].held_code == "STO-413"

    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("x12:\n  id: RETAILER", "x12:\n  id: STRANGER"))
    supplier = trade.restart("supplier")
    supplier.house.operator.replay(row.transmission_id, actor="anna", reason="their new identity")
    supplier.work()
    assert supplier.sets(id=row.id)[0].state is SetIn.DELIVERED


def test_a_set_without_an_agreement_is_accepted_by_997_and_held(trade: Trade, sealed):
    lines = ("860", "BCH*04*SA*4500017***20260302", "POC*1*CA*24*24*EA*3.1**BP*B000123")
    post(trade, sealed, interchange([group("PC", "1", [lines])]))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert (row.state, row.held_code, row.verdict) == (SetIn.HELD, "STO-411", "A")
    assert "860" in row.faults[-1].message
    assert takes_an_order(trade, sealed)


def test_a_set_that_our_map_fails_on_is_held_then_delivered_once_the_map_is_mended(trade: Trade, sealed):
    maps = trade.supplier.side.home / "maps" / "x12" / "004010"
    maps.mkdir(parents=True)
    (maps / "850.yaml").write_text("this is no map: [")
    supplier = trade.restart("supplier")
    post(trade, sealed, orders("4500017"))
    [row] = supplier.sets(direction=Direction.IN)
    [text] = acknowledgments(supplier)
    assert row.state is SetIn.HELD
    assert row.held_code
    assert row.held_code.startswith("MAP-")
    assert bodies(text)[-1] == "AK9*A*1*1*1"
    assert supplier.published() == {}

    (maps / "850.yaml").unlink()
    supplier = trade.restart("supplier")
    done = supplier.house.operator.replay(row.transmission_id, actor="anna", reason="map mended")
    supplier.work()
    assert done.faults == ()
    assert [name.rpartition("_")[0] for name in supplier.published()] == ["order_4500017"]
    again = supplier.sets(id=row.id)[0]
    assert (again.state, again.held_code, again.faults) == (SetIn.DELIVERED, None, ())
    assert len(acknowledgments(supplier)) == 1
    assert supplier.house.operator.replay(row.transmission_id, actor="anna", reason="once more").faults[0].code == "STO-416"


def test_a_map_that_is_mended_and_applied_while_the_gateway_runs_is_used_at_once(trade: Trade, sealed):
    post(trade, sealed, orders("A1"))
    maps = trade.supplier.side.home / "maps" / "x12" / "004010"
    maps.mkdir(parents=True)
    (maps / "850.yaml").write_text("this is no map: [")
    trade.restart("supplier")
    post(trade, sealed, orders("A2", control=2), number=2)
    held = trade.supplier.sets(state=SetIn.HELD)
    (maps / "850.yaml").unlink()
    trade.supplier.configure()
    trade.supplier.house.operator.replay(held[0].transmission_id, actor="anna", reason="map mended")
    trade.supplier.work()

    assert len(held) == 1
    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_A1", "order_A2"]


@pytest.mark.sqlite
def test_a_set_that_a_mistake_of_ours_fails_on_stops_no_other_of_its_interchange(trade: Trade, sealed):
    class Mistaken:
        """The maps, with a mistake that only one order meets."""

        def map(self, name, tables=()):
            right = trade.retailer.gateway.shelf.map(name, tables)

            def read(tree, day=None):
                if "A2" in repr(tree):
                    raise ZeroDivisionError
                return right.read(tree, day)

            return SimpleNamespace(read=read, write=right.write, unread_kinds=right.unread_kinds, digest=right.digest)

        def layout(self, name):
            return trade.retailer.gateway.shelf.layout(name)

    supplier, now = trade.supplier, trade.clock.now()
    supplier.use(replace(supplier.gateway, shelf=Mistaken()))
    supplier.receive(sealed(trade.retailer, orders("A1", "A2", "A3", "A4")))
    failed = []
    while (job := supplier.store.jobs.claim(now, owner="test", lease=LEASE)) is not None:
        try:
            supplier.handlers[job.task](job.ids)
        except ZeroDivisionError:
            failed.append(job.key)
        supplier.store.jobs.done(job)

    assert [name.rpartition("_")[0] for name in supplier.published()] == ["order_A1", "order_A3", "order_A4"]
    assert failed
    assert [row.control_number for row in supplier.sets(state=SetIn.VALID)] == ["0002"]


def test_the_time_for_the_answer_runs_from_the_receipt_of_the_order_whatever_our_maps_do(trade: Trade, sealed):
    maps = trade.supplier.side.home / "maps" / "x12" / "004010"
    maps.mkdir(parents=True)
    (maps / "850.yaml").write_text("this is no map: [")
    supplier = trade.restart("supplier")
    received = trade.clock.now()
    post(trade, sealed, orders("4500017"))
    (maps / "850.yaml").unlink()
    trade.clock.turn(supplier.gateway.book.partners[0].agreements[0].windows.answers["855"].span.length / 2)
    supplier = trade.restart("supplier")
    supplier.house.operator.replay(1, actor="anna", reason="map mended")
    supplier.work()

    [window] = supplier.deadlines(expects="855")
    assert window.due_at - received == supplier.gateway.book.partners[0].agreements[0].windows.answers["855"].span.length


def test_a_translation_run_twice_does_nothing_the_second_time(trade: Trade, sealed):
    post(trade, sealed, orders("A1", "A2"))
    before = [trade.supplier.events(), trade.supplier.sets(), trade.supplier.published()]
    translate(trade.supplier.gateway, 1)
    trade.supplier.work()

    assert [trade.supplier.events(), trade.supplier.sets(), trade.supplier.published()] == before


@pytest.mark.slow
def test_a_thousand_orders_in_one_interchange_take_time_in_proportion(trade: Trade, sealed):
    count = 1000
    content = orders(*(f"PO-{number}" for number in range(count)))
    trade.supplier.receive(sealed(trade.retailer, content))
    began = time.perf_counter()
    for _ in x12.stream([content], trade.supplier.gateway.library):
        pass
    one_reading = time.perf_counter() - began

    began = time.perf_counter()
    done = trade.supplier.work(Task.TRANSLATE, Task.MAP)
    took = time.perf_counter() - began

    assert {row.state for row in trade.supplier.sets(direction=Direction.IN)} == {SetIn.DELIVERED}
    assert done == count + 1
    # Reading the interchange again for each set would alone take longer.
    assert took < count * one_reading


def test_an_inbound_acknowledgment_is_never_acknowledged(trade: Trade, sealed):
    post(trade, sealed, acknowledgment("PR", "1", "A"))

    assert [row.state for row in trade.supplier.sets(direction=Direction.OUT)] == []
    assert SetOut.DONE not in {row.state for row in trade.supplier.sets()}


@pytest.mark.parametrize(
    ("functional", "lines", "key", "order"),
    [
        ("PO", order_lines("PO-77", unit="QQQ"), "PO-77", "PO-77"),
        ("PR", ("855", "BAK*00*ZZZ*PO-77*20260302"), "PO-77", "PO-77"),
        ("SH", ("856", "BSN*00*SHIP-1*20260302*0900", "HL*1**S", "HL*2*1*O", "PRF*PO-77"), "SHIP-1", "PO-77"),
        ("IN", ("810", "BIG*20260302*INV-1**PO-77"), "INV-1", "PO-77"),
        ("CD", ("812", "BCD*20260302*CM-1*J*120*C*20260302*INV-1***PO-77"), "CM-1", "PO-77"),
        ("PC", ("860", "BCH*04*SA*PO-77***20260302"), "PO-77", "PO-77"),
        ("PO", ("850", "BEG*00*SA"), None, None),
    ],
    ids=["850", "855", "856", "810", "812", "860", "none"],
)
def test_a_set_that_is_rejected_or_held_is_found_by_its_number(trade: Trade, sealed, functional: str, lines, key, order):
    post(trade, sealed, interchange([group(functional, "1", [lines])]))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert row.state in (SetIn.REJECTED, SetIn.HELD)
    assert (row.business_key, row.po_number) == (key, order)
