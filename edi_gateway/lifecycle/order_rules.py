"""The rules that the documents of one order keep among each other, and what is done where one is broken. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.order_thread import Balance, Entry, Role, balances, in_force
from edi_gateway.lifecycle.withdrawal import is_cancellation, is_cancelled
from edi_gateway.records import PurchaseOrder


class Treatment(StrEnum):
    """What happens to a document that breaks a rule."""

    OFF = "off"
    WARN = "warn"
    """It goes on, and the fault is noted on it."""
    HOLD = "hold"
    """It waits for a person."""
    REFUSE = "refuse"
    """It is not sent, or not given to the ERP."""


class Rule(StrEnum):
    """One rule."""

    SHIPPED_UNANSWERED = "ship_before_answer"
    SHIPPED_TOO_MUCH = "ship_above_order"
    INVOICED_TOO_MUCH = "invoice_above_shipped"
    CLOSED_ORDER = "closed_order"
    REPEATED = "repeated_document"
    UNKNOWN_REFERENCE = "unknown_reference"

    @property
    def words(self) -> str:
        return _WORDS[self]


_WORDS = {
    Rule.SHIPPED_UNANSWERED: "What happens to a ship notice for an order that no 855 answers yet, where one is agreed.",
    Rule.SHIPPED_TOO_MUCH: "What happens to a ship notice with which more is shipped than was ordered.",
    Rule.INVOICED_TOO_MUCH: "What happens to an invoice with which more is invoiced than ship notices say, where those are agreed.",
    Rule.CLOSED_ORDER: "What happens to an answer, ship notice or invoice for a cancelled order, or an answer after the order's last day.",
    Rule.REPEATED: "What happens to an original document whose number another one of its kind has already.",
    Rule.UNKNOWN_REFERENCE: "What happens to an 812, 820 or 824 that names an invoice or a ship notice which was never here.",
}
DEFAULTS: Mapping[Rule, Treatment] = {
    **dict.fromkeys(Rule, Treatment.WARN),
    # Invoices of the time before the gateway are paid, too.
    Rule.UNKNOWN_REFERENCE: Treatment.OFF,
}
CODES: Mapping[Rule, str] = {
    Rule.SHIPPED_UNANSWERED: "STO-451",
    Rule.SHIPPED_TOO_MUCH: "STO-452",
    Rule.INVOICED_TOO_MUCH: "STO-453",
    Rule.CLOSED_ORDER: "STO-454",
    Rule.REPEATED: "STO-455",
    Rule.UNKNOWN_REFERENCE: "STO-463",
}
UNLIKE_UNITS = "STO-456"
_ANSWERS = {"850": "855", "860": "865"}
"""What answers a document of the buyer's, whatever is agreed."""
_WEIGHT = tuple(Treatment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A rule that a document breaks, and what is done about it."""

    rule: Rule
    treatment: Treatment
    fault: Fault


def judge(
    po: str,
    thread: Sequence[Entry],
    candidate: Entry,
    *,
    rules: Mapping[Rule, Treatment],
    agreed: Mapping[str, Collection[str]],
    today: date,
) -> tuple[Finding, ...]:
    """The rules that a document would break if it joined its order's thread.

    Shape:  `agreed` are the sets that the partner trades in at all, each with those that answer it; `today` is the partner's day. An
            order that is not known has no rules but that of the number: it may have come another way.
    """
    found = [*_repeated(thread, candidate)]
    if any(one.role is Role.ORDER for one in thread) and candidate.role is not Role.ORDER:
        found += _in_order(po, thread, candidate, agreed, today)
    return tuple(
        Finding(rule=rule, treatment=_at_most_a_warning(rules[rule], fault), fault=fault)
        for rule, fault in found
        if rules.get(rule, Treatment.OFF) is not Treatment.OFF
    )


def worst(findings: Collection[Finding]) -> Treatment:
    """What is done with a document of these findings."""
    return max((one.treatment for one in findings), key=_WEIGHT.index, default=Treatment.OFF)


def _at_most_a_warning(treatment: Treatment, fault: Fault) -> Treatment:
    """Where two units cannot be compared nothing is proven."""
    return Treatment.WARN if fault.code == UNLIKE_UNITS else treatment


def _repeated(thread: Sequence[Entry], candidate: Entry) -> Iterator[tuple[Rule, Fault]]:
    if candidate.number is None or candidate.purpose not in (None, "original"):
        return
    for one in in_force(thread):
        if (one.set_id, one.number) == (candidate.set_id, candidate.number) and one.record != candidate.record:
            yield Rule.REPEATED, _fault(Rule.REPEATED, candidate, earlier=f"{one.at:%Y-%m-%d %H:%M} UTC")
            return


def _in_order(
    po: str, thread: Sequence[Entry], candidate: Entry, agreed: Mapping[str, Collection[str]], today: date
) -> Iterator[tuple[Rule, Fault]]:
    roles = {one.role for one in in_force(thread)}
    if candidate.role in (Role.RESPONSE, Role.SHIPMENT, Role.INVOICE) and (why := _closed(thread, candidate, agreed, today)):
        yield Rule.CLOSED_ORDER, _fault(Rule.CLOSED_ORDER, candidate, po=po, why=why)
    if candidate.role is Role.SHIPMENT and candidate.purpose != "cancel":
        if "855" in agreed and Role.RESPONSE not in roles:
            yield Rule.SHIPPED_UNANSWERED, _fault(Rule.SHIPPED_UNANSWERED, candidate, po=po)
        yield from _too_much(po, thread, candidate, Rule.SHIPPED_TOO_MUCH, Role.SHIPMENT, Role.ORDER)
    if candidate.role is Role.INVOICE and "856" in agreed:
        yield from _too_much(po, thread, candidate, Rule.INVOICED_TOO_MUCH, Role.INVOICE, Role.SHIPMENT)


def _closed(thread: Sequence[Entry], candidate: Entry, agreed: Mapping[str, Collection[str]], today: date) -> str | None:
    """Why the order takes no such document any more; None where it does."""
    if is_cancelled(thread):
        return None if _answers_a_cancellation(thread, candidate, agreed) else "the buyer cancelled it"
    last = [one.record.cancel_after_date for one in thread if isinstance(one.record, PurchaseOrder) and one.record.cancel_after_date]
    if candidate.role is Role.RESPONSE and last and today > last[-1]:
        return f"its last day was {last[-1]:%Y-%m-%d}"
    return None


def _answers_a_cancellation(thread: Sequence[Entry], candidate: Entry, agreed: Mapping[str, Collection[str]]) -> bool:
    """Whether it is the answer that the cancellation itself is owed: an 865 to an 860, an 855 to an 850, or a confirmation as agreed."""
    if candidate.role is not Role.RESPONSE:
        return False
    cancelling = {one.set_id for one in thread if is_cancellation(one)}
    return any(candidate.set_id == _ANSWERS.get(one) or candidate.set_id in agreed.get(one, ()) for one in cancelling)


def _too_much(po: str, thread: Sequence[Entry], candidate: Entry, rule: Rule, sums: Role, limit: Role) -> Iterator[tuple[Rule, Fault]]:
    before = {one.name: one[sums] for one in balances(po, thread)}
    for one in balances(po, [*thread, candidate]):
        if candidate.set_id in one.unlike:
            yield rule, Fault.of(UNLIKE_UNITS, value=candidate.number, set_id=candidate.set_id, item=one.name, unit=one.unit)
        elif one[sums] > max(one[limit], before.get(one.name, Fraction(0))):
            yield rule, _fault(rule, candidate, po=po, **_figures(one, sums, limit))


def _figures(one: Balance, sums: Role, limit: Role) -> dict[str, str]:
    unit = f" {one.unit}" if one.unit else ""
    return {"item": one.name, "sum": f"{one.text(sums)}{unit}", "limit": f"{one.text(limit)}{unit}"}


def _fault(rule: Rule, candidate: Entry, **detail: str) -> Fault:
    return Fault.of(CODES[rule], None, candidate.number, set_id=candidate.set_id, **detail)
