"""Messages made by people who mean harm, or by software that does: refused, in one wording, and quickly."""

import random
import time
import zlib
from collections.abc import Callable, Sequence

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.as2 import Cipher, Compression, Digest, Opened, OwnKey, Policy, Refused, Security, Signing, ber, cms
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, wrapped
from edi_gateway.as2.cms.recipients import recipient_info
from edi_gateway.as2.parts import signature_trailer

STRICT = Policy(max_body=1 << 20, max_payload=1 << 20)
SIGNED = Policy(require_encrypted=False)
ENTITY = b"Content-Type: application/edi-x12\r\n\r\nISA*00*~"
HEADERS = [("AS2-From", "PARTNER"), ("AS2-To", "GW"), ("Message-ID", "<1@partner.test>")]
CONTENT_TYPE, MESSAGE_DIGEST = ber.oid("1.2.840.113549.1.9.3"), ber.oid("1.2.840.113549.1.9.4")
RSA = ber.sequence(ber.oid("1.2.840.113549.1.1.1"), ber.NULL_ELEMENT)


def attribute(name: bytes, *values: bytes) -> bytes:
    return ber.sequence(name, ber.set_of(values))


def content_type(kind: Kind = Kind.DATA) -> bytes:
    return attribute(CONTENT_TYPE, KIND_OIDS[kind])


def message_digest(content: bytes = ENTITY) -> bytes:
    return attribute(MESSAGE_DIGEST, ber.octets(Digest.SHA256.of(content)))


def signer(key: OwnKey, attributes: Sequence[bytes]) -> bytes:
    """A SignerInfo over whatever attributes are given."""
    signed = ber.set_of(attributes)
    signature = key.private.sign(signed, padding.PKCS1v15(), Digest.SHA256.algorithm)
    name = ber.sequence(key.certificate.issuer_der, ber.integer(key.certificate.serial_number))
    return ber.sequence(ber.integer(1), name, Digest.SHA256.identifier, b"\xa0" + signed[1:], RSA, ber.octets(signature))


def signed_data(signers: Sequence[bytes], certificates: Sequence[OwnKey] = (), inside: bytes = b"") -> bytes:
    along = ber.explicit(0, b"".join(one.certificate.der for one in certificates)) if certificates else b""
    return wrapped(
        Kind.SIGNED,
        ber.sequence(
            ber.integer(1), ber.set_of([Digest.SHA256.identifier]), ber.sequence(KIND_OIDS[Kind.DATA], inside), along, ber.set_of(signers)
        ),
    )


def multipart(*parts: bytes, preamble: bytes = b"", epilogue: bytes = b"") -> bytes:
    return preamble + b"".join(b"--B\r\n" + part + b"\r\n" for part in parts) + b"--B--\r\n" + epilogue


def signature_part(signature: bytes) -> bytes:
    return b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: binary\r\n\r\n" + signature


def posted(parties, body: bytes, kind: str = 'multipart/signed; boundary="B"', policy: Policy = SIGNED, **more):
    return parties.opened([*HEADERS, ("Content-Type", kind)], body, policy=policy, **more)


def genuine(parties) -> bytes:
    return signed_data([signer(parties.theirs, [content_type(), message_digest()])], [parties.theirs])


def test_the_forger_of_these_tests_can_make_a_genuine_signature(parties):
    assert isinstance(posted(parties, multipart(ENTITY, signature_part(genuine(parties)))), Opened)


def degenerate(parties) -> bytes:
    return signed_data([], [parties.theirs])


SIGNATURES: dict[str, Callable[..., bytes]] = {
    "nobody signed": lambda p: signed_data([]),
    "only certificates": degenerate,
    "an outsider, with the certificate along": lambda p: signed_data(
        [signer(p.outsider, [content_type(), message_digest()])], [p.outsider]
    ),
    "an outsider, with the partner's certificate along": lambda p: signed_data(
        [signer(p.outsider, [content_type(), message_digest()])], [p.outsider, p.theirs]
    ),
    "an outsider under the partner's issuer and serial": lambda p: signed_data([signer(p.impostor, [content_type(), message_digest()])]),
    "no content type": lambda p: signed_data([signer(p.theirs, [message_digest()])]),
    "no digest": lambda p: signed_data([signer(p.theirs, [content_type()])]),
    "another content type": lambda p: signed_data([signer(p.theirs, [content_type(Kind.ENVELOPED), message_digest()])]),
    "the digest of another content": lambda p: signed_data([signer(p.theirs, [content_type(), message_digest(b"other")])]),
    "two digest attributes": lambda p: signed_data([signer(p.theirs, [content_type(), message_digest(), message_digest(b"other")])]),
    "two digests": lambda p: signed_data(
        [signer(p.theirs, [content_type(), attribute(MESSAGE_DIGEST, *(ber.octets(Digest.SHA256.of(c)) for c in (ENTITY, b"x")))])]
    ),
    "a digest without a value": lambda p: signed_data([signer(p.theirs, [content_type(), attribute(MESSAGE_DIGEST)])]),
    "a digest that is a number": lambda p: signed_data([signer(p.theirs, [content_type(), attribute(MESSAGE_DIGEST, ber.integer(7))])]),
    "five hundred signers": lambda p: signed_data([signer(p.outsider, [content_type(), message_digest()])] * 500),
    "an envelope": lambda p: cms.encrypt(ENTITY, [p.ours.certificate]),
    "text": lambda p: b"trust me",
    "nothing": lambda p: b"",
    "a signature over the attributes alone": lambda p: signed_data([signer(p.theirs, [])]),
}


@pytest.mark.parametrize("forged", SIGNATURES.values(), ids=SIGNATURES)
def test_a_forged_signature_is_refused_in_the_one_wording(parties, forged):
    started = time.process_time()
    refused = posted(parties, multipart(ENTITY, signature_part(forged(parties))))
    assert isinstance(refused, Refused)
    assert (refused.fault.code, refused.disposition.text) == ("AS2-NOT-OPENED", "authentication-failed")
    assert refused.layers.signer is None
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize("who", ["expired", "not_yet"])
def test_a_signature_of_a_certificate_out_of_force_is_refused(parties, who):
    key = getattr(parties, who)
    body = multipart(ENTITY, signature_part(signed_data([signer(key, [content_type(), message_digest()])])))
    assert isinstance(posted(parties, body, certificates=[key.certificate]), Refused)
    inside = key.certificate.not_before.replace(month=6)
    assert isinstance(posted(parties, body, certificates=[key.certificate], when=inside), Opened)


def test_a_signature_of_another_partner_is_refused(parties):
    assert isinstance(
        posted(parties, multipart(ENTITY, signature_part(genuine(parties))), certificates=[parties.outsider.certificate]), Refused
    )


EVIL = b"Content-Type: application/edi-x12\r\n\r\nISA*EVIL~"
SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "a third part": lambda s: multipart(ENTITY, s, EVIL),
    "an unsigned part between": lambda s: multipart(ENTITY, EVIL, s),
    "an unsigned part before": lambda s: multipart(EVIL, ENTITY, s),
    "the signature first": lambda s: multipart(s, ENTITY),
    "another content": lambda s: multipart(EVIL, s),
    "no signature part": lambda s: multipart(ENTITY),
    "two signatures and no content": lambda s: multipart(s, s),
    "not closed": lambda s: multipart(ENTITY, s).removesuffix(b"--\r\n"),
    "no delimiter at all": lambda s: ENTITY + s,
    "five thousand parts": lambda s: multipart(*([EVIL] * 5000)),
    "nothing": lambda s: b"",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_signed_message_of_the_wrong_shape_is_refused(parties, shape):
    refused = posted(parties, shape(signature_part(genuine(parties))))
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-NOT-OPENED"


@pytest.mark.parametrize("kind", ["multipart/signed", 'multipart/signed; boundary=""', f'multipart/signed; boundary="{"b" * 300}"'])
def test_a_signed_message_without_a_usable_boundary_is_refused(parties, kind):
    assert isinstance(posted(parties, multipart(ENTITY, signature_part(genuine(parties))), kind), Refused)


def test_what_stands_before_and_after_the_parts_is_never_delivered(parties):
    opened = posted(parties, multipart(ENTITY, signature_part(genuine(parties)), preamble=EVIL + b"\r\n", epilogue=EVIL))
    assert isinstance(opened, Opened)
    assert opened.payload == b"ISA*00*~"


def enveloped(parties, content: bytes) -> bytes:
    return cms.encrypt(content, [parties.ours.certificate])


INNER: dict[str, bytes] = {
    "two Content-Types": b"Content-Type: application/edi-x12\r\nContent-Type: text/plain\r\n\r\nISA",
    "no headers": b"ISA*00*          *00*~",
    "a header without a name": b": x\r\n\r\nISA",
    "a control character in a header": b"Content-Type: application/edi-x12\r\nX: a\x00b\r\n\r\nISA",
    "a header of 300 kB": b"Content-Type: application/edi-x12\r\nX: " + b"a" * 300_000 + b"\r\n\r\nISA",
    "nothing": b"",
}


@pytest.mark.parametrize("inner", INNER.values(), ids=INNER)
def test_an_envelope_around_something_that_is_no_entity_is_refused(parties, inner):
    refused = posted(parties, enveloped(parties, inner), "application/pkcs7-mime", Policy(require_signed=False))
    assert isinstance(refused, Refused)
    assert (refused.fault.code, refused.disposition.text) == ("AS2-NOT-OPENED", "decryption-failed")


def test_the_same_layer_twice_is_refused(parties):
    twice = b"Content-Type: application/pkcs7-mime\r\n\r\n" + enveloped(parties, ENTITY)
    assert isinstance(posted(parties, enveloped(parties, twice), "application/pkcs7-mime", Policy(require_signed=False)), Refused)


@pytest.mark.parametrize(
    ("security", "missing"),
    [
        (Security(digest=None, cipher=None), "signed and encrypted"),
        (Security(digest=None), "signed"),
        (Security(cipher=None), "encrypted"),
        (Security(cipher=None, compression=Compression.AFTER_SIGNING), "encrypted"),
        (Security(digest=None, compression=Compression.BEFORE_SIGNING), "signed"),
        (Security(digest=None, cipher=None, compression=Compression.BEFORE_SIGNING), "signed and encrypted"),
    ],
)
def test_what_really_happened_is_held_against_the_agreement(parties, security, missing):
    sealed = parties.sealed(security=security)
    refused = parties.opened(sealed.headers, sealed.body, policy=STRICT)
    assert isinstance(refused, Refused)
    assert (refused.fault.code, refused.disposition.text) == ("AS2-INSECURE", "insufficient-message-security")
    assert dict(refused.fault.detail)["missing"] == missing


def test_a_label_does_not_make_an_envelope(parties):
    sealed = parties.sealed(security=Security(cipher=None, compression=Compression.AFTER_SIGNING))
    headers = [(name, value.replace("compressed-data", "enveloped-data")) for name, value in sealed.headers]
    refused = parties.opened(headers, sealed.body, policy=STRICT)
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-INSECURE"


@pytest.mark.parametrize(
    ("security", "word"),
    [
        (Security(digest=Digest.SHA1), "sha-1"),
        (Security(digest=Digest.MD5), "md5"),
        (Security(cipher=Cipher.DES_EDE3_CBC), "des-ede3-cbc"),
    ],
)
def test_weak_algorithms_pass_for_a_legacy_partner_only(parties, security, word):
    sealed = parties.sealed(security=security)
    refused = parties.opened(sealed.headers, sealed.body, policy=STRICT)
    assert isinstance(refused, Refused)
    assert (refused.fault.code, dict(refused.fault.detail)["algorithms"]) == ("AS2-WEAK", word)
    assert isinstance(parties.opened(sealed.headers, sealed.body, policy=Policy(legacy=True)), Opened)


def test_a_short_key_passes_for_a_legacy_partner_only(parties):
    sealed = parties.sealed(signing_key=parties.small)
    certificates = [parties.small.certificate]
    refused = parties.opened(sealed.headers, sealed.body, policy=STRICT, certificates=certificates)
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-WEAK"
    assert isinstance(parties.opened(sealed.headers, sealed.body, policy=Policy(legacy=True), certificates=certificates), Opened)


def spoilt(body: bytes, at: int) -> bytes:
    return body[:at] + bytes([body[at] ^ 0xFF]) + body[at + 1 :]


def test_everything_that_goes_wrong_behind_an_encryption_gives_one_answer(parties):
    """A wrong key, a wrong padding, a changed block, a wrong signature: nobody outside can tell them apart."""
    body = parties.sealed().body
    forged = parties.sealed(signing_key=parties.outsider).body
    other_key = parties.sealed(recipients=[parties.outsider.certificate]).body
    kind = "application/pkcs7-mime; smime-type=enveloped-data"
    wrapped_key = body.index(ber.oid("1.2.840.113549.1.1.1")) + 40
    bodies = [spoilt(body, -1), spoilt(body, -17), spoilt(body, -33), spoilt(body, -len(body) // 2), spoilt(body, wrapped_key), forged]
    answers = {
        (answer.fault.message, answer.disposition)
        for answer in (posted(parties, one, kind, STRICT) for one in (*bodies, other_key, body[: len(body) // 2]))
        if isinstance(answer, Refused)
    }
    assert len(answers) == 1
    assert isinstance(posted(parties, body, kind, STRICT), Opened)


def test_a_wrong_padding_answers_as_a_right_one_where_a_signature_is_missing(parties):
    """Else a changed first block would turn every guess at a padding into an answer."""
    body = parties.sealed(security=Security(digest=None)).body
    answers = [posted(parties, one, "application/pkcs7-mime", STRICT) for one in (body, spoilt(body, -17))]
    assert all(isinstance(answer, Refused) for answer in answers)
    assert answers[0] == answers[1]


@pytest.mark.parametrize("cipher", [Cipher.AES128_GCM, Cipher.AES256_GCM])
def test_no_bit_of_an_authenticated_encryption_can_be_changed(parties, cipher):
    body = parties.sealed(b"ISA*00*~" * 4, Security(digest=None, cipher=cipher)).body
    start = body.rindex(ber.oid("1.2.840.113549.1.7.1"))
    for at in range(start + 40, len(body)):
        answer = posted(parties, spoilt(body, at), "application/pkcs7-mime", Policy(require_signed=False))
        assert isinstance(answer, Refused), at


def encrypted_with(parties, algorithm: bytes, encrypted: bytes | None, *, tag: bytes | None = None) -> bytes:
    """An envelope with any parameters, its content key truly for us."""
    info = recipient_info(parties.ours.certificate, bytes(32), Security().transport, Digest.SHA256)
    held = ber.tlv(0x80, encrypted) if encrypted is not None else b""
    fields = [ber.integer(0), ber.set_of([info]), ber.sequence(KIND_OIDS[Kind.DATA], algorithm, held)]
    if tag is None:
        return wrapped(Kind.ENVELOPED, ber.sequence(*fields))
    return wrapped(Kind.AUTH_ENVELOPED, ber.sequence(*fields, ber.octets(tag)))


AES_CBC, AES_GCM = ber.oid("2.16.840.1.101.3.4.1.42"), ber.oid("2.16.840.1.101.3.4.1.46")
ENVELOPES: dict[str, Callable[..., bytes]] = {
    "no content": lambda p: encrypted_with(p, ber.sequence(AES_CBC, ber.octets(bytes(16))), None),
    "an empty content": lambda p: encrypted_with(p, ber.sequence(AES_CBC, ber.octets(bytes(16))), b""),
    "not whole blocks": lambda p: encrypted_with(p, ber.sequence(AES_CBC, ber.octets(bytes(16))), bytes(17)),
    "no initialization vector": lambda p: encrypted_with(p, ber.sequence(AES_CBC), bytes(32)),
    "a short initialization vector": lambda p: encrypted_with(p, ber.sequence(AES_CBC, ber.octets(bytes(8))), bytes(32)),
    "an unknown cipher": lambda p: encrypted_with(p, ber.sequence(ber.oid("1.2.3.4"), ber.octets(bytes(16))), bytes(32)),
    "no cipher": lambda p: encrypted_with(p, ber.sequence(ber.oid("1.2.840.113549.1.7.1"), ber.NULL_ELEMENT), ENTITY),
    "CBC as authenticated": lambda p: encrypted_with(p, ber.sequence(AES_CBC, ber.octets(bytes(16))), bytes(32), tag=bytes(16)),
    "a tag of four bytes": lambda p: encrypted_with(
        p, ber.sequence(AES_GCM, ber.sequence(ber.octets(bytes(12)), ber.integer(4))), bytes(32), tag=bytes(4)
    ),
    "an empty tag": lambda p: encrypted_with(p, ber.sequence(AES_GCM, ber.sequence(ber.octets(bytes(12)))), bytes(32), tag=b""),
    "an empty nonce": lambda p: encrypted_with(
        p, ber.sequence(AES_GCM, ber.sequence(ber.octets(b""), ber.integer(16))), bytes(32), tag=bytes(16)
    ),
    "a wrong tag": lambda p: encrypted_with(
        p, ber.sequence(AES_GCM, ber.sequence(ber.octets(bytes(12)), ber.integer(16))), bytes(32), tag=bytes(16)
    ),
    "GCM without a tag in the other structure": lambda p: encrypted_with(p, ber.sequence(AES_GCM, ber.octets(bytes(12))), b"short"),
    "another recipient": lambda p: cms.encrypt(ENTITY, [p.outsider.certificate]),
    "plain data": lambda p: wrapped(Kind.DATA, ber.octets(ENTITY)),
    "no recipients": lambda p: wrapped(Kind.ENVELOPED, ber.sequence(ber.integer(0), ber.set_of([]), ber.sequence())),
    "an unknown kind": lambda p: ber.sequence(ber.oid("1.2.3"), ber.explicit(0, ber.octets(ENTITY))),
    "nothing": lambda p: b"",
}


@pytest.mark.parametrize("envelope", ENVELOPES.values(), ids=ENVELOPES)
def test_a_broken_envelope_is_refused_and_never_taken_for_its_content(parties, envelope):
    refused = posted(parties, envelope(parties), "application/pkcs7-mime", Policy(require_signed=False))
    assert isinstance(refused, Refused)
    assert refused.disposition.text in ("decryption-failed", "authentication-failed")


def nested(depth: int) -> bytes:
    return b"\x30\x80" * depth


BER: dict[str, bytes] = {
    "nested a million deep": nested(1_000_000),
    "nested chunks": b"\x30\x80" + b"\x24\x80" * 100_000,
    "a length of eight exabytes": b"\x30\x88\x7f" + b"\xff" * 7,
    "a length of 126 bytes": b"\x30\xfe" + b"\xff" * 126,
    "the reserved length": b"\x30\xff" + b"\0" * 300,
    "a primitive without length": b"\x30\x80\x04\x80aaaa\0\0\0\0",
    "no end of contents": b"\x30\x80\x06\x09*\x86H\x86\xf7\x0d\x01\x07\x03",
    "only ends of contents": b"\0\0" * 1000,
    "a high tag": b"\x3f\xff\xff\xff\x7f\x02ab",
    "one byte": b"\x30",
    "a wide set": ber.tlv(0x30, ber.tlv(0x31, b"\x05\0" * 400_000)),
    "a wide envelope": wrapped(Kind.ENVELOPED, ber.sequence(ber.integer(0), ber.tlv(0x31, b"\x05\0" * 400_000), ber.sequence())),
    "empty": b"",
}


@pytest.mark.parametrize("encoded", BER.values(), ids=BER)
@pytest.mark.parametrize("place", ["envelope", "signature"])
def test_hostile_asn1_is_refused_quickly(parties, encoded, place):
    started = time.process_time()
    if place == "envelope":
        refused = posted(parties, encoded, "application/pkcs7-mime", Policy(require_signed=False))
    else:
        refused = posted(parties, multipart(ENTITY, signature_part(encoded)))
    assert isinstance(refused, Refused)
    assert time.process_time() - started < 0.5


def packed(stream: bytes, algorithm: bytes = ber.oid("1.2.840.113549.1.9.16.3.8")) -> bytes:
    inside = ber.sequence(KIND_OIDS[Kind.DATA], ber.explicit(0, ber.octets(stream)))
    return wrapped(Kind.COMPRESSED, ber.sequence(ber.integer(0), ber.sequence(algorithm), inside))


ZLIB = zlib.compress(ENTITY)
STREAMS: dict[str, bytes] = {
    "a bomb": packed(zlib.compress(bytes(30 << 20))),
    "beyond the ratio": packed(zlib.compress(b"Content-Type: text/plain\r\n\r\n" + bytes(1 << 21))),
    "a wrong checksum": packed(ZLIB[:-1] + bytes([ZLIB[-1] ^ 1])),
    "cut off": packed(ZLIB[:-6]),
    "gzip": packed(b"\x1f\x8b\x08" + ZLIB),
    "not compressed": packed(ENTITY),
    "another algorithm": packed(ZLIB, ber.oid("1.2.3")),
    "empty": packed(b""),
}


@pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)
@pytest.mark.parametrize("signed", [True, False])
def test_what_does_not_unpack_within_the_limits_is_refused(parties, stream, signed):
    policy = Policy(require_signed=False, require_encrypted=False, max_payload=1 << 20, max_ratio=100)
    kind = "application/pkcs7-mime; smime-type=compressed-data"
    if signed:
        part = f"Content-Type: {kind}\r\n\r\n".encode() + stream
        signature = cms.sign(Digest.SHA256.of(part), Signing(key=parties.theirs), when=parties.now)
        stream, kind = b"--B\r\n" + part + signature_trailer(b"B", signature, base64_signature=True), "multipart/signed; boundary=B"
    refused = posted(parties, stream, kind, policy)
    assert isinstance(refused, Refused)
    assert (refused.fault.code, refused.disposition.text) == ("AS2-NOT-DECOMPRESSED", "decompression-failed")


def test_a_body_beyond_the_limit_is_refused_before_it_is_looked_at(parties):
    refused = posted(parties, bytes((1 << 20) + 1), policy=STRICT)
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-TOO-LARGE"


def test_http_compression_is_refused(parties):
    sealed = parties.sealed()
    refused = parties.opened([*sealed.headers, ("Content-Encoding", "gzip")], sealed.body)
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-CONTENT-ENCODING"


def outcome_of(parties, body: bytes, payload: bytes, kind: str, policy: Policy) -> None:
    answer = posted(parties, body, kind, policy)
    assert isinstance(answer, Refused) or answer.payload == payload


SETTINGS = settings(suppress_health_check=list(HealthCheck), deadline=None)
EDITS = st.lists(
    st.one_of(
        st.tuples(st.just("flip"), st.floats(0, 1), st.integers(1, 255)),
        st.tuples(st.just("cut"), st.floats(0, 1), st.integers(1, 64)),
        st.tuples(st.just("insert"), st.floats(0, 1), st.binary(min_size=1, max_size=40)),
        st.tuples(st.just("end"), st.floats(0, 1), st.just(0)),
    ),
    min_size=1,
    max_size=4,
)


def edited(body: bytes, edits) -> bytes:
    for kind, where, what in edits:
        at = min(int(where * len(body)), max(len(body) - 1, 0))
        if kind == "flip" and body:
            body = body[:at] + bytes([body[at] ^ what]) + body[at + 1 :]
        elif kind == "cut":
            body = body[:at] + body[at + what :]
        elif kind == "insert":
            body = body[:at] + what + body[at:]
        elif kind == "end":
            body = body[:at]
    return body


MUTANTS = [
    Security(),
    Security(cipher=None),
    Security(cipher=None, base64_signature=False),
    Security(cipher=Cipher.AES128_GCM),
    Security(cipher=None, compression=Compression.BEFORE_SIGNING),
    Security(compression=Compression.AFTER_SIGNING),
]


@pytest.fixture(scope="module")
def whole_messages(parties) -> list[tuple[bytes, str]]:
    """One message in each of the wrappings, with its content type."""
    return [(sealed.body, dict(sealed.headers)["Content-Type"]) for sealed in (parties.sealed(parties.order, one) for one in MUTANTS)]


@given(which=st.integers(0, len(MUTANTS) - 1), edits=EDITS)
@settings(SETTINGS, max_examples=600)
def test_a_changed_message_never_raises_and_never_delivers_changed_bytes(parties, whole_messages, which, edits):
    body, kind = whole_messages[which]
    outcome_of(parties, edited(body, edits), parties.order, kind, SIGNED)


@given(body=st.binary(max_size=400), kind=st.sampled_from(["application/pkcs7-mime", "multipart/signed; boundary=B", "text/plain", ""]))
@settings(SETTINGS, max_examples=300)
def test_any_bytes_at_all_are_opened_or_refused(parties, body, kind):
    assert isinstance(posted(parties, body, kind, STRICT), Refused)


@given(headers=st.lists(st.tuples(st.text(max_size=20), st.text(st.characters(max_codepoint=255), max_size=60)), max_size=8))
@settings(SETTINGS, max_examples=200)
def test_any_headers_at_all_are_opened_or_refused(parties, whole_messages, headers):
    refused = parties.opened([*headers, *HEADERS], whole_messages[0][0], policy=SIGNED)
    assert isinstance(refused, Opened | Refused)


@pytest.mark.slow
def test_a_hundred_thousand_changed_messages(parties, whole_messages):
    """A fixed sequence, so that a failure can be repeated."""
    chance = random.Random(4130)
    taken = 0
    for _ in range(100_000):
        body, kind = chance.choice(whole_messages)
        edits = [
            (chance.choice(["flip", "cut", "insert", "end"][: 3 + (chance.random() < 0.1)]), chance.random(), chance.randrange(1, 256))
            for _ in range(chance.randrange(1, 4))
        ]
        edits = [(how, where, chance.randbytes(what % 40 + 1) if how == "insert" else what) for how, where, what in edits]
        answer = posted(parties, edited(body, edits), kind, SIGNED)
        taken += isinstance(answer, Opened)
        assert isinstance(answer, Refused) or answer.payload == parties.order
    assert 0 < taken < 50_000
