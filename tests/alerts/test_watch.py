"""The watch over real stores: what is wrong is told once, reminded of, and over when it is over."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.incidents import IncidentState, Kind, Weight
from edi_gateway.lifecycle.notices import Notice, NoticeState, Routing
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports import rows
from edi_gateway.ports.alerts import Room
from edi_gateway.services.gate import address_of
from edi_gateway.store.jobs import SqlJobs

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def message(watched, state=Outbound.EXHAUSTED, partner="acme", **more) -> int:
    direction = Direction.OUT if isinstance(state, Outbound) else Direction.IN
    with watched.store.begin() as uow:
        row = uow.transmissions.add(
            rows.Transmission(direction=direction, state=state, created_at=watched.clock.now(), partner=partner, **more)
        )
    assert row.id
    return row.id


def document(watched, state=SetIn.HELD, set_id="850", partner="acme", at: datetime | None = None, **more) -> int:
    direction = Direction.OUT if isinstance(state, SetOut) else Direction.IN
    with watched.store.begin() as uow:
        row = uow.sets.add(
            rows.TransactionSet(
                direction=direction,
                state=state,
                set_id=set_id,
                control_number="0001",
                created_at=at or watched.clock.now(),
                partner=partner,
                **more,
            )
        )
    assert row.id
    return row.id


def test_what_is_wrong_is_told_once_reminded_of_and_over_when_it_is_mended(watched):
    number = message(watched)
    assert watched.look() == ["[critical] acme: message not delivered"]
    assert watched.look(30 * MINUTE) == []
    assert watched.look(30 * MINUTE) == ["[critical] Still: acme: message not delivered"]
    assert watched.look(HOUR) == []
    assert watched.look(HOUR) == ["[critical] Still: acme: message not delivered"]
    with watched.store.begin() as uow:
        uow.transmissions.advance(number, Outbound.EXHAUSTED, Outbound.DELIVERED)
    assert watched.look(MINUTE) == ["[note] Over: acme: message not delivered"]
    assert watched.look(DAY) == []
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find()] == [IncidentState.RECOVERED]


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (Outbound.REFUSED, Kind.MESSAGE_REFUSED),
        (Outbound.UNVERIFIED, Kind.MESSAGE_UNVERIFIED),
        (Outbound.EXHAUSTED, Kind.MESSAGE_GIVEN_UP),
        (Outbound.EXPIRED, Kind.MESSAGE_GIVEN_UP),
        (Outbound.STOPPED, Kind.MESSAGE_STOPPED),
        (Inbound.FAULTED, Kind.MESSAGE_FAULTED),
        (Inbound.RECEIPT_EXHAUSTED, Kind.RECEIPT_GIVEN_UP),
        (Outbound.DELIVERED, None),
        (Outbound.RETRY_WAIT, None),
        (Inbound.RECEIPTED, None),
    ],
)
def test_each_message_that_waits_for_a_person_is_an_incident_and_no_other(watched, state, kind):
    message(watched, state)
    watched.look()
    with watched.store.read() as uow:
        assert [one.kind for one in uow.incidents.find()] == ([kind] if kind else [])


def test_documents_held_and_rejected_and_files_refused_are_told_of_without_what_they_hold(watched):
    secret = Fault.of("X12-401", value="SECRET-PRICE")
    document(watched, SetIn.HELD, business_key="4500017", held_code="PRT-NO-AGREEMENT")
    document(watched, SetOut.REJECTED, set_id="810", business_key="INV-1", faults=(secret,))
    document(watched, SetIn.REJECTED, faults=(secret,))
    document(watched, SetIn.DELIVERED)
    with watched.store.begin() as uow:
        uow.erp_files.add(
            rows.ErpFile(
                direction=Direction.IN,
                state=FileState.REFUSED,
                partner="acme",
                name="a.csv",
                created_at=watched.clock.now(),
                faults=(secret,),
            )
        )
    assert sorted(watched.look()) == [
        "[critical] acme: document held",
        "[critical] acme: document rejected",
        "[warning] acme: ERP file refused",
        "[warning] acme: document rejected",
    ]
    said = "\n".join(one.words for one in watched.notifier.told)
    assert "850 4500017" in said
    assert "X12-401" in said
    assert "SECRET" not in said


def test_an_overdue_window_names_its_document_and_closes_late(watched):
    number = message(watched, Outbound.DELIVERED)
    waiting = document(watched, SetOut.SENT, set_id="855", transmission_id=number, business_key="4500017")
    due = watched.clock.now() + HOUR
    with watched.store.begin() as uow:
        row = uow.deadlines.add(
            rows.Deadline(
                subject="set",
                subject_id=waiting,
                kind=DeadlineKind.FUNCTIONAL_ACK,
                due_at=due,
                created_at=watched.clock.now(),
                partner="acme",
                expects="997",
                warn_at=due - 10 * MINUTE,
            )
        )
    assert watched.look(49 * MINUTE) == []
    assert watched.look(2 * MINUTE) == ["[warning] acme: window about to close"]
    assert watched.notifier.told[0].words.startswith("The partner's 997 for 855 4500017 in message 1 is due by ")
    assert watched.look(10 * MINUTE) == ["[critical] Worse: acme: window overdue"]
    assert watched.notifier.told[1].words.startswith("The partner's 997 for 855 4500017 in message 1 is overdue since ")
    with watched.store.begin() as uow:
        uow.deadlines.advance(row.id, DeadlineState.OPEN, DeadlineState.BREACHED)
    assert watched.look(MINUTE) == []
    assert watched.look(HOUR) == ["[critical] Still: acme: window overdue"]
    with watched.store.begin() as uow:
        uow.deadlines.advance(row.id, DeadlineState.BREACHED, DeadlineState.LATE)
    watched.look(MINUTE)
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find()] == [IncidentState.RECOVERED]


def test_a_parked_work_item_is_told_of_until_it_is_freed(watched):
    jobs, now = watched.store.jobs, watched.clock.now()
    if not isinstance(jobs, SqlJobs):
        pytest.skip("only a worker parks there; tests/work/test_engines.py has both engines' lists of what is parked")
    with watched.store.begin() as uow:
        uow.enqueue(Task.SEND, key="send:1", id=1)
    job = jobs.claim(now, owner="me", lease=MINUTE)
    assert job is not None
    jobs.park(job, now, Fault.of("STO-302", task="send", key="send:1", attempt=8, reason="none"))
    assert watched.look() == ["[critical] work item parked"]
    jobs.free(job.id, now)
    assert watched.look(MINUTE) == ["[note] Over: work item parked"]


def test_a_stopped_clock_waiting_work_and_a_full_disk_are_told_of(watched):
    now = watched.clock.now()
    watched.store.jobs.tick(Task.RECONCILE, now)
    watched.rooms = [Room(folder="/data", free=5 * 1024**2, total=10**12)]
    assert watched.look(MINUTE) == ["[critical] disk nearly full"]
    assert watched.look(2 * MINUTE) == ["[critical] clock stands still"]
    with watched.store.begin() as uow:
        uow.enqueue(Task.SEND, key="send:2", run_at=watched.clock.now() - HOUR, id=2)
    watched.use(job_limit=10 * MINUTE)
    assert watched.look(MINUTE) == ["[critical] work is not done"]


def test_a_storm_becomes_one_digest_and_its_end_another(watched):
    numbers = [message(watched, partner=f"p{number}") for number in range(40)]
    assert watched.look() == ["[critical] 40 notices at once"]
    assert watched.notifier.told[0].words.count("message not delivered") == 40
    message(watched, partner="late")
    assert watched.look(30 * MINUTE / 60) == ["[critical] late: message not delivered"]
    for number in numbers[:10]:
        message(watched, partner=f"q{number}")
    assert watched.look(MINUTE) == []
    assert watched.look(4 * MINUTE) == ["[critical] 10 notices at once"]
    with watched.store.read() as uow:
        assert {one.state for one in uow.notices.find()} == {NoticeState.SENT, NoticeState.GATHERED}


def test_more_than_are_told_of_one_by_one_are_told_of_as_many(watched):
    for _ in range(205):
        message(watched)
    watched.look()
    with watched.store.read() as uow:
        kinds = [one.kind for one in uow.incidents.find()]
    assert (kinds.count(Kind.MESSAGE_GIVEN_UP), kinds.count(Kind.FLOOD)) == (200, 1)


def test_routes_get_what_is_theirs(watched):
    watched.use(
        routes=(
            Routing(name="acme", partners=frozenset({"acme"})),
            Routing(name="grave", least=Weight.CRITICAL),
            Routing(name="windows", kinds=frozenset({Kind.WINDOW_OVERDUE})),
        )
    )
    message(watched, Outbound.STOPPED, "acme")
    message(watched, Outbound.REFUSED, "globex")
    watched.look()
    assert sorted((one.route, one.title) for one in watched.notifier.told) == [
        ("acme", "[warning] acme: message stopped"),
        ("grave", "[critical] globex: message refused by the partner"),
    ]


def test_a_notice_that_is_not_taken_is_tried_again_at_growing_intervals_until_it_is(watched):
    down = Fault.of("CFG-ALERT-UNSENT", value="ops", service="JSON", reason="HTTP 503")
    tries: list[datetime] = []

    def refuse(notice):
        tries.append(watched.clock.now())
        return down

    watched.notifier.answer = refuse
    message(watched)
    watched.look()
    for _ in range(30):
        watched.look(10 * timedelta(seconds=1))
    watched.notifier.answer = lambda notice: None
    watched.look(15 * MINUTE)
    assert watched.notifier.titles() == ["[critical] acme: message not delivered"]
    waits = [later - earlier for earlier, later in pairwise(tries)]
    assert len(waits) >= 3
    assert waits == sorted(waits)
    with watched.store.read() as uow:
        [row] = uow.notices.find()
    assert (row.state, row.attempts) == (NoticeState.SENT, len(tries) + 1)


def test_a_notice_nobody_takes_in_a_day_is_given_up_and_its_hint_is_never_lost(watched):
    watched.notifier.answer = lambda notice: Fault.of("CFG-ALERT-UNSENT", value="ops", service="JSON", reason="HTTP 503")
    message(watched)
    for _ in range(7):
        watched.look(4 * HOUR)
    with watched.store.read() as uow:
        first = uow.notices.get(1)
        assert first.state is NoticeState.GIVEN_UP
        assert "HTTP 503" in first.detail
        assert uow.stale(watched.clock.now()) == []


def test_a_notice_that_lost_its_work_item_gets_another(watched):
    watched.use(routes=())
    message(watched)
    watched.look()
    with watched.store.begin() as uow:
        lost = uow.notices.add(
            Notice(route="ops", weight=Weight.NOTE, title="t", words="w", created_at=watched.clock.now(), state=NoticeState.DUE)
        )
    with watched.store.read() as uow:
        assert (Task.NOTIFY.value, lost.id, None) in uow.stale(watched.clock.now() + HOUR)


def test_a_muted_incident_says_nothing_more_and_ends_in_silence(watched):
    number = message(watched)
    watched.look()
    with watched.store.begin() as uow:
        [incident] = uow.incidents.find()
        uow.incidents.change(incident.id, muted_until=watched.clock.now() + DAY)
    assert watched.look(5 * HOUR) == []
    with watched.store.begin() as uow:
        uow.transmissions.advance(number, Outbound.EXHAUSTED, Outbound.DELIVERED)
    assert watched.look(MINUTE) == []
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find()] == [IncidentState.RECOVERED]


def test_a_partner_that_stops_sending_is_told_of_with_its_usual_gap(watched, book):
    partner = next(one for one in book.partners if any(each.direction is Direction.IN for each in one.agreements))
    set_id = next(each.set_id for each in partner.agreements if each.direction is Direction.IN)
    start = watched.clock.now()
    for day in range(30):
        for hour in (0, 3, 6):
            at = start + day * DAY + hour * HOUR
            document(watched, SetIn.DELIVERED, set_id=set_id, partner=partner.key, at=at)
            document(watched, SetIn.DELIVERED, set_id=set_id, partner=partner.key, at=at + MINUTE)
    last = start + 29 * DAY + 6 * HOUR + MINUTE
    watched.clock.turn(last - watched.clock.now())
    assert watched.look(20 * HOUR) == []
    assert watched.look(10 * HOUR) == [f"[warning] {partner.key}: partner is silent"]
    assert f"No {set_id} from {partner.key} since {last:%Y-%m-%d %H:%M} UTC; the usual gap is 3 h" in watched.notifier.told[-1].words
    document(watched, SetIn.DELIVERED, set_id=set_id, partner=partner.key)
    watched.look(MINUTE)
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find(kind=Kind.SILENCE)] == [IncidentState.RECOVERED]


def test_quiet_kinds_are_not_looked_for(watched):
    message(watched)
    watched.use(quiet_kinds=frozenset({Kind.MESSAGE_GIVEN_UP}))
    assert watched.look() == []
    with watched.store.read() as uow:
        assert uow.incidents.find() == []


def test_an_old_rejection_lapses_without_a_word(watched):
    document(watched, SetOut.REJECTED)
    assert watched.look() == ["[critical] acme: document rejected"]
    watched.look(6 * DAY)
    told = len(watched.notifier.told)
    assert watched.look(2 * DAY) == []
    assert len(watched.notifier.told) == told
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find()] == [IncidentState.LAPSED]


def test_a_server_that_is_left_alone_is_told_of_once_reminded_of_and_over_when_it_answers(watched, book):
    partner = next(one for one in book.partners if one.as2.url)
    address = address_of(partner.as2.url)
    opened = watched.clock.now()
    with watched.store.begin() as uow:
        row = uow.endpoints.add(rows.Endpoint(address=address, failures=5, open_until=opened + 2 * MINUTE, opened_at=opened))
        uow.endpoints.add(rows.Endpoint(address="http://nobody.example", failures=9, open_until=opened))
        uow.endpoints.add(rows.Endpoint(address="http://shaky.example", failures=1))
    assert watched.look() == [f"[warning] {partner.key}: server does not answer"]
    assert watched.notifier.told[0].words.startswith(f"{address} of {partner.key} does not answer since ")
    with watched.store.begin() as uow:
        # A probe failed: it is left alone for longer, and that is nothing new.
        uow.endpoints.change(row.id, failures=6, open_until=opened + 5 * MINUTE)
    assert watched.look(3 * MINUTE) == []
    assert watched.look(HOUR) == [f"[warning] Still: {partner.key}: server does not answer"]
    with watched.store.begin() as uow:
        uow.endpoints.change(row.id, failures=0, open_until=None, opened_at=None)
    watched.use(routes=(Routing(name="ops", least=Weight.NOTE),))
    assert watched.look(MINUTE) == [f"[note] Over: {partner.key}: server does not answer"]


def test_a_pause_is_told_of_when_it_is_longer_than_was_set_and_over_when_it_is_resumed(watched):
    with watched.store.begin() as uow:
        row = uow.pauses.add(
            rows.Pause(partner="acme", direction=Direction.OUT, reason="their server moves", actor="ann", since=watched.clock.now())
        )
    watched.use(longest_pause=2 * HOUR)
    assert watched.look(2 * HOUR) == []
    assert watched.look(MINUTE) == ["[warning] acme: partner still paused"]
    assert "Sending to acme is paused by ann since" in watched.notifier.told[0].words
    assert "partner resume acme --direction send" in watched.notifier.told[0].words
    assert watched.look(30 * MINUTE) == []
    assert watched.look(HOUR) == ["[warning] Still: acme: partner still paused"]
    with watched.store.begin() as uow:
        uow.pauses.remove(row.id)
    watched.look(MINUTE)
    with watched.store.read() as uow:
        assert [one.state for one in uow.incidents.find()] == [IncidentState.RECOVERED]
