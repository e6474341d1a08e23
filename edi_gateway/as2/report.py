"""What an MDN says: the fields of its disposition notification, and the words beside it. Nothing is verified here.

Source: RFC 8098 section 3; RFC 6522 for multipart/report.
"""

from dataclasses import dataclass

from edi_gateway.as2 import mime
from edi_gateway.as2.disposition import Disposition, read_disposition
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.mic import Mic, read_mic


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The fields of a disposition notification, and the words for people beside it."""

    original_message_id: str | None
    disposition: Disposition
    mic: Mic | None
    fields: mime.HeaderFields
    text: str


def read_report(entity: mime.Entity) -> Report:
    """What a multipart/report says.

    Errors: Malformed where it is none, or holds several notifications, or a field that decides stands twice: then nobody can
            know which one is meant.
    """
    kind = mime.field_value(entity.one("content-type"))
    if kind.value == "message/disposition-notification":
        parts = [entity]
    elif kind.value == "multipart/report":
        parts = [mime.entity(part) for part in mime.parts(entity.body, kind.parameters.get("boundary", ""))]
    else:
        raise Malformed("it is not a disposition notification")
    by_kind = [(mime.field_value(part.one("content-type")).value, part) for part in parts]
    notifications = [part for name, part in by_kind if name == "message/disposition-notification"]
    if len(notifications) != 1:
        raise Malformed(f"it holds {len(notifications)} disposition notifications")
    text = next((part for name, part in by_kind if name in ("text/plain", "")), None)
    return _report(notifications[0], text)


def _report(notification: mime.Entity, text: mime.Entity | None) -> Report:
    content = mime.decoded(notification.body, notification.one("content-transfer-encoding")).lstrip(b"\r\n")
    end = min((at for mark in (b"\r\n\r\n", b"\n\n") if (at := content.find(mark)) >= 0), default=len(content))
    fields = mime.read_fields(content[:end])
    deciding: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        if key in _DECIDING and key in deciding:
            raise Malformed(f"two {key} fields")
        deciding[key] = value.strip()
    disposition = read_disposition(deciding.get("disposition", ""))
    if not disposition.kind:
        raise Malformed("it has no disposition")
    received = deciding.get("received-content-mic")
    return Report(
        original_message_id=deciding.get("original-message-id") or None,
        disposition=disposition,
        mic=read_mic(received) if received else None,
        fields=fields,
        text=_text(text),
    )


_DECIDING = frozenset({"disposition", "original-message-id", "received-content-mic"})


def _text(part: mime.Entity | None) -> str:
    """The words for people, for the console. Never decisive, so nothing in it is a fault."""
    if part is None:
        return ""
    try:
        content = mime.decoded(part.body, part.one("content-transfer-encoding"))
    except Malformed:
        content = part.body
    return content[:10_000].decode("utf-8", "replace").strip()
