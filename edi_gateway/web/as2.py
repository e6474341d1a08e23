"""The AS2 endpoint: a whole request goes in, exact bytes come out, and nothing that a sender does is our failure."""

import io
import logging
from collections.abc import Callable
from typing import Any, BinaryIO

from flask import Blueprint, Response, request

from edi_gateway.ports.web import IN_MEMORY, HttpReply, LargeRequest, Received, ReceivedRequest, WebParts
from edi_gateway.web.door import HEADERS_KEY

log = logging.getLogger("edi_gateway.web")

RETRY_AFTER_SECONDS = 60


def as2_door(parts: WebParts) -> Blueprint:
    """The endpoint `/as2`, open to everyone: who may send is settled by names and certificates."""
    door = Blueprint("as2", __name__)

    @door.post("/as2")
    def receive() -> Response:
        body = _body(request.environ, parts.settings.max_body_bytes)
        if isinstance(body, HttpReply):
            return respond(body)
        headers, address = _headers(request.environ), request.remote_addr
        if isinstance(body, bytes):
            return respond(_answer(parts.receive, ReceivedRequest(headers=headers, body=body, remote_address=address)))
        return respond(_answer(parts.receive, LargeRequest(headers=headers, body=body, remote_address=address)))

    @door.get("/as2")
    def alive() -> Response:
        return respond(_words(200, "This is an AS2 endpoint and it is alive. Send messages here with POST."))

    return door


def respond(reply: HttpReply) -> Response:
    """The reply as Flask sends it: its own headers and no others, its bytes unchanged."""
    response = Response(reply.body, status=reply.status)
    response.headers.clear()
    for name, value in reply.headers:
        response.headers.add(name, value)
    response.headers["Content-Length"] = str(len(reply.body))
    return response


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
    return verbatim if verbatim is not None else tuple(request.headers.items())


def _too_large(limit: int) -> HttpReply:
    return _words(413, f"The message is larger than the {limit} bytes that are taken here. Send it in parts, or ask for a higher limit.")


def _words(status: int, words: str) -> HttpReply:
    return HttpReply(status=status, headers=(("Content-Type", "text/plain; charset=utf-8"),), body=f"{words}\n".encode())
