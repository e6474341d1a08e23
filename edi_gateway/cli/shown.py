"""Rows as `--json` has them: their own names, times in ISO 8601, states by value, faults in their stable form."""

from collections.abc import Collection
from dataclasses import fields
from datetime import datetime
from enum import Enum
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.ports.views import MessageDetail

_DETAIL = ("receipts", "interchanges", "groups", "sets", "documents", "erp_files", "deadlines", "events")


def row_json(row: Any, *, leave_out: Collection[str] = ()) -> dict[str, Any]:
    """One row, whichever table it is of."""
    return {one.name: _plain(getattr(row, one.name)) for one in fields(row) if one.name not in leave_out}


def message_json(found: MessageDetail) -> dict[str, Any]:
    """A message with everything that belongs to it. `attempts` counts, `posts` tells how each attempt ended."""
    return {
        **row_json(found.transmission),
        "posts": [row_json(one) for one in found.attempts],
        **{name: [row_json(one) for one in getattr(found, name)] for name in _DETAIL},
        "related": [{"relation": relation, "message": other.id} for relation, other in found.related],
    }


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case Fault():
            return value.as_json()
        case tuple():
            return [_plain(one) for one in value]
    return value
