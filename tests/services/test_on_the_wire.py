"""What the endpoint answers, as bytes on a connection: a proxy reads them, and takes nothing that is said twice."""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade
from edi_gateway.web.serve import Server

PATIENCE = 10.0


@contextmanager
def served(party: Party) -> Iterator[tuple[str, int]]:
    parts = party.house.web_parts()
    server = Server(replace(parts, settings=replace(parts.settings, port=0)))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        host, _, port = server.url.removeprefix("http://").rpartition(":")
        yield host, int(port)
    finally:
        server.stop()
        thread.join(PATIENCE)


def answer_to(address: tuple[str, int], request: ReceivedRequest) -> tuple[list[str], bytes]:
    """The lines before the body, and the body."""
    lines = ["POST /as2 HTTP/1.1", "Host: gateway", "Connection: close", *(f"{name}: {value}" for name, value in request.headers)]
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + request.body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), body


@pytest.mark.parametrize("what", ["a message", "the same once more", "one that cannot be opened", "no message at all"])
def test_every_header_of_an_answer_is_there_once_and_its_length_is_the_bodys(trade: Trade, sealed, what: str):
    request = sealed(trade.retailer, orders("4500017"))
    with served(trade.supplier) as address:
        if what == "the same once more":
            answer_to(address, request)
        elif what == "one that cannot be opened":
            request = replace(request, body=request.body[:-200] + bytes(200))
        elif what == "no message at all":
            request = ReceivedRequest(headers=(("Content-Length", "5"),), body=b"hello", remote_address="127.0.0.1")
        lines, body = answer_to(address, request)

    headers = [line.partition(": ") for line in lines[1:]]
    assert [name for name, count in Counter(name.lower() for name, _, _ in headers).items() if count > 1] == []
    assert [value for name, _, value in headers if name == "Content-Length"] == [str(len(body))]
    assert (b"disposition-notification" in body) == (what != "no message at all")
