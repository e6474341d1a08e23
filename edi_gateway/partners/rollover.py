"""A change of certificates rehearsed: which is used on which day, by us and by the other side, before anything is changed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from edi_gateway.as2 import Certificate, OwnKey
from edi_gateway.partners.certificates import for_encryption, for_signing, in_force

_TICK = timedelta(seconds=1)
"""Certificates count whole seconds, and both their ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What holds from a time until the next phase.

    Shape:  of our own keys `used` is the one we sign with, and `accepted` are those that may be encrypted to for us; of a partner's
            certificates `used` is the one we encrypt to, and `accepted` are those that signatures are verified with.
    """

    since: datetime
    used: Certificate | None
    accepted: tuple[Certificate, ...]


def rehearse_own(keys: Sequence[OwnKey], now: datetime) -> tuple[Phase, ...]:
    """The phases of our own keys, in the order that they would be named in."""

    def signing(when: datetime) -> Certificate | None:
        key = for_signing(keys, when)
        return key.certificate if key else None

    return _phases([key.certificate for key in keys], signing, now)


def rehearse_partner(certificates: Sequence[Certificate], now: datetime) -> tuple[Phase, ...]:
    """The phases of a partner's certificates."""
    return _phases(certificates, lambda when: for_encryption(certificates, when), now)


def _phases(certificates: Sequence[Certificate], used: Callable[[datetime], Certificate | None], now: datetime) -> tuple[Phase, ...]:
    moments = {one.not_before for one in certificates} | {one.not_after + _TICK for one in certificates}
    phases: list[Phase] = []
    for moment in (now, *sorted(moment for moment in moments if moment > now)):
        phase = Phase(since=moment, used=used(moment), accepted=in_force(certificates, moment))
        if not phases or (phase.used, phase.accepted) != (phases[-1].used, phases[-1].accepted):
            phases.append(phase)
    return tuple(phases)


def gaps(phases: Sequence[Phase]) -> tuple[Phase, ...]:
    """The phases in which nothing can be used. The last one is none: every list of certificates ends some day, unless it has ended now."""
    return tuple(phase for number, phase in enumerate(phases) if phase.used is None and (number < len(phases) - 1 or number == 0))


def leaves(certificates: Iterable[Certificate]) -> tuple[Certificate, ...]:
    """Those of a file that are somebody's own, without the authorities above them that came along."""
    found = tuple(certificates)
    issuers = {one.issuer for one in found if one.issuer != one.subject}
    return tuple(one for one in found if one.subject not in issuers)
