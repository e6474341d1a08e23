"""The AS2 endpoint hands everything on as it came and never fails for what a sender does."""

from io import BytesIO

from edi_gateway.ports.web import HttpReply, ReceivedRequest, WebSettings
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeReceiver
from edi_gateway.web.app import create_app
from edi_gateway.web.door import header_pairs


def test_a_message_reaches_the_receiver_with_its_headers_body_and_address():
    receiver = FakeReceiver()
    client = create_app(sample_parts(receive=receiver)).test_client()

    client.post("/as2", data=b"\x00\xffbytes", headers={"AS2-From": "NORTHGATE", "Message-ID": "<1@northgate.example>"})

    [request] = receiver.received
    assert request.body == b"\x00\xffbytes"
    assert dict(request.headers)["As2-From"] == "NORTHGATE"
    assert request.remote_address == "127.0.0.1"


def test_the_reply_goes_out_with_its_own_headers_and_no_others():
    reply = HttpReply(status=200, headers=(("AS2-Version", "1.2"), ("Content-Type", "multipart/report; x=1")), body=b"MDN\r\n\x00")
    answer = create_app(sample_parts(receive=lambda request: reply)).test_client().post("/as2", data=b"x")

    assert answer.data == b"MDN\r\n\x00"
    assert list(answer.headers) == [("AS2-Version", "1.2"), ("Content-Type", "multipart/report; x=1"), ("Content-Length", "6")]


def test_the_length_is_told_once_and_is_the_bodys_whatever_the_reply_says_of_it():
    mdn = HttpReply(status=200, headers=(("content-length", "2"), ("AS2-Version", "1.2"), ("Content-Length", "3")), body=b"MDN")
    answer = create_app(sample_parts(receive=lambda request: mdn)).test_client().post("/as2", data=b"x")

    assert answer.data == b"MDN"
    assert list(answer.headers) == [("AS2-Version", "1.2"), ("Content-Length", "3")]


def test_an_empty_body_is_the_receivers_to_judge():
    receiver = FakeReceiver(reply=HttpReply(status=400, body=b"no message"))
    answer = create_app(sample_parts(receive=receiver)).test_client().post("/as2")

    assert answer.status_code == 400
    assert receiver.received[0].body == b""


def test_a_message_over_the_limit_is_refused_before_it_is_read():
    receiver = FakeReceiver()
    settings = WebSettings(secret_key=b"k", password_hash=None, max_body_bytes=10)
    client = create_app(sample_parts(receive=receiver, settings=settings)).test_client()

    answer = client.post("/as2", data=b"x" * 11)
    unannounced = client.post("/as2", input_stream=BytesIO(b"x" * 11), environ_overrides={"wsgi.input_terminated": True})

    assert (answer.status_code, unannounced.status_code) == (413, 413)
    assert "10 bytes" in answer.text
    assert receiver.received == []
    assert client.post("/as2", data=b"x" * 10).status_code == 200


def test_a_body_shorter_than_announced_is_refused_and_not_handed_on():
    receiver = FakeReceiver()
    client = create_app(sample_parts(receive=receiver)).test_client()

    answer = client.post("/as2", input_stream=BytesIO(b"half"), environ_overrides={"CONTENT_LENGTH": "8"})

    assert answer.status_code == 400
    assert "4 bytes" in answer.text
    assert "8" in answer.text
    assert receiver.received == []


def test_a_content_length_that_is_no_number_is_refused():
    client = create_app(sample_parts()).test_client()
    assert client.post("/as2", data=b"x", environ_overrides={"CONTENT_LENGTH": "-1"}).status_code == 400


def test_a_message_that_cannot_be_kept_is_asked_for_again():
    def broken(request: ReceivedRequest) -> HttpReply:
        raise OSError("No space left on device")

    answer = create_app(sample_parts(receive=broken)).test_client().post("/as2", data=b"x")

    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert "No space" not in answer.text


def test_the_endpoint_says_that_it_is_alive_to_anyone_who_looks():
    answer = create_app(sample_parts()).test_client().get("/as2")

    assert answer.status_code == 200
    assert "alive" in answer.text
    assert answer.mimetype == "text/plain"


def test_a_wrong_method_on_the_endpoint_is_told_so_without_a_password():
    assert create_app(sample_parts()).test_client().put("/as2", data=b"x").status_code == 405


def test_header_lines_are_read_in_order_spelling_and_repetition():
    block = b"aS2-from: A\r\nX-Note: one\r\nX-Note:  two \r\nBad_Name: z\r\n"
    assert header_pairs(block) == (("aS2-from", "A"), ("X-Note", "one"), ("X-Note", "two"))
