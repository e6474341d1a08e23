"""The API of documents: what an ERP would drop into a folder, handed in over HTTP and answered with the same result."""

import json
import logging
import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, g, request

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import FileState
from edi_gateway.ports.rows import ApiToken
from edi_gateway.ports.web import Handed, Submission, WebParts
from edi_gateway.web.attempts import Attempts
from edi_gateway.web.openapi import API_PATH, DOCUMENTS_PATH, OPENAPI_PATH, openapi
from edi_gateway.web.rate import Rate

log = logging.getLogger("edi_gateway.web")

PROBLEM = "application/problem+json"
REPLAYED = "Idempotent-Replayed"
RETRY_AFTER_SECONDS = 60
STATUS = {FileState.CLAIMED: 202, FileState.ACCEPTED: 201, FileState.DUPLICATE: 200, FileState.PARTLY: 207, FileState.REFUSED: 422}
"""The HTTP status of a POST by what became of its file."""
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_KEY = re.compile(r'"?([!#-\[\]-~][ !#-\[\]-~]{0,254})"?')
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,149}")
_UNNAMED = "document"


def api_pages(parts: WebParts) -> Blueprint:
    """`/api/v1/documents`. Who asks is told by the token alone; no cookie counts here."""
    pages = Blueprint("api", __name__)
    pages.before_request(partial(_admit, parts, Attempts(), Rate(parts.settings.api.rate)))

    @pages.post(DOCUMENTS_PATH)
    def submit() -> Response:
        handed = _handed(parts, _token())
        if isinstance(handed, Fault):
            return problem(_STATUS_OF[handed.code], handed)
        try:
            done = parts.documents.submit(handed)
        except Exception:  # the outer door: what could not be kept must come again, so the program is told to try later
            log.exception("document_not_kept")
            return problem(503, Fault.of("ERP-412"), wait=timedelta(seconds=RETRY_AFTER_SECONDS))
        if not done.same:
            return problem(409, Fault.of("ERP-406", value=handed.key, file_id=done.document["id"]))
        return _answer(done)

    @pages.get(f"{DOCUMENTS_PATH}/<int:file_id>")
    def show(file_id: int) -> Response:
        found = parts.documents.find(file_id)
        if found is None or not _may(_token(), found["partner"]):
            return problem(404, Fault.of("ERP-404", value=str(file_id)))
        return _json(200, found)

    @pages.get(OPENAPI_PATH)
    def described() -> Response:
        return _json(200, openapi())

    return pages


def problem(status: int, fault: Fault, *, wait: timedelta | None = None) -> Response:
    """A refusal as a program reads it. Source: RFC 9457 section 3; `code`, `fix` and `place` are members of our own."""
    said = {"type": "about:blank", "title": fault.title, "status": status, "detail": fault.message, "code": fault.code, "fix": fault.fix}
    response = _json(status, said, PROBLEM)
    if wait is not None:
        response.headers["Retry-After"] = str(_seconds(wait))
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def is_api(path: str) -> bool:
    """Whether an address belongs to the API, also where nothing stands under it."""
    return path == API_PATH or path.startswith(f"{API_PATH}/")


def unknown(method: str, path: str, status: int) -> Response:
    """The answer to an address or a method that the API does not have."""
    return problem(status, Fault.of("ERP-414", value=f"{method} {path}"))


def _admit(parts: WebParts, attempts: Attempts, rate: Rate) -> Response | None:
    """Lets a request in whose address is of the networks and whose token is in force and not in a hurry; keeps the token for it."""
    address, now = request.remote_addr or "", parts.clock.now()
    if not parts.admits_api(address):
        return problem(403, Fault.of("ERP-410", value=address))
    pause = attempts.wait(address, now)
    if pause:
        return problem(429, Fault.of("ERP-409", value=str(_seconds(pause))), wait=pause)
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = parts.documents.bearer(secret.strip()) if scheme.lower() == "bearer" else None
    if token is None:
        attempts.failed(address, now)
        return problem(401, Fault.of("ERP-401"))
    attempts.succeeded(address)
    pause = rate.take(token.id, now)
    if pause:
        return problem(429, Fault.of("ERP-409", value=str(_seconds(pause))), wait=pause)
    g.token = token
    return None


def _token() -> ApiToken:
    token = g.token
    assert isinstance(token, ApiToken)
    return token


def _may(token: ApiToken, partner: str) -> bool:
    return not token.partners or partner in token.partners


_STATUS_OF = {"ERP-402": 403, "ERP-403": 400, "ERP-405": 400, "ERP-407": 413, "ERP-408": 400, "ERP-411": 400, "ERP-413": 415}
"""The HTTP status of each thing that may be wrong with a request."""


def _handed(parts: WebParts, token: ApiToken) -> Handed | Fault:
    """What a POST hands in, or what is wrong with it."""
    partner = request.args.get("partner") or (token.partners[0] if len(token.partners) == 1 else None)
    if partner is None:
        return Fault.of("ERP-403")
    if not _may(token, partner) or parts.book().partner(partner) is None:
        return Fault.of("ERP-402", value=partner)
    key = _KEY.fullmatch(request.headers.get("Idempotency-Key", "").strip())
    if key is None:
        return Fault.of("ERP-405")
    name = request.args.get("name", _UNNAMED)
    if not _NAME.fullmatch(name):
        return Fault.of("ERP-411", value=name)
    if request.mimetype in _FORMS:
        return Fault.of("ERP-413", value=request.mimetype)
    content = _body(request.environ, parts.settings.api.max_body_bytes)
    if isinstance(content, Fault):
        return content
    later = "respond-async" in request.headers.get("Prefer", "").lower()
    return Handed(partner=partner, name=name, content=content, key=key[1], later=later)


def _body(environ: dict[str, Any], limit: int) -> bytes | Fault:
    """The body whole, or why it is not taken; one that is announced as too large is not read."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced and not announced.isdecimal():
        return Fault.of("ERP-408", value="0", announced=announced)
    if announced and int(announced) > limit:
        return Fault.of("ERP-407", value=str(limit))
    if not announced and not environ.get("wsgi.input_terminated"):
        return b""
    body: bytes = environ["wsgi.input"].read(int(announced) if announced else limit + 1)
    if len(body) > limit:
        return Fault.of("ERP-407", value=str(limit))
    if announced and len(body) != int(announced):
        return Fault.of("ERP-408", value=str(len(body)), announced=announced)
    return body


def _answer(done: Submission) -> Response:
    response = _json(STATUS[FileState(done.document["state"])], done.document)
    response.headers["Location"] = f"{DOCUMENTS_PATH}/{done.document['id']}"
    if done.replayed:
        response.headers[REPLAYED] = "true"
    return response


def _json(status: int, value: Any, kind: str = "application/json") -> Response:
    dumps: Callable[..., str] = json.dumps
    return Response(dumps(value, ensure_ascii=False, indent=1) + "\n", status=status, content_type=f"{kind}; charset=utf-8")


def _seconds(wait: timedelta) -> int:
    return int(wait.total_seconds()) + 1
