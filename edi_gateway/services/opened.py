"""Opening what was received on the partner's terms, in memory or from file to file: work on bytes alone, before the transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.faults import Fault
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.web import LargeRequest, Received
from edi_gateway.services.carried import Carried, carried_by, carried_in
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.large import Content, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a message: its body as it came, the outcome, and what it carries (None where it was refused)."""

    wire: Content
    outcome: as2.Opened | as2.OpenedFile | as2.Refused
    carried: Carried | None = None

    @property
    def mic(self) -> as2.Mic | None:
        """The MIC to report; None for a message that was refused."""
        return None if isinstance(self.outcome, as2.Refused) else self.outcome.mic

    @property
    def size(self) -> int:
        """How large the payload is. Units: bytes; 0 for a message that was refused."""
        match self.outcome:
            case as2.Opened(payload=payload):
                return len(payload)
            case as2.OpenedFile(size=size):
                return size
            case _:
                return 0


class _Terms(TypedDict):
    """What a message is opened with."""

    own_keys: Sequence[as2.OwnKey]
    partner_certificates: Sequence[as2.Certificate]
    when: datetime
    policy: as2.Policy


def open_received(gateway: Gateway, request: Received, heading: as2.Heading, partner: Partner | None, now: datetime) -> Taken:
    """A message opened, or refused. A large one is kept before it is looked at, and its payload with it."""
    wire = kept_as_it_came(gateway, request)
    terms = _terms(gateway, heading, partner, now)
    if isinstance(terms, as2.Refused):
        return Taken(wire=wire, outcome=terms)
    if isinstance(request, LargeRequest):
        return _opened_file(gateway, request, heading, terms, wire)
    outcome = as2.open_message(heading, request.headers, request.body, **terms)
    return Taken(wire=wire, outcome=outcome, carried=carried_by(outcome) if isinstance(outcome, as2.Opened) else None)


def kept_as_it_came(gateway: Gateway, request: Received) -> Content:
    """The body of a request: kept where it is large, to be kept with the message where it is not."""
    return store(gateway.store, request.body) if isinstance(request, LargeRequest) else request.body


def _opened_file(gateway: Gateway, request: LargeRequest, heading: as2.Heading, terms: _Terms, wire: Content) -> Taken:
    with gateway.store.scratch() as payload:
        outcome = as2.open_file(heading, request.headers, request.body, payload, scratch=gateway.store.scratch, **terms)
        carried = carried_in(gateway, outcome, payload) if isinstance(outcome, as2.OpenedFile) else None
    return Taken(wire=wire, outcome=outcome, carried=carried)


def _terms(gateway: Gateway, heading: as2.Heading, partner: Partner | None, now: datetime) -> _Terms | as2.Refused:
    """What the message is opened with; the refusal where it need not be opened."""
    if partner is None:
        fault = Fault.of("AS2-UNKNOWN-PARTNER", as2_from=heading.as2_from, as2_to=heading.as2_to)
        return as2.Refused(fault=fault, disposition=disposition.error(as2.Modifier.UNKNOWN_RELATIONSHIP))
    if not partner.active:
        fault = Fault.of("STO-432", value=partner.key)
        return as2.Refused(fault=fault, disposition=disposition.error(as2.Modifier.UNKNOWN_RELATIONSHIP))
    wanted = heading.mdn
    if wanted is not None and wanted.url is not None and not partner.as2.takes_receipt_at(wanted.url):
        fault = Fault.of("AS2-MDN-URL", value=wanted.url, cause="it is not on the partner's list of receipt addresses")
        return as2.Refused(fault=fault, disposition=disposition.error(as2.Modifier.UNEXPECTED))
    return _Terms(own_keys=gateway.keys.own(), partner_certificates=gateway.keys.of(partner), when=now, policy=partner.as2.policy)
