"""The small readers: ASN.1, MIME, names, file names, and certificates in every form they come in."""

import base64
import time
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
    pkcs12,
)
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.as2 import (
    Cipher,
    Digest,
    OwnKey,
    Refused,
    ber,
    mime,
    read_certificates,
    read_heading,
    read_mic,
    read_own_key,
    read_p12,
    wire,
)
from edi_gateway.as2.disposition import read_disposition
from edi_gateway.as2.filenames import content_disposition, offered_name, safe_name
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.names import read_message_id, read_name, same_message_id, write_name
from edi_gateway.faults import Fault


@given(st.integers(0, 2**70))
def test_integers_come_back_from_der(value):
    assert ber.read(ber.integer(value)).integer() == value


@given(st.binary(max_size=300), st.integers(1, 50))
def test_chunked_strings_come_back_whole(content, size):
    chunks = b"".join(ber.octets(content[at : at + size]) for at in range(0, len(content), size))
    assert ber.read(b"\x24\x80" + chunks + b"\0\0").octets() == content
    assert ber.read(ber.tlv(0x24, b"\x24\x80" + chunks + b"\0\0")).octets() == content


@given(st.binary(max_size=200))
def test_any_bytes_read_as_asn1_or_are_malformed(content):
    try:
        node = ber.read(content)
        node.octets()
    except Malformed:
        return
    assert node.stop <= len(content)


@given(st.lists(st.binary(max_size=20), max_size=6))
def test_the_members_of_a_set_stand_in_der_order(parts):
    encoded = [ber.octets(part) for part in parts]
    assert [child.whole for child in ber.read(ber.set_of(encoded)).children()] == sorted(encoded)


@pytest.mark.parametrize(
    ("dotted", "encoded"), [("1.2.840.113549.1.7.2", "06092a864886f70d010702"), ("2.16.840.1.101.3.4.2.1", "0609608648016503040201")]
)
def test_object_identifiers_are_written_as_the_standard_does(dotted, encoded):
    assert ber.oid(dotted).hex() == encoded


BODIES = st.binary(max_size=60).filter(lambda part: b"--B" not in part)


@given(st.lists(BODIES, min_size=1, max_size=5), st.binary(max_size=20), st.binary(max_size=20))
def test_parts_are_the_exact_bytes_between_delimiters(bodies, preamble, epilogue):
    preamble = preamble.replace(b"--B", b"") + b"\r\n"
    body = preamble + b"".join(b"--B\r\n" + part + b"\r\n" for part in bodies) + b"--B--\r\n" + epilogue
    assert mime.parts(body, "B") == bodies


@given(st.binary(max_size=200), st.text(max_size=5))
def test_any_bytes_are_parts_or_malformed(body, boundary):
    try:
        assert mime.parts(body, boundary)
    except Malformed:
        return


@pytest.mark.parametrize("line", [b"--BB", b"--B x", b" --B", b"x--B", b"--B--x", b"--b", b"-- B"])
def test_a_line_that_only_looks_like_a_delimiter_is_content(line):
    content = b"a\r\n" + line + b"\r\nb"
    assert mime.parts(b"--B\r\n" + content + b"\r\n--B--", "B") == [content]


@pytest.mark.parametrize("delimiter", [b"--B \t\r\n", b"--B\n", b"--B\r\n"])
def test_space_after_a_delimiter_and_bare_line_ends_are_read(delimiter):
    assert mime.parts(delimiter + b"x\r\n--B--  ", "B") == [b"x"]


@given(st.binary(max_size=120))
def test_any_bytes_are_an_entity_or_malformed(raw):
    try:
        found = mime.entity(raw)
    except Malformed:
        return
    assert raw.endswith(found.body)


@given(st.text(max_size=80))
def test_any_text_is_read_as_a_structured_field(text):
    value = mime.field_value(text)
    assert value.value == value.value.lower()


FIELDS = {
    'a/b; name="x;y"; q=1': {"name": "x;y", "q": "1"},
    'a/b; name="x\\"y\\\\z"': {"name": 'x"y\\z'},
    'a/b;name="C:\\temp\\x"': {"name": "C:\\temp\\x"},
    "a/b; NAME = x ; ; =y; z": {"name": "x"},
    "a/b; f*=UTF-8'en'ordr%C3%A9": {"f": "ordré"},
    "a/b; f*=ISO-8859-1''gr%F6sse": {"f": "grösse"},
    "a/b; f=plain; f*=UTF-8''better": {"f": "better"},
    "a/b; f*0=one; f*1=two": {"f": "onetwo"},
    "a/b; f*0*=UTF-8''%C3%A9; f*1=x; f*2*=%C3%A9": {"f": "éxé"},
    "a/b; f*=no-such-charset''%C3%A9": {"f": "é"},
    'a/b; name="open': {"name": "open"},
    "a/b (what it is); name=x": {"name": "x"},
}


@pytest.mark.parametrize(("text", "parameters"), FIELDS.items())
def test_parameters_are_read_with_quotes_continuations_and_character_sets(text, parameters):
    read = mime.field_value(text)
    assert (read.value, dict(read.parameters)) == ("a/b", parameters)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("=?UTF-8?Q?ordr=C3=A9_1.edi?=", "ordré 1.edi"),
        ("=?utf-8?B?b3JkcsOp?= =?utf-8?B?LmVkaQ==?=", "ordré.edi"),
        ("ordr\xc3\xa9.edi", "ordré.edi"),
        ("ordr\xe9.edi", "ordré.edi"),
        ("=?broken", "=?broken"),
    ],
)
def test_a_raw_or_encoded_name_is_read_as_its_writer_meant_it(field, name):
    assert mime.human(field) == name


HOSTILE = {
    "../../etc/passwd": "passwd",
    "..\\..\\windows\\win.ini": "win.ini",
    "C:\\x.edi": "x.edi",
    "C:x.edi": "x.edi",
    ".htaccess": "htaccess",
    "~/.ssh/authorized_keys": "authorized_keys",
    "-rf": "rf",
    "a\x00.sh": "a_.sh",
    "a\x07\x1bb.edi": "a__b.edi",
    "order\u202etxt.exe": "ordertxt.exe",
    "x\r\nSet-Cookie: a": "x__Set-Cookie: a",
    "": None,
    ".": None,
    "..": None,
    "/": None,
    "a/..": None,
    " . ": None,
    "order.edi": "order.edi",
    "order one.edi": "order one.edi",
    'the "first" order?.edi': 'the "first" order?.edi',
    "ordré €.edi": "ordré €.edi",
}


@pytest.mark.parametrize(("offered", "safe"), HOSTILE.items())
def test_a_hostile_file_name_becomes_a_safe_one(offered, safe):
    assert safe_name(offered) == safe


@given(st.text(max_size=400))
def test_every_file_name_is_safe_to_store_and_stays_so(offered):
    name = safe_name(offered)
    assert safe_name(name) == name
    if name is not None:
        assert not set(name) & set("/\\\0\r\n")
        assert name.isprintable()
        assert name not in ("", ".", "..")
        assert len(name.encode()) <= 255


@given(st.text(max_size=60))
def test_a_written_file_name_stays_in_its_header(name):
    header = content_disposition(name)
    assert header.isascii()
    assert header.isprintable()
    if safe_name(name) == name:
        assert safe_name(offered_name((("Content-Disposition", header),))) == name


NAMES = {
    "PARTNER": "PARTNER",
    "  PARTNER \t": "PARTNER",
    '"My Partner"': "My Partner",
    '"a \\"b\\" \\\\c"': 'a "b" \\c',
    "My Partner": "My Partner",
    'GW "q" \\b': 'GW "q" \\b',
}


@pytest.mark.parametrize(("header", "name"), NAMES.items())
def test_as2_names_are_read_quoted_escaped_and_forgotten_to_be(header, name):
    assert read_name(header) == name


@given(
    st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=128).filter(lambda name: name == name.strip() != "")
)
def test_every_as2_name_comes_back_from_its_header(name):
    assert read_name(write_name(name)) == name


@pytest.mark.parametrize("wrong", [None, "", "  ", '""', "a" * 129, "a\x00b", "a\rb", "é", "a\x7f"])
def test_what_is_no_as2_name_is_malformed(wrong):
    with pytest.raises(Malformed):
        read_name(wrong)


@pytest.mark.parametrize("wrong", ["", "a" * 129, "é", "a\r\nb"])
def test_what_is_no_as2_name_is_never_written(wrong):
    with pytest.raises(ValueError, match="AS2 name"):
        write_name(wrong)


@pytest.mark.parametrize("wrong", [None, "", "<>", " ", "<a\x00@b>", "<" + "a" * 998 + ">"])
def test_an_unusable_message_id_is_malformed(wrong):
    with pytest.raises(Malformed):
        read_message_id(wrong)


def test_message_ids_are_the_same_with_and_without_brackets():
    assert same_message_id("<a@b>", " a@b ")
    assert not same_message_id("<a@b>", "<a@B>")


@pytest.mark.parametrize("missing", ["AS2-From", "AS2-To"])
def test_a_message_from_nobody_or_to_nobody_has_no_heading(parties, missing):
    headers = [pair for pair in parties.sealed().headers if pair[0] != missing]
    refused = read_heading(headers)
    assert isinstance(refused, Refused)
    assert refused.fault.code == "AS2-NAME"
    assert missing in refused.fault.message


def test_two_different_names_are_no_name(parties):
    refused = read_heading([*parties.sealed().headers, ("as2-from", "OTHER")])
    assert isinstance(refused, Refused)


@pytest.mark.parametrize(
    ("text", "digest"),
    [
        ("sha256", Digest.SHA256),
        ("SHA-1", Digest.SHA1),
        ("sha", Digest.SHA1),
        ("md5", Digest.MD5),
        ("sha-224", None),
        ("sha3-256", None),
        ("", None),
    ],
)
def test_digests_are_known_by_every_name_in_use(text, digest):
    assert Digest.named(text) is digest


@pytest.mark.parametrize(
    ("text", "cipher"),
    [
        ("AES-256-CBC", Cipher.AES256_CBC),
        ("aes_128_gcm", Cipher.AES128_GCM),
        ("3DES", Cipher.DES_EDE3_CBC),
        ("aes256", Cipher.AES256_CBC),
        ("rc2", None),
    ],
)
def test_ciphers_are_known_by_every_name_in_use(text, cipher):
    assert Cipher.named(text) is cipher


def loaded(own: OwnKey) -> x509.Certificate:
    return x509.load_der_x509_certificate(own.certificate.der)


def test_certificates_are_read_in_every_form(parties):
    one, other = loaded(parties.ours), loaded(parties.theirs)
    der, pem = one.public_bytes(Encoding.DER), one.public_bytes(Encoding.PEM)
    expected = (parties.ours.certificate,)
    assert read_certificates(der) == expected
    assert read_certificates(b"some text\n" + pem) == expected
    assert read_certificates(base64.encodebytes(der)) == expected
    assert read_certificates(pem + other.public_bytes(Encoding.PEM)) == (*expected, parties.theirs.certificate)
    for encoding in (Encoding.DER, Encoding.PEM):
        bundle = read_certificates(pkcs7.serialize_certificates([one, other], encoding))
        assert isinstance(bundle, tuple)
        assert {found.fingerprint for found in bundle} == {parties.ours.certificate.fingerprint, parties.theirs.certificate.fingerprint}


def test_a_certificate_says_who_until_when_and_with_which_key(parties, identity):
    certificate = parties.ours.certificate
    assert (certificate.common_name, certificate.key_kind) == ("gateway", "RSA 2048")
    assert (parties.curve.certificate.key_kind, parties.curve.certificate.weak) == ("EC secp256r1", False)
    assert (parties.small.certificate.key_kind, parties.small.certificate.weak) == ("RSA 1024", True)
    assert identity("short curve", ec.generate_private_key(ec.SECP224R1())).certificate.weak
    assert certificate.fingerprint == loaded(parties.ours).fingerprint(Digest.SHA256.algorithm).hex()
    assert certificate.fingerprint_shown.replace(":", "").lower() == certificate.fingerprint
    assert int(certificate.serial, 16) == loaded(parties.ours).serial_number
    assert certificate.in_force(certificate.not_before)
    assert certificate.in_force(certificate.not_after)
    assert not certificate.in_force(certificate.not_after + timedelta(seconds=1))
    assert not certificate.in_force(certificate.not_before - timedelta(seconds=1))
    assert certificate.not_after.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "content", [b"", b"not a certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"0\x03\x02\x01\x00"]
)
def test_a_file_that_holds_no_certificate_is_a_fault_with_its_name(content):
    fault = read_certificates(content, file="partner.cer")
    assert isinstance(fault, Fault)
    assert (fault.code, fault.place.file) == ("AS2-CERT-UNREADABLE", "partner.cer")


@given(st.binary(max_size=120))
def test_any_bytes_are_certificates_or_a_fault(content):
    assert isinstance(read_certificates(content), Fault)
    assert isinstance(read_own_key(content, content), Fault)
    assert isinstance(read_p12(content), Fault)


def test_an_encrypted_key_wants_its_pass_phrase(parties, certificate_file, key_file):
    certificate = certificate_file(parties.ours)
    locked = parties.ours.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"open sesame"))
    assert isinstance(read_own_key(locked, certificate, passphrase="open sesame"), OwnKey)
    for wrong in (None, "wrong"):
        fault = read_own_key(locked, certificate, passphrase=wrong)
        assert isinstance(fault, Fault)
        assert fault.code == "AS2-KEY-PASSPHRASE"
    assert isinstance(read_own_key(key_file(parties.ours), certificate, passphrase="needless"), OwnKey)


def test_a_key_in_der_is_read_too(parties, certificate_file):
    der = parties.ours.private.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    assert isinstance(read_own_key(der, certificate_file(parties.ours)), OwnKey)


def test_key_and_certificate_must_belong_together(parties, certificate_file, key_file):
    fault = read_own_key(key_file(parties.ours), certificate_file(parties.theirs))
    assert isinstance(fault, Fault)
    assert fault.code == "AS2-KEY-MISMATCH"
    both = certificate_file(parties.theirs) + certificate_file(parties.ours)
    own = read_own_key(key_file(parties.ours), both)
    assert isinstance(own, OwnKey)
    assert (own.certificate, own.chain) == (parties.ours.certificate, (parties.theirs.certificate,))


def test_a_key_of_another_kind_is_a_fault(parties, certificate_file):
    other = ed25519.Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    fault = read_own_key(other, certificate_file(parties.ours))
    assert isinstance(fault, Fault)
    assert fault.code == "AS2-KEY-UNREADABLE"


def test_a_p12_file_gives_key_and_certificates(parties):
    content = pkcs12.serialize_key_and_certificates(
        b"gw", parties.ours.private, loaded(parties.ours), [loaded(parties.theirs)], BestAvailableEncryption(b"pw")
    )
    own = read_p12(content, passphrase="pw")
    assert isinstance(own, OwnKey)
    assert (own.certificate, own.chain) == (parties.ours.certificate, (parties.theirs.certificate,))
    fault = read_p12(content, passphrase="no", file="gw.p12")
    assert isinstance(fault, Fault)
    assert fault.code == "AS2-KEY-PASSPHRASE"


def test_a_private_key_never_shows_itself(parties):
    assert "private" not in repr(parties.ours)
    assert "RSAPrivateKey" not in repr(parties.ours)


def test_a_hundred_thousand_header_lines_are_refused_quickly():
    started = time.process_time()
    with pytest.raises(Malformed):
        mime.entity(b"A: b\r\n" * 100_000 + b"\r\n")
    assert time.process_time() - started < 0.2


LONG = {
    "a parameter without an end": "a/b; " + "a" * 60_000,
    "quotes that do not close": 'a/b; a="' * 8_000,
    "backslashes": 'a/b; a="' + "\\" * 60_001,
    "equal signs": "a/b; " + "=" * 60_000,
    "semicolons": "a/b" + ";" * 60_000,
    "parentheses": "(" * 60_000,
    "continuations": "a/b" + "; a*0=x" * 8_000,
    "encoded words": "a/b; name=" + "=?" * 30_000,
    "spaces": "a/b;" + " " * 60_000 + "x y",
}


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_no_field_takes_long_to_read(text):
    started = time.process_time()
    mime.field_value(text)
    mime.human(text)
    read_disposition(text)
    read_disposition("a; b/" + text)
    read_mic(text)
    assert time.process_time() - started < 0.2


def test_a_thousand_interim_responses_are_passed_over():
    captured = wire.read_capture(b"HTTP/1.1 100 Continue\r\nA: b\r\n\r\n" * 2000 + b"HTTP/1.1 200 OK\r\n\r\nbody")
    assert isinstance(captured, wire.Captured)
    assert (captured.status, captured.body) == (200, b"body")


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["name", "BOUNDARY", "a.b", "smime-type", "x*", "x*0", ""]),
            st.sampled_from(["=", " = ", "", "=="]),
            st.sampled_from(["plain", '"quoted; with"', '"a\\"b"', '""', "two words", 'half"', "é", "\t"]),
            st.sampled_from([";", "; ", " ;", ";;", ""]),
        ),
        max_size=4,
    )
)
def test_parameters_are_read_at_a_glance_as_they_are_read_one_by_one(pieces: list[tuple[str, str, str, str]]) -> None:
    text = ";" + "".join("".join(piece) for piece in pieces)
    quick = mime._simple_parameters(text)
    assert not quick or quick == list(mime._parameters(text[1:]))
