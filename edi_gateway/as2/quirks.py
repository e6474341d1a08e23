"""What products are known to do their own way, by name, so that an agreement can say `quirks: openas2`.

A preset says what the product takes and how it reports; it loosens no demand of ours on what comes in.
Source: captured traffic of OpenAS2 4.9, django-pyas2, libas2, as2-lib (phase2) and mock-edi 0.9; the AS2 pages of the AWS
Transfer Family user guide for `amazon`.
"""

from dataclasses import dataclass, replace

from edi_gateway.as2.algorithms import Cipher, Digest, Padding, Transport
from edi_gateway.as2.opening import MicRule
from edi_gateway.as2.sealing import Compression, Security
from edi_gateway.faults import Fault

_CBC = frozenset(cipher for cipher in Cipher if not cipher.gcm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quirks:
    """One product's ways.

    Shape:  what it takes of each kind; `signed_only` and `encrypted_only` say whether it takes one without the other;
            `chunked` whether it reads chunked bodies; `finds_duplicates` whether a resend is safe with it.
    Units:  `largest` in bytes, None where no limit is known.
    """

    name: str
    ciphers: frozenset[Cipher] = _CBC
    transports: frozenset[Transport] = frozenset({Transport.PKCS1})
    paddings: frozenset[Padding] = frozenset(Padding)
    compressions: frozenset[Compression] = frozenset(Compression)
    secured: bool = True
    signed_only: bool = True
    encrypted_only: bool = True
    chunked: bool = True
    largest: int | None = None
    mic_rule: MicRule = MicRule.REQUESTED
    finds_duplicates: bool = False
    notes: tuple[str, ...] = ()

    def suited(self, security: Security) -> Security:
        """The security nearest to this one that the product takes: what it cannot read is replaced by what all products read."""
        if not self.secured:
            return replace(security, digest=None, cipher=None, compression=Compression.NONE)
        cipher = security.cipher if security.cipher in (None, *self.ciphers) else Cipher.AES256_CBC
        digest = security.digest
        if digest is None and cipher is not None and not self.encrypted_only:
            digest = Digest.SHA256
        if cipher is None and digest is not None and not self.signed_only:
            cipher = Cipher.AES256_CBC
        return replace(
            security,
            digest=digest,
            cipher=cipher,
            transport=security.transport if security.transport in self.transports else Transport.PKCS1,
            padding=security.padding if security.padding in self.paddings else Padding.PKCS1,
            compression=security.compression if security.compression in self.compressions else Compression.NONE,
        )

    def faults(self, security: Security) -> tuple[Fault, ...]:
        """What of an agreement's security the product does not take."""
        suited = self.suited(security)
        pairs = (
            ("signature", security.digest, suited.digest),
            ("cipher", security.cipher, suited.cipher),
            ("key transport", security.transport, suited.transport),
            ("signature padding", security.padding, suited.padding),
            ("compression", security.compression, suited.compression),
        )
        return tuple(
            Fault.of("AS2-QUIRK", product=self.name, what=what, given=given or "none", better=better or "none")
            for what, given, better in pairs
            if given != better
        )


_PRESETS = (
    Quirks(
        name="openas2",
        encrypted_only=False,
        notes=(
            "It refuses a receipt whose MIC is not by the first algorithm it asked for.",
            "It answers an unknown partner with HTTP 500 and no receipt.",
            "It puts the header of its receipt into the body a second time, as a preamble.",
        ),
    ),
    Quirks(
        name="pyas2",
        chunked=False,
        mic_rule=MicRule.SIGNATURE,
        finds_duplicates=True,
        notes=(
            "It compares the MIC by the signature's algorithm, whatever its receipt request asks for.",
            "It sends line ends of its own making, and a receipt without a MIC for what is neither signed nor encrypted.",
            "It retries with a new Message-ID and new bytes: only the business document tells that it is the same.",
        ),
    ),
    Quirks(
        name="libas2",
        paddings=frozenset({Padding.PKCS1}),
        compressions=frozenset({Compression.NONE}),
        signed_only=False,
        encrypted_only=False,
        notes=(
            "It signs a part without its last line end.",
            "It puts GCM into EnvelopedData.",
            "It answers processed to a name it does not know.",
        ),
    ),
    Quirks(
        name="as2-lib",
        chunked=False,
        notes=(
            "It reports a wrong MIC for what is signed or encrypted, so that such messages stay unverified.",
            "It announces base64 on HTTP and sends binary; it stored GCM ciphertext as the document.",
        ),
    ),
    Quirks(name="mock-edi", secured=False, notes=("It reads neither signatures nor encryption.",)),
    Quirks(
        name="amazon",
        signed_only=False,
        largest=50_000_000,
        notes=("AWS Transfer Family: encryption is required on plain HTTP; the limit of 50 MB can be raised on their side.",),
    ),
)

PRESETS = {quirks.name: quirks for quirks in _PRESETS}
