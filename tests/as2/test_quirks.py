"""Presets for products: what is suited to one is taken by it, and what is not is said."""

import itertools

import pytest

from edi_gateway.as2 import Cipher, Compression, Digest, Opened, Padding, Policy, Security, Transport
from edi_gateway.as2.quirks import PRESETS

ALL = [
    Security(digest=digest, padding=padding, cipher=cipher, transport=transport, compression=compression)
    for digest, padding, cipher, transport, compression in itertools.product(
        [None, Digest.SHA256, Digest.SHA512], Padding, [None, *Cipher], Transport, Compression
    )
]


@pytest.mark.parametrize("quirks", PRESETS.values(), ids=PRESETS)
def test_a_suited_security_has_no_faults_and_an_unsuited_one_has(quirks):
    for security in ALL:
        suited = quirks.suited(security)
        assert quirks.suited(suited) == suited
        assert quirks.faults(suited) == ()
        assert bool(quirks.faults(security)) == (suited != security)


@pytest.mark.parametrize("quirks", PRESETS.values(), ids=PRESETS)
def test_the_default_is_taken_by_every_product_that_reads_security_at_all(quirks):
    assert (quirks.suited(Security()) == Security()) == quirks.secured


REFUSED = {
    "openas2": [Security(cipher=Cipher.AES256_GCM), Security(transport=Transport.OAEP), Security(digest=None)],
    "pyas2": [Security(cipher=Cipher.AES128_GCM), Security(transport=Transport.OAEP)],
    "libas2": [
        Security(padding=Padding.PSS),
        Security(compression=Compression.AFTER_SIGNING),
        Security(cipher=None),
        Security(digest=None),
        Security(cipher=Cipher.AES256_GCM),
    ],
    "as2-lib": [Security(cipher=Cipher.AES256_GCM)],
    "mock-edi": [Security(), Security(cipher=None), Security(digest=None)],
    "amazon": [Security(cipher=Cipher.AES256_GCM), Security(cipher=None)],
}


@pytest.mark.parametrize(("name", "security"), [(name, one) for name, refused in REFUSED.items() for one in refused])
def test_what_a_product_was_seen_to_refuse_is_a_fault(name, security):
    faults = PRESETS[name].faults(security)
    assert faults
    assert name in faults[0].message


def test_every_product_has_such_a_sighting():
    assert REFUSED.keys() == PRESETS.keys()


@pytest.mark.parametrize("quirks", PRESETS.values(), ids=PRESETS)
def test_what_is_suited_still_seals_and_opens(parties, quirks):
    security = quirks.suited(Security(cipher=Cipher.AES256_GCM, padding=Padding.PSS, compression=Compression.BEFORE_SIGNING))
    sealed = parties.sealed(security=security)
    opened = parties.opened(sealed.headers, sealed.body, policy=Policy(require_signed=False, require_encrypted=False))
    assert isinstance(opened, Opened)
    assert opened.payload == parties.order
