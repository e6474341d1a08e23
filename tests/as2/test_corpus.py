"""Captured traffic of seven products and of attackers, answered as a right receiver answers: all of it, where it is at hand."""

import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.as2 import (
    Certificate,
    Digest,
    Expected,
    Heading,
    Mic,
    Opened,
    OwnKey,
    Policy,
    Refused,
    open_message,
    read_certificates,
    read_heading,
    read_own_key,
    wire,
)
from edi_gateway.as2.lab import judge_receipt, judge_request, judge_unasked
from edi_gateway.as2.stream_opening import OpenedFile, open_file

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "wire"
CASES = json.loads((FOLDER / "index.json").read_text()) if (FOLDER / "index.json").exists() else []
MESSAGES = [entry["case"] for entry in CASES if entry["class"] in ("message", "attack-message")]
RECEIPTS = [entry["case"] for entry in CASES if entry["class"] not in ("message", "attack-message")]

# Only the store knows that a Message-ID was used before; `services/test_captured_attacks.py` shows the refusal.
NEEDS_THE_STORE = "attack/dup-other-content"
# No receipt was asked for, so the HTTP status is the answer; where one is expected, this is none.
NO_RECEIPT_ASKED = "openas2/mdn-ok-no-mdn"


@cache
def own(name: str) -> OwnKey:
    key = read_own_key((FOLDER / "keys" / f"{name}.key.pem").read_bytes(), (FOLDER / "keys" / f"{name}.cert.pem").read_bytes())
    assert isinstance(key, OwnKey)
    return key


@cache
def certificate(name: str) -> Certificate:
    found = read_certificates((FOLDER / "keys" / f"{name}.cert.pem").read_bytes())
    assert isinstance(found, tuple)
    return found[0]


@cache
def meta(case: str) -> dict[str, Any]:
    return json.loads((FOLDER / case / "meta.json").read_text())


def policy(case: dict[str, Any]) -> Policy:
    """What the case's own policy demands; else what the message itself satisfies."""
    expect, demanded = case["expect"], case.get("policy")
    if demanded:
        return Policy(
            require_signed=demanded["require_signed"],
            require_encrypted=demanded["require_encrypted"],
            max_body=demanded["max_body"],
            max_payload=demanded["max_decompressed"],
        )
    weak = expect.get("digest") == "sha1" or expect.get("encryption") == "des-ede3-cbc"
    return Policy(require_signed=bool(expect.get("signed")), require_encrypted=bool(expect.get("encrypted")), legacy=weak)


@cache
def judged(case: str) -> dict[str, Any]:
    about = meta(case)
    keys = about["keys"]
    names = [about["as2_from"], about["as2_to"]] if about["class"] == "message" else ["PARTNER", "GW"]
    judgement = judge_request(
        (FOLDER / case / "request.http").read_bytes(),
        own_keys=[own(name) for name in ([keys["ours"]] if keys.get("ours") else [])],
        partner_certificates=[certificate(name) for name in keys.get("sender_certs") or [keys["sender_cert"]]],
        when=certificate("gw").not_before.replace(year=2026),
        policy=policy(about),
        as2_from=names[0],
        as2_to=names[1],
    )
    return judgement.as_json()


@pytest.mark.parametrize("case", MESSAGES)
def test_a_captured_message_is_answered_as_a_right_receiver_answers(corpus, case):
    expect, answer = meta(case)["expect"], judged(case)
    if expect["result"] == "accept" or case == NEEDS_THE_STORE:
        assert answer["accepted"], answer["fault"]
    if expect["result"] == "refuse" and case != NEEDS_THE_STORE:
        assert not answer["accepted"]
        wanted = expect.get("disposition_any_of") or []
        assert not wanted or not answer["disposition"] or any(word in answer["disposition"] for word in wanted), answer
    if answer["accepted"]:
        for name in ("payload_sha256", "digest"):
            assert expect.get(name) in (None, answer[name])
        for name in ("signed", "encrypted"):
            assert bool(expect.get(name, answer[name])) == answer[name]
        assert expect.get("encryption") in (None, answer["cipher"])
        assert expect.get("filename") in (None, answer["filename"])
        if expect.get("mic"):
            digest = Digest.named(answer["mic_algorithm"])
            assert digest is not None
            assert answer["mic"] == expect["mic"][digest.value]


def test_what_fails_behind_an_encryption_gives_one_answer(corpus):
    cases = [case for case in MESSAGES if meta(case)["expect"].get("group", "").startswith("oracle")]
    answers = {(answer["disposition"], answer["fault"]["message"]) for answer in map(judged, cases)}
    assert len(cases) == 6
    assert len(answers) == 1


@pytest.mark.parametrize("case", MESSAGES)
def test_a_captured_message_gets_the_same_answer_from_a_file_as_from_memory(corpus, case):
    about = meta(case)
    captured = wire.read_capture((FOLDER / case / "request.http").read_bytes(), max_body=policy(about).max_body)
    heading = read_heading(captured.headers) if isinstance(captured, wire.Captured) else None
    if not isinstance(captured, wire.Captured) or not isinstance(heading, Heading):
        assert not judged(case)["accepted"]
        return
    context: dict[str, Any] = {
        "own_keys": [own(name) for name in ([about["keys"]["ours"]] if about["keys"].get("ours") else [])],
        "partner_certificates": [certificate(name) for name in about["keys"].get("sender_certs") or [about["keys"]["sender_cert"]]],
        "when": certificate("gw").not_before.replace(year=2026),
        "policy": policy(about),
    }
    in_memory = open_message(heading, captured.headers, captured.body, **context)
    payload = io.BytesIO()
    from_file = open_file(heading, captured.headers, io.BytesIO(captured.body), payload, scratch=io.BytesIO, **context)
    if isinstance(in_memory, Opened):
        assert isinstance(from_file, OpenedFile), from_file
        assert (payload.getvalue(), from_file.mic, from_file.layers) == (in_memory.payload, in_memory.mic, in_memory.layers)
        assert (from_file.filename, from_file.content_type) == (in_memory.filename, in_memory.content_type)
    else:
        assert isinstance(from_file, Refused)
        assert (from_file.disposition, from_file.fault.code) == (in_memory.disposition, in_memory.fault.code)


@pytest.mark.parametrize("case", MESSAGES)
def test_a_hostile_file_name_is_made_safe(corpus, case):
    name = judged(case)["filename"]
    assert name is None or not (set(name) & set("/\\\0\r\n") or name in ("", ".", "..") or name.startswith((".", "-", "~")))


def captures(case: str) -> list[str]:
    """The files that hold the receipt: an asynchronous one is not in the response."""
    names = ["async-mdn.http"] if meta(case)["class"] == "mdn-async" else ["response.http", "async-mdn.http"]
    return [name for name in names if (FOLDER / case / name).exists()]


@pytest.mark.parametrize(("case", "file"), [(case, file) for case in RECEIPTS for file in captures(case)])
def test_a_captured_receipt_counts_as_delivery_where_it_should_and_nowhere_else(corpus, case, file):
    path, about = FOLDER / case / file, meta(case)
    sent, expect = about["sent"], about["expect"]
    partners = ["partner", "partner_next"] if case == "attack-mdn/ok-next-cert" else [about["keys"]["peer_cert"]]
    judgement = judge_receipt(
        path.read_bytes(),
        expected=Expected(
            message_id=sent["message_id"],
            mics=tuple(Mic(value=value, algorithm=name) for name, value in sent["mic_all"].items()),
            signed=bool(sent.get("signed_mdn_requested", sent.get("mdn_signed_requested"))),
        ),
        partner_certificates=[certificate(name) for name in partners],
        when=certificate("gw").not_before.replace(year=2026),
        as2_from=sent["as2_to"],
        as2_to=sent["as2_from"],
    )
    answer = judgement.as_json()
    outcomes = set(expect.get("outcome_any_of") or [expect["outcome"]])
    if case == NO_RECEIPT_ASKED:
        unasked = judge_unasked(path.read_bytes())
        assert unasked is not None
        assert (unasked.as_json()["verdict"], unasked.exit_code) == ("delivered", 0)
    elif expect["delivered"] in (True, False):
        assert (answer["verdict"] == "delivered") == expect["delivered"], answer
    if outcomes <= {"error", "failed"}:
        assert answer["verdict"] == "refused", answer
    if not outcomes & {"error", "failed"}:
        assert answer["verdict"] != "refused", answer
    assert judgement.exit_code == (0 if answer["verdict"] == "delivered" else judgement.exit_code)
    assert answer["verdict"] == "delivered" or answer["reasons"]
