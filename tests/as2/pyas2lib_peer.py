"""pyas2lib as a peer: answers one JSON line with one, run by a Python in which it is installed.

PYTHON pyas2lib_peer.py FOLDER      with ours.pem, ours.cert, theirs.pem, theirs.cert in the folder
"""

import base64
import json
import logging
import sys
from pathlib import Path

from pyas2lib.as2 import Mdn, Message, Organization, Partner  # type: ignore[import-not-found,unused-ignore]


def main() -> None:
    logging.disable(logging.CRITICAL)
    folder = Path(sys.argv[1])
    pem, certificate = (folder / "theirs.pem").read_bytes(), (folder / "ours.cert").read_bytes()
    peer = Organization(as2_name="PEER", sign_key=pem, sign_key_pass=None, decrypt_key=pem, decrypt_key_pass=None)
    sent: dict[str, Message] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        gateway = Partner(
            as2_name="GW",
            verify_cert=certificate,
            encrypt_cert=certificate,
            validate_certs=False,
            **asked.get("partner", {}),
        )
        wire = base64.b64decode(asked.get("wire", ""))
        match asked["do"]:
            case "build":
                message = Message(sender=peer, receiver=gateway)
                message.build(base64.b64decode(asked["payload"]), filename="order.edi", content_type="application/octet-stream")
                sent[message.message_id] = message
                answer = {"wire": message.headers_str + b"\r\n" + message.content}
            case "parse":
                message = Message()
                status, _, mdn = message.parse(wire, find_org_cb=lambda _: peer, find_partner_cb=lambda _, found=gateway: found)
                content = message.payload.get_payload(decode=True) if status == "processed" else b""
                answer = {"status": status, "payload": content, "wire": mdn.headers_str + b"\r\n" + mdn.content if mdn else b""}
            case _:
                status, detail = Mdn().parse(wire, find_message_cb=lambda message_id, _: sent.get(message_id))
                answer = {"status": status, "detail": detail or ""}
        encoded = {key: base64.b64encode(value).decode() if isinstance(value, bytes) else value for key, value in answer.items()}
        print(json.dumps(encoded), flush=True)


if __name__ == "__main__":
    main()
