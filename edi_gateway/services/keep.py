"""Keeping what a received message holds, in pieces: each is a transaction, and where one ended before a crash the next goes on.

A message has parts, which come in a fixed order: what is said of the message itself; of each interchange its envelope, its groups with
their sets, and its TA1; of each group the acknowledgment. A set that is an acknowledgment is followed by what it settles. How many of the
parts are kept says how far it is.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, replace

from edi_gateway import x12
from edi_gateway.faults import Fault, Severity
from edi_gateway.lifecycle.states import Direction
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services import repeats
from edi_gateway.services.acknowledge import acknowledge_group, acknowledge_interchange, acknowledgment_of
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.keep_set import keep_set, row_of, settles
from edi_gateway.services.settle import Settling
from edi_gateway.services.settle_interchange import settle_ta1

_SETTLING = 20
_SETTLED = 5
_ACKNOWLEDGMENT = 20
"""For how many sets the settling of a 997, of each set in a long group of ours, and the envelope of our own 997 count."""
_LONG = 100
"""The acknowledgment of a group with more sets is made before the writer's turn begins, and one of more segments is read before it."""
_VERDICTS = {verdict.letter: verdict for verdict in x12.Verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A message as it was read. Shape: `unread` is what is wrong with guides that it was to be held against."""

    transmission: Transmission
    partner: Partner | None
    rules: x12.Rules
    reading: x12.Reading
    unread: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A group with its row, and its sets with their last verdicts."""

    row: Group
    group: x12.Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The rows of the parts that were kept before, each to be taken once, in their order."""

    interchanges: Iterator[Interchange] = iter(())
    groups: Iterator[Group] = iter(())
    sets: Iterator[TransactionSet] = iter(())


def kept_before(uow: UnitOfWork, transmission_id: int) -> Before:
    """What is kept of a message whose translation was broken off."""
    of = {"transmission_id": transmission_id}
    return Before(interchanges=iter(uow.interchanges.find(**of)), groups=iter(uow.groups.find(**of)), sets=iter(uow.sets.find(**of)))


class Keeping:
    """A message that is being kept.

    Shape:  `parts` are those that are kept by now, and `is_further` says whether the piece that is being kept has come further than the one
            before; `before` are the rows of those that were kept before.
    """

    def __init__(self, gateway: Gateway, read: Read, before: Before) -> None:
        self._gateway = gateway
        self._read = read
        self._before = before
        self._done = read.transmission.parts_kept or 0
        self.parts = 0
        self.is_further = False

    def begin(self, uow: UnitOfWork) -> None:
        """What is kept from here on is kept in this transaction."""
        self._uow = uow
        self._now = self._gateway.clock.now()
        self._room = self._gateway.piece
        self._holds = False
        self.is_further = False

    def pieces(self) -> Iterator[bool]:
        """Keeps what is left, and gives False wherever a transaction may end because it is long enough."""
        if self._next():
            self._message()
        for found in self._read.reading.interchanges:
            yield from self._interchange(found)

    def _next(self, weight: int = 1) -> bool:
        """Moves on to the next part; whether it is still to be kept."""
        self.parts += 1
        if self.parts <= self._done:
            return False
        self._room -= weight
        self.is_further = True
        return True

    def _stop(self) -> Iterator[bool]:
        if self._room <= 0:
            yield False

    def _message(self) -> None:
        # What is merely noted stands in the timeline: faults on a message ask for a person's attention.
        row, found = self._read.transmission, self._read.reading.faults
        faults = (*self._read.unread, *(fault for fault in found if fault.severity is not Severity.NOTE))
        if faults or found:
            assert row.id is not None
            self._uow.transmissions.change(row.id, faults=faults)
            for fault in (*self._read.unread, *found):
                note(self._uow, self._now, "x12.unreadable", fault.line(), partner=row.partner, transmission_id=row.id)

    def _interchange(self, found: x12.Interchange) -> Iterator[bool]:
        kept, found = self._envelope(found)
        yield from self._stop()
        judged: list[_Judged] = []
        for group in found.groups:
            one = yield from self._group(kept, found, group)
            judged.append(one)
        partner = self._read.partner
        if partner is None:
            return
        if self._next():
            whole = replace(found, groups=tuple(one.group for one in judged))
            acknowledge_interchange(self._gateway, self._uow, partner, kept, whole, self._now)
        # The groups of what came before were acknowledged then: to reject them now would be read as being about those.
        if not repeats.is_repeated(found):
            for one in judged:
                yield from self._acknowledgment(partner, found, one)

    def _envelope(self, found: x12.Interchange) -> tuple[Interchange, x12.Interchange]:
        """The row of an interchange, and the interchange as its number lets it be."""
        partner, rules = self._read.partner, self._read.rules
        if not self._next():
            row = next(self._before.interchanges)
            again = _of_code(repeats.REPEATED, row.faults)
            return row, found if again is None else repeats.repeated_interchange(found, again, rules)
        transmission = self._read.transmission
        if partner is not None:
            # Asked first: it lets the partner's messages go one by one, so that of two with the same number one is the first.
            missing = repeats.left_out(self._uow, partner, found)
            self._holds = True
            self._expect(found)
            if missing is not None:
                note(self._uow, self._now, "x12.gap", missing.line(), partner=partner.key, transmission_id=transmission.id)
            again = repeats.interchange_before(self._uow, partner, found, rules, self._now)
            found = found if again is None else repeats.repeated_interchange(found, again, rules)
        row = self._uow.interchanges.add(
            Interchange(
                direction=Direction.IN,
                control_number=found.control_number,
                created_at=self._now,
                transmission_id=transmission.id,
                partner=transmission.partner,
                sender_qualifier=found.sender_qualifier,
                sender_id=found.sender,
                receiver_qualifier=found.receiver_qualifier,
                receiver_id=found.receiver,
                version=found.version,
                usage=found.usage,
                content=transmission.content,
                offset=found.offset,
                length=found.length,
                faults=(*found.faults, *_misaddressed(self._gateway, found)),
            )
        )
        for segment in found.ta1s:
            settle_ta1(self._gateway, self._uow, row, segment, transmission.created_at, self._now)
        return row, found

    def _expect(self, found: x12.Interchange) -> None:
        """Asks for the ids of an interchange's rows, with the next question."""
        rows = 1 + len(found.groups) + sum(len(group.sets) for group in found.groups)
        # A set that settles others may end the piece, and what was expected and not added would leave a gap.
        if rows <= self._room and not any(settles(one) for group in found.groups for one in group.sets):
            self._uow.expect(interchanges=1, groups=len(found.groups), sets=rows - 1 - len(found.groups))

    def _group(self, kept: Interchange, found: x12.Interchange, group: x12.Group) -> Generator[bool, None, _Judged]:
        row, group = self._group_envelope(kept, found, group)
        yield from self._stop()
        sets: list[x12.TransactionSet] = []
        while len(sets) < len(group.sets) and self.parts < self._done:
            self.parts += 1
            one, before = self._set_before(group.sets[len(sets)])
            sets.append(one)
            if settles(one):
                yield from self._settle(before, one)
        while len(sets) < len(group.sets):
            ahead = group.sets[len(sets) : len(sets) + self._room]
            # Made before the first statement: a writer's turn begins with that.
            rows = [row_of(one, row, self._gateway.revision, self._now) for one in ahead]
            for one, made in zip(self._looked_at(kept, found, group, ahead), rows, strict=True):
                self._next()
                new, uow = keep_set(self._uow, made, one, self._read.transmission.created_at, self._now), self._uow
                sets.append(one)
                if settles(one):
                    yield from self._settle(new, one)
                # Where another piece has begun, what was looked at for the next ones is of the one before.
                if self._room <= 0 or self._uow is not uow:
                    break
            yield from self._stop()
        return _Judged(row=row, group=replace(group, sets=tuple(sets)))

    def _group_envelope(self, kept: Interchange, found: x12.Interchange, group: x12.Group) -> tuple[Group, x12.Group]:
        """The row of a group, and the group as its number lets it be."""
        partner, rules = self._read.partner, self._read.rules
        if not self._next():
            row = next(self._before.groups)
            again = _of_code(repeats.REPEATED_GROUP, row.faults)
            return row, group if again is None else repeats.repeated_group(group, again, rules)
        if partner is not None:
            assert kept.id is not None
            self._hold(partner, found)
            again = repeats.group_before(self._uow, partner, found, kept.id, group, self._now)
            group = group if again is None else repeats.repeated_group(group, again, rules)
        row = Group(
            direction=Direction.IN,
            functional_id=group.functional_id,
            control_number=group.control,
            created_at=self._now,
            interchange_id=kept.id,
            transmission_id=kept.transmission_id,
            partner=kept.partner,
            release=group.release,
            sender=group.sender,
            receiver=group.receiver,
            set_count=len(group.sets),
            verdict=group.verdict.letter if group.verdict is x12.Verdict.REJECTED else "",
            faults=group.faults,
        )
        return self._uow.groups.add(row), group

    def _set_before(self, found: x12.TransactionSet) -> tuple[x12.TransactionSet, TransactionSet]:
        """A set that was kept before, as it was judged then, and its row."""
        row = next(self._before.sets)
        again = _of_code(repeats.REPEATED_SET, row.faults)
        return replace(found, faults=found.faults if again is None else (*found.faults, again), verdict=_VERDICTS[row.verdict]), row

    def _looked_at(
        self, kept: Interchange, found: x12.Interchange, group: x12.Group, sets: Sequence[x12.TransactionSet]
    ) -> Sequence[x12.TransactionSet]:
        """Some sets as their numbers let them be."""
        partner = self._read.partner
        if partner is None:
            return sets
        assert kept.id is not None
        self._hold(partner, found)
        again = repeats.sets_before(self._uow, partner, found, kept.id, group, sets, self._now)
        rules = self._read.rules
        return [repeats.repeated_set(one, again[one.offset], rules) if one.offset in again else one for one in sets] if again else sets

    def _settle(self, row: TransactionSet, found: x12.TransactionSet) -> Iterator[bool]:
        """Settles what an acknowledgment names; the part counts once all of it is, however many pieces settled some of a long group."""
        if self.parts < self._done:
            self.parts += 1
            return
        if found.segment_count > _LONG:
            # What is long is read before the first statement of a piece.
            self._room = 0
            yield from self._stop()
        settling = Settling(self._gateway, row, found.tree(), self._read.transmission.created_at)
        self._room -= _SETTLING
        while moved := settling.move(self._uow, self._now, max(1, self._room // _SETTLED)):
            self._room -= moved * _SETTLED
            self.is_further = True
            yield from self._stop()
        settling.end(self._uow, self._now)
        self.parts += 1
        self.is_further = True

    def _acknowledgment(self, partner: Partner, found: x12.Interchange, judged: _Judged) -> Iterator[bool]:
        """Queues the acknowledgment of a group, which is that of its sets."""
        if len(judged.group.sets) > _LONG and self.parts >= self._done:
            self._room = 0
            yield from self._stop()
        if self._next(_ACKNOWLEDGMENT):
            # What is long is made before the first statement.
            made = acknowledgment_of(self._gateway, partner, found, judged.group, self._now)
            if made is not None:
                acknowledge_group(self._gateway, self._uow, partner, judged.row, made, self._now)
        yield from self._stop()

    def _hold(self, partner: Partner, found: x12.Interchange) -> None:
        """Lets the partner's messages go one by one until the piece is kept."""
        if not self._holds:
            repeats.hold(self._uow, partner, found)
            self._holds = True


def _misaddressed(gateway: Gateway, found: x12.Interchange) -> tuple[Fault, ...]:
    ours = gateway.book.identity.x12
    if (found.receiver_qualifier.strip(), found.receiver.strip()) == (ours.qualifier, ours.id):
        return ()
    value = f"{found.receiver_qualifier} {found.receiver.strip()}"
    return (Fault.of("STO-414", value=value, expected=f"{ours.qualifier} {ours.id}"),)


def _of_code(code: str, faults: Sequence[Fault]) -> Fault | None:
    return next((fault for fault in faults if fault.code == code), None)
