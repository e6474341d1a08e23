"""When an address that does not answer is left alone, and when one post probes it. Pure.

closed → open          after so many failed connections in a row
open → half open       when the wait is over: one post goes, and the others wait for how it ends
half open → closed     it got through
half open → open       it did not, or its worker died: the wait begins anew
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edi_gateway.lifecycle.policy import CircuitPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """What is known of one address. Closed where `open_until` is None."""

    failures: int = 0
    open_until: datetime | None = None


def waits_until(circuit: Circuit, now: datetime) -> datetime | None:
    """Until when a post has to wait; None where it may go."""
    return circuit.open_until if circuit.open_until is not None and now < circuit.open_until else None


def entered(circuit: Circuit, policy: CircuitPolicy, now: datetime, longest: timedelta) -> Circuit:
    """The circuit once a post goes. Where it is the probe, the others wait as long as it may take.

    Shape:  `longest` is the time-out of one post; a probe whose worker dies is followed by another one after that.
    """
    return circuit if circuit.open_until is None else replace(circuit, open_until=now + max(policy.wait, longest))


def got_through(circuit: Circuit) -> Circuit:
    """The circuit once the address has answered, whatever it said."""
    return Circuit()


def failed(circuit: Circuit, policy: CircuitPolicy, now: datetime) -> Circuit:
    """The circuit once a connection has failed."""
    failures = circuit.failures + 1
    opens = failures >= policy.failures
    return Circuit(failures=failures, open_until=now + policy.wait if opens else None)
