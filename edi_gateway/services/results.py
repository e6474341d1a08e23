"""The answer to every file that the ERP dropped: what became of each document, and a row for each faulty line."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import FileState

_NOT_WHOLE = ("ERP-131", "ERP-133", "ERP-134", "ERP-135", "ERP-136", "ERP-137")
"""Faults by which a file shows that something of it is missing."""


class DocumentResult(StrEnum):
    """What became of one document of a file."""

    QUEUED = "queued"
    DUPLICATE = "duplicate"
    """It was sent before; `message` is the one that carries it."""
    REFUSED = "refused"
    HELD = "held"
    """A rule of its order holds it back until a person releases it."""
    WAITING = "waiting"
    """It is good, and is not sent as long as others of its file are not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentAnswer:
    """One document of a file. Units: lines from one, both included."""

    result: DocumentResult
    set_id: str | None
    number: str | None
    first_line: int
    last_line: int
    message: int | None = None
    control_number: str | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FileAnswer:
    """What became of a file."""

    file: str
    partner: str
    sha256: str
    received_at: datetime
    layout: str | None = None
    documents: tuple[DocumentAnswer, ...] = ()
    faults: tuple[Fault, ...] = ()

    @property
    def state(self) -> FileState:
        """Accepted whole, partly, not at all, or sent before. What was sent before takes nothing from the others."""
        results = {one.result for one in self.documents}
        wrong = bool(self.faults) or DocumentResult.REFUSED in results
        if results & {DocumentResult.QUEUED, DocumentResult.HELD}:
            return FileState.PARTLY if wrong else FileState.ACCEPTED
        return FileState.DUPLICATE if results and not wrong else FileState.REFUSED

    def all_faults(self) -> tuple[Fault, ...]:
        return (*self.faults, *(fault for one in self.documents for fault in one.faults))

    def as_json(self) -> dict[str, Any]:
        """The content of `ack/<name>.result.json`."""
        return {
            "file": self.file,
            "partner": self.partner,
            "result": self.state.value,
            "received_at": self.received_at.isoformat(),
            "sha256": self.sha256,
            "layout": self.layout,
            "documents": [_document(one) for one in self.documents],
            "findings": _findings(self.faults),
        }


def _document(one: DocumentAnswer) -> dict[str, Any]:
    return {
        "document": one.set_id,
        "number": one.number,
        "result": one.result.value,
        "first_line": one.first_line,
        "last_line": one.last_line,
        "message": one.message,
        "control_number": one.control_number,
        "findings": _findings(one.faults),
    }


def _findings(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [
        {
            "line": fault.place.line,
            "column": fault.place.column,
            "field": dict(fault.detail).get("column") or dict(fault.detail).get("field"),
            "value": fault.value,
            "code": fault.code,
            "message": fault.message,
            "fix": fault.fix,
        }
        for fault in faults
    ]


def as_bytes(result: Mapping[str, Any]) -> tuple[bytes, bytes]:
    """The JSON and the text form of a result."""
    return (json.dumps(result, indent=2, ensure_ascii=False) + "\n").encode(), _text(result).encode()


def _text(result: Mapping[str, Any]) -> str:
    words = {
        "accepted": "accepted: every document is on its way",
        "partly": "accepted in part: correct what is named below and drop the file again; what is on its way is not sent twice",
        "refused": "refused: nothing was sent",
        "duplicate": "a duplicate: every document was sent before, and nothing was sent again",
    }
    if any(one["result"] == "held" for one in result["documents"]):
        words["accepted"] = "accepted: every document is on its way, but for those that are held until a person releases them"
    if any(one["result"] == "waiting" for one in result["documents"]):
        words["refused"] = (
            "refused: nothing was sent, as the good documents wait for the others; correct those and drop the whole file again"
        )
    if any(one["code"] in _NOT_WHOLE for one in result["findings"]):
        words["refused"] = "refused: nothing was sent, as the file is not whole"
    lines = [f"{result['file']}: {words[result['result']]}.", ""]
    for one in result["documents"]:
        name = f"{one['document'] or 'document'} {one['number'] or ''}".strip()
        lines.append(f"lines {one['first_line']}-{one['last_line']}: {name} {one['result']}" + _message(one))
        lines += _rows(one["findings"])
    lines += _rows(result["findings"])
    return "\n".join(lines).rstrip() + "\n"


def _message(one: Mapping[str, Any]) -> str:
    return f", message {one['message']}, interchange {one['control_number']}" if one["message"] else ""


def _rows(findings: Iterable[Mapping[str, Any]]) -> list[str]:
    rows = []
    for one in findings:
        place = f"line {one['line']}" if one["line"] else "file"
        place += f", column {one['column']}" if one["column"] else ""
        place += f" ({one['field']})" if one["field"] else ""
        rows.append(f"  {one['code']}  {place}: {one['message']} {one['fix']}")
    return rows
