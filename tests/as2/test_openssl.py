"""`openssl cms` as referee, both ways, over all algorithms."""

import pytest

from edi_gateway.as2 import Cipher, Digest, Opened, Padding, Policy, Refused, Security, Signing, Transport, cms, mic
from edi_gateway.as2.mime import entity, parts

DIGESTS = [Digest.SHA1, Digest.SHA256, Digest.SHA384, Digest.SHA512]
LEGACY = Policy(require_signed=False, require_encrypted=False, legacy=True)
NAMES = {Cipher.DES_EDE3_CBC: "des3"} | {
    cipher: f"aes-{cipher.value[3:6]}-{cipher.value[7:]}" for cipher in Cipher if cipher is not Cipher.DES_EDE3_CBC
}
OAEP = {digest: f"-keyopt rsa_padding_mode:oaep -keyopt rsa_oaep_md:{digest.value}" for digest in DIGESTS}
PSS = "-keyopt rsa_padding_mode:pss"
ENTITY = b"Content-Type: application/edi-x12\r\n\r\nISA*\x00\xff~\r\n"


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize("padding", list(Padding))
def test_openssl_verifies_our_signature(parties, openssl, digest, padding):
    signing = Signing(key=parties.theirs, digest=digest, padding=padding)
    signature = cms.sign(digest.of(ENTITY), signing, when=parties.now)
    verified = openssl("-verify -binary -inform DER -CAfile @theirs.cert -purpose any -content @content", signature, content=ENTITY)
    assert verified == ENTITY


@pytest.mark.parametrize("digest", DIGESTS)
def test_openssl_verifies_our_elliptic_curve_signature(parties, openssl, digest):
    signature = cms.sign(digest.of(ENTITY), Signing(key=parties.curve, digest=digest), when=parties.now)
    command = "-verify -binary -inform DER -CAfile @curve.cert -purpose any -content @content"
    assert openssl(command, signature, content=ENTITY) == ENTITY


def test_openssl_verifies_our_signature_with_the_certificate_left_out(parties, openssl):
    signing = Signing(key=parties.theirs, include_certificate=False)
    signature = cms.sign(Digest.SHA256.of(ENTITY), signing, when=parties.now)
    command = "-verify -binary -inform DER -certfile @theirs.cert -CAfile @theirs.cert -purpose any -content @content"
    assert openssl(command, signature, content=ENTITY) == ENTITY


@pytest.mark.parametrize("cipher", list(Cipher))
@pytest.mark.parametrize("digest", [None, *DIGESTS])
def test_openssl_opens_our_envelope(parties, openssl, cipher, digest):
    transport = Transport.OAEP if digest else Transport.PKCS1
    sealed = cms.encrypt(
        ENTITY,
        [parties.theirs.certificate, parties.ours.certificate],
        cipher=cipher,
        transport=transport,
        oaep_digest=digest or Digest.SHA256,
    )
    for name in ("ours", "theirs"):
        assert openssl(f"-decrypt -binary -inform DER -inkey @{name}.key -recip @{name}.cert", sealed) == ENTITY


def test_openssl_unpacks_a_whole_message_of_ours(parties, openssl):
    sealed = parties.sealed(b"\r\n\n\x00--=_\r\nISA*~", Security(cipher=Cipher.AES128_CBC))
    opened = openssl("-decrypt -binary -inform DER -inkey @ours.key -recip @ours.cert", sealed.body)
    signed = entity(opened)
    content, signature = parts(signed.body, signed.one("Content-Type").split('boundary="')[1].rstrip('"'))
    detached = entity(signature).body
    pkcs7 = b"-----BEGIN CMS-----\n" + detached.replace(b"\r\n", b"\n") + b"\n-----END CMS-----\n"
    verified = openssl("-verify -binary -inform PEM -CAfile @theirs.cert -purpose any -content @content", pkcs7, content=content)
    assert verified == content
    assert content.endswith(b"\r\n\r\n\r\n\n\x00--=_\r\nISA*~")


def enveloped(parties, body: bytes, policy: Policy = LEGACY) -> Opened | Refused:
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@x>"), ("Content-Type", "application/pkcs7-mime")]
    return parties.opened(headers, body, policy=policy, certificates=[parties.theirs.certificate, parties.curve.certificate])


@pytest.mark.parametrize("streamed", ["", "-stream"])
@pytest.mark.parametrize("named", ["", "-keyid"])
@pytest.mark.parametrize("cipher", list(Cipher))
def test_we_open_what_openssl_encrypted(parties, openssl, cipher, named, streamed):
    body = openssl(f"-encrypt -binary -outform DER -{NAMES[cipher]} {named} {streamed} -recip @ours.cert", ENTITY)
    opened = enveloped(parties, body)
    assert isinstance(opened, Opened), opened
    assert (opened.payload, opened.layers.cipher) == (b"ISA*\x00\xff~\r\n", cipher)


@pytest.mark.parametrize("mask", ["sha1", "sha256", "sha512"])
@pytest.mark.parametrize("digest", DIGESTS)
def test_we_open_what_openssl_encrypted_with_oaep(parties, openssl, digest, mask):
    body = openssl(f"-encrypt -binary -outform DER -aes-256-cbc -recip @ours.cert {OAEP[digest]} -keyopt rsa_mgf1_md:{mask}", ENTITY)
    opened = enveloped(parties, body)
    assert isinstance(opened, Opened), opened
    assert opened.layers.transport is Transport.OAEP


SIGNERS = [("theirs", ""), ("theirs", PSS), ("theirs", f"{PSS} -keyopt rsa_pss_saltlen:20"), ("curve", "")]
FORMS = ["", "-noattr", "-nocerts", "-keyid"]
# openssl itself fails on -stream with PSS ("illegal zero content").
SIGNED = [(*signer, form) for signer in SIGNERS for form in FORMS] + [("theirs", "", "-stream"), ("curve", "", "-stream")]


@pytest.mark.parametrize("digest", DIGESTS)
@pytest.mark.parametrize(("signer", "options", "form"), SIGNED)
def test_we_verify_what_openssl_signed(parties, openssl, signer, options, digest, form):
    command = f"-sign -binary -nodetach -outform DER -md {digest.value} -signer @{signer}.cert -inkey @{signer}.key {options} {form}"
    opened = enveloped(parties, openssl(command, ENTITY))
    assert isinstance(opened, Opened), opened
    assert opened.layers.digest is digest
    assert opened.layers.signer == getattr(parties, signer).certificate


@pytest.mark.parametrize("digest", ["sha224", "sha3-256"])
def test_a_digest_that_is_not_in_use_is_no_signature(parties, openssl, digest):
    body = openssl(f"-sign -binary -nodetach -outform DER -md {digest} -signer @theirs.cert -inkey @theirs.key", ENTITY)
    refused = enveloped(parties, body)
    assert isinstance(refused, Refused)
    assert refused.disposition.text == "authentication-failed"


def test_an_outsider_beside_the_partner_does_not_matter_and_alone_does_not_count(parties, openssl):
    command = "-sign -binary -nodetach -outform DER -signer @outsider.cert -inkey @outsider.key"
    assert isinstance(enveloped(parties, openssl(command, ENTITY)), Refused)
    both = openssl(f"{command} -signer @theirs.cert -inkey @theirs.key", ENTITY)
    opened = enveloped(parties, both)
    assert isinstance(opened, Opened)
    assert opened.layers.signer == parties.theirs.certificate


def test_what_openssl_cannot_be_asked_for_is_still_covered_by_ourselves(parties):
    """GCM with OAEP and a PSS signature in one message: our own both ways."""
    security = Security(cipher=Cipher.AES256_GCM, transport=Transport.OAEP, padding=Padding.PSS, digest=Digest.SHA512)
    sealed = parties.sealed(parties.order, security)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert (opened.layers.cipher, opened.layers.transport, opened.layers.scheme) == ("aes256-gcm", "rsa-oaep", "rsa-pss")


@pytest.mark.parametrize("line_end", ["", "-crlfeol"])
def test_a_message_that_openssl_writes_with_bare_line_feeds_verifies_as_it_was_signed(parties, openssl, line_end):
    """Signed in canonical form, sent in another: what is delivered is what came."""
    text = b"Content-Type: application/edi-x12\n\nISA*00*~\nIEA~\n"
    written = openssl(f"-sign {line_end} -signer @theirs.cert -inkey @theirs.key", text)
    message = entity(written)
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@x>"), *message.fields]
    opened = parties.opened(headers, message.body)
    assert isinstance(opened, Opened), opened
    assert opened.payload.replace(b"\r\n", b"\n") == b"ISA*00*~\nIEA~\n"
    assert opened.mic_by(Digest.SHA256).value == mic(text.replace(b"\n", b"\r\n"), Digest.SHA256).value


def test_an_envelope_that_openssl_writes_as_mail_opens(parties, openssl):
    written = openssl("-encrypt -aes-256-cbc -recip @ours.cert", ENTITY)
    message = entity(written)
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@x>"), *message.fields]
    opened = parties.opened(headers, message.body)
    assert isinstance(opened, Opened), opened
    assert opened.layers.encrypted
