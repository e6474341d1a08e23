"""The AS2 terms of a partner file: what each key sets, how presets fit them, and where receipts may go."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway import as2
from edi_gateway.as2.quirks import PRESETS
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction
from edi_gateway.partners.agreement import As2Terms, Identity, Partner, Transfer, X12Identity
from edi_gateway.partners.load import load_partner
from edi_gateway.partners.load_documents import Known
from edi_gateway.testing.keys import write_key

US = Identity(as2_id="OURCO", x12=X12Identity(qualifier="ZZ", id="OURCO", group_id="OURCO"), keys=(), certificates=())
FILE = """\
as2:
  id: ACME
  url: https://acme.example/as2
  certificates: acme.pem
{terms}
x12:
  id: ACMEISA
documents:
  receive: [850]
  send: {{855: {{content_type: application/octet-stream}}, 810: }}
"""

Read = Callable[[str], tuple[Partner | None, tuple[Fault, ...]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads a partner file with these lines under `as2`."""
    write_key(tmp_path, "acme")
    (tmp_path / "tls.pem").touch()
    (tmp_path / "password").write_text("open sesame\n")

    def reading(terms: str) -> tuple[Partner | None, tuple[Fault, ...]]:
        file = tmp_path / "acme.yaml"
        file.write_text(FILE.format(terms="".join(f"  {line}\n" for line in terms.splitlines())))
        return load_partner(file, base=tmp_path, known=Known(), identity=US)

    return reading


@pytest.fixture
def terms(read: Read) -> Callable[[str], As2Terms]:
    def reading(lines: str) -> As2Terms:
        partner, faults = read(lines)
        assert faults == ()
        assert partner is not None
        return partner.as2

    return reading


Terms = Callable[[str], As2Terms]


def test_what_is_not_written_is_what_every_product_takes(terms: Terms) -> None:
    plain = terms("")
    assert plain.security.sealing == as2.Security()
    assert plain.transfer is Transfer.CONTENT_LENGTH
    assert plain.mdn_wanted == as2.MdnWanted()
    assert (plain.policy.require_signed, plain.policy.require_encrypted, plain.policy.legacy) == (True, True, False)
    assert (plain.basic_auth, plain.client, plain.quirks) == (None, None, None)


def test_every_way_to_seal_can_be_asked_for(terms: Terms) -> None:
    asked = terms("sign: sha512\nsignature_padding: pss\nencrypt: aes192-gcm\nkey_transport: oaep\ncompress: after-signing")
    assert asked.security.sealing == as2.Security(
        digest=as2.Digest.SHA512,
        padding=as2.Padding.PSS,
        cipher=as2.Cipher.AES192_GCM,
        transport=as2.Transport.OAEP,
        compression=as2.Compression.AFTER_SIGNING,
    )


@pytest.mark.parametrize("cipher", [cipher for cipher in as2.Cipher if not cipher.weak])
def test_every_cipher_can_be_named(terms: Terms, cipher: as2.Cipher) -> None:
    assert terms(f"encrypt: {cipher}").security.sealing.cipher is cipher


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("none", as2.Compression.NONE),
        ("false", as2.Compression.NONE),
        ("before-signing", as2.Compression.BEFORE_SIGNING),
        ("true", as2.Compression.BEFORE_SIGNING),
        ("after-signing", as2.Compression.AFTER_SIGNING),
    ],
)
def test_compression_has_a_place(terms: Terms, word: str, meant: as2.Compression) -> None:
    assert terms(f"compress: {word}").security.sealing.compression is meant


def test_the_digests_asked_for_are_those_listed_and_else_the_signatures(terms: Terms) -> None:
    listed = terms("mdn_digests: [sha512, sha256]").mdn_wanted
    assert listed is not None
    assert listed.algorithms == (as2.Digest.SHA512, as2.Digest.SHA256)
    followed = terms("sign: sha384").mdn_wanted
    assert followed is not None
    assert followed.algorithms == (as2.Digest.SHA384,)


def test_an_asynchronous_receipt_is_asked_for_at_our_address(terms: Terms) -> None:
    wanted = terms("mdn: async\nmdn_url: https://edi.ourco.example/as2\nmdn_signed: false").mdn_wanted
    assert wanted == as2.MdnWanted(signed=False, url="https://edi.ourco.example/as2")
    assert terms("mdn: none").mdn_wanted is None


def test_chunks_basic_authentication_and_a_client_certificate_are_terms(terms: Terms, tmp_path: Path) -> None:
    asked = terms("transfer: chunked\nbasic_auth: {user: ourco, password: 'file:password'}\nclient_certificate: tls.pem\nca_file: tls.pem")
    assert asked.transfer is Transfer.CHUNKED
    assert asked.basic_auth is not None
    assert (asked.basic_auth.user, asked.basic_auth.password.reveal()) == ("ourco", "open sesame")
    assert asked.client is not None
    assert (asked.client.certificate, asked.client.key, asked.client.passphrase) == (tmp_path / "tls.pem", None, None)
    assert asked.ca_file == tmp_path / "tls.pem"


def test_each_document_has_its_content_type(read: Read) -> None:
    partner, _ = read("")
    assert partner is not None
    types = {one.set_id: one.content_type for one in partner.agreements if one.direction is Direction.OUT}
    assert types == {"855": "application/octet-stream", "810": "application/edi-x12"}


# --- presets ---


@pytest.mark.parametrize("name", PRESETS)
def test_what_is_not_written_is_fitted_to_the_product(terms: Terms, name: str) -> None:
    fitted = terms(f"quirks: {name}")
    assert fitted.quirks == name
    assert fitted.security.sealing == PRESETS[name].suited(as2.Security())
    assert fitted.policy.mic_rule is PRESETS[name].mic_rule
    assert PRESETS[name].faults(fitted.security.sealing) == ()


def test_a_preset_demands_no_less_of_what_comes_in(terms: Terms) -> None:
    policy = terms("quirks: mock-edi").policy
    assert policy.require_signed
    assert policy.require_encrypted


def test_the_mic_rule_of_a_preset_can_be_overruled(terms: Terms) -> None:
    assert terms("quirks: pyas2").mic_rule is as2.MicRule.SIGNATURE
    assert terms("quirks: pyas2\nmic: requested").mic_rule is as2.MicRule.REQUESTED
    assert terms("mic: signature").mic_rule is as2.MicRule.SIGNATURE


@pytest.mark.parametrize(
    ("lines", "code", "line", "column", "hint"),
    [
        ("quirks: openas3", "PRT-VALUE", 5, 11, "Did you mean openas2?"),
        ("quirks: openas2\nencrypt: aes256-gcm", "PRT-QUIRK", 6, 12, "Set as2.encrypt to aes256-cbc"),
        ("quirks: openas2\nkey_transport: oaep", "PRT-QUIRK", 6, 18, "Set as2.key_transport to pkcs1v15"),
        ("quirks: libas2\nsignature_padding: pss", "PRT-QUIRK", 6, 22, "Set as2.signature_padding to pkcs1v15"),
        ("quirks: libas2\ncompress: true", "PRT-QUIRK", 6, 13, "Set as2.compress to none"),
        ("quirks: libas2\nsign: none", "PRT-QUIRK", 6, 9, "Set as2.sign to sha256"),
        ("quirks: mock-edi\nsign: sha256", "PRT-QUIRK", 6, 9, "Set as2.sign to none"),
        ("quirks: pyas2\ntransfer: chunked", "PRT-QUIRK", 6, 13, "Set as2.transfer to content-length"),
        ("transfer: chunk", "PRT-VALUE", 5, 13, "Did you mean chunked?"),
        ("encrypt: aes256gcm", "PRT-VALUE", 5, 12, "Did you mean aes256-gcm?"),
        ("compress: after", "PRT-VALUE", 5, 13, "after-signing"),
        ("signature_padding: PSS", "PRT-VALUE", 5, 22, "Did you mean pss?"),
        ("mdn_digests: [sha256, sha1]", "PRT-WEAK", 5, 16, "legacy: true"),
        ("basic_auth: {user: ourco, password: sesame}", "PRT-VALUE", 5, 39, "never written here"),
        ("basic_auth: {user: ourco}", "PRT-KEY-MISSING", 5, 3, "password"),
        ("basic_auth: {password: 'env:X'}", "PRT-KEY-MISSING", 5, 3, "user name"),
        ("basic_auth: {user: 'our:co', password: 'env:X'}", "PRT-VALUE", 5, 22, "without a colon"),
        ("basic_auth: {user: x, password: 'env:X'}\nheaders: {Authorization: x}", "PRT-HEADER", 6, 13, "the key that sets it"),
        ("client_key: tls.pem", "PRT-KEY-MISSING", 1, 1, "TLS certificate"),
        ("client_certificate: tlz.pem", "PRT-FILE-MISSING", 5, 23, "Did you mean tls.pem?"),
    ],
)
def test_a_term_that_cannot_be_is_placed_and_its_remedy_told(read: Read, lines: str, code: str, line: int, column: int, hint: str) -> None:
    partner, faults = read(lines)
    assert partner is None
    [fault] = faults
    assert (fault.code, fault.place.line, fault.place.column) == (code, line, column), fault.line()
    assert hint in fault.fix, fault.fix


def test_a_password_in_the_file_is_a_fault_that_tells_no_more_of_it_than_its_key(read: Read) -> None:
    _, faults = read("basic_auth: {user: ourco, password: sesame}")
    assert "sesame" not in faults[0].line()


# --- where receipts go ---


def test_a_host_known_from_as2_url_alone_is_not_trusted_to_be_private(terms: Terms) -> None:
    plain = terms("")
    assert plain.takes_receipt_at("https://acme.example/mdn")
    assert not plain.trusts_host_of("https://acme.example/mdn")


def test_a_host_listed_for_receipts_may_be_private(terms: Terms) -> None:
    listed = terms("receipt_urls: https://acme.example/mdn")
    assert listed.trusts_host_of("https://acme.example/mdn/1")
    assert not listed.trusts_host_of("https://acme.example/admin")
    assert not listed.trusts_host_of("https://other.example/mdn")


def test_an_address_that_the_file_writes_in_figures_may_be_private() -> None:
    near = As2Terms(id="ACME", url="http://127.0.0.1:4080/as2")
    assert near.trusts_host_of("http://127.0.0.1:4080/mdn")
    assert not near.takes_receipt_at("http://2130706433:4080/mdn")
    assert not near.takes_receipt_at("http://[::ffff:127.0.0.1]:4080/mdn")
    assert not near.takes_receipt_at("http://127.0.0.1:4081/mdn")


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example.evil.example/mdn",
        "https://evil.example/acme.example/mdn",
        "https://acme.example@evil.example/mdn",
        "https://evil.example@acme.example/mdn",
        "https://user:secret@acme.example/mdn",
        "https://acme.example\\@evil.example/mdn",
        "https://evil.example#@acme.example/mdn",
        "https://acme.example:444/mdn",
        "https://acme.example:0/mdn",
        "https://acme.example:99999/mdn",
        "https://acme.example:x/mdn",
        "http://acme.example/mdn",
        "http://acme.example:443/mdn",
        "ftp://acme.example/mdn",
        "file:///mdn",
        "//acme.example/mdn",
        "acme.example/mdn",
        "mailto:mdn@acme.example",
        "https://acme.example/mdn/../admin",
        "https://acme.example/mdn/%2e%2e/admin",
        "https://acme.example/mdn/..%2fadmin",
        "https://acme.example/mdnadmin",
        "https://acme.example/admin",
        "https://ACME.example./mdn",
        "https://[acme.example]/mdn",
        "https:///mdn",
        "",
    ],
)
def test_no_way_to_write_an_address_gets_past_the_list(terms: Terms, url: str) -> None:
    assert not terms("receipt_urls: https://acme.example/mdn").takes_receipt_at(url)


@pytest.mark.parametrize("url", ["https://acme.example/mdn", "https://ACME.example:443/mdn/1?a=b", "HTTPS://acme.example/mdn"])
def test_another_spelling_of_a_listed_address_is_the_same_address(terms: Terms, url: str) -> None:
    assert terms("receipt_urls: https://acme.example/mdn").takes_receipt_at(url)
