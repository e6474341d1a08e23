"""File names from partners made safe, and ours written so that every peer can read them.

Source: RFC 2183 and RFC 6266 for Content-Disposition; RFC 2231 section 4 for characters beyond ASCII.
"""

import re
import unicodedata
import urllib.parse

from edi_gateway.as2 import mime

MAX_NAME_BYTES = 255

_MISLEADING_START = re.compile(r"^(?:[.\-~ ]|[A-Za-z]:(?=.))+")


def offered_name(fields: mime.HeaderFields) -> str | None:
    """The file name that an entity offers, as its sender wrote it: of Content-Disposition, else the name of Content-Type."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        field = mime.field_value(_value(fields, header))
        found = field.parameters.get(parameter)
        if found:
            return found if parameter in field.extended else mime.human(found)
    return None


def _value(fields: mime.HeaderFields, name: str) -> str | None:
    return next((value for key, value in fields if key.lower() == name), None)


def safe_name(offered: str | None) -> str | None:
    """A name without a path, a drive, control or direction marks, and not hidden; None where nothing is left.

    Units:  at most MAX_NAME_BYTES in UTF-8, the extension kept.
    """
    if not offered:
        return None
    last = re.split(r"[/\\]", offered)[-1]
    name = unicodedata.normalize("NFC", "".join(_harmless(mark) for mark in last))
    return _shortened(_MISLEADING_START.sub("", name).rstrip(". ")) or None


def _harmless(mark: str) -> str:
    """A character that may stand in a name: spaces of all kinds as the plain one, control characters as "_"."""
    match unicodedata.category(mark):
        case "Cf" | "Cs" | "Co" | "Cn" | "Zl" | "Zp":
            return ""
        case "Cc":
            return "_"
        case "Zs":
            return " "
        case _:
            return mark


def _shortened(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, dot, extension = name.rpartition(".")
    tail = f"{dot}{extension}" if dot and len(extension.encode()) <= 16 else ""
    room = MAX_NAME_BYTES - len(tail.encode())
    return ((stem if tail else name).encode()[:room].decode(errors="ignore") + tail).rstrip(". ")


def content_disposition(name: str) -> str:
    """The Content-Disposition of a payload: ASCII in quotes, with an RFC 2231 form beside it where that is not enough."""
    plain = "".join(mark if " " <= mark <= "~" else "_" for mark in unicodedata.normalize("NFC", name))
    quoted = plain.replace("\\", "_").replace('"', "_")
    header = f'attachment; filename="{quoted}"'
    if name == quoted:
        return header
    clean = re.sub(r"[\x00-\x1f\x7f]", "_", name)
    return f"{header}; filename*=UTF-8''{urllib.parse.quote(clean, safe='')}"
