"""The keys under `as2` of a partner file."""

from datetime import timedelta
from typing import Any

from edi_gateway.as2 import Cipher, Compression, Digest, MicRule, Padding, Transport
from edi_gateway.as2.quirks import PRESETS
from edi_gateway.config.declared import Key
from edi_gateway.config.keys import AS2_NAME
from edi_gateway.config.kinds import BOOLEAN, DURATION, PATH, REFERENCE, SIZE, TEXT, URL, Kind, choice, list_of
from edi_gateway.config.placed import Placed
from edi_gateway.partners.agreement import MdnMode, Transfer

RSA = "rsa-"
"""What the names of padding and key transport begin with; partner files leave it out."""


def _compression(value: Placed) -> str:
    if value.content is True or value.content == "true":
        return Compression.BEFORE_SIGNING
    if value.content is False or value.content == "false":
        return Compression.NONE
    return choice(*Compression).read(value)


COMPRESSION = Kind(
    name="word",
    expects="one of " + ", ".join(Compression),
    read=_compression,
    choices=tuple(Compression),
    json={"enum": [*Compression, True, False]},
)

AS2_ID = Key(
    path="as2.id",
    kind=AS2_NAME,
    default="",
    required=True,
    words="The partner's AS2 name, upper and lower case as agreed.",
    example="ACME-RETAIL",
)
AS2_URL = Key[str | None](
    path="as2.url",
    kind=URL,
    default=None,
    shown="none: nothing is sent",
    words="The address that we post to. Required where `documents.send` is not empty.",
    example="https://as2.acme-retail.example/as2",
)
CERTIFICATES = Key[tuple[str, ...]](
    path="as2.certificates", kind=list_of(PATH), default=(), example="[certs/acme-retail-2027.pem, certs/acme-retail.pem]",
    words="The partner's certificate files: PEM, DER or P7B. We verify with any that is in force and encrypt with the newest.",
)  # fmt: skip
SIGN = Key(
    path="as2.sign",
    kind=choice(*Digest, "none"),
    default=str(Digest.SHA256),
    words="The digest we sign with; `none` for no signature. md5 and sha1 need `legacy: true`.",
    example="sha512",
)
ENCRYPT = Key(
    path="as2.encrypt",
    kind=choice(*Cipher, "none"),
    default=str(Cipher.AES256_CBC),
    words="The cipher we encrypt with; `none` for no encryption. des-ede3-cbc (3DES) needs `legacy: true`.",
    example="aes128-cbc",
)
PADDING = Key(
    path="as2.signature_padding",
    kind=choice(*(one.removeprefix(RSA) for one in Padding)),
    default=Padding.PKCS1.removeprefix(RSA),
    words="How an RSA key of ours signs: PKCS #1 v1.5, or PSS where agreed.",
    example="pss",
)
TRANSPORT = Key(
    path="as2.key_transport",
    kind=choice(*(one.removeprefix(RSA) for one in Transport)),
    default=Transport.PKCS1.removeprefix(RSA),
    words="How the content key is encrypted to the partner: PKCS #1 v1.5, or OAEP (with SHA-256) where agreed.",
    example="oaep",
)
COMPRESS = Key(
    path="as2.compress",
    kind=COMPRESSION,
    default=str(Compression.NONE),
    words="Whether we compress, and whether before or after we sign. `true` is before-signing, `false` none.",
    example="before-signing",
)
QUIRKS = Key[str | None](
    path="as2.quirks",
    kind=choice(*PRESETS),
    default=None,
    shown="none",
    words=(
        "The partner's product. What it is known not to take is left out or replaced where this file does not ask for it, and is a"
        " fault where it does. It loosens nothing of what we demand."
    ),
    example="openas2",
)
LEGACY = Key(
    path="as2.legacy",
    kind=BOOLEAN,
    default=False,
    words="Whether MD5, SHA-1 and 3DES are read and written for this partner. The console shows it.",
    example="true",
)
REQUIRE = Key[tuple[str, ...]](
    path="as2.require", kind=list_of(choice("signed", "encrypted")), default=("encrypted", "signed"), example="[signed]",
    words="What a message from the partner must be; one that is not is refused. `[]` takes anything.",
)  # fmt: skip
MDN = Key(
    path="as2.mdn",
    kind=choice(*MdnMode),
    default=str(MdnMode.SYNC),
    words="How we ask the partner to answer: in the same connection, later by a POST of its own, or not at all.",
    example="async",
)
MDN_SIGNED = Key(path="as2.mdn_signed", kind=BOOLEAN, default=True, words="Whether we ask for a signed MDN.", example="false")
MDN_DIGESTS = Key[tuple[str, ...]](
    path="as2.mdn_digests",
    kind=list_of(choice(*Digest)),
    default=(),
    shown="that of `as2.sign`",
    words="The MIC algorithms that we ask for, the preferred one first.",
    example="[sha256, sha512]",
)
MIC = Key[str | None](
    path="as2.mic",
    kind=choice(*MicRule),
    default=None,
    shown="that of the preset, else `requested`",
    words=(
        "By which algorithm we report the MIC of what the partner sends: the first that it requests and we compute, or its signature's."
    ),
    example="signature",
)
MDN_URL = Key[str | None](
    path="as2.mdn_url",
    kind=URL,
    default=None,
    shown="`identity.url` of gateway.toml",
    words="Where we ask asynchronous MDNs to be posted: our address as the partner sees it.",
    example="https://edi.example.com/as2",
)
RECEIPT_URLS = Key[tuple[str, ...]](
    path="as2.receipt_urls", kind=list_of(URL), default=(), shown="scheme, host and port of `as2.url`", example="[https://as2.acme-retail.example/mdn]",
    words=(
        "Where we may post asynchronous MDNs to: beginnings of addresses. A message that asks for another address is refused. A host that"
        " stands here may be in a private network; one that is known from `as2.url` alone must be in the public internet, unless that"
        " is an IP address."
    ),
)  # fmt: skip
TIMEOUT = Key(
    path="as2.timeout",
    kind=DURATION,
    default=timedelta(seconds=60),
    words="How long one POST may take in all, the partner's answer included.",
    example="5m",
)
TRANSFER = Key(
    path="as2.transfer",
    kind=choice(*Transfer),
    default=str(Transfer.CONTENT_LENGTH),
    words="How a POST tells its length: by a Content-Length header, or chunk by chunk where the partner's server asks for that.",
    example="chunked",
)
AUTH_USER = Key[str | None](
    path="as2.basic_auth.user", kind=TEXT, default=None, shown="none", words="The user name for HTTP Basic authentication at `as2.url`.",
    example="ourco",
)  # fmt: skip
AUTH_PASSWORD = Key[str | None](
    path="as2.basic_auth.password", kind=REFERENCE, default=None, shown="none", example='"file:certs/acme.password"',
    words="Where its password stands: an environment variable, or a file's first line. It is read at each POST.",
)  # fmt: skip
CLIENT_CERTIFICATE = Key[str | None](
    path="as2.client_certificate", kind=PATH, default=None, shown="none", example="certs/own-tls.pem",
    words="The TLS certificate, PEM with its chain, that we show to the partner's HTTPS server.",
)  # fmt: skip
CLIENT_KEY = Key[str | None](
    path="as2.client_key", kind=PATH, default=None, shown="in the file of the certificate", example="certs/own-tls.key.pem",
    words="The key of that certificate, PEM.",
)  # fmt: skip
CLIENT_PASSPHRASE = Key[str | None](
    path="as2.client_passphrase", kind=REFERENCE, default=None, shown="none: the key is not encrypted", example='"env:OWN_TLS_PASSPHRASE"',
    words="Where the key's pass phrase stands.",
)  # fmt: skip
MAX_SIZE = Key(
    path="as2.max_size",
    kind=SIZE,
    default=100 * 1024**2,
    shown="`100MiB`",
    words="The largest message taken from the partner, after decompression.",
    example="500MiB",
)
HEADERS = Key(path="as2.headers.*", kind=TEXT, default="", shown="none", words="A further HTTP header of every POST.", example='"EAST"')
CA_FILE = Key[str | None](
    path="as2.ca_file",
    kind=PATH,
    default=None,
    shown="the system's certificate authorities",
    words="CA certificates that the partner's HTTPS server is checked against, PEM.",
    example="certs/acme-ca.pem",
)

KEYS: tuple[Key[Any], ...] = (
    AS2_ID, AS2_URL, QUIRKS, CERTIFICATES, SIGN, PADDING, ENCRYPT, TRANSPORT, COMPRESS, LEGACY, REQUIRE, MIC, MDN, MDN_SIGNED, MDN_DIGESTS,
    MDN_URL, RECEIPT_URLS, TIMEOUT, TRANSFER, MAX_SIZE, CLIENT_CERTIFICATE, CLIENT_KEY, CLIENT_PASSPHRASE,
    CA_FILE, AUTH_USER, AUTH_PASSWORD, HEADERS,
)  # fmt: skip
