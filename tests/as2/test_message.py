"""What is sealed opens to the same bytes, whatever the bytes and the wrapping."""

import base64
import itertools
import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.as2 import (
    Attachment,
    Cipher,
    Compression,
    Digest,
    MdnWanted,
    MicRule,
    Opened,
    Padding,
    Policy,
    Refused,
    Security,
    Transport,
    cms,
    disposition,
    make_mdn,
    mic,
    new_message_id,
    read_heading,
    related,
)

PAYLOADS = {
    "empty": b"",
    "line feeds": b"ISA*1~\nST*850~\n\n",
    "carriage returns": b"UNB+UNOA\rUNH\r\r",
    "mixed line ends": b"\r\n\n\r\r\n\n a \r",
    "every byte": bytes(range(256)),
    "leading line ends": b"\r\n\r\nISA",
    "boundary-like lines": b"--\r\n--=_\r\n--=_0123456789abcdef--\r\n----\n",
    "MIME-like": b"Content-Type: text/plain\r\n\r\n--x\r\nContent-Type: application/pkcs7-mime\r\n\r\nx\r\n--x--\r\n",
    "a CMS object's first byte": b"0\x80\x06\x09*\x86H",
}
WRAPPINGS = [
    Security(digest=digest, cipher=cipher, compression=compression)
    for digest, cipher, compression in itertools.product([None, Digest.SHA256], [None, Cipher.AES256_CBC, Cipher.AES128_GCM], Compression)
]
ANY = Policy(require_signed=False, require_encrypted=False)
FIXTURES = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS)
@pytest.mark.parametrize("security", WRAPPINGS, ids=lambda s: f"{s.digest}/{s.cipher}/{s.compression}")
def test_no_payload_byte_changes_on_the_way(parties, payload, security):
    sealed = parties.sealed(payload, security)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened), opened
    assert opened.payload == payload
    assert (opened.layers.signed, opened.layers.encrypted) == (security.digest is not None, security.cipher is not None)
    assert opened.layers.compressed == (security.compression is not Compression.NONE)
    assert opened.mic.equals(sealed.mic)
    assert opened.content_type == ("application/edi-x12")
    assert opened.filename == "order.edi"


@given(
    payload=st.binary(max_size=2000),
    digest=st.sampled_from([None, Digest.SHA256, Digest.SHA384, Digest.SHA512]),
    padding=st.sampled_from(Padding),
    cipher=st.sampled_from([None, *(cipher for cipher in Cipher if not cipher.weak)]),
    transport=st.sampled_from(Transport),
    compression=st.sampled_from(Compression),
    text=st.booleans(),
)
@settings(FIXTURES, max_examples=150)
def test_any_payload_in_any_wrapping_comes_back(parties, payload, digest, padding, cipher, transport, compression, text):
    security = Security(digest=digest, padding=padding, cipher=cipher, transport=transport, compression=compression, base64_signature=text)
    sealed = parties.sealed(payload, security)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.payload == payload
    assert any(opened.mic.equals(one) for one in sealed.mics)


def test_the_mic_of_a_signed_message_is_over_its_headers_and_content(parties):
    sealed = parties.sealed(b"ISA", Security(cipher=None))
    assert sealed.mic == mic(sealed.head + b"ISA", Digest.SHA256)


def test_the_mic_of_an_encrypted_message_is_over_its_headers_and_content(parties):
    sealed = parties.sealed(b"ISA", Security(digest=None))
    assert sealed.mic == mic(sealed.head + b"ISA", Digest.SHA256)


@pytest.mark.parametrize("compression", Compression)
def test_the_mic_of_a_message_neither_signed_nor_encrypted_is_over_its_content_alone(parties, compression):
    sealed = parties.sealed(b"ISA", Security(digest=None, cipher=None, compression=compression))
    assert sealed.mic == mic(b"ISA", Digest.SHA256)


def test_the_mic_of_a_message_compressed_and_then_signed_is_over_the_compressed_form(parties):
    sealed = parties.sealed(b"ISA", Security(compression=Compression.BEFORE_SIGNING))
    assert sealed.mic != mic(sealed.head + b"ISA", Digest.SHA256)


def test_the_mic_is_by_the_first_algorithm_asked_for_that_we_compute(parties):
    wanted = MdnWanted(algorithms=(Digest.SHA512, Digest.SHA256))
    sealed = parties.sealed(mdn=wanted)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.mic.algorithm == "sha-512"


@pytest.mark.parametrize(("signature", "algorithm"), [(Digest.SHA384, "sha-384"), (None, "sha-256")])
def test_without_a_list_the_mic_is_by_the_signatures_algorithm_or_sha_256(parties, signature, algorithm):
    sealed = parties.sealed(security=Security(digest=signature), mdn=None)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.mic.algorithm == algorithm


def test_an_agreement_may_ask_for_the_mic_by_the_signatures_algorithm(parties):
    sealed = parties.sealed(mdn=MdnWanted(algorithms=(Digest.SHA512,)))
    opened = parties.opened(sealed.headers, sealed.body, policy=Policy(mic_rule=MicRule.SIGNATURE))
    assert isinstance(opened, Opened)
    assert opened.mic.digest is Digest.SHA256


@pytest.mark.parametrize("spelling", ["sha256", "SHA-256", "sha-256"])
def test_the_mic_is_given_in_the_senders_spelling(parties, spelling):
    sealed = parties.sealed()
    headers = tuple((name, value.replace("sha-256", spelling)) if "Options" in name else (name, value) for name, value in sealed.headers)
    opened = parties.opened(headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.mic.algorithm == spelling


def test_a_copy_for_the_originator_opens_with_the_originators_key(parties):
    sealed = parties.sealed(recipients=[parties.ours.certificate, parties.theirs.certificate])
    for own in (parties.ours, parties.theirs):
        opened = parties.opened(sealed.headers, sealed.body, own_keys=[own])
        assert isinstance(opened, Opened)
        assert opened.layers.opened_by == own.certificate


def test_the_right_own_key_is_found_among_several(parties):
    sealed = parties.sealed()
    opened = parties.opened(sealed.headers, sealed.body, own_keys=[parties.outsider, parties.curve, parties.ours])
    assert isinstance(opened, Opened)


def test_a_renewed_certificate_on_the_same_key_still_opens_and_verifies(parties, identity):
    sealed = parties.sealed()
    ours = identity("gateway renewed", parties.ours.private)
    theirs = identity("partner renewed", parties.theirs.private)
    opened = parties.opened(sealed.headers, sealed.body, own_keys=[ours], certificates=[theirs.certificate])
    assert isinstance(opened, Opened)
    assert opened.layers.signer == theirs.certificate


def test_headers_of_a_message_say_who_what_and_which_receipt(parties):
    sealed = parties.sealed(mdn=MdnWanted(algorithms=(Digest.SHA384, Digest.SHA1), url="https://gw.example/mdn"), subject="Order\r\nX: y")
    heading = read_heading(sealed.headers)
    assert not isinstance(heading, Refused)
    assert heading.mdn is not None
    assert (heading.as2_from, heading.as2_to, heading.message_id) == ("PARTNER", "GW", parties.message_id)
    assert (heading.mdn.signed, heading.mdn.algorithms, heading.mdn.url) == (True, ("sha-384", "sha1"), "https://gw.example/mdn")
    assert heading.subject == "Order X: y"
    assert dict(sealed.headers)["Content-Length"] == str(len(sealed.body))
    assert not any(re.search(r"[\r\n\x00]", name + value) for name, value in sealed.headers)


@pytest.mark.parametrize("wrong", ["x", "<a b@c>", "<a@b>\r\nX: y", "<>", f"<{'a' * 300}@b>"])
def test_a_message_id_that_no_header_may_hold_is_a_programming_error(parties, wrong):
    with pytest.raises(ValueError, match="Message-ID"):
        parties.sealed(message_id=wrong)


@pytest.mark.parametrize("extra", [("X-A", "b\r\nc: d"), ("X A", "b"), ("X-A", "ü"), ("", "x")])
def test_a_header_that_would_inject_another_is_a_programming_error(parties, extra):
    with pytest.raises(ValueError, match="not a header"):
        parties.sealed(extra_headers=[extra])


def test_a_missing_key_or_recipient_is_a_programming_error(parties):
    with pytest.raises(ValueError, match="signing key"):
        parties.sealed(signing_key=None)
    with pytest.raises(ValueError, match="recipient"):
        parties.sealed(recipients=[])
    with pytest.raises(ValueError, match="no RSA key"):
        parties.sealed(recipients=[parties.curve.certificate])


def test_message_ids_are_unique_and_may_stand_in_a_header(parties):
    ids = {new_message_id("gw.example") for _ in range(100)}
    assert len(ids) == 100
    parties.sealed(message_id=new_message_id("bad host\r\n"))


@pytest.mark.parametrize("name", ["ordré €.edi", 'quote".edi', "日本.xml", "a\\b.edi", "semi;colon.edi", "per%cent.edi"])
def test_a_file_name_travels_as_ascii_and_arrives_as_it_was(parties, name):
    sealed = parties.sealed(filename=name)
    assert sealed.head.isascii()
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.offered_filename == name


def test_a_payload_of_several_documents_is_taken_apart(parties):
    body = (
        b"--REL\r\nContent-Type: application/edi-x12\r\n\r\nISA*\r\n~\r\n--REL\r\nContent-Type: application/pdf\r\n"
        b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=../x.pdf\r\n\r\n"
        + base64.b64encode(b"%PDF\x00")
        + b"\r\n--REL--\r\n"
    )
    sealed = parties.sealed(body, content_type='multipart/related; boundary="REL"', filename=None)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    first, second = opened.documents()
    assert (first.content, second.content, second.filename) == (b"ISA*\r\n~", b"%PDF\x00", "x.pdf")


def test_several_documents_travel_in_one_message(parties):
    documents = (
        Attachment(content=parties.order, content_type="application/edi-x12", filename="order.edi"),
        Attachment(content=bytes(range(256)), content_type="application/pdf", filename="Zeichnung ü.pdf"),
        Attachment(content=b"", content_type=None, filename=None),
    )
    payload, content_type = related(documents)
    sealed = parties.sealed(payload, content_type=content_type, filename=None)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert opened.mic == sealed.mic == mic(sealed.head + payload, Digest.SHA256)
    assert opened.documents() == (*documents[:2], replace(documents[2], content_type="application/octet-stream"))


def test_a_message_without_a_document_is_a_programming_error():
    with pytest.raises(ValueError, match="at least one"):
        related(())
    with pytest.raises(ValueError, match="content type"):
        related([Attachment(content=b"", content_type="a\r\nb", filename=None)])


def test_a_payload_that_claims_to_be_several_documents_and_is_not_stays_one(parties):
    sealed = parties.sealed(b"ISA", content_type="multipart/related; boundary=REL", filename=None)
    opened = parties.opened(sealed.headers, sealed.body)
    assert isinstance(opened, Opened)
    assert [one.content for one in opened.documents()] == [b"ISA"]


@pytest.mark.parametrize(
    ("encoding", "encoded"),
    [
        ("base64", base64.encodebytes(bytes(range(256)))),
        ("BASE64", base64.b64encode(bytes(range(256)))),
        ("quoted-printable", b"".join(b"=%02X" % value for value in range(256))),
        ("binary", bytes(range(256))),
        ("8bit", bytes(range(256))),
    ],
)
def test_transfer_encodings_inside_an_encryption_are_taken_off(parties, encoding, encoded):
    entity = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + encoded
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@x>"), ("Content-Type", "application/pkcs7-mime")]
    opened = parties.opened(headers, cms.encrypt(entity, [parties.ours.certificate]))
    assert isinstance(opened, Opened), opened
    assert opened.payload == bytes(range(256))


def test_an_encoding_announced_on_http_and_not_applied_leaves_the_bytes_alone(parties):
    headers = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@x>"), ("Content-Type", "application/edi-x12")]
    opened = parties.opened([*headers, ("Content-Transfer-Encoding", "base64")], b"ISA*00*~")
    assert isinstance(opened, Opened)
    assert opened.payload == b"ISA*00*~"
    sealed = parties.sealed()
    announced = [(name, "base64" if name == "Content-Transfer-Encoding" else value) for name, value in sealed.headers]
    assert isinstance(parties.opened(announced, sealed.body), Opened)


def test_the_outer_body_may_be_base64(parties):
    sealed = parties.sealed()
    headers = [(name, "base64" if name == "Content-Transfer-Encoding" else value) for name, value in sealed.headers]
    opened = parties.opened(headers, base64.encodebytes(sealed.body))
    assert isinstance(opened, Opened)
    assert opened.payload == parties.order


def test_product_and_version_are_told_with_every_message_and_receipt(parties):
    sealed = parties.sealed()
    heading = read_heading(sealed.headers)
    assert not isinstance(heading, Refused)
    receipt = make_mdn(heading, disposition.processed(), message_id="<r@x>", when=parties.now)
    for headers in (sealed.headers, receipt.headers):
        assert re.fullmatch(r"[a-z0-9-]+:[0-9]+\.[0-9]+(\.[0-9]+)*", dict(headers)["AS2-Product"])
