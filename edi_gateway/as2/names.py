"""AS2 names and Message-IDs as they stand in headers. Source: draft rfc4130bis sections 5.3.3 and 6.3."""

import re

from edi_gateway.as2.malformed import Malformed

MAX_NAME = 128
MAX_MESSAGE_ID = 998

_PRINTABLE = re.compile(r"[\x20-\x7e]+")
_ATOMIC = re.compile(r"[!#-\[\]-~]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def read_name(value: str | None) -> str:
    """The name in an AS2-From or AS2-To header, quotes and escapes taken off.

    A name with spaces or quotes that a peer forgot to quote is read as it stands: several products send such.
    Errors: Malformed where it is missing, empty, too long, or holds anything but printable ASCII.
    """
    name = (value or "").strip(" \t")
    if len(name) >= 2 and name[0] == name[-1] == '"':
        name = re.sub(r'\\(["\\])', r"\1", name[1:-1])
    if not name:
        raise Malformed("an AS2 name is missing")
    if len(name) > MAX_NAME or not _PRINTABLE.fullmatch(name):
        raise Malformed(f"an AS2 name that is not 1 to {MAX_NAME} printable ASCII characters")
    return name


def write_name(name: str) -> str:
    """A name as it goes into a header: quoted where it has to be. Errors: ValueError for what is no AS2 name."""
    if not 1 <= len(name) <= MAX_NAME or not _PRINTABLE.fullmatch(name):
        raise ValueError(f"{name!r} is not an AS2 name: 1 to {MAX_NAME} printable ASCII characters")
    if _ATOMIC.fullmatch(name):
        return name
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def read_message_id(value: str | None) -> str:
    """A Message-ID exactly as it came, brackets or not. Errors: Malformed where it is missing, too long or holds control characters."""
    text = (value or "").strip(" \t")
    if not text.strip("<> "):
        raise Malformed("the Message-ID is missing")
    if len(text) > MAX_MESSAGE_ID or _CONTROL.search(text):
        raise Malformed(f"a Message-ID that is longer than {MAX_MESSAGE_ID} characters or holds control characters")
    return text


def same_message_id(one: str, other: str) -> bool:
    """Whether two Message-IDs name the same message, with or without angle brackets."""
    return bare_message_id(one) == bare_message_id(other)


def bare_message_id(message_id: str) -> str:
    """A Message-ID without white space around it and angle brackets."""
    return message_id.strip().removeprefix("<").removesuffix(">").strip()


def one_line(text: str, limit: int = 255) -> str:
    """Text that may stand in a header of ours: printable ASCII on one line, anything else as "?"."""
    return re.sub(r"[^\x20-\x7e]", "?", re.sub(r"\s+", " ", text)).strip()[:limit]
