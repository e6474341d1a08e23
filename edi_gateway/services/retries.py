"""What follows a failed attempt, as an event of the state table."""

from datetime import datetime

from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import Exhausted, Expired, RetryAt, decide
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Transmission
from edi_gateway.services.gateway import Gateway


def after_failure(gateway: Gateway, row: Transmission, partner: Partner | None, now: datetime) -> tuple[OutboundEvent, datetime | None]:
    """The event for a failed attempt, and when to try again where it is a retry."""
    policy = partner.retry if partner is not None else RetryPolicy()
    match decide(policy, row.attempts, row.tried_since or now, now, gateway.draw()):
        case RetryAt(at=at):
            return OutboundEvent.FAILED_RETRY, at
        case Exhausted():
            return OutboundEvent.FAILED_EXHAUSTED, None
        case Expired():
            return OutboundEvent.FAILED_EXPIRED, None
