"""pyas2lib's opinion on a captured request. It is asked where a person installed it, the extra `referee`, and never imported otherwise."""

import hashlib
import importlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edi_gateway import as2
from edi_gateway.as2.wire import Captured, read_capture, written_request
from edi_gateway.faults import Fault, Faulty
from edi_gateway.partners.pem import certificates_pem, key_pem

_COMPARED = ("signed", "encrypted", "compressed", "mic", "payload_sha256")
"""What is compared where both accept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """pyas2lib as one receiver: with one key of ours and one certificate of the partner, as it takes no more."""

    key: as2.OwnKey | None
    certificate: as2.Certificate | None
    require: frozenset[str]

    def opinion(self, raw: bytes) -> dict[str, Any]:
        """What pyas2lib makes of a captured request; `crash` says why where it made nothing of it.

        Errors: Faulty (CFG-REFEREE) where it is not installed, or cannot be imported.
        """
        library = _library()
        captured = read_capture(raw)
        if not isinstance(captured, Captured):
            return {"accepted": False, "disposition": None, "crash": "it is only asked about whole HTTP requests"}
        logging.getLogger("pyas2lib").setLevel(logging.CRITICAL + 1)
        try:
            return self._parsed(library, written_request(captured.headers, captured.body).partition(b"\r\n")[2])
        except Exception as crash:  # whatever another's code raises is its opinion, too
            return {"accepted": False, "disposition": None, "crash": f"{type(crash).__name__}: {crash}"[:300]}

    def _parsed(self, library: Any, wire: bytes) -> dict[str, Any]:
        message = library.Message()
        status, (problem, _), _ = message.parse(wire, find_org_cb=self._organization(library), find_partner_cb=self._partner(library))
        accepted = status == "processed"
        payload = message.payload.get_payload(decode=True) if accepted else None
        mic = getattr(message, "mic", None) if accepted else None
        return {
            "accepted": accepted,
            "disposition": status if accepted else f"{status}: {problem}",
            "signed": bool(message.signed),
            "encrypted": bool(message.encrypted),
            "compressed": bool(message.compressed),
            "mic": mic.decode() if isinstance(mic, bytes) else mic,
            "mic_algorithm": getattr(message, "digest_alg", None),
            "payload_sha256": hashlib.sha256(payload).hexdigest() if payload is not None else None,
            "crash": None,
        }

    def _organization(self, library: Any) -> Any:
        pem = key_pem(self.key) + certificates_pem([self.key.certificate]) if self.key else None
        return lambda name: library.Organization(as2_name=name, decrypt_key=pem, decrypt_key_pass=None, sign_key=pem, sign_key_pass=None)

    def _partner(self, library: Any) -> Any:
        pem = certificates_pem([self.certificate]) if self.certificate else None
        wanted = {"sign": "signed" in self.require, "encrypt": "encrypted" in self.require}
        return lambda name: library.Partner(as2_name=name, verify_cert=pem, encrypt_cert=pem, validate_certs=False, **wanted)


def _library() -> Any:
    try:
        return importlib.import_module("pyas2lib.as2")
    except ModuleNotFoundError as missing:
        reason = "is not installed" if (missing.name or "").startswith("pyas2lib") else f"cannot be imported: {missing}"
        raise Faulty([Fault.of("CFG-REFEREE", value="pyas2lib", reason=reason)]) from None
    except Exception as broken:  # oscrypto raises what it likes where it does not know the machine's OpenSSL
        raise Faulty([Fault.of("CFG-REFEREE", value="pyas2lib", reason=f"cannot be imported: {broken}")]) from None


def peer_of(
    layers: as2.Layers | None, own_keys: Sequence[as2.OwnKey], certificates: Sequence[as2.Certificate], require: frozenset[str]
) -> Peer:
    """The peer with the key and the certificate that the message needed of us; the first of each where it needed none."""
    opened_by, signer = (layers.opened_by, layers.signer) if layers else (None, None)
    key = next((one for one in own_keys if one.certificate == opened_by), own_keys[0] if own_keys else None)
    return Peer(key=key, certificate=signer or next(iter(certificates), None), require=require)


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> list[str]:
    """Where two opinions differ: "accepted" where only one accepts; what is compared further where both do.

    A MIC counts only where both made it with the same digest: which one to use is a matter of what the sender asked for.
    """
    if ours["accepted"] != theirs["accepted"]:
        return ["accepted"]
    if not ours["accepted"]:
        return []
    digests = [as2.Digest.named(one["mic_algorithm"] or "") for one in (ours, theirs)]
    left_out = () if digests[0] is digests[1] else ("mic",)
    return [name for name in _COMPARED if name not in left_out and theirs[name] is not None and ours[name] != theirs[name]]


def words(theirs: Mapping[str, Any], differ: Sequence[str]) -> str:
    """An opinion in a line."""
    if theirs["crash"]:
        return f"it gave up: {theirs['crash']}"
    if not differ:
        return "it agrees"
    if differ == ["accepted"]:
        return f"it differs: {theirs['disposition']}"
    return "it differs: " + ", ".join(f"{name.replace('_', ' ')} {theirs[name]}" for name in differ)
