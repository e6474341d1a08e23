"""The lists: messages, windows, partners, ERP files; health."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edi_gateway.lifecycle.incidents import Incident, Kind, Weight
from edi_gateway.testing.made import NOW
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import BrokenViews, FakeViews, healthy
from edi_gateway.testing.web import sample_book, sample_parts
from edi_gateway.web.query import SQLITE_LARGEST, asked, page_mark


def test_the_list_shows_each_message_with_its_three_states_in_words(client):
    page = client.get("/").text
    for words in ("PO-4711", "MDN sent", "accepted", "ERP file", "997 overdue", "held", "exhausted", "unverified", "retrying", "duplicate"):
        assert words in page


@pytest.mark.parametrize("wanted", ["PO-4711", "000004814", "4814", "<114.4814@northgate.example>", "850_4814.edi", "850_PO-4711.csv"])
def test_the_search_box_finds_a_message_by_any_of_its_names(client, wanted):
    page = client.get("/", query_string={"q": wanted}).text
    assert "/messages/114" in page
    assert "/messages/105" not in page


@pytest.mark.parametrize(
    ("query", "there", "absent"),
    [
        ("partner=lakeshore", 103, 114),
        ("direction=in", 114, 107),
        ("document=810", 102, 114),
        ("state=held", 104, 114),
        ("state=exhausted", 103, 104),
        ("attention=1", 105, 114),
        ("since=2026-03-10", 101, 999),
    ],
)
def test_a_filter_keeps_what_fits(client, query, there, absent):
    page = client.get(f"/?{query}").text
    assert f"/messages/{there}" in page
    assert f"/messages/{absent}" not in page


def test_a_search_without_a_find_says_what_to_do(client):
    page = client.get("/?q=nothing-like-this").text
    assert "No message fits" in page


@pytest.mark.parametrize("query", ["since=yesterday", "until=2026-13-01", "direction=sideways"])
def test_a_value_that_cannot_be_read_is_named_and_left_out(client, query):
    page = client.get(f"/?{query}").text
    assert query.partition("=")[2] in page
    assert "/messages/114" in page


def test_a_day_after_the_last_day_of_the_calendar_does_no_harm(client):
    assert client.get("/?until=9999-12-31&before=99999999999999999999999").status_code == 200


def test_paging_goes_on_where_the_page_ended_and_keeps_the_filters(parts, signed_in):
    day = a_day()
    model = day.messages[13]
    many = [replace(model, transmission=replace(model.transmission, id=number)) for number in range(1, 121)]
    client = signed_in(replace(parts, views=FakeViews(many, day.payloads)))

    first = client.get("/?partner=northgate").text
    assert "/messages/71" in first
    assert '/messages/70"' not in first
    assert "before=71&amp;partner=northgate" in first
    second = client.get("/?before=71&partner=northgate").text
    assert '/messages/70"' in second
    assert "Newest" in second


def test_what_waits_for_a_person_is_counted_and_each_count_leads_to_its_list(client):
    page = client.get("/").text
    assert "Needs you" in page
    for link in ('href="/held"', '/?state=exhausted"', '/?state=unverified"', '/?state=ack_overdue"', 'href="/overdue"'):
        assert link in page


def test_where_nothing_waits_the_page_is_calm_and_says_how_to_begin(signed_in):
    client = signed_in(sample_parts(views=FakeViews(), book=sample_book))
    page = client.get("/").text
    assert "Nothing waits for you" in page
    assert "No messages yet" in page
    assert "edi-gateway partner check" in page
    assert "https://edi.brightmill.example/as2" in page


def test_windows_stand_by_the_time_that_is_left(client):
    page = client.get("/overdue").text
    order = [page.index(words) for words in ("INV-20318", "Next to come", "CR-5531", "PO-4711")]
    assert order == sorted(order)
    assert "over by 20 min" in page


def test_a_window_that_the_clock_has_not_marked_yet_is_overdue_all_the_same(signed_in):
    day = a_day()
    awaiting = next(one for one in day.messages if one.transmission.state == "awaiting_mdn")
    late = replace(awaiting, deadlines=(replace(awaiting.deadlines[0], due_at=NOW - timedelta(minutes=1)),))
    client = signed_in(sample_parts(views=FakeViews([late])))
    assert "over by 1 min" in client.get("/overdue").text
    assert "windows overdue" in client.get("/").text


def test_without_windows_the_page_says_when_one_opens(signed_in):
    assert "Nothing is waited for" in signed_in(sample_parts(views=FakeViews())).get("/overdue").text


def test_partners_stand_with_their_traffic_certificates_and_file_faults(client):
    page = client.get("/partners").text
    for words in ("Northgate Stores", "ZZ/LAKESHORE", "15 days left", "harborline.yaml:4:17", "PRT-CERT-UNREADABLE", "BRIGHTMILL"):
        assert words in page


def test_a_partners_page_shows_identity_agreements_and_fingerprint(client, parts):
    page = client.get("/partners/lakeshore").text
    [certificate] = parts.certificates(sample_book().partners[0].as2.certificates).certificates
    for words in (
        "https://as2.lakeshore.example/as2",
        "x12/004010/850",
        "Old algorithms",
        certificate.fingerprint_shown,
        certificate.serial,
        "CR-5531",
    ):
        assert words in page


def test_an_unknown_partner_is_not_found(client):
    answer = client.get("/partners/nobody")
    assert answer.status_code == 404
    assert "nobody" in answer.text


def test_erp_files_stand_with_their_results(client):
    page = client.get("/files").text
    for words in ("850_PO-4711.csv", "published", "po-4702-response.csv", "partly", "po-4702-response.csv:3:14", "MAP-403"):
        assert words in page
    assert "850_PO-4711.csv" not in client.get("/files?q=response").text
    assert "No files fit" in client.get("/files?partner=nobody").text


def test_a_gateway_that_works_is_ready(stranger):
    answer = stranger.get("/readyz")
    assert answer.status_code == 200
    assert answer.json["checks"]["clock"]["last_tick_seconds"] == 5.0


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"tick": None}, "clock"),
        ({"tick": NOW - timedelta(minutes=3)}, "clock"),
        ({"oldest_job": NOW - timedelta(minutes=11)}, "work"),
    ],
)
def test_a_clock_that_stands_still_or_work_that_waits_is_not_ready(changes, check):
    from edi_gateway.web.app import create_app

    views = FakeViews(health={**healthy(NOW), **changes})
    answer = create_app(sample_parts(views=views)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert [name for name, found in answer.json["checks"].items() if not found["ok"]] == [check]


def test_a_worker_whose_threads_are_gone_is_not_ready():
    from edi_gateway.web.app import create_app

    answer = create_app(sample_parts(works=lambda: False)).test_client().get("/readyz")
    assert answer.status_code == 503
    assert [name for name, found in answer.json["checks"].items() if not found["ok"]] == ["work"]


def test_a_database_that_does_not_answer_is_not_ready_and_its_pages_say_so(signed_in):
    client = signed_in(sample_parts(views=BrokenViews()))
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    page = client.get("/")
    assert page.status_code == 500
    assert "database is gone" not in page.text
    assert "log" in page.text


def test_an_unknown_page_says_where_to_go(client):
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "Messages" in answer.text


def test_a_query_is_read_whole():
    wish = asked({"q": " PO-1 ", "partner": "", "direction": "in", "until": "2026-03-10", "before": "7"})
    assert wish.wanted.text == "PO-1"
    assert wish.wanted.partner is None
    assert wish.wanted.until == NOW.replace(day=11, hour=0, minute=0, second=0)
    assert wish.before == 7
    assert "before" not in wish.args


@pytest.mark.parametrize(("value", "mark"), [(None, None), ("x", None), ("-1", None), ("٣", None), ("12", 12), ("9" * 30, SQLITE_LARGEST)])
def test_a_page_mark_is_a_number_that_a_database_can_hold(value, mark):
    assert page_mark(value) == mark


def test_open_incidents_are_listed_with_what_to_do_and_muted_ones_apart(parts, signed_in):
    wrong = Incident(
        key="message:101",
        kind=Kind.MESSAGE_REFUSED,
        weight=Weight.CRITICAL,
        since=NOW,
        opened_at=NOW,
        words="Message 101 was refused.",
        fix="See: edi-gateway message show 101",
        partner="northgate",
        subject="message",
        subject_id=101,
        id=7,
    )
    quiet = replace(wrong, id=8, key="work", words="Work waits.", subject="", muted_until=NOW + timedelta(days=1), muted_because="known")
    client = signed_in(replace(parts, views=FakeViews(incidents=(wrong, quiet))))
    heard, _, muted = client.get("/alerts").text.partition("<h2>Muted</h2>")
    assert "Message 101 was refused." in heard
    assert "/messages/101" in heard
    assert "critical" in heard
    assert "Work waits." in muted
    assert "known" in muted


def test_without_an_incident_the_alerts_page_is_calm(client):
    assert "Nothing is wrong" in client.get("/alerts").text
