"""`edi-gateway cert`: certificates listed and imported, new keys made, and a roll-over rehearsed, then done."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, load_pem_private_key, pkcs7, pkcs12
from cryptography.x509 import load_pem_x509_certificate

from edi_gateway.demo.homes import Pair
from edi_gateway.testing.keys import made, write_key

from .conftest import Run

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


@pytest.fixture
def home(own_pair: Pair) -> Path:
    return own_pair.supplier.home


def everything(home: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_every_certificate_is_listed_with_its_use_and_fingerprint(pair: Pair, run: Run) -> None:
    said = run("cert", "list", "--json", "--home", pair.supplier.home).json()
    assert [(one["of"], one["use"], one["name"]) for one in said["certificates"]] == [
        ("ours", "signs, decrypts", "SUPPLIER"),
        ("retailer", "encrypted to, verifies", "RETAILER"),
    ]
    ran = run("cert", "list", "--home", pair.supplier.home)
    assert ran.code == 0
    assert said["certificates"][1]["fingerprint"] in ran.out
    assert run("cert", "list", "--now", "2055-01-01", "--home", pair.supplier.home).code == 1


@pytest.mark.parametrize("form", ["pem", "der", "p7b"])
def test_a_certificate_in_any_form_is_imported_as_pem(form: str, home: Path, run: Run, tmp_path: Path) -> None:
    certificate = load_pem_x509_certificate(made("Acme Inc").certificate)
    content = {
        "pem": certificate.public_bytes(Encoding.PEM),
        "der": certificate.public_bytes(Encoding.DER),
        "p7b": pkcs7.serialize_certificates([certificate], Encoding.DER),
    }
    file = tmp_path / f"acme.{form}"
    file.write_bytes(content[form])
    ran = run("cert", "import", file, "--as", "acme", "--home", home)
    assert (ran.code, (home / "certs" / "acme.pem").read_bytes()) == (0, content["pem"])
    assert certificate.fingerprint(certificate.signature_hash_algorithm).hex(":").upper() in ran.out  # type: ignore[arg-type]
    before = everything(home)
    again = run("cert", "import", file, "--as", "acme", "--home", home)
    assert (again.code, again.err.split("  ")[0], everything(home)) == (2, "CFG-OUTPUT", before)


def test_a_p12_gives_a_key_that_only_its_owner_reads(home: Path, run: Run, tmp_path: Path) -> None:
    pem = made("ours")
    certificate, key = load_pem_x509_certificate(pem.certificate), load_pem_private_key(pem.private, None)
    file = tmp_path / "own.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"o", key, certificate, None, BestAvailableEncryption(b"pw")))  # type: ignore[arg-type]
    (tmp_path / "phrase").write_text("pw")
    ran = run("cert", "import", file, "--as", "next", "--passphrase", f"file:{tmp_path / 'phrase'}", "--home", home)
    assert (ran.code, stat.S_IMODE((home / "certs" / "next.key.pem").stat().st_mode)) == (0, 0o600)
    assert run("cert", "import", file, "--as", "other", "--home", home).code == 2


def test_what_is_no_certificate_is_not_imported(home: Path, run: Run, order: Path) -> None:
    before = everything(home)
    ran = run("cert", "import", order, "--home", home)
    assert (ran.code, ran.err.split("  ")[0], everything(home)) == (2, "AS2-CERT-UNREADABLE", before)


def test_a_partners_roll_over_is_rehearsed_and_nothing_is_written_before_it_is_applied(home: Path, run: Run) -> None:
    fresh = write_key(home / "certs", "fresh", NOW + 30 * DAY, 2000 * DAY).certificate
    before = everything(home)
    ran = run("cert", "rollover", fresh, "--partner", "retailer", "--home", home)
    assert (ran.code, everything(home)) == (0, before)
    assert [line.split(" (")[0].partition("  ")[2] for line in ran.out.splitlines()[:3]] == [
        "we encrypt to RETAILER",
        "we encrypt to fresh",
        "we encrypt to fresh",
    ]
    assert run("cert", "rollover", fresh, "--partner", "retailer", "--apply", "--home", home).code == 0
    assert "certificates: [certs/fresh.pem, certs/retailer.pem]" in (home / "partners" / "retailer.yaml").read_text()
    assert [one["name"] for one in run("cert", "list", "--json", "--home", home).json()["certificates"]] == [
        "SUPPLIER",
        "fresh",
        "RETAILER",
    ]
    assert run("partner", "check", "--home", home).code == 0


@pytest.mark.parametrize(("sign", "uses"), [("at-end", ["signs, decrypts", "decrypts"]), ("at-once", ["decrypts", "signs, decrypts"])])
def test_our_own_new_key_signs_when_it_is_said(sign: str, uses: list[str], home: Path, run: Run) -> None:
    made_files = run("cert", "new", "--home", home).out.splitlines()
    key, certificate = Path(made_files[0]), Path(made_files[1])
    given = (certificate, "--key", key, "--sign", sign, "--home", home)
    phases = run("cert", "rollover", *given, "--json").json()["phases"]
    assert len(phases[0]["accepted"]) == 2
    assert run("cert", "rollover", *given, "--apply").code == 0
    listed = [one for one in run("cert", "list", "--json", "--home", home).json()["certificates"] if one["of"] == "ours"]
    by_file = {Path(one["file"]).name: one["use"] for one in listed}
    assert [by_file["own.cert.pem"], by_file[certificate.name]] == uses
    assert run("partner", "check", "--home", home).code == 0


def test_days_without_a_certificate_are_a_finding(home: Path, run: Run) -> None:
    late = write_key(home / "certs", "late", NOW + 5000 * DAY, 2000 * DAY).certificate
    ran = run("cert", "rollover", late, "--partner", "retailer", "--home", home)
    assert ran.code == 1
    assert "there is none to encrypt to" in ran.out


def test_a_list_that_cannot_be_changed_safely_is_left_to_a_person(home: Path, run: Run) -> None:
    fresh = write_key(home / "certs", "fresh").certificate
    file = home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("certificates: certs/retailer.pem", "certificates:\n    - certs/retailer.pem"))
    before = everything(home)
    ran = run("cert", "rollover", fresh, "--partner", "retailer", "--apply", "--home", home)
    assert (ran.code, ran.err.split("  ")[0], everything(home)) == (2, "CFG-LIST-BY-HAND", before)


def test_a_roll_over_is_a_partners_or_ours(home: Path, run: Run) -> None:
    assert run("cert", "rollover", home / "certs" / "own.cert.pem", "--home", home).code == 2
