"""In which order work is done where order matters: a change never overtakes what it changes."""

_CHANGES = {"860": "850", "865": "855"}
"""Sets that change what another one said."""


def changes_another(set_id: str) -> bool:
    """Whether a set of this kind speaks of one that came before it."""
    return set_id in _CHANGES


def order_of_set(partner: str | None, set_id: str, po_number: str | None) -> str | None:
    """The order that the work on a set belongs to: of one partner, one kind of document with its changes, and one purchase order."""
    if partner is None or po_number is None:
        return None
    return f"{partner}:{_CHANGES.get(set_id, set_id)}:{po_number}"


def order_of_messages(partner: str) -> str:
    """The order that a partner's messages are read in: what they hold is known only then."""
    return f"{partner}:in"
