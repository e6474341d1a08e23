"""The AS2 part of a partner file: read, checked, and fitted to the product that the partner runs."""

import re

from edi_gateway import as2
from edi_gateway.as2.quirks import PRESETS, Quirks
from edi_gateway.config import Secret
from edi_gateway.config.declared import Key, Reading
from edi_gateway.partners.agreement import As2Terms, BasicAuth, ClientCertificate, Identity, MdnMode, Security, Transfer
from edi_gateway.partners.certificates import read_held
from edi_gateway.partners.keys import as2 as keys

OWN_HEADERS = frozenset({
    "as2-from", "as2-to", "as2-version", "connection", "content-disposition", "content-length", "content-transfer-encoding",
    "content-type", "date", "disposition-notification-options", "disposition-notification-to", "ediint-features", "expect",
    "from", "host", "message-id", "mime-version", "receipt-delivery-option", "recipient-address", "subject", "te", "trailer",
    "transfer-encoding", "upgrade",
})  # fmt: skip
_BY_KEY: tuple[tuple[Key[str], str], ...] = (
    (keys.SIGN, "digest"),
    (keys.PADDING, "padding"),
    (keys.ENCRYPT, "cipher"),
    (keys.TRANSPORT, "transport"),
    (keys.COMPRESS, "compression"),
)
"""The keys that a preset may speak against, and what each sets."""


def as2_terms(reading: Reading, identity: Identity, *, sends: bool) -> As2Terms:
    """The terms under `as2`; what is wrong with them collects in the reading."""
    get = reading.get
    url = get(keys.AS2_URL)
    quirks = PRESETS.get(get(keys.QUIRKS) or "")
    mdn = MdnMode(get(keys.MDN))
    mdn_url = get(keys.MDN_URL) or identity.url
    security = _security(reading, quirks)
    require: tuple[str, ...] = get(keys.REQUIRE)
    certificates = reading.entries(keys.CERTIFICATES)
    basic_auth = _basic_auth(reading)
    if not reading.troubled("as2"):
        if url is None and sends:
            reading.fault("NO-URL", reading.place(keys.AS2_URL))
        if mdn is MdnMode.ASYNC and mdn_url is None:
            reading.fault("NO-MDN-URL", reading.place(keys.MDN))
        if not certificates and (security.encrypt or "signed" in require):
            reading.fault("NO-CERTIFICATE", reading.place(keys.CERTIFICATES))
    reading.faults += read_held(path for path in certificates if path.is_file()).faults
    return As2Terms(
        id=get(keys.AS2_ID),
        url=url,
        certificates=certificates,
        security=security,
        quirks=quirks.name if quirks else None,
        require=frozenset(require),
        mdn=mdn,
        mdn_signed=get(keys.MDN_SIGNED),
        mdn_digests=_mdn_digests(reading, security),
        mdn_url=mdn_url,
        mic_rule=as2.MicRule(get(keys.MIC) or (quirks.mic_rule if quirks else as2.MicRule.REQUESTED)),
        receipt_urls=get(keys.RECEIPT_URLS),
        timeout=get(keys.TIMEOUT),
        transfer=_transfer(reading, quirks),
        max_bytes=get(keys.MAX_SIZE),
        headers=_headers(reading, basic_auth),
        basic_auth=basic_auth,
        client=_client(reading),
        ca_file=reading.entry(keys.CA_FILE),
    )


def _security(reading: Reading, quirks: Quirks | None) -> Security:
    sign, encrypt, legacy = reading.get(keys.SIGN), reading.get(keys.ENCRYPT), reading.get(keys.LEGACY)
    if sign != "none" and as2.Digest(sign).weak and not legacy:
        reading.fault("WEAK", reading.place(keys.SIGN), sign)
    if encrypt != "none" and as2.Cipher(encrypt).weak and not legacy:
        reading.fault("WEAK", reading.place(keys.ENCRYPT), encrypt)
    asked = as2.Security(
        digest=None if sign == "none" else as2.Digest(sign),
        padding=as2.Padding(keys.RSA + reading.get(keys.PADDING)),
        cipher=None if encrypt == "none" else as2.Cipher(encrypt),
        transport=as2.Transport(keys.RSA + reading.get(keys.TRANSPORT)),
        compression=as2.Compression(reading.get(keys.COMPRESS)),
    )
    suited = quirks.suited(asked) if quirks else asked
    for key, term in _BY_KEY:
        given, better = getattr(asked, term), getattr(suited, term)
        if quirks and given != better and reading.find(key.parts()) is not None:
            _not_taken(reading, key, quirks, _word(given), _word(better))
    return Security(
        sign=suited.digest,
        padding=suited.padding,
        encrypt=suited.cipher,
        transport=suited.transport,
        compress=None if suited.compression is as2.Compression.NONE else suited.compression,
        legacy=legacy,
    )


def _word(value: str | None) -> str:
    """A term as partner files write it."""
    return (value or "none").removeprefix(keys.RSA)


def _not_taken(reading: Reading, key: Key[str], quirks: Quirks, given: str, better: str) -> None:
    reading.fault("QUIRK", reading.place(key), given, key=key.path, product=quirks.name, better=better)


def _transfer(reading: Reading, quirks: Quirks | None) -> Transfer:
    transfer = Transfer(reading.get(keys.TRANSFER))
    if quirks and not quirks.chunked and transfer is Transfer.CHUNKED:
        _not_taken(reading, keys.TRANSFER, quirks, transfer, Transfer.CONTENT_LENGTH)
    return transfer


def _mdn_digests(reading: Reading, security: Security) -> tuple[as2.Digest, ...]:
    asked = tuple(as2.Digest(word) for word in reading.get(keys.MDN_DIGESTS))
    for digest in asked:
        if digest.weak and not security.legacy:
            reading.fault("WEAK", reading.place(keys.MDN_DIGESTS), digest)
    return asked or (security.sign or as2.Digest.SHA256,)


def _basic_auth(reading: Reading) -> BasicAuth | None:
    user, password = reading.get(keys.AUTH_USER), reading.get(keys.AUTH_PASSWORD)
    if user is not None and password is not None:
        if ":" in user:
            reading.fault("VALUE", reading.place(keys.AUTH_USER), user, key=keys.AUTH_USER.path, hint="It needs a name without a colon.")
        return BasicAuth(user=user, password=Secret(reference=password, base=reading.base))
    if (user is None) != (password is None) and not reading.troubled("as2.basic_auth"):
        missing = keys.AUTH_USER if user is None else keys.AUTH_PASSWORD
        reading.fault("KEY-MISSING", reading.place(missing), missing.path, hint=missing.words)
    return None


def _client(reading: Reading) -> ClientCertificate | None:
    certificate, key = reading.file(keys.CLIENT_CERTIFICATE), reading.file(keys.CLIENT_KEY)
    passphrase = reading.get(keys.CLIENT_PASSPHRASE)
    if certificate is None:
        if (key or passphrase) and not reading.troubled("as2"):
            wanted = keys.CLIENT_CERTIFICATE
            reading.fault("KEY-MISSING", reading.place(wanted), wanted.path, hint=wanted.words)
        return None
    secret = Secret(reference=passphrase, base=reading.base) if passphrase else None
    return ClientCertificate(certificate=certificate, key=key, passphrase=secret)


def _headers(reading: Reading, basic_auth: BasicAuth | None) -> dict[str, str]:
    taken = OWN_HEADERS | ({"authorization"} if basic_auth else frozenset())
    headers = {}
    for name, value in reading.names("as2.headers").items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or name.lower() in taken:
            reading.fault("HEADER", value.key_place, name)
        headers[name] = reading.get(keys.HEADERS, name)
    return headers
