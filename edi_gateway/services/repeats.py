"""Control numbers of a partner that come again, or are left out: what bears a number that was taken before is rejected.

Acknowledgments are let through: settling one twice changes nothing, and to reject one would leave our document waiting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from edi_gateway import x12
from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.store import UnitOfWork

REPEATED = "X12-118"
REPEATED_GROUP = "X12-210"
REPEATED_SET = "X12-310"
_FUNCTIONAL_ACKNOWLEDGMENTS = "FA"
_MOST_NUMBER = 999_999_999
_ASKED_AT_ONCE = 500


def interchange_before(uow: UnitOfWork, partner: Partner, found: x12.Interchange, rules: x12.Rules, now: datetime) -> Fault | None:
    """The fault of an interchange whose number was taken within the days agreed. One that was rejected may come again under its number."""
    if not _are_looked_for(partner, found):
        return None
    rows = uow.interchanges.find(
        direction=Direction.IN,
        partner=partner.key,
        control_number=found.control_number,
        sender_qualifier=found.sender_qualifier,
        sender_id=found.sender,
    )
    since = _since(partner, now)
    taken = (one.created_at for one in rows if one.created_at >= since and rules.verdict(one.faults) is not x12.Verdict.REJECTED)
    earlier = next(taken, None)
    return None if earlier is None else Fault.of(REPEATED, _place(found, "ISA", 13), found.control_number, earlier=_stamp(earlier))


def repeated_interchange(found: x12.Interchange, fault: Fault, rules: x12.Rules) -> x12.Interchange:
    """An interchange that came before: rejected with its groups, unless such are taken."""
    noted = replace(found, faults=(*found.faults, fault))
    if rules.severity(fault) is not fault.severity:
        return noted
    return replace(noted, verdict=x12.Verdict.REJECTED, groups=tuple(_rejected(group) for group in found.groups))


def is_repeated(found: x12.Interchange) -> bool:
    """Whether an interchange is rejected because it came before: its groups were acknowledged then."""
    return found.verdict is x12.Verdict.REJECTED and any(fault.code == REPEATED for fault in found.faults)


def left_out(uow: UnitOfWork, partner: Partner, found: x12.Interchange) -> Fault | None:
    """A note where numbers are missing before the interchange's own; from now on its number is the one that they go on from."""
    if not (found.control_number.isascii() and found.control_number.isdecimal()):
        return None
    number = int(found.control_number)
    before = uow.control_numbers.seen(_scope(partner, found), number)
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


def group_before(
    uow: UnitOfWork, partner: Partner, interchange: x12.Interchange, row_id: int, group: x12.Group, now: datetime
) -> Fault | None:
    """The fault of a group whose number was taken within the days agreed. Shape: `row_id` is its own interchange's, which is not asked."""
    if not _has_a_number(partner, interchange, group):
        return None
    rows = uow.groups.find(
        direction=Direction.IN, partner=partner.key, functional_id=group.functional_id, control_number=group.control, sender=group.sender
    )
    since = _since(partner, now)
    others = (one for one in rows if one.created_at >= since and one.interchange_id != row_id)
    earlier = next((one.created_at for one in others if one.verdict != x12.Verdict.REJECTED.letter), None)
    if earlier is None:
        return None
    place = replace(_place(interchange, "GS", 6), group=group.control, offset=group.offset)
    return Fault.of(REPEATED_GROUP, place, group.control, earlier=_stamp(earlier))


def repeated_group(group: x12.Group, fault: Fault, rules: x12.Rules) -> x12.Group:
    """A group that came before: rejected with its sets, unless such are taken."""
    noted = replace(group, faults=(*group.faults, fault))
    return _rejected(noted) if rules.severity(fault) is fault.severity else noted


def sets_before(
    uow: UnitOfWork,
    partner: Partner,
    interchange: x12.Interchange,
    row_id: int,
    group: x12.Group,
    sets: Sequence[x12.TransactionSet],
    now: datetime,
) -> Mapping[int, Fault]:
    """The faults of those of a group's sets, by their offset, whose number one of the same kind had, where such are looked for."""
    is_known = any(fault.code == REPEATED_GROUP for fault in group.faults)
    if not partner.x12.duplicate_sets or is_known or not _has_a_number(partner, interchange, group):
        return {}
    taken: dict[tuple[str, str], datetime] = {}
    since = _since(partner, now)
    for start in range(0, len(sets), _ASKED_AT_ONCE):
        asked = [one.control for one in sets[start : start + _ASKED_AT_ONCE]]
        rows = uow.sets.find(direction=Direction.IN, partner=partner.key, control_number=asked)
        others = (one for one in rows if one.created_at >= since and one.interchange_id != row_id)
        taken |= {(one.set_id, one.control_number): one.created_at for one in others if one.state is not SetIn.REJECTED}
    return {one.offset: _of_set(one, earlier) for one in sets if (earlier := taken.get((one.set_id, one.control)))}


def repeated_set(found: x12.TransactionSet, fault: Fault, rules: x12.Rules) -> x12.TransactionSet:
    """A set that came before: rejected, unless such are taken. It stays rejected where what is around it is."""
    noted = replace(found, faults=(*found.faults, fault))
    return noted if found.verdict is x12.Verdict.REJECTED else replace(noted, verdict=rules.verdict(noted.faults))


def hold(uow: UnitOfWork, partner: Partner, found: x12.Interchange) -> None:
    """Lets the partner's messages go one by one from here, as `left_out` does."""
    uow.control_numbers.hold(_scope(partner, found))


def _are_looked_for(partner: Partner, found: x12.Interchange) -> bool:
    return bool(partner.x12.duplicate_days) and not all(one.functional_id == _FUNCTIONAL_ACKNOWLEDGMENTS for one in found.groups)


def _has_a_number(partner: Partner, found: x12.Interchange, group: x12.Group) -> bool:
    """Whether a group's own number is looked for: an interchange that came before says enough."""
    is_known = any(fault.code == REPEATED for fault in found.faults)
    is_asked = group.functional_id != _FUNCTIONAL_ACKNOWLEDGMENTS and bool(group.control)
    return is_asked and not is_known and _are_looked_for(partner, found)


def _rejected(group: x12.Group) -> x12.Group:
    return replace(group, verdict=x12.Verdict.REJECTED, sets=tuple(replace(one, verdict=x12.Verdict.REJECTED) for one in group.sets))


def _of_set(found: x12.TransactionSet, earlier: datetime) -> Fault:
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
    return Fault.of(REPEATED_SET, place, found.control, earlier=_stamp(earlier))


def _place(found: x12.Interchange, segment: str, element: int) -> Place:
    return Place(interchange=found.control_number, segment=segment, element=element, offset=found.offset)


def _since(partner: Partner, now: datetime) -> datetime:
    return now - timedelta(days=partner.x12.duplicate_days)


def _stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _scope(partner: Partner, found: x12.Interchange) -> str:
    """The scope of the numbers of what a sender sends for a partner."""
    return f"in:{partner.key}:{found.sender_qualifier.strip()}:{found.sender.strip()}"
