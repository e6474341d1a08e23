"""Notices through Apprise, to a server on this machine."""

import json
from datetime import UTC, datetime
from email.header import decode_header, make_header

import pytest

from edi_gateway.alerts.services import ServiceNotifier
from edi_gateway.config import Secret
from edi_gateway.lifecycle.incidents import Weight
from edi_gateway.lifecycle.notices import Notice

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTICE = Notice(route="ops", weight=Weight.CRITICAL, title="[critical] acme: window overdue", words="The 997 is overdue.", created_at=NOW)


def test_a_notice_arrives_with_its_title_words_and_weight(stub):
    assert ServiceNotifier({"ops": lambda: stub.address}).tell(NOTICE) is None
    [body] = map(json.loads, stub.bodies)
    assert (body["title"], body["message"], body["type"]) == (NOTICE.title, NOTICE.words, "failure")


def test_a_mail_goes_out_over_smtp_with_title_and_words(postbox):
    assert ServiceNotifier({"ops": lambda: postbox.address}).tell(NOTICE) is None
    [mail] = postbox.mails
    assert postbox.envelopes[0][0].upper().startswith("MAIL FROM:<EDI@EXAMPLE.COM>")
    assert "<ops@example.com>" in postbox.envelopes[0][1]
    assert str(make_header(decode_header(mail["Subject"]))) == NOTICE.title
    texts = [part.get_payload(decode=True).decode() for part in mail.walk() if part.get_content_maintype() == "text"]
    assert any(NOTICE.words in text for text in texts)


def test_what_is_not_taken_is_told_with_the_reason_and_without_the_address(stub):
    stub.status = 503
    address = stub.address.replace("json://", "json://user:geheim@")
    fault = ServiceNotifier({"ops": lambda: address}).tell(NOTICE)
    assert fault is not None
    assert fault.code == "CFG-ALERT-UNSENT"
    assert "503" in fault.message
    assert "geheim" not in fault.line()
    assert len(stub.bodies) == 1


def test_a_server_that_is_not_there_is_told():
    fault = ServiceNotifier({"ops": lambda: "json://127.0.0.1:1/hook"}).tell(NOTICE)
    assert fault is not None
    assert fault.code == "CFG-ALERT-UNSENT"


@pytest.mark.parametrize("address", ["nonsense", "unknown://host", "mailto://"])
def test_an_address_that_means_nothing_is_told_and_not_shown(address):
    fault = ServiceNotifier({"ops": lambda: address}).tell(NOTICE)
    assert fault is not None
    assert fault.code == "CFG-ALERT-ADDRESS"
    assert address not in fault.message


@pytest.mark.parametrize(
    "address",
    [
        "mailto://user:word@example.com?to=ops@example.com",
        "dingtalk://token1234",
        "feishu://token1234567890",
        "wecombot://botkey1234",
        "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops",
        "json://host/hook",
    ],
)
def test_the_services_of_the_how_to_are_known(address):
    apprise = pytest.importorskip("apprise")
    assert apprise.Apprise.instantiate(address) is not None


def test_a_route_without_its_secret_and_one_that_is_not_there_are_told(tmp_path):
    notifier = ServiceNotifier({"ops": Secret(reference="env:EDI_NO_SUCH_VARIABLE", base=tmp_path).reveal})
    assert [getattr(notifier.tell(NOTICE), "code", None)] == ["CFG-SECRET-MISSING"]
    fault = ServiceNotifier({}).tell(NOTICE)
    assert fault is not None
    assert fault.code == "CFG-ALERT-ROUTE"
