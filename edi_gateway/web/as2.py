"""The AS2 endpoint: a whole request goes in, exact bytes come out, and nothing that a sender does is our failure."""

import io
import logging
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, BinaryIO

from flask import Blueprint, Response
from werkzeug.datastructures import EnvironHeaders

from edi_gateway.ports.web import IN_MEMORY, HttpReply, LargeRequest, Received, ReceivedRequest, WebParts
from edi_gateway.web.door import HEADERS_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

log = logging.getLogger("edi_gateway.web")

AS2_PATH = "/as2"
RETRY_AFTER_SECONDS = 60


def as2_pages() -> Blueprint:
    """What a person sees who opens the endpoint's address."""
    pages = Blueprint("as2", __name__)

    @pages.get(AS2_PATH)
    def alive() -> Response:
        words = _words(200, "This is an AS2 endpoint and it is alive. Send messages here with POST.")
        return Response(words.body, status=words.status, headers=list(words.headers))

    return pages


class As2Door:
    """The endpoint, open to everyone: who may send is settled by names and certificates.

    It stands before the other pages: sessions, forms and templates are no business of a message, and would be half of the HTTP's cost.
    """

    def __init__(self, parts: WebParts, pages: "WSGIApplication") -> None:
        self._parts = parts
        self._pages = pages

    def __call__(self, environ: dict[str, Any], start_response: "StartResponse") -> Iterable[bytes]:
        if environ["PATH_INFO"] != AS2_PATH or environ["REQUEST_METHOD"] != "POST":
            return self._pages(environ, start_response)
        reply = self._reply(environ)
        # Its own headers and no others, its bytes unchanged; the length is told here alone, as a proxy refuses what tells it twice.
        headers = [one for one in reply.headers if one[0].lower() != "content-length"]
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", [*headers, ("Content-Length", str(len(reply.body)))])
        return [reply.body]

    def _reply(self, environ: dict[str, Any]) -> HttpReply:
        body = _body(environ, self._parts.settings.max_body_bytes)
        if isinstance(body, HttpReply):
            return body
        headers, address = _headers(environ), environ.get("REMOTE_ADDR")
        if isinstance(body, bytes):
            return _answer(self._parts.receive, ReceivedRequest(headers=headers, body=body, remote_address=address))
        return _answer(self._parts.receive, LargeRequest(headers=headers, body=body, remote_address=address))


def _answer(receive: Callable[[Received], HttpReply], received: Received) -> HttpReply:
    try:
        return receive(received)
    except Exception:  # the outer door: a message that could not be kept must come again, so the sender is told to try later
        log.exception("as2_not_kept")
        reply = _words(503, "The message could not be kept. Nothing was accepted; send the same message again later.")
        return HttpReply(status=503, headers=(*reply.headers, ("Retry-After", str(RETRY_AFTER_SECONDS))), body=reply.body)


def _body(environ: dict[str, Any], limit: int) -> bytes | BinaryIO | HttpReply:
    """The request's body, or the refusal where it is too large or shorter than announced. A large one stays in the server's file."""
    announced = environ.get("CONTENT_LENGTH") or ""
    if announced and not announced.isdecimal():
        return _words(400, "Content-Length is not a number.")
    if announced and int(announced) > limit:
        return _too_large(limit)
    if not announced and not environ.get("wsgi.input_terminated"):
        return b""
    body: BinaryIO = environ["wsgi.input"]
    size = body.seek(0, io.SEEK_END)
    if size > limit:
        return _too_large(limit)
    if announced and size != int(announced):
        return _words(400, f"The body has {size} bytes; Content-Length announced {announced}. Send the message again.")
    body.seek(0)
    return body if size > IN_MEMORY else body.read()


def _headers(environ: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The headers as they came; where the server does not keep them, as the environment has them."""
    verbatim: tuple[tuple[str, str], ...] | None = environ.get(HEADERS_KEY)
    return verbatim if verbatim is not None else tuple(EnvironHeaders(environ).items())


def _too_large(limit: int) -> HttpReply:
    return _words(413, f"The message is larger than the {limit} bytes that are taken here. Send it in parts, or ask for a higher limit.")


def _words(status: int, words: str) -> HttpReply:
    return HttpReply(status=status, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=f"{words}\n".encode())
