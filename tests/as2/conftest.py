"""Two trading partners with keys made for the run, and the outsiders who would like to be them."""

import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from edi_gateway.as2 import (
    Certificate,
    MdnWanted,
    Opened,
    OwnKey,
    Policy,
    Refused,
    Sealed,
    Security,
    open_message,
    read_heading,
    read_own_key,
    seal,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ORDER = b"ISA*00*          *00*          *ZZ*PARTNER        *ZZ*GW             *261122*0040*U*00401*000000001*0*T*>~\r\nST*850*0001~\n"
MESSAGE_ID = "<order-1@partner.test>"
USUAL = Security()
ANY = Policy(require_signed=False, require_encrypted=False)


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> bytes:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def issued(
    name: str,
    private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    *,
    since: datetime = datetime(2020, 1, 1, tzinfo=UTC),
    until: datetime = datetime(2046, 1, 1, tzinfo=UTC),
    serial: int | None = None,
    key_id: bool = True,
) -> OwnKey:
    """A self-signed identity."""
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"), x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(since)
        .not_valid_after(until)
    )
    if key_id:
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
    certificate = builder.sign(private, hashes.SHA256())
    own = read_own_key(pem(private), certificate.public_bytes(Encoding.PEM))
    assert isinstance(own, OwnKey)
    return own


@dataclass(frozen=True)
class Parties:
    """We (GW), the partner (PARTNER) and others. What the partner sends is made by `sealed`, and opened by `opened`."""

    ours: OwnKey
    theirs: OwnKey
    outsider: OwnKey
    impostor: OwnKey
    expired: OwnKey
    not_yet: OwnKey
    curve: OwnKey
    small: OwnKey
    now: datetime = NOW
    order: bytes = ORDER
    message_id: str = MESSAGE_ID

    def sealed(self, payload: bytes = ORDER, security: Security = USUAL, **more: Any) -> Sealed:
        settings: dict[str, Any] = {
            "as2_from": "PARTNER",
            "as2_to": "GW",
            "message_id": MESSAGE_ID,
            "when": NOW,
            "filename": "order.edi",
            "security": security,
            "signing_key": self.theirs,
            "recipients": [self.ours.certificate],
            "mdn": MdnWanted(),
        }
        return seal(payload, **(settings | more))

    def opened(
        self,
        headers: Sequence[tuple[str, str]],
        body: bytes,
        *,
        policy: Policy = ANY,
        own_keys: Sequence[OwnKey] | None = None,
        certificates: Sequence[Certificate] | None = None,
        when: datetime = NOW,
    ) -> Opened | Refused:
        heading = read_heading(headers)
        assert not isinstance(heading, Refused), heading
        return open_message(
            heading,
            headers,
            body,
            own_keys=[self.ours] if own_keys is None else own_keys,
            partner_certificates=[self.theirs.certificate] if certificates is None else certificates,
            when=when,
            policy=policy,
        )


@pytest.fixture(scope="session")
def parties() -> Parties:
    theirs = issued("partner", rsa.generate_private_key(65537, 2048))
    outside = rsa.generate_private_key(65537, 2048)
    return Parties(
        ours=issued("gateway", rsa.generate_private_key(65537, 2048)),
        theirs=theirs,
        outsider=issued("outsider", outside),
        impostor=issued("partner", outside, serial=theirs.certificate.serial_number),
        expired=issued("expired", outside, since=datetime(2018, 1, 1, tzinfo=UTC), until=datetime(2019, 1, 1, tzinfo=UTC)),
        not_yet=issued("not yet", outside, since=datetime(2080, 1, 1, tzinfo=UTC), until=datetime(2099, 1, 1, tzinfo=UTC)),
        curve=issued("curve", ec.generate_private_key(ec.SECP256R1())),
        small=issued("small", rsa.generate_private_key(65537, 1024)),
    )


@pytest.fixture(scope="session")
def identity() -> Callable[..., OwnKey]:
    """Makes a further identity on a key."""
    return issued


@pytest.fixture(scope="session")
def openssl(tmp_path_factory: pytest.TempPathFactory, parties: Parties) -> Callable[..., bytes]:
    """Runs `openssl cms`; words such as `@theirs.key` and `@ours.cert` stand for files. Skips where openssl is absent."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("openssl")
    for name in ("ours", "theirs", "curve", "outsider"):
        own: OwnKey = getattr(parties, name)
        (folder / f"{name}.key").write_bytes(pem(own.private))
        loaded = x509.load_der_x509_certificate(own.certificate.der)
        (folder / f"{name}.cert").write_bytes(loaded.public_bytes(Encoding.PEM))

    def run(command: str, given: bytes, **files: bytes) -> bytes:
        for name, held in files.items():
            (folder / name).write_bytes(held)
        words = [str(folder / word[1:]) if word.startswith("@") else word for word in command.split()]
        done = subprocess.run([program, "cms", *words], input=given, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    return run


@pytest.fixture(scope="session")
def certificate_file() -> Callable[[OwnKey], bytes]:
    """The PEM form of an identity's certificate."""
    return lambda own: x509.load_der_x509_certificate(own.certificate.der).public_bytes(Encoding.PEM)


@pytest.fixture(scope="session")
def key_file() -> Callable[[OwnKey], bytes]:
    """The PEM form of an identity's private key."""
    return lambda own: pem(own.private)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of captured traffic beside the checkout. Skips where it is not there."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "wire"
    if not (folder / "index.json").exists():
        pytest.skip("the corpus of captured traffic is not here")
    return folder
