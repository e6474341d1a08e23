"""One message's page: everything that is known of it, the bytes, and the two things that a person may set off."""

from dataclasses import replace
from html import unescape

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Inbound
from edi_gateway.testing.made import MIC, OTHER_MIC
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeActions


def number_of(state: str) -> int:
    """The message of the day in this state, or with a set in it."""
    return next(one.transmission.id for one in a_day().messages if state in {one.transmission.state, *(each.state for each in one.sets)})


@pytest.mark.parametrize("message", a_day().messages, ids=lambda one: str(one.transmission.state))
def test_a_message_in_any_state_has_its_page(client, message):
    page = client.get(f"/messages/{message.transmission.id}")
    assert page.status_code == 200
    for event in message.events:
        assert event.words in unescape(page.text)


def test_the_record_stands_with_its_parties_lines_and_money(client):
    page = client.get("/messages/114").text
    for words in ("Northgate DC 7", "Tacoma", "Oat bar, 24 pack", "1036.80", "1425.00", "00012345600012"):
        assert words in page


def test_x12_stands_a_segment_a_line_with_names_for_segments_elements_and_codes(client):
    page = client.get("/messages/114").text
    assert "Baseline Item Data" in page
    assert "PO103 Unit or Basis for Measurement Code: Case" in page


def test_padding_of_the_isa_is_shown_as_it_stands(client):
    assert "NORTHGATE      <small>" in client.get("/messages/114").text


def test_faults_stand_at_their_element_with_their_words(client):
    page = client.get(f"/messages/{number_of('rejected')}").text
    assert '<span class="el mark" title="CUR02 Currency Code">US<small>' in page
    assert page.count("Currency Code holds &#39;US&#39;") >= 2
    assert 'href="#fault-1"' in page
    assert 'id="fault-1"' in page


def test_the_mdn_stands_verbatim_with_its_meaning_mics_signer_and_times(client):
    page = client.get("/messages/107").text
    for words in (
        "automatic-action/MDN-sent-automatically; processed",
        "The message arrived whole, was opened and verified.",
        "&lt;mdn.107@northgate.example&gt;",
        "5f3a91c04e77",
        "2027-06-01",
        "MIC taken again now",
    ):
        assert words in page
    assert page.count(MIC) == 3


def test_a_mic_that_differs_is_told(client):
    page = client.get(f"/messages/{number_of('unverified')}").text
    assert OTHER_MIC in page
    assert "different" in page


def test_a_refusal_is_explained(client):
    page = client.get(f"/messages/{number_of('refused')}").text
    assert "processed/error: decryption-failed" in page
    assert "could not be decrypted" in page


def test_an_unopened_message_shows_why_and_keeps_its_wire_bytes(client):
    page = client.get(f"/messages/{number_of('faulted')}").text
    assert "AS2-UNKNOWN-PARTNER" in page
    assert "Its wire bytes are kept" in page
    assert "Wire bytes</a>" in page


def test_an_erp_file_is_a_table_with_its_faults_at_line_and_column(client):
    page = client.get("/messages/107").text
    assert '<td class="mark">IB</td>' in page
    assert "MAP-403" in page


def test_related_messages_are_linked(client):
    page = client.get("/messages/114").text
    assert "acknowledged by" in page
    assert "/messages/108" in page


def test_a_message_that_is_not_there_is_not_found(client):
    answer = client.get("/messages/4")
    assert answer.status_code == 404
    assert "no message 4" in answer.text


def test_bytes_come_back_as_they_are_kept_under_a_harmless_name(client):
    row = a_day().messages[13].transmission
    answer = client.get(f"/bytes/{row.content}/850_4814.edi")
    assert answer.data == a_day().payloads[row.content]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="850_4814.edi"'
    assert answer.mimetype == "application/octet-stream"
    odd = client.get(f"/bytes/{row.content}/..%22%0d%0aX:%20y")
    assert "\n" not in odd.headers["Content-Disposition"]
    assert odd.headers["Content-Disposition"].count('"') == 2


def test_bytes_that_are_not_kept_are_not_found(client):
    assert client.get("/bytes/00/x").status_code == 404


def test_content_that_is_no_x12_is_told_and_not_an_error(parts, signed_in):
    day = a_day()
    payloads = dict.fromkeys(day.payloads, b"<html>")
    page = signed_in(sample_parts(views=FakeViews(day.messages, payloads))).get("/messages/114")
    assert page.status_code == 200
    assert "could not be read as X12" in page.text
    assert "X12-101" in page.text


def test_payloads_that_are_gone_leave_the_page_whole(signed_in):
    page = signed_in(sample_parts(views=FakeViews(a_day().messages))).get("/messages/114")
    assert page.status_code == 200
    assert "bytes are not kept" in page.text


def test_what_partners_write_is_shown_and_never_runs(signed_in):
    day = a_day()
    payloads = dict(day.payloads)
    row = day.messages[13].transmission
    payloads[row.content] = day.payloads[row.content].replace(b"Oat bar, 24 pack", b"<script>alert(1)</script>")
    page = signed_in(sample_parts(views=FakeViews(day.messages, payloads))).get("/messages/114").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


ANEW = [(state, "anew") for state in ("exhausted", "unverified", "refused")]


@pytest.mark.parametrize(
    ("state", "verb"), [("exhausted", "resend"), ("unverified", "resend"), ("retry_wait", "resend"), ("held", "replay"), *ANEW]
)
def test_a_verb_is_offered_where_it_can_help_and_says_what_it_does_first(client, state, verb):
    number = number_of(state)
    assert f"/messages/{number}/{verb}" in client.get(f"/messages/{number}").text
    assert "What happens" in client.get(f"/messages/{number}/{verb}").text


@pytest.mark.parametrize(
    ("state", "verb"),
    [("delivered", "resend"), ("exhausted", "replay"), ("rejected", "replay"), ("delivered", "anew"), ("retry_wait", "anew")],
)
def test_a_verb_is_not_offered_where_it_cannot(client, parts, token, state, verb):
    number = number_of(state)
    assert f"/messages/{number}/{verb}" not in client.get(f"/messages/{number}").text
    assert "There is nothing to do" in client.get(f"/messages/{number}/{verb}").text
    answer = client.post(f"/messages/{number}/{verb}", data={"reason": "r", "csrf_token": token(client, "/")})
    assert answer.status_code == 409
    assert parts.actions.asked == []


def test_a_verb_is_done_once_with_the_reason_and_told(client, parts, token):
    number = number_of("held")
    path = f"/messages/{number}/replay"
    answer = client.post(path, data={"reason": "the map has TN now", "csrf_token": token(client, path)}, follow_redirects=True)
    assert parts.actions.asked == [("replay", number, "operator", "the map has TN now")]
    assert "The replay is under way." in answer.text


def test_a_verb_without_a_reason_is_not_done(client, parts, token):
    path = f"/messages/{number_of('exhausted')}/resend"
    answer = client.post(path, data={"reason": "  ", "csrf_token": token(client, path)})
    assert answer.status_code == 400
    assert "Give a reason" in answer.text
    assert parts.actions.asked == []


def test_a_verb_without_the_forms_token_is_not_done(client, parts):
    assert client.post(f"/messages/{number_of('exhausted')}/resend", data={"reason": "r"}).status_code == 400
    assert parts.actions.asked == []


def test_a_refused_verb_says_why(signed_in, token):
    fault = Fault.of("STO-415", value="103", state="sending")
    client = signed_in(sample_parts(actions=FakeActions(faults=(fault,))))
    path = f"/messages/{number_of('exhausted')}/resend"
    answer = client.post(path, data={"reason": "r", "csrf_token": token(client, path)})
    assert answer.status_code == 409
    assert "STO-415" in answer.text


def test_an_undelivered_mdn_may_be_posted_again(signed_in):
    one = next(message for message in a_day().messages if message.transmission.state is Inbound.RECEIPTED)
    undelivered = replace(one, transmission=replace(one.transmission, state=Inbound.RECEIPT_EXHAUSTED))
    client = signed_in(sample_parts(views=FakeViews([undelivered])))
    page = client.get(f"/messages/{one.transmission.id}/resend").text
    assert "Post the MDN again" in page
    assert "What happens" in page


def test_a_large_payload_is_shown_in_part_and_says_so(signed_in):
    day = a_day()
    row = day.messages[13].transmission
    large = {**day.payloads, row.content: day.payloads[row.content] * 300}
    page = signed_in(sample_parts(views=FakeViews(day.messages, large))).get("/messages/114")
    assert "of which the first 1000 segments are shown" in page.text
    assert len(page.data) < 2_000_000


def test_a_fault_whose_code_has_been_retired_leaves_the_page_whole(signed_in):
    one = a_day().messages[13]
    old = Fault(code="X12-000", value="kept from long ago")
    client = signed_in(sample_parts(views=FakeViews([replace(one, transmission=replace(one.transmission, faults=(old,)))])))
    page = client.get("/messages/114")
    assert page.status_code == 200
    assert "X12-000" in page.text


def test_a_message_is_sent_anew_with_the_reason_and_told_apart_from_a_resend(client, parts, token):
    number = number_of("exhausted")
    path = f"/messages/{number}/anew"
    page = client.get(path).text
    assert "under a new Message-ID" in page
    assert "the partner has the interchange twice" in page
    assert f"/messages/{number}/resend" in page, "the other verb is one step away"
    answer = client.post(path, data={"reason": "they have our new certificate", "csrf_token": token(client, path)}, follow_redirects=True)
    assert parts.actions.asked == [("send anew", number, "operator", "they have our new certificate")]
    assert "The send anew is under way." in answer.text
