"""Every captured attack posted to a gateway with a store: refused in its own words, kept, never a failure of ours and never silence."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.as2.wire import Captured, read_capture
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.views import MessageFilter
from edi_gateway.ports.web import HttpReply, ReceivedRequest, WebSettings
from edi_gateway.testing.pair import Party, Trade
from edi_gateway.testing.web import PASSWORD, quick_hash, signed_in_client

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "wire"


@pytest.fixture
def gateway(trade: Trade) -> Party:
    """The supplier as the gateway GW of the captures, which trades with PARTNER."""
    if not (FOLDER / "index.json").exists():
        pytest.skip("the corpus of captured traffic is not here")
    home, keys = trade.supplier.side.home, FOLDER / "keys"
    for ours, theirs in (("own.key.pem", "gw.key.pem"), ("own.cert.pem", "gw.cert.pem"), ("retailer.pem", "partner.cert.pem")):
        (home / "certs" / ours).write_bytes((keys / theirs).read_bytes())
    settings, partner = home / "gateway.toml", home / "partners" / "retailer.yaml"
    settings.write_text(settings.read_text().replace('as2_id = "SUPPLIER"', 'as2_id = "GW"'))
    partner.write_text(partner.read_text().replace("  id: RETAILER\n  url", "  id: PARTNER\n  max_size: 10MiB\n  url", 1))
    return trade.restart("supplier")


def meta(case: str) -> dict[str, Any]:
    return json.loads((FOLDER / case / "meta.json").read_text())


def captured(case: str) -> ReceivedRequest | None:
    """The request as the web hands it on; None for one that a web server turns away, as it is no whole HTTP request."""
    found = read_capture((FOLDER / case / "request.http").read_bytes())
    return ReceivedRequest(headers=found.headers, body=found.body, remote_address="203.0.113.9") if isinstance(found, Captured) else None


def posted(party: Party, case: str) -> HttpReply:
    request = captured(case)
    assert request is not None
    return party.receive(request)


def disposition(reply: HttpReply) -> str:
    return next((line for line in reply.body.decode("latin-1").splitlines() if line.startswith("Disposition:")), "")


def test_copies_of_a_message_get_its_first_mdn_and_other_content_under_its_name_is_refused(gateway: Party):
    first = posted(gateway, "attack/dup-first")
    assert disposition(first).endswith("; processed")
    assert posted(gateway, "attack/dup-second-same-bytes") == first
    assert posted(gateway, "attack/dup-same-id-reencrypted") == first
    other = disposition(posted(gateway, "attack/dup-other-content"))
    assert any(word in other for word in meta("attack/dup-other-content")["expect"]["disposition_any_of"])

    rows = gateway.transmissions(direction=Direction.IN)
    assert [row.state for row in rows] == [Inbound.RECEIPTED, Inbound.DUPLICATE, Inbound.DUPLICATE, Inbound.RECEIPTED]
    assert [row.faults[0].code for row in rows if row.faults] == ["AS2-DUPLICATE"]
    assert rows[0].content == meta("attack/dup-first")["expect"]["payload_sha256"]


@pytest.mark.slow
def test_every_captured_attack_is_answered_and_kept_and_none_is_delivered(gateway: Party):
    index = json.loads((FOLDER / "index.json").read_text())
    cases = [one["case"] for one in index if one["class"] == "attack-message" and "/dup" not in one["case"]]
    seen = 0
    for case in cases:
        request, expect = captured(case), meta(case)["expect"]
        if request is None:
            assert expect["result"] != "accept"
            continue
        before = {row.id for row in gateway.transmissions(direction=Direction.IN)}
        reply = gateway.receive(request)
        new = [row for row in gateway.transmissions(direction=Direction.IN) if row.id not in before]

        assert reply.status in (200, 204, 400), case
        assert reply.body or reply.status == 204 or expect["result"] != "refuse", case
        [row] = new or [None]
        assert row is not None, case
        assert row.wire == hashlib.sha256(request.body).hexdigest(), case
        taken = row.content is not None and row.state is not Inbound.DUPLICATE
        if expect["result"] == "refuse":
            assert not taken, case
            assert row.faults or row.state is Inbound.NOT_AS2, case
            wanted = expect.get("disposition_any_of") or []
            told = disposition(reply)
            assert not wanted or not told or any(word in told for word in wanted), (case, told, wanted)
        if taken:
            assert expect.get("payload_sha256") in (None, row.content), case
        seen += 1
    assert seen > 100
    lines = gateway.store.views.messages(MessageFilter(direction=Direction.IN), limit=500).lines
    assert len(lines) == seen


def test_a_refused_request_is_in_the_console_and_can_be_taken_to_the_lab(gateway: Party):
    parts = replace(gateway.house.web_parts(), settings=WebSettings(secret_key=b"of this test", password_hash=quick_hash(PASSWORD)))
    client = signed_in_client(parts)
    for name in ("sig-tampered-content", "gcm-tag-4", "policy-plain", "zip-adler-wrong", "hdr-from-unknown", "fname-rtl", "env-empty-body"):
        posted(gateway, f"attack/{name}")
    rows = [row for row in gateway.transmissions(direction=Direction.IN) if row.faults]
    assert len(rows) >= 6
    for row in rows:
        page = client.get(f"/messages/{row.id}")
        assert page.status_code == 200
        assert row.faults[0].code in page.text
        request = client.get(f"/messages/{row.id}/request")
        again = read_capture(request.data)
        assert isinstance(again, Captured)
        assert hashlib.sha256(again.body).hexdigest() == row.wire
        assert {name for name, _ in set(row.headers) - set(again.headers)} <= {"Transfer-Encoding", "Content-Length", "Connection"}
    assert client.get("/messages/9999/request").status_code == 404
