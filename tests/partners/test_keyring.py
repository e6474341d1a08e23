"""The keys and certificates of a whole book: read once, chosen by time."""

from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.faults import Faulty
from edi_gateway.partners.agreement import As2Terms, Identity, Partner, X12Identity, X12Terms
from edi_gateway.partners.book import Book
from edi_gateway.partners.keyring import Keyring
from edi_gateway.testing.keys import MADE_AT, write_key

YEAR = timedelta(days=365)
BEFORE, DURING, NEAR_THE_END, AFTER = (MADE_AT + days * timedelta(days=1) for days in (-10, 10, 360, 400))


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    names = X12Identity(qualifier="ZZ", id="ACME", group_id="ACME")
    certificate = write_key(tmp_path, "acme", MADE_AT, YEAR).certificate
    return Partner(key="acme", name="Acme", as2=As2Terms(id="ACME", certificates=(certificate,)), x12=X12Terms(identity=names))


@pytest.fixture
def keyring(tmp_path: Path, partner: Partner) -> Keyring:
    ours = write_key(tmp_path, "ours", MADE_AT, YEAR)
    names = X12Identity(qualifier="ZZ", id="US", group_id="US")
    identity = Identity(as2_id="US", x12=names, keys=(ours.key,), certificates=(ours.certificate,))
    return Keyring.read(Book(identity=identity, partners=(partner,)))


def test_a_key_and_a_certificate_in_force_are_used(keyring: Keyring, partner: Partner) -> None:
    assert keyring.signing(DURING).certificate.common_name == "ours"
    assert keyring.recipient(partner, DURING).common_name == "acme"
    assert keyring.faults(DURING) == ()


@pytest.mark.parametrize("when", [BEFORE, AFTER])
def test_out_of_their_time_nothing_is_signed_or_encrypted(keyring: Keyring, partner: Partner, when: object) -> None:
    with pytest.raises(Faulty, match="PRT-NO-SIGNING-KEY"):
        keyring.signing(when)  # type: ignore[arg-type]
    with pytest.raises(Faulty, match=r"PRT-NO-RECIPIENT .*acme"):
        keyring.recipient(partner, when)  # type: ignore[arg-type]


def test_what_has_ended_still_decrypts(keyring: Keyring) -> None:
    assert [key.certificate.common_name for key in keyring.own()] == ["ours"]


def test_our_own_end_is_warned_of_as_the_partners_is(keyring: Keyring) -> None:
    found = [(fault.code, dict(fault.detail)["subject"]) for fault in keyring.faults(NEAR_THE_END)]
    assert found == [("PRT-CERT-ENDS-SOON", "ours"), ("PRT-CERT-ENDS-SOON", "acme")]
