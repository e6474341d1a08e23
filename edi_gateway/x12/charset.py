"""The characters that an agreement lets data hold."""

import re
from enum import StrEnum


class Charset(StrEnum):
    """A character set by name.

    Source: BASIC and EXTENDED are X12.6's two sets as commonly published; the others add what partners send beside them.
    """

    BASIC = "basic"
    """capital letters, digits, the blank and ! \" & ' ( ) * + , - . / : ; ? ="""
    EXTENDED = "extended"
    """every printable ASCII character"""
    LATIN1 = "latin-1"
    """printable ASCII and the letters of ISO 8859-1, one byte a character"""
    UTF8 = "utf-8"
    """printable ASCII and every printable character written as UTF-8"""


BASIC = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 !\"&'()*+,-./:;?=")
EXTENDED = frozenset(range(0x20, 0x7F))

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_NOT_ASCII = re.compile(r"[^\x00-\x7e]|[\x00-\x1f]")


def allowed_bytes(charset: Charset) -> bytes:
    """The bytes of ASCII that need no closer look."""
    return bytes(sorted(BASIC if charset is Charset.BASIC else EXTENDED))


def is_allowed(value: str, charset: Charset) -> bool:
    """Whether every character of a value is in the set."""
    match charset:
        case Charset.BASIC:
            return all(character.isascii() and ord(character) in BASIC for character in value)
        case Charset.EXTENDED:
            return _NOT_ASCII.search(value) is None
        case Charset.LATIN1:
            return _CONTROL.search(value) is None and all(ord(character) < 0x100 for character in value)
        case Charset.UTF8:
            return _CONTROL.search(value) is None


def encoding_of(content: bytes) -> str:
    """What some bytes are to be read as: ASCII, else UTF-8, else Latin-1, which reads anything."""
    if content.isascii():
        return "ascii"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
