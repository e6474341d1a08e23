"""The API of documents: who may ask, what is refused before anything is kept, and what a program reads."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from edi_gateway.ports.rows import ApiToken
from edi_gateway.ports.web import ApiSettings, Submission, WebParts, WebSettings
from edi_gateway.testing.made import NOW
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeClock, FakeDocuments
from edi_gateway.web.app import create_app
from edi_gateway.web.rate import Rate

PATH = "/api/v1/documents"
SECRETS = {
    "edigw_one": ApiToken(id=1, name="erp", digest="", created_at=NOW, partners=("northgate",)),
    "edigw_two": ApiToken(id=2, name="hub", digest="", created_at=NOW, partners=("northgate", "lakeshore")),
    "edigw_all": ApiToken(id=3, name="all", digest="", created_at=NOW),
}


@pytest.fixture
def documents() -> FakeDocuments:
    return FakeDocuments(tokens=dict(SECRETS))


def asking(documents: FakeDocuments, **changes: Any) -> FlaskClient:
    return create_app(sample_parts(documents=documents, **changes)).test_client()


@pytest.fixture
def client(documents: FakeDocuments) -> FlaskClient:
    return asking(documents)


def bearing(secret: str = "edigw_one", **others: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}", "Idempotency-Key": "k-1", **others}


def test_a_file_is_handed_on_with_its_partner_name_key_and_bytes(client: FlaskClient, documents: FakeDocuments):
    answer = client.post(f"{PATH}?name=invoice.csv", data=b"HDR,\xff", headers=bearing())

    assert (answer.status_code, answer.headers["Location"]) == (201, f"{PATH}/7")
    [handed] = documents.handed
    assert (handed.partner, handed.name, handed.content, handed.key, handed.later) == (
        "northgate",
        "invoice.csv",
        b"HDR,\xff",
        "k-1",
        False,
    )


def test_a_quoted_key_is_the_same_key_and_async_may_be_preferred(client: FlaskClient, documents: FakeDocuments):
    client.post(PATH, data=b"x", headers=bearing(**{"Idempotency-Key": '"k-1"', "Prefer": "respond-async"}))

    assert [(one.key, one.later, one.name) for one in documents.handed] == [("k-1", True, "document")]


@pytest.mark.parametrize(("state", "status"), [("claimed", 202), ("accepted", 201), ("duplicate", 200), ("partly", 207), ("refused", 422)])
def test_the_status_says_what_became_of_the_file(client: FlaskClient, documents: FakeDocuments, state: str, status: int):
    documents.answer = Submission(document={"id": 7, "state": state}, same=True, replayed=True)
    answer = client.post(PATH, data=b"x", headers=bearing())

    assert (answer.status_code, answer.headers["Idempotent-Replayed"]) == (status, "true")
    assert answer.json == {"id": 7, "state": state}


def test_a_key_of_other_content_is_a_conflict(client: FlaskClient, documents: FakeDocuments):
    documents.answer = Submission(document={"id": 7, "state": "accepted"}, same=False, replayed=True)
    answer = client.post(PATH, data=b"x", headers=bearing())

    assert (answer.status_code, answer.json["code"], answer.mimetype) == (409, "ERP-406", "application/problem+json")
    assert "file 7" in answer.json["detail"]


@pytest.mark.parametrize("said", [None, "Bearer edigw_no", "Bearer", "Basic edigw_one", "edigw_one"])
def test_who_bears_no_token_is_asked_for_one_and_sees_nothing(documents: FakeDocuments, said: str | None):
    documents.known = {7: {"id": 7, "partner": "northgate"}}
    client = asking(documents)
    headers = {"Authorization": said} if said else {}

    posted = client.post(PATH, data=b"x", headers=headers)
    assert (posted.status_code, posted.json["code"], posted.headers["WWW-Authenticate"]) == (401, "ERP-401", "Bearer")
    assert client.get(f"{PATH}/7", headers=headers).status_code == 401
    assert documents.handed == []


def test_a_login_to_the_console_opens_no_api(documents: FakeDocuments, signed_in: Any):
    client = signed_in(sample_parts(documents=documents))
    assert client.post(PATH, data=b"x").status_code == 401


@pytest.mark.parametrize(
    ("secret", "query", "status", "code"),
    [
        ("edigw_one", "?partner=lakeshore", 403, "ERP-402"),
        ("edigw_all", "?partner=nobody", 403, "ERP-402"),
        ("edigw_two", "", 400, "ERP-403"),
        ("edigw_all", "", 400, "ERP-403"),
        ("edigw_one", "?name=../x", 400, "ERP-411"),
        ("edigw_one", "?name=.hidden", 400, "ERP-411"),
    ],
)
def test_what_is_not_right_about_a_request_is_told(
    client: FlaskClient, documents: FakeDocuments, secret: str, query: str, status: int, code: str
):
    answer = client.post(PATH + query, data=b"x", headers=bearing(secret))

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert documents.handed == []


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "käse", 'a"b'])
def test_a_request_without_a_usable_key_is_refused(client: FlaskClient, documents: FakeDocuments, key: str):
    answer = client.post(PATH, data=b"x", headers=bearing(**{"Idempotency-Key": key}))

    assert (answer.status_code, answer.json["code"]) == (400, "ERP-405")
    assert documents.handed == []


def test_a_form_is_not_taken_for_a_document(client: FlaskClient):
    answer = client.post(PATH, data={"file": (BytesIO(b"x"), "x.csv")}, headers=bearing())
    assert (answer.status_code, answer.json["code"]) == (415, "ERP-413")


def limited(**limits: int) -> WebSettings:
    return WebSettings(secret_key=b"k", password_hash=None, api=ApiSettings(**limits))


def test_a_body_over_the_limit_or_cut_short_is_not_handed_on(documents: FakeDocuments):
    client = asking(documents, settings=limited(max_body_bytes=10))

    announced = client.post(PATH, data=b"x" * 11, headers=bearing())
    streamed = client.post(PATH, input_stream=BytesIO(b"x" * 11), headers=bearing(), environ_overrides={"wsgi.input_terminated": True})
    short = client.post(PATH, input_stream=BytesIO(b"half"), headers=bearing(), environ_overrides={"CONTENT_LENGTH": "8"})

    assert [(one.status_code, one.json["code"]) for one in (announced, streamed, short)] == [
        (413, "ERP-407"),
        (413, "ERP-407"),
        (400, "ERP-408"),
    ]
    assert documents.handed == []
    assert client.post(PATH, data=b"x" * 10, headers=bearing()).status_code == 201


def test_an_address_outside_the_networks_is_turned_away_before_its_token_is_looked_at(documents: FakeDocuments):
    client = asking(documents, admits_api=lambda address: address.startswith("10."))

    refused = client.post(PATH, data=b"x", headers=bearing())
    assert (refused.status_code, refused.json["code"]) == (403, "ERP-410")
    taken = client.post(PATH, data=b"x", headers=bearing(), environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert taken.status_code == 201


def test_who_asks_too_often_waits_and_holds_up_no_other_token(documents: FakeDocuments):
    clock = FakeClock()
    client = asking(documents, settings=limited(rate=2), clock=clock)

    codes = [client.post(PATH, data=b"x", headers=bearing()).status_code for _ in range(3)]
    late = client.post(PATH, data=b"x", headers=bearing())
    assert codes == [201, 201, 429]
    assert (late.json["code"], late.headers["Retry-After"]) == ("ERP-409", "31")
    assert client.post(PATH, data=b"x", headers=bearing("edigw_two"), query_string={"partner": "lakeshore"}).status_code == 201
    clock.at += timedelta(seconds=31)
    assert client.post(PATH, data=b"x", headers=bearing()).status_code == 201


def test_who_guesses_tokens_waits_longer_and_longer(documents: FakeDocuments):
    client = asking(documents)
    codes = [client.post(PATH, headers={"Authorization": f"Bearer edigw_{n}"}).status_code for n in range(7)]
    assert codes == [401] * 5 + [429] * 2


def test_a_rate_gives_back_no_more_than_it_has(documents: FakeDocuments):
    rate = Rate(3)
    later = NOW + timedelta(days=1)
    assert [bool(rate.take(1, NOW)) for _ in range(4)] == [False, False, False, True]
    assert [bool(rate.take(1, later)) for _ in range(4)] == [False, False, False, True]
    assert rate.take(1, NOW) > timedelta(0), "a clock that goes back gives nothing"


def test_a_failure_of_ours_asks_the_program_to_come_again(client: FlaskClient, documents: FakeDocuments):
    documents.answer = RuntimeError("the disk is full")
    answer = client.post(PATH, data=b"x", headers=bearing())

    assert (answer.status_code, answer.json["code"], answer.headers["Retry-After"]) == (503, "ERP-412", "61")
    assert "disk" not in answer.text


def test_a_file_is_shown_to_tokens_of_its_partner_alone(client: FlaskClient, documents: FakeDocuments):
    documents.known = {7: {"id": 7, "partner": "lakeshore"}}

    assert client.get(f"{PATH}/7", headers=bearing("edigw_all")).json == {"id": 7, "partner": "lakeshore"}
    hidden, absent = client.get(f"{PATH}/7", headers=bearing()), client.get(f"{PATH}/8", headers=bearing())
    assert (hidden.status_code, absent.status_code) == (404, 404)
    assert hidden.json["code"] == absent.json["code"] == "ERP-404"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/v1/nothing", 404), ("GET", PATH, 405), ("POST", "/api", 404)])
def test_what_the_api_does_not_have_is_answered_as_a_program_reads_it(client: FlaskClient, method: str, path: str, status: int):
    answer = client.open(path, method=method, headers=bearing())
    assert (answer.status_code, answer.json["code"], answer.mimetype) == (status, "ERP-414", "application/problem+json")


def test_the_other_doors_are_as_they_were(parts: WebParts):
    client = create_app(parts).test_client()
    assert client.get("/").status_code == 302
    assert client.get("/as2").status_code == 200
    assert client.get("/healthz").status_code == 200
