"""What a partner says of our documents in words: X12 824 and 864."""

from dataclasses import dataclass
from datetime import date, time

from edi_gateway.records.values import Note, Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceError:
    """One thing that the partner's application found. `segment_position` counts from the set's first segment."""

    code: str
    text: str | None = None
    segment: str | None = None
    segment_position: int | None = None
    element_position: int | None = None
    element_number: int | None = None
    value: str | None = None
    expected: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceItem:
    """The verdict on one document of ours. `result` is "accepted", "rejected", "accepted_with_errors" …, and what it covers."""

    result: str
    reference_qualifier: str | None = None
    reference: str | None = None
    group_control: str | None = None
    set_control: str | None = None
    set_id: str | None = None
    references: tuple[Reference, ...] = ()
    errors: tuple[AdviceError, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationAdvice:
    """What a partner's application says of documents that were good X12."""

    id: str
    purpose: str | None = None
    issue_date: date | None = None
    issue_time: time | None = None
    sender: Party | None = None
    receiver: Party | None = None
    items: tuple[AdviceItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message: its number, its subject and its lines."""

    id: str | None = None
    subject: str | None = None
    lines: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMessage:
    """Words for people. `purpose` is the set's, as in other documents."""

    purpose: str
    description: str | None = None
    type: str | None = None
    issue_date: date | None = None
    sender: Party | None = None
    receiver: Party | None = None
    messages: tuple[Message, ...] = ()
