"""The web application: the AS2 endpoint, the API of documents, the console behind its password, and the health pages."""

import logging

from flask import Flask, Response, render_template, request
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException

from edi_gateway.lifecycle.order_thread import as_text
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.web import WebParts
from edi_gateway.web import times, words
from edi_gateway.web.api import api_pages, is_api, unknown
from edi_gateway.web.as2 import As2Door, as2_pages
from edi_gateway.web.health import health_pages
from edi_gateway.web.held import held_pages
from edi_gateway.web.login import guard, login_pages
from edi_gateway.web.message import message_pages
from edi_gateway.web.metrics import metric_pages
from edi_gateway.web.overdue import window_pages
from edi_gateway.web.pages import list_pages
from edi_gateway.web.revisions import revision_pages
from edi_gateway.web.uploads import limit_uploads, upload_pages

log = logging.getLogger("edi_gateway.web")

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
FORM_LIMIT_BYTES = 64 * 1024
PAGES = (health_pages, metric_pages, login_pages, list_pages, window_pages, message_pages, held_pages, revision_pages, upload_pages)


def create_app(parts: WebParts) -> Flask:
    """The application over these parts."""
    app = Flask("edi_gateway.web")
    app.config.update(
        SECRET_KEY=parts.settings.secret_key,
        SESSION_COOKIE_NAME="edi_gateway",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        SESSION_COOKIE_SECURE=parts.settings.secure_cookies,
        WTF_CSRF_TIME_LIMIT=None,  # the token lives as long as its session
        WTF_CSRF_SSL_STRICT=False,  # behind a proxy that ends TLS the referrer's scheme is not ours
        MAX_FORM_MEMORY_SIZE=FORM_LIMIT_BYTES,
    )
    as2, api = as2_pages(), api_pages(parts)
    limit_uploads(app, parts)  # before the form's token is looked for, for which the form is read
    CSRFProtect(app).exempt(api)  # it does not go by a cookie, so that nobody can be made to use it unawares
    guard(app, parts)
    for pages in (as2, api, *(made(parts) for made in PAGES)):
        app.register_blueprint(pages)
    _teach_templates(app, parts)
    _answer_errors(app)

    @app.after_request
    def secure(response: Response) -> Response:
        if request.blueprint != "as2":  # an MDN goes out with its own headers and no others
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
        if request.endpoint == "static":
            response.headers["Cache-Control"] = "max-age=3600"
        return response

    app.wsgi_app = As2Door(parts, app.wsgi_app)  # type: ignore[method-assign]  # Flask's way to put something before it
    return app


def _teach_templates(app: Flask, parts: WebParts) -> None:
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        stamp=times.stamp,
        size=times.size,
        pairs=words.in_pairs,
        transmission_chip=words.transmission_chip,
        delivery_chip=words.delivery_chip,
        set_chip=words.set_chip,
        three_chips=words.three_chips,
        document_name=words.document_name,
        meaning=words.disposition_meaning,
    )
    app.jinja_env.globals.update(
        distance=times.distance,
        span=times.span,
        window=times.window,
        quantity=as_text,
        took=times.took,
        expiry_chip=words.expiry_chip,
        mic_chip=words.mic_chip,
        same_chip=words.same_chip,
        OUT=Direction.OUT,
        IN=Direction.IN,
        FILE_CHIPS=words.FILES,
        FORMATS=words.FORMATS,
        RESULT_CHIPS=words.RESULTS,
        DEADLINE_CHIPS=words.DEADLINES,
        EXPECTED=words.EXPECTED,
        VERDICTS=words.VERDICTS,
        NOTHING=words.NOTHING,
        WEIGHTS=words.WEIGHTS,
        version=parts.version,
    )


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(CSRFError)
    def forged(error: CSRFError) -> tuple[str, int]:
        return _error_page(400, "The form is out of date", "Go back, load the page anew and send the form again."), 400

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int] | Response:
        code = error.code or 500
        if is_api(request.path):
            return unknown(request.method, request.path, code)
        own_words = error.description if error.description != type(error).description else None
        return _error_page(code, error.name, own_words or _ERROR_WORDS.get(code, "The request could not be answered.")), code

    @app.errorhandler(Exception)
    def broken(error: Exception) -> tuple[str, int]:
        log.exception("page_failed", extra={"path": request.path})
        return _error_page(
            500, "This page failed", "It is not your doing. The cause is in the gateway's log; try again, and report it if it stays."
        ), 500


_ERROR_WORDS = {
    404: "There is no such page. Go to the messages and search there.",
    405: "This address does not take that kind of request.",
    413: "The form is too large.",
}


def _error_page(code: int, title: str, sentence: str) -> str:
    return render_template("error.html", code=code, title=title, sentence=sentence)
