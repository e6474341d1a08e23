"""What a document's agreement means where the partner file does not say: the names of its maps and of its flat-file layout."""

ERP_DOCUMENTS: dict[str, str] = {
    "753": "routing_request",
    "754": "routing_instructions",
    "810": "invoice",
    "812": "adjustment",
    "820": "remittance",
    "824": "advice",
    "846": "inventory",
    "850": "order",
    "852": "activity",
    "855": "order_response",
    "856": "ship_notice",
    "860": "order_change",
    "864": "text",
    "865": "order_change_response",
}
"""The ERP's word for each transaction set: its layout's name, and its flat-file map's after `flat/`."""


def x12_map(release: str, set_id: str) -> str:
    """The name of the shipped map of a transaction set."""
    return f"x12/{release}/{set_id}"


def erp_map(set_id: str) -> str:
    """The name of the shipped map of the ERP's file; "" for a set that none is shipped for."""
    return f"flat/{ERP_DOCUMENTS[set_id]}" if set_id in ERP_DOCUMENTS else ""


def layout(set_id: str) -> str:
    """The name of the shipped layout of the ERP's file; "" for a set that none is shipped for."""
    return ERP_DOCUMENTS.get(set_id, "")
