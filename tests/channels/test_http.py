"""HTTP posts against servers that answer well, badly, slowly or never."""

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from edi_gateway.channels.addresses import Resolved, is_public
from edi_gateway.channels.http import HttpPoster
from edi_gateway.ports.channels import Answer, ClientKey, Poster, Unreached

SECONDS = timedelta(seconds=1)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Talk = Callable[[socket.socket], None]


class Server:
    """A server of one connection after another that does exactly what it is told, and keeps what it was sent."""

    def __init__(self, talk: Talk, context: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._talk = talk
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}/as2?x=1"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                with self._context.wrap_socket(line, server_side=True) if self._context else line as open_line:
                    self._talk(open_line)
            except OSError:
                continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        assert not self._thread.is_alive(), "the server would take processor time from every test that follows"


@contextmanager
def serving(talk: Talk, context: ssl.SSLContext | None = None) -> Iterator[Server]:
    server = Server(talk, context)
    try:
        yield server
    finally:
        server.close()


def request(line: socket.socket) -> bytes:
    """One whole request with its body by Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += some(line)
    head, _, body = received.partition(b"\r\n\r\n")
    length = next(int(one.split(b":")[1]) for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
    while len(body) < length:
        body += some(line)
    return head + b"\r\n\r\n" + body


def some(line: socket.socket) -> bytes:
    """What comes next. Errors: ConnectionError where the other side has hung up."""
    if received := line.recv(65_536):
        return received
    raise ConnectionError("the other side hung up within a request")


def answering(answer: bytes) -> Talk:
    def talk(line: socket.socket) -> None:
        request(line)
        line.sendall(answer)

    return talk


def post(url: str, body: bytes = b"EDI", timeout: timedelta = SECONDS * 5, **options: object) -> Answer | Unreached:
    poster: Poster = HttpPoster(largest_answer=1000)
    return poster.post(url, [("AS2-From", "OURCO")], body, timeout=timeout, **options)  # type: ignore[arg-type]


def test_the_headers_and_bytes_are_exactly_those_given() -> None:
    seen: list[bytes] = []

    def talk(line: socket.socket) -> None:
        seen.append(request(line))
        line.sendall(OK)

    headers = [("AS2-Version", "1.2"), ("AS2-From", '"OUR CO"'), ("X-Twice", "a"), ("X-Twice", "b"), ("Message-ID", "<1@x>")]
    with serving(talk) as server:
        answer = HttpPoster().post(server.url, headers, b"\x00\r\n\xff", timeout=SECONDS * 5)
    assert answer == Answer(status=200, headers=(("Content-Length", "2"),), body=b"ok")
    head, _, body = seen[0].partition(b"\r\n\r\n")
    first, *rest = head.split(b"\r\n")
    assert first == b"POST /as2?x=1 HTTP/1.1"
    own = [line for line in rest if line.split(b":")[0].lower() in (b"host", b"content-length")]
    assert sorted(own) == [b"Content-Length: 4", f"Host: 127.0.0.1:{server.port}".encode()]
    assert [line for line in rest if line not in own] == [f"{name}: {value}".encode() for name, value in headers]
    assert body == b"\x00\r\n\xff"


def test_repeated_answer_headers_are_kept_in_their_order() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nB: 1\r\nA: 2\r\nB: 3\r\nContent-Length: 0\r\n\r\n")) as server:
        answer = post(server.url)
    assert isinstance(answer, Answer)
    assert sorted(answer.headers) == [("A", "2"), ("B", "1"), ("B", "3"), ("Content-Length", "0")]


@pytest.mark.parametrize("status", [204, 301, 302, 307, 400, 401, 413, 500, 503])
def test_every_status_is_an_answer_and_no_redirect_is_followed(status: int) -> None:
    with serving(answering(f"HTTP/1.1 {status} X\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n".encode())) as server:
        answer = post(server.url)
        assert isinstance(answer, Answer)
        assert answer.status == status
        assert server.connections == 1


def test_a_chunked_answer_is_put_together() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")) as server:
        answer = post(server.url)
    assert isinstance(answer, Answer)
    assert answer.body == b"abcde"


def test_a_compressed_answer_stays_as_it_came() -> None:
    with serving(answering(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")) as server:
        answer = post(server.url)
    assert isinstance(answer, Answer)
    assert answer.body == b"abc"


def reason(outcome: Answer | Unreached) -> str:
    assert isinstance(outcome, Unreached)
    assert outcome.detail
    return outcome.reason


def test_a_closed_port_is_unreached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert reason(post(f"http://127.0.0.1:{port}/")) == "connect"


def test_a_name_that_leads_nowhere_is_unreached() -> None:
    def nowhere(host: str, port: int) -> list[Resolved]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    outcome = HttpPoster(resolver=nowhere).post("http://nowhere.example/", [], b"", timeout=SECONDS)
    assert outcome == Unreached(reason="connect", detail="nowhere.example: Name or service not known")


@pytest.mark.parametrize("host", ["a..b", "x" * 70 + ".example"])
def test_what_is_no_host_name_is_unreached(host: str) -> None:
    assert reason(post(f"http://{host}/")) == "connect"


@pytest.mark.parametrize("url", ["/a b", "/a\x7fb", "/ü"])
def test_a_path_that_http_cannot_carry_is_no_crash(url: str) -> None:
    with serving(answering(OK)) as server:
        assert isinstance(post(f"http://127.0.0.1:{server.port}{url}", timeout=SECONDS), Unreached | Answer)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    ],
)
def test_an_answer_that_is_not_whole_or_not_http_is_cut_off(answer: bytes) -> None:
    with serving(answering(answer)) as server:
        assert reason(post(server.url)) == "cut_off"


def trickling(first: bytes, pause: float = 0.05) -> Talk:
    """A server that never stops: one byte after another, always before any socket time-out."""
    never = threading.Event()

    def talk(line: socket.socket) -> None:
        request(line)
        line.sendall(first)
        while not never.wait(pause):
            line.sendall(b"x")

    return talk


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"]
)
def test_a_slow_answer_ends_at_the_time_given_for_all_of_it(first: bytes) -> None:
    with serving(trickling(first)) as server:
        started = time.monotonic()
        assert reason(post(server.url, timeout=SECONDS * 0.4)) == "timeout"
        assert time.monotonic() - started < 3


def test_a_server_that_never_answers_is_a_timeout() -> None:
    over = threading.Event()
    with serving(lambda line: over.wait(10) and None) as server:
        assert reason(post(server.url, timeout=SECONDS * 0.3)) == "timeout"
        over.set()


def test_a_server_that_never_reads_is_a_timeout() -> None:
    over = threading.Event()
    with serving(lambda line: over.wait(10) and None) as server:
        assert reason(post(server.url, body=b"x" * 50_000_000, timeout=SECONDS * 0.4)) == "timeout"
        over.set()


def test_a_server_that_never_finishes_tls_is_a_timeout() -> None:
    over = threading.Event()
    with serving(lambda line: over.wait(10) and None) as server:
        assert reason(post(server.url.replace("http:", "https:"), timeout=SECONDS * 0.3)) == "timeout"
        over.set()


def test_an_endless_answer_is_too_large() -> None:
    def talk(line: socket.socket) -> None:
        request(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            line.sendall(b"x" * 10_000)

    with serving(talk) as server:
        assert reason(post(server.url)) == "too_large"


def test_an_early_refusal_of_a_large_body_is_the_answer() -> None:
    def talk(line: socket.socket) -> None:
        line.recv(1000)
        line.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        line.shutdown(socket.SHUT_WR)
        while line.recv(65_536):
            pass

    with serving(talk) as server:
        answer = post(server.url, body=b"x" * 5_000_000)
    assert isinstance(answer, Answer)
    assert answer.status == 413


def unchunked(body: bytes) -> bytes:
    content = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if size == b"0":
            return content
        length = int(size, 16)
        content, body = content + body[:length], body[length + 2 :]


@pytest.mark.parametrize("body", [b"", b"EDI", bytes(range(256)) * 1000], ids=len)
def test_a_body_in_chunks_is_the_same_body_without_its_length(body: bytes) -> None:
    seen: list[bytes] = []

    def talk(line: socket.socket) -> None:
        received = b""
        while not received.endswith(b"\r\n0\r\n\r\n"):
            received += some(line)
        seen.append(received)
        line.sendall(OK)

    with serving(talk) as server:
        headers = [("AS2-From", "OURCO"), ("Content-Length", str(len(body)))]
        answer = HttpPoster().post(server.url, headers, body, timeout=SECONDS * 5, chunked=True)
    assert isinstance(answer, Answer)
    head, _, rest = seen[0].partition(b"\r\n\r\n")
    assert b"\r\nTransfer-Encoding: chunked" in head
    assert b"content-length" not in head.lower()
    assert unchunked(rest) == body


# --- TLS ---


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, str]:
    """A server context for 127.0.0.1 and the file of the certificate that vouches for it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "test server")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "server.pem", folder / "server.key"
    cert_file.write_bytes(certificate.public_bytes(Encoding.PEM))
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    return context, str(cert_file)


def test_https_is_posted_to_where_its_certificate_is_trusted(authority: tuple[ssl.SSLContext, str]) -> None:
    context, ca_file = authority
    with serving(answering(OK), context) as server:
        answer = post(server.url, authorities=Path(ca_file).read_text())
    assert isinstance(answer, Answer)
    assert answer.body == b"ok"


def test_a_certificate_that_nobody_vouches_for_is_refused(authority: tuple[ssl.SSLContext, str]) -> None:
    with serving(answering(OK), authority[0]) as server:
        outcome = post(server.url)
    assert reason(outcome) == "tls"
    assert isinstance(outcome, Unreached)
    assert "its certificate is not trusted" in outcome.detail


def test_a_certificate_for_another_host_is_refused(authority: tuple[ssl.SSLContext, str]) -> None:
    context, ca_file = authority
    with serving(answering(OK), context) as server:
        local = [Resolved(family=socket.AF_INET, sockaddr=("127.0.0.1", server.port))]
        outcome = HttpPoster(resolver=lambda host, port: local).post(
            f"https://other.example:{server.port}/", [], b"", timeout=SECONDS * 5, authorities=Path(ca_file).read_text()
        )
    assert reason(outcome) == "tls"


def test_a_server_that_speaks_no_tls_is_refused() -> None:
    with serving(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as server:
        assert reason(post(server.url.replace("http:", "https:"))) == "tls"


@pytest.fixture
def picky(authority: tuple[ssl.SSLContext, str]) -> ssl.SSLContext:
    """A server context that takes nobody without the certificate of `authority`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(authority[1], Path(authority[1]).with_suffix(".key"))
    context.load_verify_locations(authority[1])
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_a_server_that_asks_for_a_certificate_is_shown_ours(authority: tuple[ssl.SSLContext, str], picky: ssl.SSLContext) -> None:
    client = ClientKey(certificate=authority[1], key=str(Path(authority[1]).with_suffix(".key")))
    with serving(answering(OK), picky) as server:
        assert isinstance(post(server.url, authorities=Path(authority[1]).read_text(), client=client), Answer)
        assert reason(post(server.url, authorities=Path(authority[1]).read_text())) == "tls"


def test_a_client_key_may_stand_with_its_certificate_and_be_encrypted(
    authority: tuple[ssl.SSLContext, str], picky: ssl.SSLContext, tmp_path: Path
) -> None:
    plain = Path(authority[1]).with_suffix(".key").read_bytes()
    hidden = load_pem_private_key(plain, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"sesame"))
    both = tmp_path / "both.pem"
    both.write_bytes(hidden + Path(authority[1]).read_bytes())
    with serving(answering(OK), picky) as server:
        opened = ClientKey(certificate=str(both), passphrase="sesame")
        assert "sesame" not in repr(opened)
        assert isinstance(post(server.url, authorities=Path(authority[1]).read_text(), client=opened), Answer)
        for wrong in (None, "other"):
            outcome = post(
                server.url, authorities=Path(authority[1]).read_text(), client=ClientKey(certificate=str(both), passphrase=wrong)
            )
            assert isinstance(outcome, Unreached)
            assert (outcome.reason, str(both) in outcome.detail) == ("tls", True)


def test_authorities_that_are_none_are_told(authority: tuple[ssl.SSLContext, str]) -> None:
    with serving(answering(OK), authority[0]) as server:
        assert reason(post(server.url, authorities="unreadable")) == "tls"


# --- addresses that a partner chose ---


def test_an_address_of_this_machine_is_forbidden_for_what_a_partner_chose() -> None:
    with serving(answering(OK)) as server:
        assert reason(post(server.url, allow_private=False)) == "forbidden_address"
        assert server.connections == 0


def test_one_private_address_among_public_ones_forbids_all() -> None:
    both = [
        Resolved(family=socket.AF_INET, sockaddr=("93.184.216.34", 80)),
        Resolved(family=socket.AF_INET, sockaddr=("10.0.0.1", 80)),
    ]
    poster = HttpPoster(resolver=lambda host, port: both)
    assert reason(poster.post("http://mixed.example/", [], b"", timeout=SECONDS, allow_private=False)) == "forbidden_address"


def test_the_address_that_was_checked_is_the_one_that_is_connected_to() -> None:
    """A name that leads into the public internet when it is checked and to this machine a moment later."""
    answers = iter(["93.184.216.34", "127.0.0.1"])

    with serving(answering(OK)) as server:

        def resolver(host: str, port: int) -> list[Resolved]:
            return [Resolved(family=socket.AF_INET, sockaddr=(next(answers), server.port))]

        poster = HttpPoster(resolver=resolver)
        assert isinstance(poster.post("http://rebinding.example/", [], b"", timeout=SECONDS, allow_private=False), Unreached)
        assert server.connections == 0
        assert reason(poster.post("http://rebinding.example/", [], b"", timeout=SECONDS, allow_private=False)) == "forbidden_address"


def test_the_name_is_looked_up_once_so_that_it_cannot_change_after_the_check() -> None:
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[Resolved]:
        asked.append(host)
        return [Resolved(family=socket.AF_INET, sockaddr=("127.0.0.1", server.port))]

    with serving(answering(OK)) as server:
        answer = HttpPoster(resolver=resolver).post("http://rebinding.example/", [], b"", timeout=SECONDS * 5)
    assert isinstance(answer, Answer)
    assert asked == ["rebinding.example"]


@pytest.mark.parametrize(
    "host",
    [
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "0", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
        "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::1]", "[::]", "[fe80::1]", "[fec0::1]", "localhost",
    ],
)  # fmt: skip
def test_no_way_to_write_a_private_address_gets_past_the_check(host: str) -> None:
    with serving(answering(OK)) as server:
        outcome = post(f"http://{host}:{server.port}/", allow_private=False, timeout=SECONDS * 2)
        assert isinstance(outcome, Unreached)
        assert outcome.reason in ("forbidden_address", "connect"), outcome
        assert server.connections == 0


@pytest.mark.parametrize(
    "url", ["ftp://example.com/", "file:///etc/passwd", "http://", "gopher://x/", "http://[::1/", "http://x:99999/", "http://x:0/", ""]
)
def test_only_http_addresses_are_posted_to(url: str) -> None:
    assert reason(post(url)) == "forbidden_address"


@pytest.mark.parametrize("ip", ["8.8.8.8", "2606:4700::1111", "93.184.216.34"])
def test_public_addresses(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "ip",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "2002:7f00:1::",
        "fec0::1",
        "3fff::1",
        "5f00::1",
        "2001:db8::1",
        "2001:0:7f00:1::1",
        "64:ff9b:1::7f00:1",
        "::7f00:1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
        "192.0.0.8",
        "192.88.99.1",
        "198.18.0.1",
        "240.0.0.1",
        "100::1",
    ],
)
def test_addresses_that_are_not_in_the_public_internet(ip: str) -> None:
    assert not is_public(ip)
