"""The work of `as2_bench.py` done by pyas2lib, run by the Python in which it is installed; prints one line of JSON.

PYTHON benchmarks/as2_referee.py FOLDER SECONDS
"""

import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pyas2lib.as2 import Mdn, Message, Organization, Partner  # type: ignore[import-not-found,unused-ignore]


def rate(action: Callable[[], object], seconds: float) -> float:
    action()
    best = 0.0
    for _ in range(3):
        done, started = 0, time.process_time()
        while (spent := time.process_time() - started) < seconds / 3:
            action()
            done += 1
        best = max(best, done / spent)
    return best


def organization(folder: Path, name: str, key: str) -> Organization:
    pem = (folder / f"{key}.pem").read_bytes()
    return Organization(as2_name=name, sign_key=pem, sign_key_pass=None, decrypt_key=pem, decrypt_key_pass=None)


def partner(folder: Path, name: str, key: str) -> Partner:
    certificate = (folder / f"{key}.cert").read_bytes()
    return Partner(
        as2_name=name,
        verify_cert=certificate,
        encrypt_cert=certificate,
        validate_certs=False,
        sign=True,
        encrypt=True,
        enc_alg="aes_256_cbc",
        mdn_mode="SYNC",
        mdn_digest_alg="sha256",
    )


def main() -> None:
    logging.disable(logging.CRITICAL)
    folder, seconds = Path(sys.argv[1]), float(sys.argv[2])
    payload = (folder / "payload").read_bytes()
    ours, theirs = organization(folder, "US", "ours"), organization(folder, "THEM", "theirs")
    them, us = partner(folder, "THEM", "theirs"), partner(folder, "US", "ours")

    def sealed() -> Message:
        message = Message(sender=ours, receiver=them)
        message.build(payload, filename="po.edi", content_type="application/edi-x12")
        return message

    sent = sealed()
    wire = sent.headers_str + b"\r\n" + sent.content

    def acknowledged() -> Mdn:
        status, problem, mdn = Message().parse(wire, find_org_cb=lambda _: theirs, find_partner_cb=lambda _: us)
        assert status == "processed", problem
        return mdn

    mdn = acknowledged()
    receipt = mdn.headers_str + b"\r\n" + mdn.content

    def judged() -> None:
        status, detail = Mdn().parse(receipt, find_message_cb=lambda *_: sent)
        assert status == "processed", detail

    figures = {
        "seal": rate(sealed, seconds),
        "open and acknowledge": rate(acknowledged, seconds),
        "judge a receipt": rate(judged, seconds),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
