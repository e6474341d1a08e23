"""An agreement's terms of transport, over TLS on loopback: own authority, client certificate, password, headers, chunks."""

import base64
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from edi_gateway.channels.http import HttpPoster
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


@dataclass
class Front:
    """What stands before the partner's gateway: a TLS server that asks for a certificate and a password."""

    url: str
    folder: Path
    party: Party
    authorization: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)


def made(folder: Path, name: str, passphrase: bytes | None = None) -> Path:
    """A self-signed certificate for 127.0.0.1 and its key, in `NAME.pem` and `NAME.key`."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    hidden = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    (folder / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / f"{name}.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden))
    return folder / f"{name}.pem"


class Handler(BaseHTTPRequestHandler):
    """Notes who asks and how, and hands what may pass to the gateway behind."""

    protocol_version = "HTTP/1.1"
    front: Front

    def do_POST(self) -> None:
        body = self._body()
        shown = self.connection.getpeercert()  # type: ignore[attr-defined]
        self.front.requests.append({"headers": dict(self.headers.items()), "certificate": shown})
        if self.front.authorization and self.headers["Authorization"] != self.front.authorization:
            self._answer(401, (("WWW-Authenticate", 'Basic realm="as2"'),), b"")
            return
        reply = self.front.party.receive(ReceivedRequest(headers=tuple(self.headers.items()), body=body, remote_address="127.0.0.1"))
        self._answer(reply.status, reply.headers, reply.body)

    def _body(self) -> bytes:
        if self.headers["Transfer-Encoding"] != "chunked":
            return self.rfile.read(int(self.headers["Content-Length"]))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, headers: tuple[tuple[str, str], ...], body: bytes) -> None:
        self.send_response(status)
        for name, value in headers:
            if name != "Content-Length":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: Any) -> None:
        """Nothing: what was asked is in `requests`."""


@pytest.fixture
def front(trade: Trade, tmp_path: Path) -> Iterator[Front]:
    """The retailer behind TLS, and the certificates of the supplier to come there with."""
    folder = trade.supplier.side.home / "certs"
    server_certificate, client_certificate = made(folder, "server"), made(folder, "client", b"sesame")
    made(folder, "other")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The server of 1.3 refuses a client only after its first bytes, which then looks like any broken connection.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server_certificate, server_certificate.with_suffix(".key"))
    context.load_verify_locations(client_certificate)
    context.verify_mode = ssl.CERT_REQUIRED
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
    behind = Front(url=f"https://127.0.0.1:{server.server_port}/as2", folder=folder, party=trade.retailer)
    Handler.front = behind
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    serving.start()
    yield behind
    server.shutdown()
    serving.join()
    server.server_close()


TERMS = """\
  ca_file: certs/server.pem
  client_certificate: certs/client.pem
  client_key: certs/client.key
  client_passphrase: "file:certs/client.word"
"""


def invoiced(trade: Trade, front: Front, terms: str) -> Transmission:
    """What became of an invoice on these terms, after one attempt over the network."""
    home = trade.supplier.side.home
    (front.folder / "client.word").write_text("sesame\n")
    file = home / "partners" / "retailer.yaml"
    text = file.read_text().replace(f"{trade.retailer.side.url}/as2", front.url)
    file.write_text(text.replace("as2:\n", f"as2:\n{terms}", 1))
    supplier = trade.restart("supplier")
    supplier.use(replace(supplier.gateway, poster=HttpPoster()))
    supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    supplier.scan()
    supplier.work()
    [row] = [one for one in supplier.transmissions(direction=Direction.OUT) if one.subject.startswith("810")]
    return row


@pytest.mark.parametrize("transfer", ["content-length", "chunked"])
def test_all_terms_together_deliver_over_tls(trade: Trade, front: Front, transfer: str):
    front.authorization = "Basic " + base64.b64encode("brightmill:Sésame: open".encode()).decode()
    (front.folder / "basic.word").write_text("Sésame: open\n")
    terms = TERMS + "  basic_auth: {user: brightmill, password: 'file:certs/basic.word'}\n  headers: {X-Route: dock-7}\n"
    row = invoiced(trade, front, f"{terms}  transfer: {transfer}\n")

    assert (row.state, row.faults) == (Outbound.DELIVERED, ())
    [request] = front.requests
    assert request["headers"]["X-Route"] == "dock-7"
    assert ("Content-Length" in request["headers"]) == (transfer == "content-length")
    assert (("commonName", "client"),) in request["certificate"]["subject"]
    [received] = trade.retailer.transmissions(direction=Direction.IN)
    assert (received.signed, received.encrypted, received.mic) == (True, True, row.mic)


@pytest.mark.parametrize(
    ("without", "told"),
    [
        ("  ca_file: certs/server.pem\n", "not trusted"),
        ('  client_certificate: certs/client.pem\n  client_key: certs/client.key\n  client_passphrase: "file:certs/client.word"\n', ""),
    ],
    ids=["authority", "client certificate"],
)
def test_without_one_of_the_terms_nothing_arrives_and_it_is_tried_again(trade: Trade, front: Front, without: str, told: str):
    row = invoiced(trade, front, TERMS.replace(without, ""))
    assert (row.state, row.faults[0].code) == (Outbound.RETRY_WAIT, "STO-420")
    assert told in row.faults[0].message
    assert front.requests == []


def test_another_authority_than_the_servers_is_not_believed(trade: Trade, front: Front):
    row = invoiced(trade, front, TERMS.replace("server.pem", "other.pem"))
    assert (row.state, row.faults[0].code) == (Outbound.RETRY_WAIT, "STO-420")
    assert front.requests == []


def test_a_wrong_password_stops_the_message_with_the_status(trade: Trade, front: Front):
    front.authorization = "Basic something-else"
    row = invoiced(trade, front, TERMS)
    assert (row.state, row.faults[0].code) == (Outbound.STOPPED, "STO-421")
    assert "401" in row.faults[0].message
