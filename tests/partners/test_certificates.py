"""Certificates and own keys: read from files, chosen by time."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, load_pem_private_key, pkcs7, pkcs12

from edi_gateway.as2.identity import OwnKey
from edi_gateway.config import Secret
from edi_gateway.faults import Faulty
from edi_gateway.partners.agreement import Identity, X12Identity
from edi_gateway.partners.certificates import Held, expiry, for_encryption, for_signing, in_force, read_held, read_own_keys, warning_step
from edi_gateway.partners.making import make_own_key
from edi_gateway.testing.keys import MADE_AT, made, own_key, write_key

DAY = timedelta(days=1)
OLD = MADE_AT, 365 * DAY
NEW = MADE_AT + 335 * DAY, 365 * DAY
IN_OLD, IN_BOTH, IN_NEW, AFTER = (MADE_AT + days * DAY for days in (10, 350, 400, 800))


def identity(*keys: Path, certificates: tuple[Path, ...] = (), passphrase: Secret | None = None) -> Identity:
    return Identity(
        as2_id="US", x12=X12Identity(qualifier="ZZ", id="US", group_id="US"), keys=keys, certificates=certificates, passphrase=passphrase
    )


@pytest.fixture
def two(tmp_path: Path) -> Held:
    """A party that rolls over: the old certificate and the new one overlap for thirty days."""
    return read_held([write_key(tmp_path, "new", *NEW).certificate, write_key(tmp_path, "old", *OLD).certificate])


@pytest.mark.parametrize(("when", "names"), [(IN_OLD, ["old"]), (IN_BOTH, ["new", "old"]), (IN_NEW, ["new"]), (AFTER, [])])
def test_signatures_are_verified_with_every_certificate_in_force(two: Held, when: datetime, names: list[str]) -> None:
    assert [one.common_name for one in in_force(two.certificates, when)] == names


@pytest.mark.parametrize(("when", "name"), [(IN_OLD, "old"), (IN_BOTH, "new"), (IN_NEW, "new"), (AFTER, None)])
def test_messages_are_encrypted_for_the_newest_certificate_in_force(two: Held, when: datetime, name: str | None) -> None:
    chosen = for_encryption(two.certificates, when)
    assert (chosen.common_name if chosen else None) == name


def test_a_certificate_that_may_only_sign_is_not_encrypted_for() -> None:
    key = own_key("signer")
    assert for_encryption([key.certificate], IN_OLD) == key.certificate
    usage = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
    certificate = x509.load_der_x509_certificate(key.certificate.der)
    signing_only = (
        x509.CertificateBuilder()
        .subject_name(certificate.subject)
        .issuer_name(certificate.subject)
        .public_key(certificate.public_key())
        .serial_number(7)
        .not_valid_before(MADE_AT)
        .not_valid_after(MADE_AT + 500 * DAY)
        .add_extension(usage, critical=True)
        .sign(load_pem_private_key(made("signer").private, None), certificate.signature_hash_algorithm)  # type: ignore[arg-type]
    )
    held = held_of(signing_only.public_bytes(Encoding.PEM))
    assert for_encryption(held.certificates, IN_OLD) is None


def held_of(content: bytes) -> Held:
    with tempfile.NamedTemporaryFile(suffix=".pem") as file:
        file.write(content)
        file.flush()
        return read_held([Path(file.name)])


def test_we_sign_with_the_first_of_our_keys_whose_certificate_is_in_force() -> None:
    keys = (own_key("new", *NEW), own_key("old", *OLD))
    assert for_signing(keys, IN_OLD) == keys[1]
    assert for_signing(keys, IN_BOTH) == keys[0]
    assert for_signing(keys, AFTER) is None


@pytest.mark.parametrize("form", ["pem", "der", "p7b-der", "p7b-pem"])
def test_certificates_are_read_in_every_form_that_partners_send(form: str) -> None:
    certificate = x509.load_pem_x509_certificate(made("acme").certificate)
    content = {
        "pem": certificate.public_bytes(Encoding.PEM),
        "der": certificate.public_bytes(Encoding.DER),
        "p7b-der": pkcs7.serialize_certificates([certificate], Encoding.DER),
        "p7b-pem": pkcs7.serialize_certificates([certificate], Encoding.PEM),
    }[form]
    held = held_of(content)
    assert held.faults == ()
    assert [one.common_name for one in held.certificates] == ["acme"]


def test_a_certificate_that_stands_in_two_files_counts_once(tmp_path: Path) -> None:
    file = write_key(tmp_path, "acme").certificate
    copy = tmp_path / "copy.pem"
    copy.write_bytes(file.read_bytes())
    held = read_held([file, copy])
    assert held.files == (file,)


def test_one_unreadable_file_leaves_the_others_in_use(tmp_path: Path) -> None:
    good = write_key(tmp_path, "acme").certificate
    bad = tmp_path / "bad.pem"
    bad.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    held = read_held([tmp_path / "none.pem", bad, good])
    assert [one.common_name for one in held.certificates] == ["acme"]
    assert [(fault.code, fault.place.file) for fault in held.faults] == [
        ("PRT-CERT-UNREADABLE", str(tmp_path / "none.pem")),
        ("AS2-CERT-UNREADABLE", str(bad)),
    ]


# --- own keys ---


def test_each_own_key_finds_its_certificate(tmp_path: Path) -> None:
    new, old = write_key(tmp_path, "new", *NEW), write_key(tmp_path, "old", *OLD)
    found = read_own_keys(identity(new.key, old.key, certificates=(old.certificate, new.certificate)))
    assert found.faults == ()
    assert [one.certificate.common_name for one in found.keys] == ["new", "old"]


def test_own_certificates_are_warned_of_like_any_others(tmp_path: Path) -> None:
    old = write_key(tmp_path, "old", *OLD)
    found = read_own_keys(identity(old.key, certificates=(old.certificate,)))
    [fault] = expiry(found.certificates, IN_BOTH)
    assert (fault.code, fault.place.file) == ("PRT-CERT-ENDS-SOON", str(old.certificate))


def test_a_key_without_its_certificate_is_a_fault_and_the_others_stay(tmp_path: Path) -> None:
    new, old = write_key(tmp_path, "new", *NEW), write_key(tmp_path, "old", *OLD)
    found = read_own_keys(identity(new.key, old.key, certificates=(old.certificate,)))
    assert [one.certificate.common_name for one in found.keys] == ["old"]
    assert [(fault.code, fault.place.file) for fault in found.faults] == [("PRT-KEY-ALONE", str(new.key))]


def test_an_encrypted_key_opens_with_its_pass_phrase(tmp_path: Path) -> None:
    pem = make_own_key("sealed", MADE_AT, passphrase="open sesame")
    assert b"ENCRYPTED" in pem.private
    (tmp_path / "k.pem").write_bytes(pem.private)
    (tmp_path / "c.pem").write_bytes(pem.certificate)
    (tmp_path / "phrase").write_text("open sesame\n")
    files = {"certificates": (tmp_path / "c.pem",)}
    with_phrase = read_own_keys(identity(tmp_path / "k.pem", **files, passphrase=Secret(reference="file:phrase", base=tmp_path)))
    assert [one.certificate.common_name for one in with_phrase.keys] == ["sealed"]
    without = read_own_keys(identity(tmp_path / "k.pem", **files))
    assert [fault.code for fault in without.faults] == ["AS2-KEY-PASSPHRASE"]
    with pytest.raises(Faulty):
        read_own_keys(identity(tmp_path / "k.pem", **files, passphrase=Secret(reference="file:none", base=tmp_path)))


def test_a_p12_file_is_key_and_certificate_in_one(tmp_path: Path) -> None:
    pem = made("acme")
    certificate = x509.load_pem_x509_certificate(pem.certificate)
    key = load_pem_private_key(pem.private, None)
    bundle = pkcs12.serialize_key_and_certificates(b"acme", key, certificate, None, BestAvailableEncryption(b"pw"))  # type: ignore[arg-type]
    (tmp_path / "own.p12").write_bytes(bundle)
    (tmp_path / "phrase").write_text("pw")
    found = read_own_keys(identity(tmp_path / "own.p12", passphrase=Secret(reference="file:phrase", base=tmp_path)))
    assert found.faults == ()
    assert [one.certificate.common_name for one in found.keys] == ["acme"]


def test_a_made_key_is_what_partners_accept() -> None:
    pem = make_own_key("OURCO", MADE_AT)
    certificate = x509.load_pem_x509_certificate(pem.certificate)
    assert certificate.not_valid_before_utc == MADE_AT - timedelta(hours=1)
    usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    assert usage.digital_signature
    assert usage.key_encipherment
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert isinstance(own_key("OURCO"), OwnKey)


# --- warnings before the end ---


@pytest.mark.parametrize(
    ("days", "step"),
    [
        (100, None),
        (61, None),
        (60, 60),
        (31, 60),
        (30, 30),
        (15, 30),
        (14, 14),
        (8, 14),
        (7, 7),
        (2, 7),
        (1, 1),
        (0.5, 1),
        (0, 1),
        (-0.1, 0),
        (-99, 0),
    ],
)
def test_the_warning_that_is_due(days: float, step: int | None) -> None:
    certificate = own_key("old", *OLD).certificate
    assert warning_step(certificate, certificate.not_after - days * DAY) == step


def test_one_that_ends_soon_says_whether_its_successor_is_there(two: Held, tmp_path: Path) -> None:
    [relieved] = expiry(two, IN_BOTH)
    assert (relieved.code, dict(relieved.detail)["heir"]) == ("PRT-CERT-RELIEVED", "new")
    [alone] = expiry(read_held([write_key(tmp_path, "old", *OLD).certificate]), IN_BOTH)
    assert alone.code == "PRT-CERT-ENDS-SOON"


def test_one_that_begins_only_after_the_end_leaves_a_gap_and_is_no_successor(tmp_path: Path) -> None:
    late = write_key(tmp_path, "late", MADE_AT + 380 * DAY, 365 * DAY).certificate
    held = read_held([late, write_key(tmp_path, "old", *OLD).certificate])
    assert "PRT-CERT-ENDS-SOON" in [fault.code for fault in expiry(held, IN_BOTH)]


@pytest.mark.parametrize(
    ("when", "codes"),
    [
        (IN_OLD, ["PRT-CERT-EARLY"]),
        (IN_BOTH, ["PRT-CERT-RELIEVED"]),
        (IN_NEW, ["PRT-CERT-PAST"]),
        (AFTER, ["PRT-CERT-EXPIRED", "PRT-CERT-EXPIRED", "PRT-CERT-NONE-IN-FORCE"]),
    ],
)
def test_the_report_says_what_ends_what_begins_and_when_nothing_is_in_force(two: Held, when: datetime, codes: list[str]) -> None:
    report = expiry(two, when)
    assert [fault.code for fault in report] == codes
    assert all(fault.place.file in {str(file) for file in two.files} for fault in report)


def test_a_party_without_certificates_has_nothing_to_report() -> None:
    assert expiry(Held(), datetime(2026, 1, 1, tzinfo=UTC)) == ()


@pytest.mark.parametrize("content", [b"", b"\n \r\n"])
def test_an_empty_certificate_file_is_called_empty(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "empty.pem").write_bytes(content)
    [fault] = read_held([tmp_path / "empty.pem"]).faults
    assert fault.code == "AS2-CERT-UNREADABLE"
    assert "it is empty" in fault.message
