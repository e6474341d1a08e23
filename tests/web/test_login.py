"""One password stands before everything but the AS2 endpoint and the health pages."""

from dataclasses import replace
from datetime import timedelta

import pytest

from edi_gateway.testing.web import PASSWORD, quick_hash, sample_parts
from edi_gateway.testing.web_fakes import FakeClock
from edi_gateway.web.app import create_app
from edi_gateway.web.login import local_path, password_is_right

PATHS = ("/", "/messages/114", "/overdue", "/partners", "/partners/northgate", "/files", "/bytes/00/x", "/messages/104/replay", "/nowhere")


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_is_asked_for_the_password(stranger, path):
    answer = stranger.get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("path", ["/messages/104/replay", "/logout"])
def test_a_stranger_cannot_set_anything_off(stranger, parts, path):
    assert stranger.post(path, data={"reason": "x"}).status_code in (302, 400)
    assert parts.actions.asked == []


@pytest.mark.parametrize("path", ["/as2", "/healthz", "/readyz", "/static/style.css", "/login"])
def test_what_is_open_is_open(stranger, path):
    with stranger.get(path) as answer:
        assert answer.status_code == 200


def test_the_right_password_leads_on_to_where_one_wanted_to_go(stranger, token):
    to_login = stranger.get("/?q=PO-4711").headers["Location"]
    answer = stranger.post("/login", data={"password": PASSWORD, "next": "/?q=PO-4711", "csrf_token": token(stranger, to_login)})

    assert answer.headers["Location"] == "/?q=PO-4711"
    assert stranger.get("/").status_code == 200


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(stranger, token):
    answer = stranger.post("/login", data={"password": PASSWORD, "csrf_token": token(stranger, "/login")})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_the_cookie_is_for_https_only_where_people_come_by_https(parts, token):
    client = create_app(replace(parts, settings=replace(parts.settings, secure_cookies=True))).test_client()
    assert "; Secure" in client.get("/login", base_url="https://gw.example").headers["Set-Cookie"]


def test_a_wrong_password_is_refused(stranger, token):
    answer = stranger.post("/login", data={"password": "wrong", "csrf_token": token(stranger, "/login")})
    assert answer.status_code == 401
    assert "not the password" in answer.text
    assert stranger.get("/").status_code == 302


def test_a_login_without_the_forms_token_is_refused(stranger):
    assert stranger.post("/login", data={"password": PASSWORD}).status_code == 400


def test_who_guesses_has_to_wait_and_the_right_password_waits_too(parts, token):
    clock = FakeClock()
    client = create_app(replace(parts, clock=clock)).test_client()
    form = {"csrf_token": token(client, "/login")}
    for _ in range(5):
        assert client.post("/login", data={**form, "password": "guess"}).status_code == 401

    answer = client.post("/login", data={**form, "password": PASSWORD})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) >= 1

    clock.at += timedelta(seconds=2)
    assert client.post("/login", data={**form, "password": PASSWORD}).status_code == 302


def test_signing_out_ends_the_session(client, token):
    assert client.post("/logout", data={"csrf_token": token(client, "/")}).status_code == 302
    assert client.get("/").status_code == 302


def test_a_session_ends_with_its_time(parts, signed_in):
    clock = FakeClock()
    client = signed_in(replace(parts, clock=clock))
    assert client.get("/").status_code == 200
    clock.at += parts.settings.session_lifetime + timedelta(seconds=1)
    assert client.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(parts, client):
    changed = create_app(replace(parts, settings=replace(parts.settings, password_hash=quick_hash("another one"))))
    cookie = client.get_cookie("edi_gateway")
    newer = changed.test_client()
    newer.set_cookie("edi_gateway", cookie.value)
    assert newer.get("/").status_code == 302


def test_without_a_password_nobody_gets_in_and_the_page_says_what_to_do(parts):
    client = create_app(replace(parts, settings=replace(parts.settings, password_hash=None))).test_client()
    answer = client.get("/login")
    assert answer.status_code == 503
    assert "edi-gateway init" in answer.text


def test_an_address_outside_the_networks_sees_no_console_but_reaches_as2():
    client = create_app(sample_parts(admits=lambda address: False)).test_client()
    assert client.get("/login").status_code == 403
    assert client.get("/as2").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_a_hash_that_cannot_be_read_lets_nobody_in():
    assert not password_is_right("not a hash", "not a hash")


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "messages",
        "/a\r\nX: y",
        "http://[",
        None,
        "",
    ],
)
def test_no_address_leads_away_from_here(wanted):
    assert local_path(wanted) == "/"


def test_a_path_of_ours_is_kept_with_its_query():
    assert local_path("/messages/7?a=b") == "/messages/7?a=b"


@pytest.mark.parametrize("path", ["/", "/login", "/messages/114", "/nowhere", "/static/style.css"])
def test_every_page_carries_the_security_headers(client, path):
    with client.get(path) as answer:
        headers = answer.headers
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", ["/", "/login", "/messages/114", "/partners/lakeshore", "/overdue", "/files", "/messages/104/replay"])
def test_no_page_needs_an_inline_script_or_style(client, path):
    page = client.get(path).text
    assert "style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert "<script>" not in page
