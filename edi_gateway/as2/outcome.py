"""What opening a message came to: opened, or refused with a fault for us and a disposition for the sender."""

from dataclasses import dataclass, replace

from edi_gateway.as2.algorithms import Cipher, Digest, Transport
from edi_gateway.as2.attachments import Attachment, divided
from edi_gateway.as2.disposition import Disposition, Modifier, error
from edi_gateway.as2.identity import Certificate
from edi_gateway.as2.mic import Mic, mic
from edi_gateway.faults import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Layers:
    """What was really wrapped around a payload, whatever the outer headers claim.

    Shape:  digest, scheme and signer tell of the signature where it verified; cipher, transport and opened_by of the envelope.
    """

    signed: bool = False
    digest: Digest | None = None
    scheme: str | None = None
    signer: Certificate | None = None
    encrypted: bool = False
    cipher: Cipher | None = None
    transport: Transport | None = None
    opened_by: Certificate | None = None
    compressed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message that was opened and found to meet the agreement.

    Shape:  `payload` is the document's exact bytes; `content_type` as the sender wrote it; `filename` is safe to store,
            `offered_filename` is what the sender wrote; `mic` is what the receipt reports, `covered` the bytes it is over.
    """

    payload: bytes
    content_type: str | None
    filename: str | None
    offered_filename: str | None
    layers: Layers
    mic: Mic
    covered: bytes

    def mic_by(self, digest: Digest) -> Mic:
        """The MIC by another algorithm than the one reported."""
        return mic(self.covered, digest)

    def documents(self) -> tuple[Attachment, ...]:
        """The documents inside: the payload itself, or the parts of a multipart payload in their order."""
        return divided(self.payload, self.content_type, self.filename)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A message that was not taken: the fault for our own people, the disposition that the sender is told."""

    fault: Fault
    disposition: Disposition
    layers: Layers = Layers()


def refused(code: str, modifier: Modifier, layers: Layers | None = None, **detail: object) -> Refused:
    return Refused(fault=Fault.of(code, None, None, **detail), disposition=error(modifier), layers=layers or Layers())


def unopened(layers: Layers, cause: str, *, cms: bool) -> Refused:
    """The one answer to everything that goes wrong between the wire and the verified content.

    Shape:  `cms` says that the body claims to be a CMS object, so that one of which nothing can be read counts as encrypted.
    The cause is for our own log: a sender who could tell a wrong padding from a wrong signature could read what others sent.
    """
    encrypted = layers.encrypted or (cms and layers == Layers())
    modifier = Modifier.DECRYPTION_FAILED if encrypted else Modifier.AUTHENTICATION_FAILED
    facts = replace(layers, signed=False, digest=None, scheme=None, signer=None) if layers.signer is None else layers
    return refused("AS2-NOT-OPENED", modifier, facts, cause=cause)
