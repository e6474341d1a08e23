"""Which invoices and ship notices a document names by number: a remittance pays them, an adjustment corrects, an advice judges. Pure."""

from collections.abc import Iterator

from edi_gateway.records import ApplicationAdvice, CreditDebitAdjustment, Record, Reference, Remittance, TextMessage

INVOICE, SHIPMENT = "810", "856"
REFERRED = frozenset({INVOICE, SHIPMENT})
"""The sets that others name by their number."""
REFERRING = ("812", "820", "824", "864")
"""The sets that do so."""
_QUALIFIERS = {"IV": INVOICE, "SI": SHIPMENT}
"""Of X12 element 128: the seller's invoice number, the shipper's number for a shipment."""

Named = tuple[str, str]
"""A transaction set, and the number of a document of it."""


def documents_named(record: Record) -> tuple[Named, ...]:
    """The documents that a record names, each once.

    Shape:  a text message does not say what its number is of: it may be either.
    """
    return tuple(dict.fromkeys((set_id, number) for set_id, number in _named(record) if number))


def is_certain(record: Record) -> bool:
    """Whether a record says of which kind the documents are that it names."""
    return not isinstance(record, TextMessage)


def _named(record: Record) -> Iterator[tuple[str, str | None]]:
    match record:
        case Remittance():
            for line in (line for group in record.groups for line in group.lines):
                # What a payment settles is an invoice, unless its qualifier says something else.
                yield from _one(line.reference_qualifier or "IV", line.reference)
                yield from _listed(line.references)
        case CreditDebitAdjustment():
            yield INVOICE, record.invoice_id
            yield from _one(record.reference_qualifier, record.reference)
            yield from _listed(record.references)
        case ApplicationAdvice():
            for item in record.items:
                if item.set_id in REFERRED:
                    yield str(item.set_id), item.reference
                else:
                    yield from _one(item.reference_qualifier, item.reference)
                yield from _listed(item.references)
        case TextMessage():
            for message in record.messages:
                yield from ((set_id, message.id) for set_id in (INVOICE, SHIPMENT))
        case _:
            return


def _one(qualifier: str | None, number: str | None) -> Iterator[tuple[str, str | None]]:
    if qualifier in _QUALIFIERS:
        yield _QUALIFIERS[qualifier], number


def _listed(references: tuple[Reference, ...]) -> Iterator[tuple[str, str | None]]:
    for one in references:
        yield from _one(one.qualifier, one.id)
