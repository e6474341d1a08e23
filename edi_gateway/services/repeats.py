"""Control numbers of a partner that come again, or are left out: what bears a number that was taken before is rejected.

Acknowledgments are let through: settling one twice changes nothing, and to reject one would leave our document waiting.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from edi_gateway import x12
from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.store import UnitOfWork

REPEATED = "X12-118"
_FUNCTIONAL_ACKNOWLEDGMENTS = "FA"
_MOST_NUMBER = 999_999_999
_ASKED_AT_ONCE = 500


def with_repeats(uow: UnitOfWork, partner: Partner, found: x12.Interchange, rules: x12.Rules, now: datetime) -> x12.Interchange:
    """The interchange, rejected where its number was taken within the days agreed, or with those of its groups whose number was."""
    if not partner.x12.duplicate_days or all(one.functional_id == _FUNCTIONAL_ACKNOWLEDGMENTS for one in found.groups):
        return found
    since = now - timedelta(days=partner.x12.duplicate_days)
    earlier = _interchange_before(uow, partner, found, rules, since)
    if earlier is not None:
        fault = Fault.of(REPEATED, _place(found, "ISA", 13), found.control_number, earlier=f"{earlier:%Y-%m-%d %H:%M} UTC")
        faults = (*found.faults, fault)
        if rules.severity(fault) is not fault.severity:
            return replace(found, faults=faults)
        groups = tuple(_rejected(group) for group in found.groups)
        return replace(found, faults=faults, verdict=x12.Verdict.REJECTED, groups=groups)
    return replace(found, groups=tuple(_with_repeat(uow, partner, found, group, rules, since) for group in found.groups))


def is_repeated(found: x12.Interchange) -> bool:
    """Whether an interchange is rejected because it came before: its groups were acknowledged then."""
    return found.verdict is x12.Verdict.REJECTED and any(fault.code == REPEATED for fault in found.faults)


def left_out(uow: UnitOfWork, partner: Partner, found: x12.Interchange) -> Fault | None:
    """A note where numbers are missing before the interchange's own; from now on its number is the one that they go on from."""
    if not (found.control_number.isascii() and found.control_number.isdecimal()):
        return None
    number = int(found.control_number)
    before = uow.control_numbers.seen(f"in:{partner.key}:{found.sender_qualifier.strip()}:{found.sender.strip()}", number)
    if before is None or not before + 1 < number <= _MOST_NUMBER:
        return None
    first, last = before + 1, number - 1
    missing = f"{first:09}" if first == last else f"{first:09} to {last:09}"
    return Fault.of(
        "STO-435",
        Place(interchange=found.control_number),
        found.control_number,
        partner=partner.key,
        earlier=f"{before:09}",
        missing=missing,
    )


def _interchange_before(uow: UnitOfWork, partner: Partner, found: x12.Interchange, rules: x12.Rules, since: datetime) -> datetime | None:
    """When the interchange was taken before. One that was rejected was not taken, and may come again under its number."""
    rows = uow.interchanges.find(
        direction=Direction.IN,
        partner=partner.key,
        control_number=found.control_number,
        sender_qualifier=found.sender_qualifier,
        sender_id=found.sender,
    )
    taken = (one.created_at for one in rows if one.created_at >= since and rules.verdict(one.faults) is not x12.Verdict.REJECTED)
    return next(taken, None)


def _with_repeat(
    uow: UnitOfWork, partner: Partner, interchange: x12.Interchange, group: x12.Group, rules: x12.Rules, since: datetime
) -> x12.Group:
    if group.functional_id == _FUNCTIONAL_ACKNOWLEDGMENTS or not group.control:
        return group
    rows = uow.groups.find(
        direction=Direction.IN, partner=partner.key, functional_id=group.functional_id, control_number=group.control, sender=group.sender
    )
    taken = [one.created_at for one in rows if one.created_at >= since and one.verdict != x12.Verdict.REJECTED.letter]
    if not taken:
        return _with_repeated_sets(uow, partner, group, rules, since) if partner.x12.duplicate_sets else group
    place = replace(_place(interchange, "GS", 6), group=group.control, offset=group.offset)
    fault = Fault.of("X12-210", place, group.control, earlier=f"{taken[0]:%Y-%m-%d %H:%M} UTC")
    noted = replace(group, faults=(*group.faults, fault))
    return _rejected(noted) if rules.severity(fault) is fault.severity else noted


def _with_repeated_sets(uow: UnitOfWork, partner: Partner, group: x12.Group, rules: x12.Rules, since: datetime) -> x12.Group:
    """The group, those of its sets rejected whose number a set of the same kind had within the days agreed."""
    taken: dict[tuple[str, str], datetime] = {}
    controls = [one.control for one in group.sets]
    for start in range(0, len(controls), _ASKED_AT_ONCE):
        asked = controls[start : start + _ASKED_AT_ONCE]
        rows = uow.sets.find(direction=Direction.IN, partner=partner.key, control_number=asked)
        kept = (one for one in rows if one.created_at >= since and one.state is not SetIn.REJECTED)
        taken |= {(one.set_id, one.control_number): one.created_at for one in kept}
    return replace(group, sets=tuple(_with_earlier(one, taken.get((one.set_id, one.control)), rules) for one in group.sets))


def _with_earlier(found: x12.TransactionSet, earlier: datetime | None, rules: x12.Rules) -> x12.TransactionSet:
    if earlier is None:
        return found
    place = Place(
        interchange=found.interchange.control_number,
        group=found.group.control,
        set_id=found.set_id,
        set_control=found.control,
        segment="ST",
        position=1,
        element=2,
        offset=found.offset,
    )
    faults = (*found.faults, Fault.of("X12-310", place, found.control, earlier=f"{earlier:%Y-%m-%d %H:%M} UTC"))
    return replace(found, faults=faults, verdict=rules.verdict(faults))


def _rejected(group: x12.Group) -> x12.Group:
    sets = tuple(replace(one, verdict=x12.Verdict.REJECTED) for one in group.sets)
    return replace(group, verdict=x12.Verdict.REJECTED, sets=sets)


def _place(found: x12.Interchange, segment: str, element: int) -> Place:
    return Place(interchange=found.control_number, segment=segment, element=element, offset=found.offset)
