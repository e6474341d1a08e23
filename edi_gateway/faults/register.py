"""Every code the gateway can give, with its words: the one place that a message's text comes from."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from edi_gateway.faults import families
from edi_gateway.faults.entry import Entry, Severity

__all__ = ["Entry", "Severity", "entry", "register"]


@cache
def register() -> Mapping[str, Entry]:
    """All entries by code. Errors: ValueError where two entries share a code."""
    entries: dict[str, Entry] = {}
    for one in families.all_entries():
        if one.code in entries:
            raise ValueError(f"the register holds {one.code} twice")
        entries[one.code] = one
    return MappingProxyType(entries)


def entry(code: str) -> Entry:
    """The entry of a code. Errors: KeyError for a code that is not registered."""
    return register()[code]
