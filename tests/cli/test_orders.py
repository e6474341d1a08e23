"""`edi-gateway order`: the thread of an order, and what is held of it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.testing.pair import Trade

from .conftest import Run

PO = "4500017"
HOLDS = "  send: [855, 856, 810, 812]"
HELD = "  send:\n    855:\n    856: {rules: {ship_before_answer: hold}}\n    810:\n    812:"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A supplier whose ship notice waits, as the order is not answered yet."""
    pair = make_pair(tmp_path / "pair", datetime.now(UTC))
    file = pair.supplier.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace(HOLDS, HELD))
    both = Trade(pair)
    both.clock.turn(datetime.now(UTC) - both.clock.now())
    both.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, both.clock.now().date()))
    both.run()
    both.supplier.drop("asn.csv", papers.fill(papers.SHIP_NOTICE, PO, both.clock.now().date()))
    both.run()
    both.close()
    return pair.supplier.home


def test_a_thread_is_shown_and_a_held_document_released(home: Path, run: Run) -> None:
    said = run("order", "show", PO, "--partner", "retailer", "--json", "--home", home)
    shown = said.json()
    assert said.code == 0
    assert [(one["set_id"], one["counts"]) for one in shown["documents"]] == [("850", True), ("856", False)]
    assert [(one["article"], one["ordered"], one["shipped"]) for one in shown["articles"]] == [("SKU-77", "24", "0"), ("SKU-78", "6", "0")]
    assert [one["expects"] for one in shown["windows"]] == ["855"]
    text = run("order", "show", PO, "--partner", "retailer", "--home", home).out
    assert "does not count" in text
    assert "SKU-77" in text

    listed = run("order", "held", "--home", home)
    assert listed.code == 1
    assert "STO-451" in listed.out
    number = run("order", "held", "--json", "--home", home).json()["documents"][0]["id"]
    done = run("order", "release", str(number), "--reason", "the buyer knows", "--home", home)
    assert (done.code, done.out.strip()) == (0, "The document goes on.")
    again = run("order", "release", str(number), "--reason", "twice", "--home", home)
    assert again.code == 1
    assert "STO-457" in again.err
    empty = run("order", "held", "--home", home)
    assert (empty.code, empty.out.strip()) == (0, "Nothing is held.")


def test_a_held_document_is_given_up(home: Path, run: Run) -> None:
    number = run("order", "held", "--json", "--home", home).json()["documents"][0]["id"]
    assert run("order", "give-up", str(number), "--reason", "wrong cartons", "--home", home).code == 0
    shown = run("order", "show", PO, "--partner", "retailer", "--json", "--home", home).json()
    assert [one["state"] for one in shown["documents"]][1] == "cancelled"


def test_an_order_that_nobody_knows_says_what_to_do(home: Path, run: Run) -> None:
    said = run("order", "show", "nothing", "--partner", "retailer", "--home", home)
    assert said.code == 2
    assert "STO-458" in said.err
