"""What a document holds that no row of its map reads: nothing is lost in silence, unless the agreement says so."""

from dataclasses import replace

from edi_gateway.faults import Fault
from edi_gateway.mapping import Map
from edi_gateway.partners.agreement import Unread
from edi_gateway.tree import Loop

MOST = 50
"""How many kinds of unread elements are told of one document."""


def unread(policy: Unread, used: Map, tree: Loop) -> tuple[Fault, ...]:
    """One fault for each kind of element that is not read, at its first place, with how often it stands (`times`)."""
    if policy is Unread.IGNORE:
        return ()
    told = used.unread_kinds(tree)[:MOST]
    return tuple(replace(fault, detail=(*fault.detail, ("times", str(times)))) for fault, times in told)
