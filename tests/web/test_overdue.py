"""The page Overdue, and one window that a person closes, and opens again, after being told what will happen."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import DeadlineState
from edi_gateway.ports.views import OrderView
from edi_gateway.testing.made import NOW
from edi_gateway.testing.traffic import a_day
from edi_gateway.testing.views import FakeViews
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeActions, sample_held

THEIRS, OURS = sample_held().rows
OPEN, CLOSED, OF_A_MESSAGE, OVERDUE = 9, 10, 112, 109


def test_each_window_that_a_person_may_close_has_a_link_and_that_of_an_mdn_none(client):
    page = client.get("/overdue").text
    for number in (OPEN, OVERDUE):
        assert f'href="/overdue/{number}/close"' in page
    assert f"/overdue/{OF_A_MESSAGE}/close" not in page


def test_what_a_person_closed_stands_with_who_and_why_and_can_be_opened_again(client):
    page = client.get("/overdue").text
    for words in ("Closed by a person", "anna: Not waited for any more. Reason: agreed by phone", f'href="/overdue/{CLOSED}/reopen"'):
        assert words in page


def test_the_page_shows_all_partners_or_one(client):
    all_of_them, one, nobody = (client.get(f"/overdue?partner={name}").text for name in ("", "northgate", "nobody"))
    for page in (all_of_them, one):
        assert f"/overdue/{OPEN}/close" in page
        assert f"/overdue/{CLOSED}/reopen" in page
    assert "<option selected>northgate</option>" in one
    assert "selected" not in all_of_them
    assert ("Nothing of nobody is waited for" in nobody, "/close" in nobody, "/reopen" in nobody) == (True, False, False)
    assert 'href="/overdue?partner=northgate"' in client.get("/partners/northgate").text


def waiting(over=0, to_come=0, partner="northgate"):
    """Views of one message with so many windows that are over, from number 1000 on, and so many to come, from 2000 on."""
    model = next(one for one in a_day().messages if any(window.id == OVERDUE for window in one.deadlines))
    [late] = [replace(window, partner=partner) for window in model.deadlines if window.id == OVERDUE]
    next_one = replace(late, state=DeadlineState.OPEN, due_at=NOW + timedelta(days=2), warn_at=None, warned_at=None)
    breached = (replace(late, id=number) for number in range(1000, 1000 + over))
    upcoming = (replace(next_one, id=number) for number in range(2000, 2000 + to_come))
    return FakeViews([replace(model, deadlines=(*breached, *upcoming))])


def read(page):
    """The words under the heading, a table as [n rows] and a link as [its words], as one line."""
    main = page.split("</h1>")[1].split("</form>")[1].split("</main>")[0]
    main = re.sub(r"(?s)<table.*?</table>", lambda one: f"[{one[0].count('<tr>') - 1} rows]", main)
    main = re.sub(r"(?s)<svg.*?</svg>", "", main)
    main = re.sub(r"(?s)<a [^>]*>(.*?)</a>", r" [\1] ", main)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


WHEN_ONE_OPENS = "A window opens when a message is delivered; how long it is stands in the partner file."


@pytest.mark.parametrize(
    ("over", "to_come", "asked", "words"),
    [
        (0, 0, "", f"No window is over. Next to come Nothing is waited for. {WHEN_ONE_OPENS}"),
        (1, 0, "", "1 window is over. [1 rows] Next to come Nothing: every window that is open is over."),
        (2, 0, "", "2 windows are over, the longest overdue first. [2 rows] Next to come Nothing: every window that is open is over."),
        (0, 2, "", "No window is over. Next to come [2 rows]"),
        (2, 1, "", "2 windows are over, the longest overdue first. [2 rows] Next to come [1 rows]"),
        (51, 0, "", "51 windows are over, the longest overdue first; this page shows 50 windows. [50 rows] [Next page]"),
        (
            *(51, 0, "after=1049"),
            "51 windows are over, the longest overdue first; this page shows 1 window. [1 rows] "
            "Next to come Nothing: every window that is open is over. [First page]",
        ),
        (1, 50, "", "1 window is over; this page shows 50 windows. [1 rows] Next to come [49 rows] [Next page]"),
        (1, 50, "after=2048", "1 window is over; this page shows 1 window that comes later. To come [1 rows] [First page]"),
        (0, 101, "", "No window is over; this page shows 50 windows. Next to come [50 rows] [Next page]"),
        (0, 101, "after=2049", "No window is over; this page shows 50 windows. To come [50 rows] [First page] [Next page]"),
        (0, 2, "after=2001", "No window is over. To come No open window ends later than those before. [First page]"),
        (2, 0, "after=1001", "2 windows are over. To come No open window ends later than those before. [First page]"),
    ],
)
def test_what_the_page_says_is_true_whatever_is_waited_for(parts, signed_in, over, to_come, asked, words):
    client = signed_in(replace(parts, views=waiting(over, to_come)))
    assert read(client.get(f"/overdue?{asked}").text) == words


@pytest.mark.parametrize(
    ("over", "to_come", "words"),
    [
        (0, 0, f"No window of northgate is over. Next to come Nothing of northgate is waited for. {WHEN_ONE_OPENS}"),
        (1, 0, "1 window of northgate is over. [1 rows] Next to come Nothing: every window of northgate that is open is over."),
        (0, 1, "No window of northgate is over. Next to come [1 rows]"),
    ],
)
def test_what_it_says_of_one_partner_is_said_of_that_partner_alone(parts, signed_in, over, to_come, words):
    client = signed_in(replace(parts, views=waiting(over, to_come)))
    assert read(client.get("/overdue?partner=northgate").text) == words


def test_more_windows_than_a_page_holds_are_counted_and_the_rest_is_a_link_away(parts, signed_in):
    client = signed_in(replace(parts, views=waiting(over=612)))
    assert "612</b> windows overdue" in client.get("/").text
    first = client.get("/overdue?partner=northgate").text
    assert "612 windows of northgate are over" in first
    assert "Nothing is waited for" not in first
    assert 'href="/overdue?after=1049&amp;partner=northgate"' in first
    second = client.get("/overdue?after=1049").text
    assert ("/overdue/1050/close" in second, "/overdue/1049/close" in second, "First page" in second) == (True, False, True)
    last = client.get("/overdue?after=1599").text
    assert (last.count("/close"), 'rel="next"' in last) == (12, False)
    assert client.get("/overdue?after=4711").status_code == 404


@pytest.mark.parametrize(
    ("number", "verb", "words"),
    [
        (OPEN, "close", ("Close the window", "business answer 855", "PO-4711", "its alert is over", "The partner is told nothing")),
        (CLOSED, "reopen", ("Open the window again", "business answer 856", "PO-4711", "closed by hand", "overdue at once")),
    ],
)
def test_before_anything_is_done_it_is_told_what_will_happen(client, parts, number, verb, words):
    page = client.get(f"/overdue/{number}/{verb}").text
    for one in words:
        assert one in page
    assert parts.actions.asked == []


@pytest.mark.parametrize(("number", "verb"), [(OPEN, "close"), (CLOSED, "reopen")])
def test_it_is_done_with_the_reason_and_by_whom(client, parts, token, number, verb):
    path = f"/overdue/{number}/{verb}"
    answer = client.post(path, data={"csrf_token": token(client, path), "reason": " agreed by phone "})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/overdue")
    assert parts.actions.asked == [(f"{verb} window", number, "operator", "agreed by phone")]
    assert f"The {verb} window is under way." in client.get("/overdue").text


@pytest.mark.parametrize("reason", ["", "   ", None])
def test_without_a_reason_nothing_is_done(client, parts, token, reason):
    path = f"/overdue/{OPEN}/close"
    given = {} if reason is None else {"reason": reason}
    answer = client.post(path, data={"csrf_token": token(client, path), **given})
    assert (answer.status_code, "Give a reason" in answer.text) == (400, True)
    assert parts.actions.asked == []


def test_without_the_forms_token_nothing_is_done(client, parts):
    assert client.post(f"/overdue/{OPEN}/close", data={"reason": "forged"}).status_code == 400
    assert parts.actions.asked == []


def test_a_stranger_is_asked_to_sign_in(stranger):
    answer = stranger.get(f"/overdue/{OPEN}/close")
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/login?next=/overdue/{OPEN}/close")


@pytest.mark.parametrize(
    ("number", "verb", "words"),
    [
        (CLOSED, "close", "nothing is waited for here any more"),
        (OPEN, "reopen", "only a window that a person closed can be opened again"),
        (OF_A_MESSAGE, "close", "this window belongs to its message"),
    ],
)
def test_where_there_is_nothing_to_do_the_page_says_so(client, number, verb, words):
    page = client.get(f"/overdue/{number}/{verb}")
    assert (page.status_code, words in page.text, 'name="reason"' in page.text) == (200, True, False)


@pytest.mark.parametrize("number", ["4711", "0", "99999999999999999999", "-1", "nine"])
def test_a_window_that_is_not_there_is_not_found(client, number):
    assert client.get(f"/overdue/{number}/close").status_code == 404
    assert client.get(f"/overdue/{OPEN}/drop").status_code == 404


def test_what_closed_meanwhile_is_told_in_words(signed_in, token):
    parts = sample_parts(actions=FakeActions(faults=(Fault.of("STO-465", None, str(OPEN), state="met"),)))
    client = signed_in(parts)
    path = f"/overdue/{OPEN}/close"
    answer = client.post(path, data={"csrf_token": token(client, path), "reason": "agreed by phone"})
    assert (answer.status_code, f"Window {OPEN} is met already" in answer.text) == (409, True)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (THEIRS, f'see <a href="/messages/{THEIRS.transmission_id}">message {THEIRS.transmission_id}</a>'),
        (OURS, f'see <a href="/held?partner={OURS.partner}">Held</a>'),
    ],
)
def test_what_is_here_and_held_is_told_with_where_to_look(signed_in, held, words):
    class Views(FakeViews):
        def waiting_windows(self, **asked):
            page = super().waiting_windows(**asked)
            return replace(page, lines=tuple(replace(one, held=held if one.deadline.id == OPEN else None) for one in page.lines))

    page = signed_in(sample_parts(views=Views(a_day().messages))).get("/overdue").text
    assert f"It is here, but held (<code>{held.held_code}</code>): {words}" in page
    assert page.count("but held") == 1


def test_an_orders_page_offers_the_same(signed_in):
    parts = sample_parts()
    message = parts.views.message(114)
    of_it = tuple(replace(one, subject_id=message.sets[0].id) for one in message.deadlines)
    order = OrderView(partner="northgate", po="PO-4711", sets=message.sets, counting=frozenset(), balances=(), deadlines=of_it)
    page = signed_in(replace(parts, order=lambda partner, po: order)).get("/orders/northgate/PO-4711").text
    assert f'href="/overdue/{OPEN}/close"' in page
    assert f'href="/overdue/{CLOSED}/reopen"' in page
