"""Who may see the console: one password, a signed session cookie, and a growing wait for those who guess."""

from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, Flask, abort, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from edi_gateway.ports.web import WebParts
from edi_gateway.web.api import is_api
from edi_gateway.web.as2 import AS2_PATH
from edi_gateway.web.attempts import Attempts

OPEN_TO_ALL = frozenset({"as2", "health", "metrics"})
"""The blueprints that ask for no password; metrics look at the address themselves."""

"""Open for every method, so that a wrong one is told so instead of being asked to sign in."""

OPERATOR = "operator"

Page = str | Response | tuple[str, int] | tuple[str, int, dict[str, str]]


def login_pages(parts: WebParts) -> Blueprint:
    """Signing in and out."""
    pages = Blueprint("login", __name__)
    attempts = Attempts()

    @pages.route("/login", methods=["GET", "POST"])
    def sign_in() -> Page:
        password_hash = parts.settings.password_hash
        if password_hash is None:
            return _form("No password is set. Set one with “edi-gateway init”, then start the gateway again.", 503)
        if request.method == "GET":
            return _form(None, 200)
        address, now = request.remote_addr or "", parts.clock.now()
        pause = attempts.wait(address, now)
        if pause:
            seconds = int(pause.total_seconds()) + 1
            page, status = _form(f"Too many wrong passwords. Try again in {seconds} seconds.", 429)
            return page, status, {"Retry-After": str(seconds)}
        if not password_is_right(password_hash, request.form.get("password", "")):
            attempts.failed(address, now)
            return _form("That is not the password. It was set with “edi-gateway init”.", 401)
        attempts.succeeded(address)
        session.clear()
        session["who"] = OPERATOR
        session["seal"] = _seal(password_hash)
        session["since"] = now.isoformat()
        return redirect(local_path(request.form.get("next")))

    @pages.post("/logout")
    def sign_out() -> Response:
        session.clear()
        return redirect(url_for("login.sign_in"))

    return pages


def guard(app: Flask, parts: WebParts) -> None:
    """Asks everyone for the password, save at the endpoints that are open, and at the API, which asks for a token."""

    @app.before_request
    def ask() -> Response | None:
        if is_api(request.path):
            return None
        open_to_all = request.blueprint in OPEN_TO_ALL or request.path == AS2_PATH
        if not open_to_all and not parts.admits(request.remote_addr or ""):
            abort(403, "The console is not open to your address. The settings name the networks that may see it.")
        if open_to_all or request.endpoint in ("login.sign_in", "static") or _known(parts):
            return None
        wanted = request.full_path.rstrip("?") if request.method == "GET" and request.endpoint else ""
        return redirect(url_for("login.sign_in", next=wanted or None))


def password_is_right(password_hash: str, password: str) -> bool:
    """Whether this is the password; a hash that cannot be read lets nobody in."""
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def local_path(wanted: str | None) -> str:
    """Where to go on after signing in: a path of ours, "/" for anything else."""
    try:
        split = urlsplit(wanted or "/")
    except ValueError:
        return "/"
    foreign = split.scheme or split.netloc or not split.path.startswith("/") or split.path.startswith("//") or "\\" in (wanted or "")
    return "/" if foreign or not (wanted or "/").isprintable() else wanted or "/"


def _known(parts: WebParts) -> bool:
    """Whether the session is of someone who signed in with the password of now, not too long ago."""
    password_hash = parts.settings.password_hash
    if password_hash is None or session.get("who") != OPERATOR or session.get("seal") != _seal(password_hash):
        return False
    age = parts.clock.now() - datetime.fromisoformat(session["since"])
    return age <= parts.settings.session_lifetime


def _seal(password_hash: str) -> str:
    """Ties a session to the password: a new password ends the sessions of the old one."""
    return sha256(password_hash.encode()).hexdigest()[:16]


def _form(trouble: str | None, status: int) -> tuple[str, int]:
    return render_template("login.html", wanted=request.values.get("next", ""), trouble=trouble), status
