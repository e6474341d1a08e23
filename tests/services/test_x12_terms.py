"""What a partner file says of X12: how strictly we read, by which guide, and how much we answer."""

from dataclasses import replace
from pathlib import Path

import pytest

from edi_gateway import x12
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, Direction, SetIn, SetOut
from edi_gateway.testing.interchanges import group, interchange, order_lines, orders
from edi_gateway.testing.pair import Trade

PO = "4500017"
GUIDE = """\
guide: retailer/850
title: Orders of the example retailer
source: Made up for a test
date: 2026-03-01
schema: X12 004010 850
rules:
  - {at: REF, use: required}
"""
INVOICE_GUIDE = """\
guide: retailer/810
title: Invoices to the example retailer
source: Made up for a test
date: 2026-03-01
schema: X12 004010 810
rules:
  - {at: BIG/04, length: 4}
"""


def post(trade: Trade, sealed, content: bytes, number: int = 1) -> None:
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<{number}@sender.example>"))
    trade.supplier.work()


def answers(trade: Trade) -> list[str]:
    """The segments of acknowledgments that the supplier queued, oldest first."""
    with trade.supplier.look() as uow:
        contents = [uow.payloads.get(row.content).decode() for row in uow.transmissions.find(direction=Direction.OUT)]
    return [line for text in contents for line in text.split("~\n") if line.startswith(("TA1", "AK", "IK"))]


def put_guide(home: Path, name: str, text: str) -> Path:
    file = home / "schemas" / "x12" / "guides" / f"{name}.yaml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def name_guide(trade: Trade, direction: str, set_id: str, guide: str) -> None:
    """The supplier's partner file names a guide for one of its documents."""
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    lines = file.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.strip().startswith(f"{direction}:"))
    if lines[at].endswith(":"):
        lines.insert(lines.index(f"    {set_id}:", at) + 1, f"      guide: {guide}")
    else:
        others = [one.strip() for one in lines[at].partition("[")[2].rstrip("]").split(",") if one.strip() != set_id]
        lines[at] = f"  {direction}: {{{set_id}: {{guide: {guide}}}, {', '.join(f'{one}: {{}}' for one in others)}}}"
    file.write_text("\n".join(lines) + "\n")
    trade.restart("supplier")


def test_a_set_that_breaks_the_partners_guide_is_rejected_by_it(trade: Trade, sealed):
    put_guide(trade.supplier.side.home, "retailer/850", GUIDE)
    name_guide(trade, "receive", "850", "retailer/850")
    post(trade, sealed, orders(PO))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert row.state is SetIn.REJECTED
    assert [fault.place.segment for fault in row.faults] == ["REF"]
    assert answers(trade)[-1] == "AK9*R*1*1*0"


def test_a_tolerant_partner_has_its_guides_faults_noted(trade: Trade, sealed):
    put_guide(trade.supplier.side.home, "retailer/850", GUIDE)
    trade.agree("supplier", "x12", "mode: tolerant")
    name_guide(trade, "receive", "850", "retailer/850")
    post(trade, sealed, orders(PO))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert (row.state, row.verdict) == (SetIn.DELIVERED, "E")
    assert answers(trade)[-1] == "AK9*E*1*1*1"


def test_a_spoiled_guide_holds_up_no_order_and_is_told(trade: Trade, sealed):
    put_guide(trade.supplier.side.home, "retailer/850", "no guide: [")
    name_guide(trade, "receive", "850", "retailer/850")
    post(trade, sealed, orders(PO))

    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert [fault.code for fault in row.faults] == ["X12-802"]
    assert len(trade.supplier.published()) == 1


def test_what_we_send_is_held_to_the_partners_guide_before_it_is_sent(trade: Trade):
    put_guide(trade.supplier.side.home, "retailer/810", INVOICE_GUIDE)
    name_guide(trade, "send", "810", "retailer/810")
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()

    result = trade.supplier.result("invoice.csv")
    [document] = result["documents"]
    [finding] = document["findings"]
    assert (result["result"], finding["value"]) == ("refused", PO)
    assert finding["code"].startswith("X12-55")
    assert finding["line"] is not None


def test_a_guide_that_nobody_has_is_a_fault_of_the_partner_file(trade: Trade):
    name_guide(trade, "receive", "850", "retailer/805")

    [fault] = trade.supplier.gateway.book.faults
    assert (fault.code, fault.value) == ("PRT-NAME-UNKNOWN", "retailer/805")


@pytest.mark.parametrize(
    ("lines", "state", "last"),
    [
        ((), SetIn.REJECTED, "AK9*R*1*1*0"),
        (("mode: tolerant",), SetIn.DELIVERED, "AK9*E*1*1*1"),
        (("mode: tolerant", "reject: [X12-507]"), SetIn.REJECTED, "AK9*R*1*1*0"),
        (("tolerate: [X12-507]",), SetIn.DELIVERED, "AK9*E*1*1*1"),
    ],
    ids=["strict", "tolerant", "tolerant but for one", "strict but for one"],
)
def test_how_strictly_we_read_is_agreed(trade: Trade, sealed, lines: tuple[str, ...], state: SetIn, last: str):
    trade.agree("supplier", "x12", *lines)
    faulty = tuple(line.replace("BEG*00", "BEG*QQ") for line in order_lines(PO))
    post(trade, sealed, interchange([group("PO", "1", [faulty])]))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert [fault.code for fault in row.faults if fault.code.startswith("X12-")] == ["X12-507"]
    assert answers(trade)[-1] == last
    assert row.state is state or row.held_code is not None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("acknowledge_detail: every_set", ["AK1", "AK2", "AK5", "AK2", "AK3", "AK4", "AK5", "AK9"]),
        ("acknowledge_detail: faulty_sets", ["AK1", "AK2", "AK3", "AK4", "AK5", "AK9"]),
        ("acknowledge_detail: group_only", ["AK1", "AK9"]),
        ("acknowledge: false", []),
    ],
)
def test_how_much_we_acknowledge_is_agreed(trade: Trade, sealed, line: str, told: list[str]):
    trade.agree("supplier", "x12", line)
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1"), order_lines("A2", unit="QQQ")])]))

    assert [line[:3] for line in answers(trade)] == told


def test_a_partner_on_005010_may_have_a_999(trade: Trade, sealed):
    supplier = trade.supplier
    [partner] = supplier.gateway.book.partners
    terms = replace(partner.x12, release="005010", version="00501", acknowledgment=x12.Form.IMPLEMENTATION)
    supplier.use(replace(supplier.gateway, book=replace(supplier.gateway.book, partners=(replace(partner, x12=terms),))))
    post(trade, sealed, orders(PO))

    assert answers(trade) == ["AK1*PO*1*004010", "AK2*850*0001", "IK5*A", "AK9*A*1*1*1"]


@pytest.mark.parametrize(
    ("release", "form", "lines"),
    [
        ("005010X231A1", x12.Form.IMPLEMENTATION, ["AK1*PO*1*004010", "AK2*850*0001", "IK5*A", "AK9*A*1*1*1"]),
        ("005010", x12.Form.FUNCTIONAL, ["AK1*PO*1", "AK2*850*0001", "AK5*A", "AK9*A*1*1*1"]),
    ],
)
def test_the_release_of_our_acknowledgment_is_agreed(trade: Trade, sealed, release: str, form: x12.Form, lines: list[str]):
    trade.agree("supplier", "x12", f'acknowledgment_release: "{release}"\n  acknowledgment: "{form.value}"')
    post(trade, sealed, orders(PO))

    assert answers(trade) == lines
    with trade.supplier.look() as uow:
        [row] = uow.groups.find(direction=Direction.OUT)
    assert row.release == release


@pytest.mark.parametrize(
    ("wanted", "asked", "faulty", "told"),
    [
        ("asked", True, False, "A"),
        ("asked", False, True, "R"),
        ("asked", False, False, None),
        ("fault", True, False, None),
        ("fault", True, True, "R"),
        ("never", True, True, None),
    ],
)
def test_when_an_interchange_gets_a_ta1_is_agreed(trade: Trade, sealed, wanted: str, asked: bool, faulty: bool, told: str | None):
    trade.agree("supplier", "x12", f"ta1: {wanted}")
    content = interchange([group("PO", "1", [order_lines(PO)])], wants_ta1=asked)
    post(trade, sealed, content.replace(b"IEA*1*", b"IEA*2*") if faulty else content)

    ta1s = [line.split("*")[4] for line in answers(trade) if line.startswith("TA1")]
    assert ta1s == ([told] if told else [])


@pytest.mark.parametrize(("line", "state"), [("acknowledge: false", SetOut.SENT), ("expect_acknowledgment: false", SetOut.DONE)])
def test_whether_we_await_their_997_is_agreed_apart_from_whether_we_send_ours(trade: Trade, line: str, state: SetOut):
    trade.agree("supplier", "x12", line)
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()

    [row] = trade.supplier.sets(direction=Direction.OUT, set_id="810")
    assert row.state is state
    assert len(trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)) == (state is SetOut.SENT)


@pytest.mark.parametrize(
    ("charset", "name", "good"),
    [
        ("utf-8", "Café".encode(), True),
        ("utf-8", "Café".encode("latin-1"), False),
        ("latin-1", "Café".encode("latin-1"), True),
        ("extended", "Café".encode(), False),
        ("extended", b"Cafe", True),
        ("basic", b"Cafe", False),
    ],
)
def test_which_characters_data_may_hold_is_agreed(trade: Trade, sealed, charset: str, name: bytes, good: bool):
    trade.agree("supplier", "x12", f"charset: {charset}")
    post(trade, sealed, orders(PO).upper().replace(b"N1*ST*", b"N1*ST*" + name + b" ", 1))

    [row] = trade.supplier.sets(direction=Direction.IN)
    assert row.verdict == ("A" if good else "R")
    assert {fault.place.segment for fault in row.faults} == (set() if good else {"N1"})
