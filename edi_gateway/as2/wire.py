"""HTTP messages as they were captured, read from their raw bytes: for the lab, which judges traffic off line.

The server has its own reader; this one holds a capture to the same rules, so that what a server would turn away is turned
away here.
Source: RFC 9112 sections 2 to 7.
"""

import re
from dataclasses import dataclass

from edi_gateway.as2 import mime
from edi_gateway.as2.malformed import Malformed
from edi_gateway.faults import Fault

MAX_BODY = 1 << 31

_REQUEST_LINE = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.[01]")
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] (\d{3})(?: .*)?")
_EMPTY_LINE = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\r\n]*)?\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Captured:
    """A captured request (`status` None) or response."""

    headers: mime.HeaderFields
    body: bytes
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncaptured:
    """Bytes that are no whole HTTP message. `recognised` says whether they begin as one."""

    fault: Fault
    recognised: bool


def read_capture(raw: bytes, *, max_body: int = MAX_BODY) -> Captured | Uncaptured:
    """The HTTP message in a capture, chunks put together. What follows a whole message is the next one and is left alone.

    Errors: Uncaptured where the bytes are not one, its headers are broken, or its body is cut off or larger than `max_body`.
    """
    rest, status = _after_interim(raw)
    if rest is None:
        return Uncaptured(fault=Fault.of("AS2-HTTP", cause="it starts with neither a request line nor a status line"), recognised=False)
    try:
        head, body = _divided(rest)
        headers = mime.read_fields(head)
        declared = _content_length(headers)
        if declared is not None and declared > max_body:
            return Uncaptured(fault=Fault.of("AS2-TOO-LARGE", size=declared, limit=max_body), recognised=True)
        return Captured(headers=headers, body=_body(headers, body, declared), status=status)
    except Malformed as problem:
        return Uncaptured(fault=Fault.of("AS2-HTTP", cause=problem), recognised=True)


def _after_interim(raw: bytes) -> tuple[bytes | None, int | None]:
    """What follows the first line of a request or of a final response, and its status; interim responses are passed over."""
    while True:
        line, _, rest = raw.partition(b"\n")
        line = line.removesuffix(b"\r")
        status = _STATUS_LINE.fullmatch(line)
        if status is None:
            return (rest if _REQUEST_LINE.fullmatch(line) else None), None
        if not status[1].startswith(b"1"):
            return rest, int(status[1])
        end = _EMPTY_LINE.search(b"\n" + rest)
        if end is None:
            return None, None
        raw = rest[end.end() - 1 :]


def _divided(rest: bytes) -> tuple[bytes, bytes]:
    """Header lines and what follows the empty line."""
    if rest.startswith((b"\r\n", b"\n")):
        return b"", rest[2 if rest[:1] == b"\r" else 1 :]
    match = _EMPTY_LINE.search(rest)
    if match is None:
        raise Malformed("the headers do not end")
    return rest[: match.start()], rest[match.end() :]


def _content_length(headers: mime.HeaderFields) -> int | None:
    declared = mime.one(headers, "Content-Length")
    if declared is None:
        return None
    if not re.fullmatch(r"[0-9]{1,18}", declared):
        raise Malformed("Content-Length is not a number")
    return int(declared)


def _body(headers: mime.HeaderFields, rest: bytes, declared: int | None) -> bytes:
    coding = (mime.one(headers, "Transfer-Encoding") or "").lower()
    if coding:
        if coding != "chunked":
            raise Malformed("a transfer coding other than chunked")
        if declared is not None:
            raise Malformed("both Content-Length and Transfer-Encoding")
        return dechunked(rest)
    if declared is None:
        return rest
    if len(rest) < declared:
        raise Malformed(f"the body has {len(rest)} of {declared} bytes")
    return rest[:declared]


def dechunked(rest: bytes) -> bytes:
    """A chunked body put together. Errors: Malformed where a chunk is cut off or its size is no number."""
    pieces: list[bytes] = []
    position = 0
    while True:
        match = _CHUNK_SIZE.match(rest, position)
        if match is None:
            raise Malformed("a chunk without a size")
        size, start = int(match[1], 16), match.end()
        if not size:
            return b"".join(pieces)
        end = start + size
        if end > len(rest):
            raise Malformed("a chunk is cut off")
        pieces.append(rest[start:end])
        line_end = _LINE_END.match(rest, end)
        if line_end is None:
            raise Malformed("a chunk that does not end where it says")
        position = line_end.end()


def written_request(headers: mime.HeaderFields, body: bytes) -> bytes:
    """A request as it would go over the wire, for a file that the lab can read."""
    lines = ["POST /as2 HTTP/1.1", "Host: localhost", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def kept_head(headers: mime.HeaderFields, size: int) -> bytes:
    """What stands before a kept body of this size so that both are the request again: how its bytes were divided on the way is not kept."""
    divided = ("transfer-encoding", "content-length", "trailer", "te", "expect", "connection")
    kept = [(name, value) for name, value in headers if name.lower() not in divided]
    host = [] if any(name.lower() == "host" for name, _ in kept) else [("Host", "localhost")]
    fields = (*host, *kept, ("Content-Length", str(size)))
    return "\r\n".join(("POST /as2 HTTP/1.1", *(f"{name}: {value}" for name, value in fields))).encode("latin-1", "replace") + b"\r\n\r\n"


def written_response(headers: mime.HeaderFields, body: bytes) -> bytes:
    """A response with a receipt as it would go over the wire."""
    lines = ["HTTP/1.1 200 OK", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
