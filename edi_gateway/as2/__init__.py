"""AS2: messages sealed and opened, receipts made and judged, on bytes and values alone.

No database, no HTTP, no clock: times and certificates are handed in, and what comes out is bytes and frozen values.
Whatever the bytes from outside are, nothing but these values leaves.
"""

from edi_gateway.as2.algorithms import Cipher, Digest, Padding, Transport
from edi_gateway.as2.attachments import Attachment, AttachmentFile, divided_file, related
from edi_gateway.as2.cms import Signing
from edi_gateway.as2.disposition import Disposition, Modifier
from edi_gateway.as2.heading import Heading, MdnRequest, read_heading
from edi_gateway.as2.identity import Certificate, OwnKey, read_certificates, read_own_key, read_p12
from edi_gateway.as2.mdn import Receipt, make_mdn
from edi_gateway.as2.mic import Mic, mic, read_mic
from edi_gateway.as2.opening import MicRule, Policy, open_message
from edi_gateway.as2.outcome import Layers, Opened, Refused
from edi_gateway.as2.receipt import Arrival, Expected, MdnVerdict, Signature, Verdict, is_mdn, original_message_id, read_mdn
from edi_gateway.as2.sealing import Compression, MdnWanted, Sealed, Security, new_message_id, seal
from edi_gateway.as2.stream_opening import OpenedFile, open_file
from edi_gateway.as2.stream_sealing import SealedFile, seal_file

__all__ = [
    "Arrival",
    "Attachment",
    "AttachmentFile",
    "Certificate",
    "Cipher",
    "Compression",
    "Digest",
    "Disposition",
    "Expected",
    "Heading",
    "Layers",
    "MdnRequest",
    "MdnVerdict",
    "MdnWanted",
    "Mic",
    "MicRule",
    "Modifier",
    "Opened",
    "OpenedFile",
    "OwnKey",
    "Padding",
    "Policy",
    "Receipt",
    "Refused",
    "Sealed",
    "SealedFile",
    "Security",
    "Signature",
    "Signing",
    "Transport",
    "Verdict",
    "divided_file",
    "is_mdn",
    "make_mdn",
    "mic",
    "new_message_id",
    "open_file",
    "open_message",
    "original_message_id",
    "read_certificates",
    "read_heading",
    "read_mdn",
    "read_mic",
    "read_own_key",
    "read_p12",
    "related",
    "seal",
    "seal_file",
]
