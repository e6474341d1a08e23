"""The Disposition field of an MDN: written, and read in every spelling that is in use.

Source: draft rfc4130bis sections 8.4.3 and 8.5; RFC 8098 section 3.2.6.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

AUTOMATIC = "automatic-action/MDN-sent-automatically"


class Modifier(StrEnum):
    """The error modifiers that the standard defines."""

    AUTHENTICATION_FAILED = "authentication-failed"
    DECOMPRESSION_FAILED = "decompression-failed"
    DECRYPTION_FAILED = "decryption-failed"
    DUPLICATE_FILENAME = "duplicate-filename"
    ILLEGAL_FILENAME = "illegal-filename"
    INSUFFICIENT_SECURITY = "insufficient-message-security"
    INTEGRITY_CHECK_FAILED = "integrity-check-failed"
    INVALID_MESSAGE_ID = "invalid-message-id"
    UNEXPECTED = "unexpected-processing-error"
    UNKNOWN_RELATIONSHIP = "unknown-trading-relationship"


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposition:
    """What became of a message.

    Shape:  `kind` is "processed", "failed" or what else a peer wrote, in lower case; `modifier` is "error", "warning",
            "failure" or ""; `text` is what follows it; `verbatim` is the whole field as it was read or is to be written.
    """

    kind: str
    modifier: str = ""
    text: str = ""
    verbatim: str

    @property
    def good(self) -> bool:
        """Whether the message was taken: processed, with at most a warning."""
        return self.kind == "processed" and self.modifier in ("", "warning")

    @property
    def warning(self) -> bool:
        return self.modifier == "warning"


def processed() -> Disposition:
    return Disposition(kind="processed", verbatim=f"{AUTOMATIC}; processed")


def error(modifier: Modifier) -> Disposition:
    return Disposition(kind="processed", modifier="error", text=modifier.value, verbatim=f"{AUTOMATIC}; processed/error: {modifier.value}")


def warning(text: str) -> Disposition:
    return Disposition(kind="processed", modifier="warning", text=text, verbatim=f"{AUTOMATIC}; processed/warning: {text}")


def failed(text: str) -> Disposition:
    return Disposition(kind="failed", modifier="failure", text=text, verbatim=f"{AUTOMATIC}; failed/Failure: {text}")


DUPLICATE = warning("duplicate-document")
UNSUPPORTED_FORMAT = failed("unsupported format")
UNSUPPORTED_MIC = failed("unsupported MIC-algorithms")

_FORM = re.compile(r"(?P<kind>[^/\s]*+)\s*+(?:/\s*+(?P<modifier>[^:=\s]*+)\s*+[:=]?+\s*+(?P<text>.*+))?", re.DOTALL)


_EXPLANATIONS = {
    Modifier.AUTHENTICATION_FAILED: "The signature could not be verified with the certificate that is agreed.",
    Modifier.DECOMPRESSION_FAILED: "The compressed content could not be unpacked, or is larger than is taken.",
    Modifier.DECRYPTION_FAILED: "The content could not be opened with the certificate that is agreed.",
    Modifier.DUPLICATE_FILENAME: "A document of this file name was received before.",
    Modifier.ILLEGAL_FILENAME: "The file name cannot be used.",
    Modifier.INSUFFICIENT_SECURITY: "The message is not signed or encrypted as agreed, or by an algorithm that is too weak.",
    Modifier.INTEGRITY_CHECK_FAILED: "The content is not the one that was signed.",
    Modifier.INVALID_MESSAGE_ID: "The Message-ID is missing, too long, or holds control characters.",
    Modifier.UNEXPECTED: "The message could not be taken as it was sent; its receiver can look up the reason.",
    Modifier.UNKNOWN_RELATIONSHIP: "AS2-From and AS2-To are not those of two parties that trade here.",
}


def explained(disposition: Disposition) -> str | None:
    """What a person on the other side is told about a refusal, by its disposition alone; None where there is nothing to explain.

    Source: draft rfc4130bis section 8.4.3, which asks for it with the modifiers that RFC 4130 did not have.
    """
    if disposition.good:
        return None
    return next((words for modifier, words in _EXPLANATIONS.items() if modifier.value == disposition.text), disposition.text or None)


def read_disposition(value: str) -> Disposition:
    """A Disposition field as a peer wrote it; upper and lower case, spaces and missing modes do not matter. Never fails."""
    _, semicolon, rest = value.partition(";")
    match = _FORM.fullmatch((rest if semicolon else value).strip())
    if match is None:
        return Disposition(kind="", verbatim=value)
    return Disposition(
        kind=match["kind"].lower(),
        modifier=(match["modifier"] or "").lower(),
        text=(match["text"] or "").strip(),
        verbatim=value,
    )
