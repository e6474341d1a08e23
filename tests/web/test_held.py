"""Held documents in the console: their reasons, and what a person does to one, several or all, after being shown what will happen."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.ports.web import HeldVerb
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeHeld, sample_held
from edi_gateway.web.held import NAMED, SHOWN, UNTYPED, kind_of

THEIRS, OURS = sample_held().rows


def many(count: int) -> FakeHeld:
    return FakeHeld(rows=tuple(replace(THEIRS, id=number, business_key=f"PO-{number}") for number in range(1, count + 1)))


def hidden(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def answered(client: FlaskClient, query: str, **fields: str) -> TestResponse:
    """The question answered as it was put."""
    page = client.get(f"/held/act?{query}").text
    asked = dict(part.split("=") for part in query.split("&") if not part.startswith("set="))
    sets = [part.partition("=")[2] for part in query.split("&") if part.startswith("set=")]
    told = {"csrf_token": hidden(page, "csrf_token"), "seen": hidden(page, "seen"), **asked, "set": sets, **fields}
    return client.post("/held/act", data=told)


def test_what_is_held_stands_with_its_reason_in_words_and_what_can_be_done(client):
    page = client.get("/held").text
    for words in ("PO-4704", "MAP-402", "a map", "SH-9", "STO-451", "a rule of its order", "Send the 855 first", "order PO-4711"):
        assert words in page
    assert f"/held/act?verb=replay&amp;set={THEIRS.id}" in page
    assert f"/held/act?verb=give-up&amp;set={OURS.id}" in page
    assert f"/held/act?verb=give-up&amp;set={THEIRS.id}" not in page, "what came in cannot be given up"
    assert f"/held/act?verb=replay&amp;set={OURS.id}" not in page, "what goes out is not mapped again"


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [("partner=lakeshore", "SH-9", "PO-4704"), ("direction=in", "PO-4704", "SH-9"), ("code=STO-451", "SH-9", "PO-4704")],
)
def test_a_filter_keeps_what_fits(client, query, there, absent):
    page = client.get(f"/held?{query}").text
    assert there in page
    assert absent not in page


def test_where_nothing_fits_or_is_held_the_page_says_so(signed_in, client):
    assert "None of these" in client.get("/held?partner=nobody").text
    page = signed_in(sample_parts(held=FakeHeld())).get("/held").text
    assert "Nothing is held." in page
    assert "It then waits here for a person" in page


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("STO-453", "a rule of its order"),
        ("MAP-407", "unread elements"),
        ("MAP-402", "a map"),
        ("STO-410", "its message was cancelled"),
        ("STO-411", "our configuration"),
        (None, "our configuration"),
    ],
)
def test_a_reason_has_a_word(code, words):
    assert kind_of(replace(THEIRS, held_code=code)) == words


@pytest.mark.parametrize(
    ("verb", "number", "words"),
    [
        ("replay", THEIRS.id, "nothing is sent to the partner"),
        ("release", OURS.id, "cannot be taken back"),
        ("give-up", OURS.id, "another one of its number may be"),
    ],
)
def test_before_anything_is_done_it_is_told_what_will_happen(client, parts, verb, number, words):
    page = client.get(f"/held/act?verb={verb}&set={number}").text
    assert "What happens" in page
    assert words in page
    assert "1 document" in page
    assert parts.held.asked == []


def test_it_is_done_with_the_reason_and_by_whom(client, parts):
    answer = answered(client, f"verb=release&set={OURS.id}&partner=lakeshore", reason="the buyer agreed by phone")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/held?partner=lakeshore")
    assert parts.held.asked == [(HeldVerb.RELEASE, (OURS.id,), "operator", "the buyer agreed by phone")]
    assert "The release is under way." in client.get("/held").text


def test_several_are_done_at_once_and_those_it_is_not_for_are_left_out(client, parts):
    query = f"verb=replay&set={THEIRS.id}&set={OURS.id}"
    assert "1 of those chosen is left out" in client.get(f"/held/act?{query}").text
    answered(client, query, reason="map mended")
    assert parts.held.asked == [(HeldVerb.REPLAY, (THEIRS.id,), "operator", "map mended")]


def test_where_it_is_for_none_of_them_there_is_nothing_to_confirm(client):
    page = client.get(f"/held/act?verb=give-up&set={THEIRS.id}").text
    assert "that we send" in page
    assert "Reason" not in page


def test_without_a_reason_nothing_is_done(client, parts):
    answer = answered(client, f"verb=release&set={OURS.id}", reason="  ")
    assert (answer.status_code, "Give a reason" in answer.text) == (400, True)
    assert parts.held.asked == []


def test_many_ask_for_their_number_and_few_do_not(signed_in):
    held = many(UNTYPED + 1)
    client = signed_in(sample_parts(held=held))
    assert f"Type {UNTYPED + 1}" in client.get("/held/act?verb=replay&all=1").text
    for typed in ("", "20", "all"):
        assert answered(client, "verb=replay&all=1", reason="mended", number=typed).status_code == 400
    assert held.asked == []
    assert answered(client, "verb=replay&all=1", reason="mended", number=f" {UNTYPED + 1} ").status_code == 302
    assert [ids for _, ids, _, _ in held.asked] == [tuple(range(1, UNTYPED + 2))]

    few = many(UNTYPED)
    assert answered(signed_in(sample_parts(held=few)), "verb=replay&all=1", reason="mended").status_code == 302
    assert len(few.asked[0][1]) == UNTYPED


def test_all_means_all_that_fit_though_not_all_are_shown(signed_in):
    held = many(SHOWN + 5)
    client = signed_in(sample_parts(held=held))
    page = client.get("/held").text
    assert f"The oldest {SHOWN} of {SHOWN + 5} are shown." in page
    asked = client.get("/held/act?verb=replay&all=1&code=MAP-402").text
    assert f"{SHOWN + 5} documents" in asked
    assert f"and {SHOWN + 5 - NAMED} more" in asked


def test_what_changed_since_it_was_shown_is_asked_again(signed_in):
    held = many(3)
    client = signed_in(sample_parts(held=held))
    page = client.get("/held/act?verb=replay&all=1").text
    held.rows = (*held.rows, replace(THEIRS, id=99))
    told = {"csrf_token": hidden(page, "csrf_token"), "seen": hidden(page, "seen"), "verb": "replay", "all": "1", "reason": "mended"}
    answer = client.post("/held/act", data=told)
    assert (answer.status_code, "Meanwhile other documents are held" in answer.text) == (409, True)
    assert held.asked == []


@pytest.mark.parametrize("query", ["verb=replay", "verb=replay&set=4711", "verb=replay&set=x&set=-1", "verb=replay&set=" + "9" * 40])
def test_without_a_held_document_the_list_says_to_choose_one(client, query):
    answer = client.get(f"/held/act?{query}")
    assert answer.status_code == 400
    assert "Choose at least one document" in answer.text


def test_a_verb_that_there_is_not_is_told(client):
    assert client.get("/held/act?verb=burn&all=1").status_code == 404


def test_what_the_gateway_refuses_is_told(signed_in):
    fault = Fault.of("STO-457", value="901")
    client = signed_in(sample_parts(held=replace(sample_held(), faults=(fault,))))
    answer = answered(client, f"verb=release&set={OURS.id}", reason="r")
    assert (answer.status_code, "STO-457" in answer.text) == (409, True)


def test_without_the_forms_token_nothing_is_done(client, parts):
    assert client.post("/held/act", data={"verb": "release", "set": str(OURS.id), "reason": "r"}).status_code == 400
    assert parts.held.asked == []


def test_a_held_set_on_a_messages_page_leads_to_its_release(client):
    assert THEIRS.state is SetIn.HELD
    assert THEIRS.direction is Direction.IN
    assert f"/held/act?verb=release&amp;set={THEIRS.id}" in client.get(f"/messages/{THEIRS.transmission_id}").text
