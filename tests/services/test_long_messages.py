"""A long message is translated in pieces: the same comes of it as in one go, whatever happens between two of them.

Messages are made up fifty times on each database; EDI_GATEWAY_TEST_EXAMPLES asks for more, such as 1000.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count, pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.gateway import PIECE
from edi_gateway.services.hand_in import send_interchange
from edi_gateway.services.pauses import pause, resume
from edi_gateway.services.translate import translate
from edi_gateway.store import SharedJobs
from edi_gateway.testing.interchanges import Set, group, interchange, order_lines, orders
from edi_gateway.testing.pair import Party, Trade

pytestmark = pytest.mark.both_databases

WHOLE = 10_000
"""A piece that holds any message here."""
TERMS = (
    (),
    ("duplicate_sets: true", "acknowledgment: 999", "acknowledgment_release: 005010", "acknowledge_detail: faulty_sets"),
    ("acknowledge: false", "tolerate: [X12-118, X12-210]"),
)
"""Lines of the partner's file."""


class Died(Exception):
    """The process, as far as a test of one process can play it."""


def die(number: int) -> None:
    raise Died


class Between:
    """A store that calls something after each of its transactions, told how many there were; `before` is called within, at the end."""

    def __init__(self, inner: Any, after: Callable[[int], None], before: Callable[[int, UnitOfWork], None] = lambda *_: None) -> None:
        self._inner, self._after, self._before = inner, after, before
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self, *, promising: bool = True) -> Iterator[UnitOfWork]:
        with self._inner.begin(promising=promising) as uow:
            yield uow
            self._before(self.count + 1, uow)
        self.count += 1
        self._after(self.count)


def come(party: Party, content: bytes) -> int:
    """A message that was received; its row's id."""
    with party.store.begin() as uow:
        kept = uow.transmissions.add(
            Transmission(
                direction=Direction.IN,
                state=Inbound.OPENED,
                created_at=party.gateway.clock.now(),
                partner=party.partner,
                content=uow.payloads.put(content),
                history=InboundEvent.OPENED.value,
            )
        )
    assert kept.id is not None
    return kept.id


def use(party: Party, piece: int, store: Any = None) -> None:
    """Lets a party translate in pieces of this size, in this store."""
    party.use(replace(party.gateway, piece=piece, store=store or party.store))


def everything(party: Party) -> dict[str, list[Any]]:
    """All rows that translating makes, but for Message-IDs and folders, and the bytes of all that was queued."""
    with party.look() as uow:
        tables = ("transmissions", "interchanges", "groups", "sets", "events", "deadlines", "erp_files")
        found: dict[str, list[Any]] = {name: getattr(uow, name).find() for name in tables}
        found["bytes"] = [uow.payloads.get(row.content) for row in uow.transmissions.find(direction=Direction.OUT)]
    found["transmissions"] = [replace(row, message_id="") for row in found["transmissions"]]
    found["erp_files"] = [replace(row, path=None) for row in found["erp_files"]]
    found["published"] = sorted(party.published().items())
    return found


def map_all(party: Party) -> None:
    """The valid sets, on their way to the ERP; what is queued for the partner stays."""
    party.handlers[Task.SEND] = lambda _: None
    party.work()


def die_often(party: Party, piece: int, row: int) -> None:
    """Translates a message by a gateway that dies again and again: after a piece or two, and by turns before a piece is kept.

    On PostgreSQL only after pieces: what is undone there leaves a gap in the ids, so that they would not be the same.
    """
    is_undone = not isinstance(party.store.jobs, SharedJobs)
    for turn in count():

        def before(number: int, _: UnitOfWork, turn: int = turn) -> None:
            if turn % 2 and is_undone:
                raise Died

        def after(number: int, turn: int = turn) -> None:
            if number > turn % 4 // 2:
                raise Died

        use(party, piece, Between(party.store, after, before))
        try:
            translate(party.gateway, row)
        except Died:
            assert turn < 1000
        else:
            return


ORDER = st.builds(order_lines, st.sampled_from(["A1", "A2", "A3", "A4"]), unit=st.sampled_from(["EA", "EA", "EA", "QQQ"]))
ACKNOWLEDGED: Set = ("997", "AK1*PR*17", "AK9*A*1*1*1")
GROUPS = st.one_of(
    st.builds(group, st.just("PO"), st.sampled_from("123"), st.lists(ORDER, max_size=5)),
    st.builds(group, st.just("FA"), st.sampled_from("45"), st.lists(st.just(ACKNOWLEDGED), max_size=2)),
)
DAMAGES: tuple[tuple[bytes, bytes], ...] = (
    (b"", b""),
    (b"", b""),
    (b"IEA*", b"IEA*9"),
    (b"GE*", b"GE*7"),
    (b"GE*", b"XX*"),
    (b"~\nSE*", b"~\nSE*4"),
    (b"IEA*", b"JUNK*"),
)
INTERCHANGES = st.builds(
    lambda content, damage: content.replace(*damage) if damage[0] else content,
    st.builds(
        interchange,
        st.lists(GROUPS, max_size=4),
        control=st.sampled_from([1, 1, 2, 5]),
        sender=st.sampled_from(["RETAILER", "RETAILER", "ANOTHER"]),
        wants_ta1=st.booleans(),
        ta1s=st.sampled_from([[], [], ["TA1*000000007*260302*0900*A*000"]]),
    ),
    st.sampled_from(DAMAGES),
)
MESSAGES = st.lists(st.lists(INTERCHANGES, min_size=1, max_size=2).map(b"".join), min_size=1, max_size=3)


Fresh = Callable[[tuple[str, ...]], AbstractContextManager[Trade]]


@pytest.fixture
def fresh(template: Any, tmp_path_factory: pytest.TempPathFactory, databases: Any) -> Fresh:
    """Makes trades whose supplier has further lines in the file of its partner."""

    @contextmanager
    def made(terms: tuple[str, ...]) -> Iterator[Trade]:
        with template("sync").played(tmp_path_factory.mktemp("long"), databases) as both:
            if terms:
                both.agree("supplier", "x12", *terms)
            yield both

    return made


def compare(fresh: Fresh, messages: list[bytes], piece: int, terms: tuple[str, ...], dies: bool) -> None:
    """Translates and maps messages in one go and in pieces, and holds that the same came of them."""
    found = []
    for size in (WHOLE, piece):
        with fresh(terms) as trade:
            supplier = trade.supplier
            for row in [come(supplier, content) for content in messages]:
                if size == piece and dies:
                    die_often(supplier, piece, row)
                else:
                    use(supplier, size)
                    translate(supplier.gateway, row)
            translated = everything(supplier)
            use(supplier, size)
            map_all(supplier)
            found.append((translated, everything(supplier)))
    for whole, pieces in zip(*found, strict=True):
        for name in whole:
            assert pieces[name] == whole[name], name


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(
    max_examples=int(os.environ.get("EDI_GATEWAY_TEST_EXAMPLES", "50")),
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(messages=MESSAGES, piece=st.integers(1, 12), terms=st.sampled_from(TERMS), dies=st.booleans())
def test_in_pieces_of_any_size_and_broken_off_anywhere_the_same_comes_of_messages_as_in_one_go(
    fresh: Fresh, messages: list[bytes], piece: int, terms: tuple[str, ...], dies: bool
) -> None:
    compare(fresh, messages, piece, terms, dies)


@pytest.mark.parametrize("piece", [1, 4])
@pytest.mark.parametrize("terms", TERMS[:2], ids=["usual terms", "numbers of sets and a 999"])
def test_the_same_comes_of_two_interchanges_with_much_in_them_in_pieces_and_broken_off(
    fresh: Fresh, piece: int, terms: tuple[str, ...]
) -> None:
    good, bad = order_lines("A1"), order_lines("A2", unit="QQQ")
    first = interchange([group("PO", "1", [good, bad, good]), group("FA", "4", [ACKNOWLEDGED]), group("PO", "2", [good])], wants_ta1=True)
    second = interchange([group("PO", "2", [good]), group("PO", "3", [bad, good])], control=5)
    compare(fresh, [first + second + first, b"JUNK" + second.replace(b"000000005", b"000000009"), second], piece, terms, dies=True)


def long_one(sets: int, control: int = 1) -> bytes:
    return orders(*(f"L{number}" for number in range(sets)), control=control)


SENT = 120
"""Sets in a group of ours: a long one."""


def with_a_group_sent(trade: Trade) -> Party:
    """The supplier, who has sent a group of many sets that a person had handed in."""
    party = trade.supplier
    partner = party.gateway.book.partner(party.partner)
    assert partner is not None
    sets: list[Set] = [("855", f"BAK*00*AD*P{number}*20260302", "CTT*0") for number in range(1, SENT + 1)]
    names = {"sender": "SUPPLIER", "receiver": "RETAILER"}
    send_interchange(party.gateway, partner, interchange([group("PR", "77", sets, **names)], control=77, **names))
    party.work()
    assert [one.state for one in party.sets(set_id="855")] == [SetOut.SENT] * SENT
    return party


def acknowledging(verdicts: str, control: int = 900) -> bytes:
    """An order between two 997s for the group, both of which say of its sets, in turn, what these letters do."""
    said: list[str] = []
    for number in range(1, SENT + 1):
        said += [f"AK2*855*{number:04}", f"AK5*{verdicts[number % len(verdicts)]}"]
    settling: Set = ("997", "AK1*PR*77", *said, f"AK9*P*{SENT}*{SENT}*1")
    groups = [group("FA", "8", [settling]), group("PO", "8", [order_lines("A1")]), group("FA", "9", [settling, ACKNOWLEDGED])]
    return interchange(groups, control=control)


@pytest.mark.parametrize("piece", [7, 150])
def test_a_997_for_a_long_group_settles_it_in_pieces_as_in_one_go(fresh: Fresh, piece: int) -> None:
    found = []
    for size in (WHOLE, piece):
        with fresh(()) as trade:
            supplier = with_a_group_sent(trade)
            for row in [come(supplier, acknowledging("AER")), come(supplier, acknowledging("RRA", 901))]:
                if size == piece:
                    die_often(supplier, piece, row)
                else:
                    use(supplier, size)
                    translate(supplier.gateway, row)
            found.append(everything(supplier))
            windows = {one.state for one in supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK, expects="997")}
            assert windows == {DeadlineState.MET}
            states = Counter(one.state for one in supplier.sets(set_id="855"))
            # The second message accepts what the first one had rejected, and changes nothing else.
            assert states == {SetOut.ACCEPTED: 2 * SENT // 3, SetOut.ACCEPTED_WITH_ERRORS: SENT // 3}
            # What was sent before has bytes and numbers of its own each time.
            found[-1]["transmissions"] = [one for one in found[-1]["transmissions"] if one.direction is Direction.IN]
            found[-1]["events"] = [one for one in found[-1]["events"] if one.kind.startswith(("ack.", "x12.", "window."))]
    whole, pieces = found
    for name in whole.keys() - {"bytes"}:
        assert pieces[name] == whole[name], name


def test_no_transaction_settles_more_of_a_long_group_than_a_piece_has_room_for(trade: Trade) -> None:
    supplier = with_a_group_sent(trade)
    settled = [0]

    def look(_: int, uow: UnitOfWork) -> None:
        settled.append(len(uow.sets.find(set_id="855", state=SetOut.ACCEPTED)))

    use(supplier, 100, Between(supplier.store, lambda _: None, look))
    translate(supplier.gateway, come(supplier, acknowledging("A")))
    steps = [after - before for before, after in pairwise(settled)]
    assert (sum(steps), max(steps)) == (SENT, 20)


def test_of_two_workers_at_a_997_for_a_long_group_each_set_is_settled_by_one(trade: Trade) -> None:
    supplier = with_a_group_sent(trade)
    row = come(supplier, acknowledging("A"))

    def after(number: int) -> None:
        if number == 4:
            use(supplier, 100)
            translate(supplier.gateway, row)

    use(supplier, 50, Between(supplier.store, after))
    translate(supplier.gateway, row)
    with supplier.look() as uow:
        told = [one.words for one in uow.events.find(kind="ack.accepted")]
        assert uow.transmissions.get(row).parts_kept is None
    assert len([words for words in told if "settled before" not in words]) == SENT
    assert len(told) == 2 * SENT, "the second 997 changes nothing, and says so"


def attempts_at(party: Party, row: int, piece: int, deaths: int) -> list[int]:
    """Translates a message as a work item whose worker dies so often, each time after one transaction; which attempt each time was."""
    key, jobs, seen = Task.TRANSLATE.key(row), party.store.jobs, []
    with party.store.begin() as uow:
        uow.enqueue(Task.TRANSLATE, key=key, id=row)
    for _ in range(deaths):
        job = jobs.claim(party.gateway.clock.now(), owner="one", lease=timedelta(minutes=5), tasks={Task.TRANSLATE})
        assert job is not None
        seen.append(job.attempts)
        use(party, piece, Between(party.store, die))
        with suppress(Died):
            translate(party.gateway, row)
        assert jobs.recover() == 1
    use(party, piece)
    party.work(Task.TRANSLATE)
    return seen


def test_a_death_after_a_piece_is_not_counted_with_those_at_the_piece_before(trade: Trade) -> None:
    assert attempts_at(trade.supplier, come(trade.supplier, long_one(24)), 2, deaths=12) == [1, *[2] * 11]
    assert len(trade.supplier.sets(direction=Direction.IN)) == 24


def test_a_piece_that_ends_because_a_long_997_is_to_be_read_counts_as_no_progress(trade: Trade) -> None:
    supplier = with_a_group_sent(trade)
    assert attempts_at(supplier, come(supplier, acknowledging("A")), WHOLE, deaths=5) == [1, 2, 3, 4, 5]
    assert {one.state for one in supplier.sets(set_id="855")} == {SetOut.ACCEPTED}


def test_no_transaction_keeps_more_than_a_piece_and_a_message_of_one_set_is_one(trade: Trade) -> None:
    sizes: list[int] = []

    def look(_: int, uow: UnitOfWork) -> None:
        sizes.append(len(uow.sets.find(direction=Direction.IN)) - sum(sizes))

    store = Between(trade.supplier.store, lambda _: None, look)
    trade.supplier.use(replace(trade.supplier.gateway, store=store))
    translate(trade.supplier.gateway, come(trade.supplier, long_one(1)))
    assert sizes == [1]
    del sizes[:]

    translate(trade.supplier.gateway, come(trade.supplier, long_one(2 * PIECE, control=2)))

    assert len(trade.supplier.sets(direction=Direction.IN)) == 1 + 2 * PIECE
    assert max(sizes[1:]) <= PIECE
    assert sizes[-1] == 0, "the acknowledgment is kept in a piece of its own"


def test_a_message_whose_end_is_broken_is_refused_whole_before_any_set_of_it_goes_on(trade: Trade) -> None:
    seen: list[SetIn] = []

    def look(_: int, uow: UnitOfWork) -> None:
        seen.extend(row.state for row in uow.sets.find(direction=Direction.IN))

    use(trade.supplier, 2, Between(trade.supplier.store, lambda _: None, look))
    translate(trade.supplier.gateway, come(trade.supplier, long_one(6).replace(b"IEA*1*", b"IEA*2*")))

    assert set(seen) == {SetIn.REJECTED}
    assert trade.supplier.published() == {}


@pytest.mark.parametrize("at", range(1, 9))
def test_what_comes_in_between_under_the_same_numbers_is_taken_once(trade: Trade, at: int) -> None:
    """Whatever is written first under a number is taken: of two groups one, and the other message's own sets."""
    trade.agree("supplier", "x12", "duplicate_sets: true")
    supplier = trade.supplier
    first = come(supplier, interchange([group("PO", "7", [order_lines("A1"), order_lines("A2")]), group("PO", "8", [order_lines("A3")])]))
    other = come(
        supplier, interchange([group("PO", "8", [order_lines("A3")]), group("PO", "9", [("850", *order_lines("B1")[1:])])], control=2)
    )

    def after(number: int) -> None:
        if number == at:
            use(supplier, WHOLE)
            translate(supplier.gateway, other)

    use(supplier, 1, Between(supplier.store, after))
    translate(supplier.gateway, first)
    use(supplier, WHOLE)
    translate(supplier.gateway, other)
    map_all(supplier)

    names = [name.split("_")[1] for name in supplier.published()]
    assert len(names) == len(set(names))
    with supplier.look() as uow:
        taken = [row.verdict for row in uow.groups.find(direction=Direction.IN, control_number="8")]
        delivered = uow.sets.find(direction=Direction.IN, state=SetIn.DELIVERED)
        of_first, of_other = ({row.control_number for row in delivered if row.transmission_id == one} for one in (first, other))
    assert sorted(taken)[-1] == "R"
    assert len(taken) == 2
    assert taken.count("R") == 1
    assert of_first | of_other
    assert not of_first & of_other


@pytest.mark.parametrize("at", range(1, 12))
def test_of_two_workers_at_one_message_one_stops(trade: Trade, at: int) -> None:
    supplier = trade.supplier
    row = come(supplier, long_one(4))
    use(supplier, WHOLE)
    other = come(supplier, long_one(1, control=2))
    translate(supplier.gateway, other)

    def after(number: int) -> None:
        if number == at:
            use(supplier, 3)
            translate(supplier.gateway, row)

    use(supplier, 2, Between(supplier.store, after))
    translate(supplier.gateway, row)
    map_all(supplier)

    assert [one.po_number for one in supplier.sets(transmission_id=row)] == ["L0", "L1", "L2", "L3"]
    with supplier.look() as uow:
        assert [one.verdict for one in uow.groups.find(transmission_id=row)] == ["A"]
        assert len(uow.sets.find(direction=Direction.OUT)) == 2
        assert {one.acknowledged_by is None for one in uow.groups.find(transmission_id=row)} == {False}
        assert uow.transmissions.get(row).parts_kept is None


def test_a_worker_that_comes_while_another_is_about_to_keep_a_message_does_nothing(trade: Trade) -> None:
    supplier = trade.supplier
    row = come(supplier, long_one(2))
    second = supplier.gateway

    with ThreadPoolExecutor(1) as pool:
        coming: list[Future[None]] = []

        def before(number: int, _: UnitOfWork) -> None:
            coming.append(pool.submit(translate, second, row))
            # It reads and then waits for this transaction, or has begun no other one yet: the same is to come of both.
            wait(coming, timeout=0.3)

        use(supplier, WHOLE, Between(supplier.store, lambda _: None, before))
        translate(supplier.gateway, row)
        coming[0].result()

    with supplier.look() as uow:
        assert len(uow.interchanges.find(direction=Direction.IN)) == 1
        assert [one.verdict for one in uow.sets.find(direction=Direction.IN)] == ["A", "A"]


def test_one_that_was_broken_off_is_found_by_the_reconciler_and_goes_on_where_it_was(trade: Trade) -> None:
    supplier = trade.supplier

    row = come(supplier, long_one(5))
    use(supplier, 4, Between(supplier.store, die))
    with pytest.raises(Died):
        translate(supplier.gateway, row)
    [first] = supplier.sets(direction=Direction.IN)
    trade.clock.turn(timedelta(minutes=2))
    with supplier.look() as uow:
        assert (Task.TRANSLATE, row, None) in uow.stale(trade.clock.now())

    use(supplier, 2)
    supplier.handlers[Task.RECONCILE]({})
    map_all(supplier)

    assert [name.split("_")[1] for name in supplier.published()] == ["L0", "L1", "L2", "L3", "L4"]
    assert supplier.sets(direction=Direction.IN)[0].id == first.id
    with supplier.look() as uow:
        assert uow.stale(trade.clock.now()) == []


def test_one_whose_partner_is_paused_in_between_goes_on_when_that_is_over(trade: Trade) -> None:
    supplier = trade.supplier

    row = come(supplier, long_one(5))
    use(supplier, 2, Between(supplier.store, die))
    with pytest.raises(Died):
        translate(supplier.gateway, row)
    use(supplier, 2)
    pause(supplier.gateway, "retailer", Direction.IN, reason="r", actor="anna")
    translate(supplier.gateway, row)
    assert supplier.transmissions(id=row)[0].parts_kept == 2
    resume(supplier.gateway, "retailer", Direction.IN, actor="anna")
    map_all(supplier)

    assert len(supplier.published()) == 5
