"""The keys of a partner file, declared: `load` reads by them, the reference page and the JSON Schema are made from them."""

from datetime import timedelta
from typing import Any

from edi_gateway import x12
from edi_gateway.as2 import Cipher, Compression, Digest, MicRule, Padding, Transport
from edi_gateway.as2.quirks import PRESETS
from edi_gateway.config.declared import Key
from edi_gateway.config.keys import AS2_NAME, X12_ID, X12_QUALIFIER
from edi_gateway.config.kinds import (
    BOOLEAN,
    DURATION,
    PATH,
    REFERENCE,
    SEPARATOR,
    SHARE,
    SIZE,
    TEXT,
    URL,
    Kind,
    choice,
    integer,
    list_of,
    number,
    pattern,
    template,
)
from edi_gateway.config.placed import Placed
from edi_gateway.partners.agreement import MdnMode, Ta1, Transfer

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

NAME = Key(
    path="name", kind=TEXT, default="", shown="the file's name", words="The partner's name, as people say it.", example="Acme Retail"
)
ACTIVE = Key(
    path="active", kind=BOOLEAN, default=True, example="false",
    words="Whether we trade now. An inactive partner's messages are kept and refused; nothing is sent.",
)  # fmt: skip

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

QUALIFIER = Key(path="x12.qualifier", kind=X12_QUALIFIER, default="ZZ", words="The partner's ISA qualifier.", example='"01"')
ID = Key(path="x12.id", kind=X12_ID, default="", required=True, words="The partner's ISA id, without the padding.", example="ACMERETAIL")
GROUP_ID = Key(path="x12.group_id", kind=X12_ID, default="", shown="the ISA id", words="The partner's GS id.", example="ACMERETAIL")
VERSION = Key(
    path="x12.version",
    kind=pattern("version", 'five digits, such as "00401"', "[0-9]{5}"),
    default="00401",
    words="ISA12 of what we send.",
    example='"00501"',
)
RELEASE = Key(
    path="x12.release",
    kind=pattern("release", 'six digits, with a suffix where agreed, such as "004010" or "004010VICS"', "[0-9]{6}[A-Z0-9]{0,6}"),
    default="004010",
    words="GS08 of what we send, and the release documents are read by.",
    example='"004010"',
)
ELEMENT = Key(path="x12.element", kind=SEPARATOR, default="*", words="The element separator of what we send.", example='"|"')
COMPONENT = Key(path="x12.component", kind=SEPARATOR, default=">", words="The component separator of what we send.", example='":"')
REPETITION = Key(
    path="x12.repetition", kind=SEPARATOR, default="^", words="The repetition separator; used from version 00402 on.", example='"^"'
)
TERMINATOR = Key(path="x12.terminator", kind=SEPARATOR, default="~", words="The segment terminator of what we send.", example='"~"')
SUFFIX = Key(
    path="x12.suffix",
    kind=choice("none", "lf", "crlf"),
    default="lf",
    words="What follows each terminator: nothing or a line end.",
    example="none",
)
USAGE = Key(
    path="x12.usage",
    kind=choice("production", "test"),
    default="production",
    words="ISA15: whether what we send is production or test traffic.",
    example="test",
)
ACKNOWLEDGE = Key(
    path="x12.acknowledge",
    kind=BOOLEAN,
    default=True,
    words="Whether we answer each functional group with a 997, or with what `x12.acknowledgment` says.",
    example="false",
)
ACKNOWLEDGMENT = Key(
    path="x12.acknowledgment",
    kind=choice(*x12.Form),
    default=str(x12.Form.FUNCTIONAL),
    words="Which acknowledgment we answer with. The 999 needs a release from 005010 on.",
    example='"999"',
)
ACKNOWLEDGE_DETAIL = Key(
    path="x12.acknowledge_detail",
    kind=choice(*x12.Detail),
    default=str(x12.Detail.EVERY_SET),
    words="Which sets of a group our acknowledgment names: every one, only those with faults, or none but the group itself.",
    example="faulty_sets",
)
TA1 = Key(
    path="x12.ta1",
    kind=choice(*Ta1),
    default=str(Ta1.ASKED),
    words="When we answer an interchange with a TA1: where it asks for one or is rejected, only where it is rejected, or never.",
    example="fault",
)
EXPECT_ACKNOWLEDGMENT = Key(
    path="x12.expect_acknowledgment",
    kind=BOOLEAN,
    default=True,
    words="Whether the partner answers what we send with a 997 or 999, which is then awaited (`windows.functional_ack`).",
    example="false",
)
MODE = Key(
    path="x12.mode",
    kind=choice(*x12.Mode),
    default=str(x12.Mode.STRICT),
    words=(
        "How deviations from the standard weigh in what the partner sends: `strict` rejects the set, `tolerant` accepts it with its"
        " errors noted, in our acknowledgment too."
    ),
    example="tolerant",
)
_X12_CODE = pattern("fault code", "the code of an X12 fault, such as X12-507", "X12-[0-9]{3}")
REJECT = Key[tuple[str, ...]](
    path="x12.reject", kind=list_of(_X12_CODE), default=(), example="[X12-507]",
    words="Faults that reject what the partner sends in any mode, by their codes (see the reference of faults).",
)  # fmt: skip
TOLERATE = Key[tuple[str, ...]](
    path="x12.tolerate", kind=list_of(_X12_CODE), default=(), example="[X12-506]",
    words="Faults that are noted in what the partner sends and reject nothing, by their codes.",
)  # fmt: skip
DUPLICATE_DAYS = Key(
    path="x12.duplicate_days",
    kind=integer(0, 3650),
    default=30,
    words=(
        "For how many days an interchange or group control number of the partner's may not come again. What bears one once more is"
        " rejected as a duplicate; `0` looks for none."
    ),
    example="365",
)
CONTROL_LOW = Key(path="x12.control_low", kind=integer(1, 999_999_999), default=1, words="The first control number of ours.", example="500")
CONTROL_HIGH = Key(
    path="x12.control_high",
    kind=integer(1, 999_999_999),
    default=999_999_999,
    words="The last control number, after which the first follows.",
    example="999999",
)

MDN_WINDOW = Key(
    path="windows.mdn", kind=DURATION, default=timedelta(minutes=30), words="How long an asynchronous MDN may take.", example="2h"
)
ACK_WINDOW = Key(
    path="windows.functional_ack",
    kind=DURATION,
    default=timedelta(hours=24),
    words="How long the partner's 997 may take, from the delivery on.",
    example="48h",
)

RETRY_FIRST = Key(
    path="retry.first", kind=DURATION, default=timedelta(minutes=5), words="The first interval between attempts to send.", example="1m"
)
RETRY_FACTOR = Key(
    path="retry.factor", kind=number(1, 10), default=2.0, words="How much each interval grows over the one before.", example="1.5"
)
RETRY_CAP = Key(path="retry.cap", kind=DURATION, default=timedelta(hours=1), words="The longest interval.", example="30m")
RETRY_ATTEMPTS = Key(path="retry.attempts", kind=integer(1, 1000), default=12, words="How many attempts are made in all.", example="20")
RETRY_DURATION = Key(
    path="retry.duration", kind=DURATION, default=timedelta(hours=24), shown="`24h`", words="How long attempts go on in all.", example="3d"
)
RETRY_JITTER = Key(
    path="retry.jitter", kind=SHARE, default=0.1, shown="`10%`", words="How far an interval may be off, either way.", example="5%"
)

SET_ID = pattern("transaction set", "the three digits of a transaction set, such as 850", "[0-9]{3}")
MAP_NAME = pattern("name", "the name of a map, such as x12/004010/850", r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")

_SHARED = (
    ("map", MAP_NAME, "`x12/<release>/<set>`", "The map between the transaction set and the record.", "acme/850"),
    ("erp_map", MAP_NAME, "`flat/<document>`", "The map between the record and the ERP's file.", "flat/order"),
    ("layout", MAP_NAME, "`<document>`", "The layout of the ERP's file.", "order"),
    ("guide", MAP_NAME, "none", "The partner's guide, which narrows the standard.", "acme/850"),
    ("release", RELEASE.kind, "`x12.release`", "The release of this document where it differs.", '"005010"'),
)  # fmt: skip


def _document(direction: str) -> dict[str, Key[str | None]]:
    return {
        name: Key[str | None](path=f"documents.{direction}.*.{name}", kind=kind, default=None, shown=shown, words=words, example=example)
        for name, kind, shown, words, example in _SHARED
    }


RECEIVE, SEND = _document("receive"), _document("send")
FILE_NAME = Key[str | None](
    path="documents.receive.*.filename",
    kind=template("set", "layout", "partner", "key", "control", "date", "id"),
    default=None,
    shown="`{layout}_{key}_{control}.csv`",
    words=(
        "How the ERP's file is named, its own number added: `{set}`, `{layout}`, `{partner}`, `{key}` (the business key), `{control}`"
        " (ST02), `{date}` (CCYYMMDD), `{id}`."
    ),
    example='"{key}.csv"',
)
ANSWER = Key[timedelta | None](
    path="documents.receive.*.answer.*", kind=DURATION, default=None, shown="none",
    words="How long we have to answer with this transaction set.", example="24h",
)  # fmt: skip
CONTENT_TYPE = Key(
    path="documents.send.*.content_type",
    kind=pattern("content type", "a content type, such as application/edi-x12", r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+"),
    default="application/edi-x12",
    words="The content type of messages that carry this document.",
    example="application/octet-stream",
)
SEND_ACK = Key[timedelta | None](
    path="documents.send.*.functional_ack", kind=DURATION, default=None, shown="`windows.functional_ack`",
    words="How long the partner's 997 for this document may take.", example="4h",
)  # fmt: skip

_AS2 = (
    AS2_ID, AS2_URL, QUIRKS, CERTIFICATES, SIGN, PADDING, ENCRYPT, TRANSPORT, COMPRESS, LEGACY, REQUIRE, MIC, MDN, MDN_SIGNED, MDN_DIGESTS,
    MDN_URL, RECEIPT_URLS, TIMEOUT, TRANSFER, MAX_SIZE, CLIENT_CERTIFICATE, CLIENT_KEY, CLIENT_PASSPHRASE,
    CA_FILE, AUTH_USER, AUTH_PASSWORD, HEADERS,
)  # fmt: skip
_X12 = (
    QUALIFIER, ID, GROUP_ID, VERSION, RELEASE, ELEMENT, COMPONENT, REPETITION, TERMINATOR, SUFFIX, USAGE,
    MODE, REJECT, TOLERATE, ACKNOWLEDGE, ACKNOWLEDGMENT, ACKNOWLEDGE_DETAIL, TA1, EXPECT_ACKNOWLEDGMENT, DUPLICATE_DAYS,
    CONTROL_LOW, CONTROL_HIGH,
)  # fmt: skip
_TIMES = (MDN_WINDOW, ACK_WINDOW, RETRY_FIRST, RETRY_FACTOR, RETRY_CAP, RETRY_ATTEMPTS, RETRY_DURATION, RETRY_JITTER)
PARTNER_KEYS: tuple[Key[Any], ...] = (
    NAME,
    ACTIVE,
    *_AS2,
    *_X12,
    *_TIMES,
    *RECEIVE.values(),
    FILE_NAME,
    ANSWER,
    *SEND.values(),
    CONTENT_TYPE,
    SEND_ACK,
)
