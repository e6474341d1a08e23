"""What a person does in the console, done by the keyboard of a real browser on a real gateway.

Run with a Chromium on the PATH: pytest -m browser tests/web.
"""

import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import make_server

import pytest

from edi_gateway import flatfile
from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, SetIn
from edi_gateway.ports import rows
from edi_gateway.testing.web import PASSWORD, quick_hash
from edi_gateway.web.app import create_app

from .browser import Browser, driven
from .test_browser import BROWSER, Quiet

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.skipif(BROWSER is None, reason="no Chromium on the PATH")]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(read_terms(make_pair(tmp_path / "pair", datetime.now(UTC)).supplier.home))
    made.configure()
    yield made
    made.close()


@pytest.fixture
def address(house: House) -> Iterator[str]:
    parts = house.web_parts()
    known = replace(parts, settings=replace(parts.settings, password_hash=quick_hash(PASSWORD)))
    with make_server("127.0.0.1", 0, create_app(known), handler_class=Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def browser(address: str, tmp_path: Path) -> Iterator[Browser]:
    """Signed in, by the keyboard."""
    assert BROWSER is not None
    with driven(BROWSER, tmp_path / "profile") as one:
        one.go(address)
        one.until("document.activeElement.name === 'password'")
        one.write(PASSWORD)
        one.enter()
        yield one


def test_an_overdue_window_is_closed_with_a_reason_and_opened_again_without_a_mouse(house: House, address: str, browser: Browser):
    now = datetime.now(UTC)
    with house.store.begin() as uow:
        order = uow.sets.add(
            rows.TransactionSet(
                direction=Direction.IN, state=SetIn.DELIVERED, set_id="850", control_number="0001", created_at=now,
                partner="retailer", business_key="4500017", po_number="4500017",
            )
        )  # fmt: skip
        uow.deadlines.add(
            rows.Deadline(
                subject="set", subject_id=order.id or 0, kind=DeadlineKind.DEPARTURE, state=DeadlineState.BREACHED, partner="retailer",
                expects="856", due_at=now - timedelta(hours=2), created_at=now - timedelta(hours=9),
            )
        )  # fmt: skip
    browser.go(f"{address}/overdue")
    assert "over by 2 h" in browser.text
    browser.tab_to("close")
    browser.enter()
    browser.until("document.activeElement.name === 'reason'")
    browser.press("Enter")
    assert browser.see("document.querySelector('#reason').validity.valueMissing") is True, "the browser itself asks for a reason"
    browser.write("the truck broke down; the buyer knows")
    browser.enter()
    assert "is closed: That the partner gets our 850 4500017 is not waited for any more." in browser.text
    assert "No window is over." in browser.text
    assert "operator: That the partner gets our 850 4500017 is not waited for any more. Reason: the truck broke down" in browser.text

    browser.tab_to("open again")
    browser.enter()
    browser.until("document.activeElement.name === 'reason'")
    browser.write("another truck has it")
    browser.enter()
    assert "is open again, as window 2" in browser.text
    assert "over by 2 h" in browser.text
    assert "Closed by a person" not in browser.text
    assert browser.complaints == []


def test_an_excel_workbook_is_tried_out_and_handed_in_without_a_mouse(house: House, address: str, browser: Browser, tmp_path: Path):
    shelf = house.gateway.shelf
    invoice = papers.fill(papers.INVOICE, "4500017", datetime.now(UTC).date()).encode()
    trees = [one.tree for one in flatfile.read(invoice, shelf.layout("invoice")).documents]
    workbook = tmp_path / "January invoices.xlsx"
    workbook.write_bytes(flatfile.write(trees, shelf.layout("invoice_xlsx")).content_or_faulty())

    browser.go(f"{address}/files")
    browser.tab_to("Upload a file")
    browser.enter()
    browser.until("document.activeElement.name === 'partner'")
    browser.press("Down")
    browser.tab_to("Choose")
    browser.enter()
    assert "template invoice_xlsx.xlsx" in browser.text
    browser.tab_to("document")
    while browser.see("document.querySelector('[name=document]:checked').value") != "810":
        browser.press("Down")
    browser.tab_to("file")
    browser.choose_file("#file", workbook)
    browser.tab_to("Upload and try out")
    browser.enter()
    assert "Dry run: January_invoices.xlsx" in browser.text
    assert "would be sent" in browser.text
    assert "INV-4500017" in browser.text
    with house.store.read() as uow:
        assert uow.sets.find(direction=Direction.OUT) == []

    browser.tab_to("Hand in for real")
    browser.enter()
    assert "The file is handed in." in browser.text
    assert "on its way" in browser.text
    with house.store.read() as uow:
        [sent] = uow.sets.find(direction=Direction.OUT)
    browser.tab_to(f"message {sent.transmission_id}")
    browser.enter()
    assert "INV-4500017" in browser.text
    assert browser.complaints == []


def test_a_wrong_an_empty_a_huge_and_no_file_are_answered_in_words(house: House, address: str, browser: Browser, tmp_path: Path):
    wrong, empty = tmp_path / "letter.xlsx", tmp_path / "empty.csv"
    wrong.write_bytes(b"PK\x03\x04 this is no workbook")
    empty.write_bytes(b"")
    partner = house.gateway.book.partners[0].key

    for file, words in ((empty, "is empty"), (wrong, "nothing would be: correct what the findings name")):
        browser.go(f"{address}/files/upload?partner={partner}")
        browser.choose_file("#file", file)
        browser.tab_to("Upload and try out")
        browser.enter()
        assert words in browser.text
    huge = tmp_path / "huge.csv"
    huge.touch()
    os.truncate(huge, 11 * 1024 * 1024)
    browser.go(f"{address}/files/upload?partner={partner}")
    browser.choose_file("#file", huge)
    assert "larger than the" in browser.see("document.querySelector('#file').validationMessage")
    browser.choose_file("#file", wrong)
    assert browser.see("document.querySelector('#file').validity.valid") is True
    browser.go(f"{address}/files/upload?partner={partner}")
    browser.tab_to("Upload and try out")
    browser.press("Enter")
    assert browser.see("document.querySelector('#file').validity.valueMissing") is True
    assert "Upload a file" in browser.text, "the browser itself asks for a file"
    refusal = "Failed to load resource: the server responded with a status of 400"
    assert [one for one in browser.complaints if refusal not in one] == []
