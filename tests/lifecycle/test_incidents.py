"""Incidents are opened once, reminded of ever more seldom, and ended once, whatever is found when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.config.alerting import KINDS
from edi_gateway.lifecycle.incidents import Change, Condition, Incident, IncidentState, Kind, Reminders, Weight, judge

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
REMINDERS = Reminders()
MINUTE = timedelta(minutes=1)


def condition(key: str = "work", kind: Kind = Kind.WORK_WAITS, **changes) -> Condition:
    return replace(Condition(key=key, kind=kind, weight=Weight.WARNING, since=NOW, words=f"{key} is wrong."), **changes)


class Keeper:
    """Keeps incidents as the store does, and all that became of them."""

    def __init__(self) -> None:
        self.rows: dict[int, Incident] = {}
        self.seen: list[tuple[datetime, Change, Incident]] = []

    def look(self, now: datetime, *found: Condition) -> list[Change]:
        held = [one for one in self.rows.values() if one.state is IncidentState.OPEN]
        changes = judge(held, found, now, REMINDERS)
        for change, incident in changes:
            kept = incident if incident.id else replace(incident, id=len(self.rows) + 1)
            assert kept.id
            self.rows[kept.id] = kept
            self.seen.append((now, change, kept))
        return [change for change, _ in changes]


looks = st.lists(st.tuples(st.integers(1, 600), st.frozensets(st.sampled_from(["a", "b", "c"]))), max_size=60)


@given(looks)
def test_each_condition_is_opened_once_until_it_is_gone_and_then_ended_once(steps: list[tuple[int, frozenset[str]]]) -> None:
    keeper, now = Keeper(), NOW
    for minutes, wrong in steps:
        now += minutes * MINUTE
        keeper.look(now, *(condition(key) for key in sorted(wrong)))
        assert sorted(one.key for one in keeper.rows.values() if one.state is IncidentState.OPEN) == sorted(wrong)
        assert keeper.look(now, *(condition(key) for key in sorted(wrong))) == []
    for number in keeper.rows:
        story = [change for _, change, incident in keeper.seen if incident.id == number]
        assert story[0] is Change.OPENED
        assert Change.OPENED not in story[1:]
        assert not set(story[:-1]) & {Change.RECOVERED, Change.LAPSED}


@given(st.integers(1, 600), st.integers(10, 400))
def test_reminders_come_at_growing_intervals_and_at_least_once_a_day(step: int, count: int) -> None:
    keeper = Keeper()
    for number in range(count):
        keeper.look(NOW + number * step * MINUTE, condition())
    told = [at for at, change, _ in keeper.seen if change in (Change.OPENED, Change.REMINDED)]
    waits = [later - earlier for earlier, later in pairwise(told)]
    # A look comes every `step`, so a reminder may be late by that much.
    assert all(wait >= REMINDERS.after(number) for number, wait in enumerate(waits))
    assert all(wait < REMINDERS.after(number) + step * MINUTE for number, wait in enumerate(waits))
    assert all(wait <= timedelta(days=1) + step * MINUTE for wait in waits)


@given(st.integers(0, 2000))
def test_the_interval_never_shrinks_and_never_passes_its_cap(count: int) -> None:
    assert REMINDERS.first <= REMINDERS.after(count) <= REMINDERS.after(count + 1) <= REMINDERS.cap


def test_what_gets_worse_is_told_of_at_once_and_what_gets_better_is_not() -> None:
    keeper = Keeper()
    keeper.look(NOW, condition(level=1))
    assert keeper.look(NOW + MINUTE, condition(level=2)) == [Change.RAISED]
    assert keeper.look(NOW + 2 * MINUTE, condition(level=2, weight=Weight.CRITICAL)) == [Change.RAISED]
    assert keeper.look(NOW + 3 * MINUTE, condition(level=0, weight=Weight.NOTE)) == []


def test_a_certificate_that_ends_is_told_of_once_a_step_and_never_in_between() -> None:
    keeper = Keeper()
    for day in range(60):
        step = next(one for one in (1, 7, 14, 30, 60) if 60 - day <= one)
        keeper.look(NOW + timedelta(days=day), condition(kind=Kind.CERTIFICATE_ENDING, level=100 - step))
    assert [change for _, change, _ in keeper.seen] == [Change.OPENED, *[Change.RAISED] * 4]


def test_a_muted_incident_is_told_of_again_when_its_time_is_over() -> None:
    keeper = Keeper()
    keeper.look(NOW, condition())
    keeper.rows[1] = replace(keeper.rows[1], muted_until=NOW + timedelta(hours=5))
    assert keeper.look(NOW + timedelta(hours=3), condition(level=9)) == []
    assert keeper.look(NOW + timedelta(hours=5), condition()) == [Change.REMINDED]


def test_what_is_of_the_past_lapses_by_age_and_recovers_before() -> None:
    rejected = condition(kind=Kind.DOCUMENT_REJECTED)
    early, late = Keeper(), Keeper()
    early.look(NOW, rejected)
    late.look(NOW, rejected)
    assert early.look(NOW + timedelta(days=1)) == [Change.RECOVERED]
    assert late.look(NOW + timedelta(days=7)) == [Change.LAPSED]


def test_of_two_conditions_with_one_key_the_first_counts() -> None:
    keeper = Keeper()
    keeper.look(NOW, condition(words="first"), condition(words="second"))
    assert [one.words for one in keeper.rows.values()] == ["first"]


def test_the_settings_know_exactly_the_kinds() -> None:
    assert tuple(Kind) == KINDS
