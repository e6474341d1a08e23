"""MIME on exact bytes: where an entity's headers end, where a part of a multipart begins and stops, what a field says.

The signature covers bytes, so nothing is decoded, unfolded or re-encoded here unless it is asked for; a part is a range.
Source: RFC 2045 and 2046 for entities and multiparts, RFC 2231 and 6266 for file names, RFC 2047 for encoded words.
"""

import binascii
import contextlib
import quopri
import re
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from edi_gateway.as2.extent import Octets
from edi_gateway.as2.malformed import Malformed

HeaderFields = tuple[tuple[str, str], ...]
"""Header fields in their order, values without folding; bytes above 127 stand as Latin-1, as HTTP servers hand them over."""

MAX_HEADER_SIZE = 65_536
MAX_PARTS = 128

_NAME = re.compile(r"[!#-'*+\-.^_`|~0-9A-Za-z]+")
_COMMENT = re.compile(r"\([^()]*\)")
_FOLD = re.compile(r"\r?\n[ \t]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_ENCODED_WORD = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?\s]*)\?=")
_PARAMETER = re.compile(r'([^\s=;]++)[ \t]*+=[ \t]*+(?:"((?:[^"\\]|\\.)*+)(?:"|$)[^;]*+|([^;]*+))', re.DOTALL)
_SIMPLE_PARAMETERS = re.compile(r'(?:;[ \t]*[0-9A-Za-z._-]++=(?:"[^"\\]*+"|[^\s";]++)[ \t]*)*+')
_SIMPLE_PARAMETER = re.compile(r'([0-9A-Za-z._-]++)=(?:"([^"\\]*+)"|([^\s";]++))')
_SEPARATORS = re.compile(r"[\s;]*+")
_ESCAPED = re.compile(r'\\(["\\])')
_BETWEEN_WORDS = re.compile(r"\?=\s+=\?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """Headers and body of a MIME entity, and the exact bytes that hold both."""

    fields: HeaderFields
    body: bytes
    raw: bytes

    def one(self, name: str) -> str | None:
        return one(self.fields, name)


def one(fields: Iterable[tuple[str, str]], name: str) -> str | None:
    """The value of a field that may stand once; None where it is absent. Errors: Malformed where it stands twice and differs."""
    wanted, size = name.lower(), len(name)
    found = [value for key, value in fields if len(key) == size and key.lower() == wanted]
    if not found:
        return None
    if len(found) > 1 and len(set(found)) > 1:
        raise Malformed(f"two {name} headers")
    return found[0].strip()


def entity(raw: bytes) -> Entity:
    """The entity that these bytes are: headers, an empty line, the body.

    Errors: Malformed where a header line is not one, headers are too long, or Content-Type stands twice.
    """
    end, body = header_end(raw)
    fields = read_fields(raw[:end])
    if len(fields) > 1 and [name.lower() for name, _ in fields].count("content-type") > 1:
        raise Malformed("two Content-Type headers")
    return Entity(fields=fields, body=raw[body:], raw=raw)


def header_end(raw: Octets) -> tuple[int, int]:
    """Where the header fields stop and where the body starts."""
    if raw[:2] == b"\r\n":
        return 0, 2
    if raw[:1] == b"\n":
        return 0, 1
    window = raw[: MAX_HEADER_SIZE + 4]
    at = window.find(b"\r\n\r\n")
    bare = window.find(b"\n\n") if at < 0 else window.find(b"\n\n", 0, at)
    if bare >= 0:
        return bare, bare + 2
    if at >= 0:
        return at, at + 4
    if len(raw) <= MAX_HEADER_SIZE and window.endswith(b"\n"):
        return len(raw), len(raw)
    raise Malformed("no empty line ends the headers")


def read_fields(head: bytes) -> HeaderFields:
    """Header fields out of their lines, folded ones joined. Errors: Malformed for a line that is not a field."""
    if len(head) > MAX_HEADER_SIZE:
        raise Malformed("the headers are too long")
    return _remembered_fields(head) if len(head) < _WORTH_REMEMBERING else _read_fields(head)


def _read_fields(head: bytes) -> HeaderFields:
    text = head.decode("latin-1")
    if "\n " in text or "\n\t" in text:
        text = _FOLD.sub(" ", text)
    fields: list[tuple[str, str]] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line:
            continue
        name, colon, value = line.partition(":")
        name, value = name.rstrip(" \t"), value.strip(" \t")
        if not colon or not _NAME.fullmatch(name):
            raise Malformed("a header line without a name")
        if not value.isprintable() and _CONTROL.search(value):
            raise Malformed("a control character in a header")
        fields.append((name, value))
    return tuple(fields)


_WORTH_REMEMBERING = 300
"""Bytes up to which a header is kept as it was read: parts of a partner's messages have the same few again and again."""
_remembered_fields = lru_cache(maxsize=512)(_read_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldValue:
    """A structured field: its value in lower case, its parameters by lower-case name, and which of them named a character set."""

    value: str
    parameters: Mapping[str, str]
    extended: frozenset[str] = frozenset()


_NO_VALUE = FieldValue(value="", parameters=MappingProxyType({}))


def field_value(text: str | None) -> FieldValue:
    """A field such as Content-Type, its parameters read with quotes, continuations and character sets. Never fails.

    Source: RFC 2045 section 5.1; RFC 2231 sections 3 and 4.
    """
    if not text:
        return _NO_VALUE
    return _remembered_field(text) if len(text) < _WORTH_REMEMBERING else _read_field(text)


def _read_field(text: str) -> FieldValue:
    head, semicolon, rest = text.partition(";")
    plain: dict[str, str] = {}
    for name, value in _simple_parameters(semicolon + rest) or _parameters(rest):
        plain.setdefault(name, value)
    value = _COMMENT.sub("", head).strip().lower()
    if "*" not in rest:
        return FieldValue(value=value, parameters=MappingProxyType(plain))
    extended = frozenset(name.partition("*")[0] for name in plain if "*" in name)
    return FieldValue(value=value, parameters=MappingProxyType(_joined(plain, extended)), extended=extended)


_remembered_field = lru_cache(maxsize=512)(_read_field)


def _simple_parameters(text: str) -> list[tuple[str, str]]:
    """The pairs of a text that `_parameters` reads at a glance, as most are; none of any other."""
    if _SIMPLE_PARAMETERS.fullmatch(text) is None:
        return []
    return [(name.lower(), quoted or bare) for name, quoted, bare in _SIMPLE_PARAMETER.findall(text)]


def _parameters(text: str) -> Iterable[tuple[str, str]]:
    """`name=value` pairs between semicolons that stand outside quotes; what is none is passed over to the next semicolon."""
    position = _past_separators(text, 0)
    while position < len(text):
        match = _PARAMETER.match(text, position)
        if match is None:
            position = _past_separators(text, text.find(";", position) + 1 or len(text))
            continue
        name, quoted, bare = match.groups()
        if quoted is None:
            yield name.lower(), bare.rstrip()
        else:
            yield name.lower(), _ESCAPED.sub(r"\1", quoted) if "\\" in quoted else quoted
        position = _past_separators(text, match.end())


def _past_separators(text: str, position: int) -> int:
    match = _SEPARATORS.match(text, position)
    return match.end() if match else position


def _joined(plain: Mapping[str, str], extended: Iterable[str]) -> dict[str, str]:
    """Parameters with `name*`, `name*0`, `name*1*` … put together; these win over the plain form."""
    joined = {name: value for name, value in plain.items() if "*" not in name}
    for base in extended:
        if f"{base}*" in plain:
            joined[base] = _extended(plain[f"{base}*"])
            continue
        pieces, charset, number = [], "", 0
        while (plain_piece := plain.get(f"{base}*{number}")) is not None or f"{base}*{number}*" in plain:
            piece = plain_piece if plain_piece is not None else plain[f"{base}*{number}*"]
            if plain_piece is None and number == 0 and piece.count("'") >= 2:
                charset, _, piece = piece.split("'", 2)
            pieces.append(urllib.parse.unquote_to_bytes(piece) if plain_piece is None else piece.encode("latin-1", "replace"))
            number += 1
        if pieces:
            joined[base] = _decoded(b"".join(pieces), charset)
    return joined


def _extended(text: str) -> str:
    charset, _, rest = text.partition("'")
    _, _, value = rest.partition("'")
    return _decoded(urllib.parse.unquote_to_bytes(value or text), charset)


def _decoded(content: bytes, charset: str) -> str:
    for candidate in (charset or "utf-8", "utf-8", "latin-1"):
        try:
            return content.decode(candidate)
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def human(text: str) -> str:
    """A header value as its writer meant it: raw UTF-8 and encoded words read, else Latin-1."""
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode("utf-8")
    return _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub("?==?", text)) if "=?" in text else text


def _word(match: re.Match[str]) -> str:
    """One encoded word. Source: RFC 2047 section 4."""
    charset, encoding, content = match.groups()
    raw = content.encode("latin-1", "replace")
    try:
        plain = binascii.a2b_base64(raw) if encoding in "bB" else quopri.decodestring(raw.replace(b"_", b" "))
    except binascii.Error:
        return match[0]
    return _decoded(plain, charset.partition("*")[0])


def parts(body: bytes, boundary: str) -> list[bytes]:
    """The parts of a multipart body, each the exact bytes between its delimiters; preamble and epilogue are no part of it.

    Errors: Malformed without a boundary, a first delimiter or a closing one, or with more than MAX_PARTS parts.
    """
    ranges = part_ranges(body, boundary)
    return [body[start:stop] for start, stop in ranges]


def part_ranges(body: Octets, boundary: str) -> list[tuple[int, int]]:
    """Where the parts of a multipart body lie. The line end before a delimiter belongs to the delimiter.

    Source: RFC 2046 section 5.1.1.
    """
    if not boundary or len(boundary) > 200:
        raise Malformed("a multipart without a usable boundary")
    mark = b"--" + boundary.encode("latin-1", "replace")
    found: list[tuple[int, int]] = []
    start = -1
    position = 0
    while True:
        at = body.find(mark, position)
        if at < 0:
            raise Malformed("the multipart is not closed")
        position = at + len(mark)
        if at and body[at - 1] == 0x0A and body[position : position + 2] == b"\r\n":
            closing, next_start = False, position + 2
        else:
            after = _delimiter_end(body, at, position)
            if after is None:
                continue
            closing, next_start = after
        if start >= 0:
            found.append((start, max(start, _before_line_end(body, at))))
            if len(found) > MAX_PARTS:
                raise Malformed(f"more than {MAX_PARTS} parts")
        if closing:
            if not found:
                raise Malformed("a multipart without a part")
            return found
        start = position = next_start


def _delimiter_end(body: Octets, at: int, position: int) -> tuple[bool, int] | None:
    """Whether the mark found at `at` is a delimiter line: (closing, first byte after it), or None for bytes that look like one."""
    if at and body[at - 1] != 0x0A:
        return None
    closing = body[position : position + 2] == b"--"
    if closing:
        position += 2
    size = len(body)
    while position < size and body[position] in b" \t":
        position += 1
    if position == size:
        return (closing, position) if closing else None
    if body[position] == 0x0A:
        return closing, position + 1
    if body[position : position + 2] == b"\r\n":
        return closing, position + 2
    if closing and position == size - 1 and body[position] == 0x0D:
        return closing, size
    return None


def _before_line_end(body: Octets, at: int) -> int:
    if body[at - 2 : at] == b"\r\n":
        return at - 2
    return at - 1 if at else 0


def decoded(body: bytes, encoding: str | None) -> bytes:
    """A body without its transfer encoding; what is not base64 or quoted-printable is as it stands.

    Errors: Malformed where base64 is broken.
    """
    match (encoding or "").strip().lower():
        case "base64":
            try:
                return binascii.a2b_base64(body)
            except binascii.Error as problem:
                raise Malformed(f"base64: {problem}") from None
        case "quoted-printable":
            return quopri.decodestring(body)
        case _:
            return body


def decoded_cms(body: bytes, encoding: str | None) -> bytes:
    """A CMS object out of its body, whatever the encoding announced: some peers announce base64 and send binary.

    A CMS object starts with the byte 0x30, base64 of one with "M"; so the bytes themselves tell.
    """
    announced = (encoding or "").strip().lower()
    if body[:1] == b"\x30" and announced != "quoted-printable":
        return body
    return decoded(body, encoding or ("base64" if body[:1] == b"M" else None))


def is_base64(body: bytes) -> bool:
    """Whether a body is nothing but base64 in lines."""
    try:
        binascii.a2b_base64(b"".join(body.split()), strict_mode=True)
    except binascii.Error:
        return False
    return True
