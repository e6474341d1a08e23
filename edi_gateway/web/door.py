"""waitress, taught two things that evidence needs: request headers as they were written, and reply headers as we wrote them.

A WSGI environment joins repeated headers and loses their spelling, and waitress respells reply headers ("As2-From").
"""

from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HEADER_FIELD_RE, HTTPRequestParser, get_header_lines
from waitress.task import WSGITask

HEADERS_KEY = "edi_gateway.headers"
"""Where the environment holds the request's headers as pairs."""


class VerbatimParser(HTTPRequestParser):  # type: ignore[misc]
    """Keeps the block of header lines that it read."""

    header_block: bytes = b""

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.header_block = header_plus.partition(b"\r\n")[2]


class VerbatimTask(WSGITask):  # type: ignore[misc]
    """Hands the headers on as they came, and sends those of the reply as the application spelled them."""

    def get_environment(self) -> dict[str, Any]:
        environ: dict[str, Any] = super().get_environment()
        environ[HEADERS_KEY] = header_pairs(self.request.header_block)
        return environ

    def build_response_header(self) -> bytes:
        spelled = {name.lower().encode("latin-1"): name.encode("latin-1") for name, _ in self.response_headers}
        head: bytes = super().build_response_header()
        status, *lines = head.split(b"\r\n")
        return b"\r\n".join([status, *(_respell(line, spelled) for line in lines)])


class VerbatimChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose requests are read and answered verbatim."""

    parser_class = VerbatimParser
    task_class = VerbatimTask


def header_pairs(block: bytes) -> tuple[tuple[str, str], ...]:
    """The headers of a block, in order. Shape: read as waitress reads them, so names with an underscore are left out."""
    pairs = []
    for line in get_header_lines(block):
        field = HEADER_FIELD_RE.match(line)
        if field is not None and b"_" not in field["name"]:
            pairs.append((field["name"].decode("latin-1"), field["value"].strip(b" \t").decode("latin-1")))
    return tuple(pairs)


def _respell(line: bytes, spelled: dict[bytes, bytes]) -> bytes:
    name, colon, value = line.partition(b":")
    return spelled.get(name.lower(), name) + colon + value
