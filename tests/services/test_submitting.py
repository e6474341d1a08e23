"""What a program hands in over the API: taken as a dropped file is, answered as it is, and once for every key."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.services.tokens import known_token, make_token, revoke_token
from edi_gateway.testing.pair import Party, Trade
from edi_gateway.web.app import create_app
from edi_gateway.web.openapi import DOCUMENTS_PATH, OPENAPI_PATH, openapi

PO = "4500017"
ROOT = Path(__file__).parents[2]
Post = Callable[..., TestResponse]


@pytest.fixture
def invoice(trade: Trade) -> str:
    return papers.fill(papers.INVOICE, PO, trade.clock.now().date())


@pytest.fixture
def supplier(trade: Trade) -> Party:
    return trade.supplier


@pytest.fixture
def secret(supplier: Party) -> str:
    return make_token(supplier.store, "erp", [supplier.partner], supplier.gateway.clock.now())[1]


@pytest.fixture
def client(supplier: Party) -> FlaskClient:
    return create_app(supplier.house.web_parts()).test_client()


@pytest.fixture
def post(client: FlaskClient, secret: str) -> Post:
    """One POST; its answer is held against the API's description."""

    def go(content: str | bytes, key: str = "k-1", name: str = "invoice.csv", **headers: str) -> TestResponse:
        bearing = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key, **headers}
        return described("post", DOCUMENTS_PATH, client.post(f"{DOCUMENTS_PATH}?name={name}", data=content, headers=bearing))

    return go


def described(method: str, path: str, answer: TestResponse) -> TestResponse:
    """The answer, which is one that the description has."""
    api = openapi()
    [(media, content)] = api["paths"][path][method]["responses"][str(answer.status_code)]["content"].items() or [("", {})]
    if media != answer.mimetype:
        content = api["paths"][path][method]["responses"][str(answer.status_code)]["content"][answer.mimetype]
    jsonschema.Draft202012Validator({**content["schema"], "components": api["components"]}).validate(answer.json)
    return answer


def faulty(invoice: str) -> str:
    return invoice.replace(f"INV-{PO}", "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")


def test_a_good_document_is_on_its_way_when_the_answer_comes(trade: Trade, supplier: Party, post: Post, invoice: str):
    answer = post(invoice)

    assert answer.status_code == 201
    [document] = answer.json["documents"]
    [row] = supplier.sets(direction=Direction.OUT)
    assert (document["result"], document["number"], document["message"]) == ("queued", f"INV-{PO}", row.transmission_id)
    trade.run()
    assert [one.business_key for one in trade.retailer.sets(set_id="810")] == [f"INV-{PO}"]


def test_the_answer_is_what_the_folder_would_have_got(supplier: Party, post: Post, invoice: str):
    mixed = faulty(invoice) + invoice
    handed = post(mixed).json
    supplier.drop("invoice.csv", mixed.replace(f"INV-{PO}", "INV-OTHER"))
    supplier.scan()
    supplier.work()
    dropped = supplier.result("invoice.csv")

    assert handed["result"] == dropped["result"] == "partly"
    assert handed["documents"][0]["findings"] == dropped["documents"][0]["findings"]
    assert set(dropped) < set(handed)


def test_one_row_is_told_for_every_faulty_line(post: Post, supplier: Party, invoice: str):
    answer = post(faulty(invoice).replace("LIN,2,6,CA", "LIN,2,six,CA"))

    assert (answer.status_code, answer.json["result"]) == (422, "refused")
    rows = answer.json["documents"][0]["findings"]
    assert [(row["field"], row["value"], row["code"]) for row in rows] == [
        ("quantity", "twenty", "ERP-111"),
        ("quantity", "six", "ERP-111"),
    ]
    assert all(row["line"] and row["column"] and row["message"] and row["fix"] for row in rows)
    assert supplier.sets() == []


def test_the_same_request_again_sends_nothing_and_gets_the_same_answer(trade: Trade, post: Post, supplier: Party, invoice: str):
    first = post(invoice)
    trade.run()
    again = post(invoice)

    assert (again.status_code, again.data) == (first.status_code, first.data)
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert len(supplier.sets(set_id="810")) == 1


def test_a_hundred_tries_at_once_are_one_document(supplier: Party, secret: str, invoice: str):
    app = create_app(supplier.house.web_parts())
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k-1"}
    with ThreadPoolExecutor(max_workers=8) as pool:
        answers = list(pool.map(lambda _: app.test_client().post(DOCUMENTS_PATH, data=invoice, headers=headers), range(100)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({json.dumps(answer.json) for answer in answers}) == 1
    assert len(supplier.sets(direction=Direction.OUT)) == 1


@pytest.mark.parametrize("change", [{"content": "more"}, {"name": "other.csv"}])
def test_a_key_is_for_one_content_and_name(post: Post, supplier: Party, invoice: str, change: dict[str, str]):
    post(invoice)
    answer = post(invoice + change.get("content", ""), name=change.get("name", "invoice.csv"))

    assert (answer.status_code, answer.json["code"]) == (409, "ERP-406")
    assert len(supplier.sets(direction=Direction.OUT)) == 1


def test_the_same_document_under_another_key_is_a_duplicate(post: Post, supplier: Party, invoice: str):
    first, again = post(invoice, "k-1"), post(invoice, "k-2")

    assert (again.status_code, again.json["result"]) == (200, "duplicate")
    assert again.json["documents"][0]["message"] == first.json["documents"][0]["message"]
    assert len(supplier.sets(direction=Direction.OUT)) == 1


def test_a_request_that_does_not_wait_is_composed_by_a_worker(client: FlaskClient, post: Post, supplier: Party, secret: str, invoice: str):
    answer = post(invoice, Prefer="respond-async")
    assert (answer.status_code, answer.json["state"], answer.json["documents"]) == (202, "claimed", [])

    supplier.work()
    shown = shown_at(client, answer.headers["Location"], secret)
    assert (shown["state"], shown["documents"][0]["result"]) == ("accepted", "queued")


def test_a_request_that_died_before_it_composed_is_taken_up_by_a_worker(trade: Trade, supplier: Party, post: Post, invoice: str):
    from edi_gateway.ports.web import Handed
    from edi_gateway.services.submit import RESCUE, Submissions

    row, _ = Submissions(lambda: supplier.gateway)._kept(
        Handed(partner=supplier.partner, name="invoice.csv", content=invoice.encode(), key="k-1")
    )
    assert row.state is FileState.CLAIMED
    supplier.work()
    assert supplier.sets() == []
    trade.clock.turn(RESCUE)
    supplier.work()
    assert len(supplier.sets(direction=Direction.OUT)) == 1
    assert post(invoice).json["state"] == "accepted"


def test_how_far_a_document_has_come_can_be_asked_for(trade: Trade, client: FlaskClient, post: Post, secret: str, invoice: str):
    where = post(invoice).headers["Location"]
    before = shown_at(client, where, secret)["documents"][0]
    trade.run()
    after = shown_at(client, where, secret)["documents"][0]

    assert (before["message_state"], before["set_state"]) == ("ready", "enveloped")
    assert (after["message_state"], after["set_state"]) == ("delivered", "accepted")


def shown_at(client: FlaskClient, where: str, secret: str) -> Any:
    answer = client.get(where, headers={"Authorization": f"Bearer {secret}"})
    return described("get", f"{DOCUMENTS_PATH}/{{id}}", answer).json


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe", b"<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", b"PK\x03\x04", b"{" * 5000])
def test_whatever_bytes_are_handed_in_get_a_coded_answer(post: Post, supplier: Party, content: bytes):
    answer = post(content, name="x")

    assert answer.status_code == 422
    assert answer.json["findings"][0]["code"].startswith("ERP-")
    assert supplier.sets() == []


def test_a_token_is_known_by_its_digest_alone_until_it_is_revoked(supplier: Party, secret: str):
    store, now = supplier.store, supplier.gateway.clock.now()
    row = known_token(store, secret)
    assert row is not None
    assert row.id is not None
    assert secret not in repr(row)
    for other in ("", secret[:-1], secret.upper(), row.digest, "edigw_" + row.digest):
        assert known_token(store, other) is None
    revoke_token(store, row.id, now)
    assert known_token(store, secret) is None


def test_the_description_is_the_one_under_docs_and_has_every_address_of_the_api(client: FlaskClient, secret: str, supplier: Party):
    served = client.get(OPENAPI_PATH, headers={"Authorization": f"Bearer {secret}"})
    kept = json.loads((ROOT / "docs" / "reference" / "openapi.json").read_text())
    rules = {
        rule.rule.replace("<int:file_id>", "{id}"): rule.methods for rule in client.application.url_map.iter_rules() if "/api" in rule.rule
    }

    assert served.json == openapi() == kept, "python -m edi_gateway.web.openapi > docs/reference/openapi.json"
    assert {path: {method.upper() for method in ways} for path, ways in kept["paths"].items()} == {
        path: (methods or set()) - {"HEAD", "OPTIONS"} for path, methods in rules.items()
    }
