"""Notices: routed by partner and severity, and a storm of them gathered, but never for long."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.incidents import Change, Incident, Kind, Weight
from edi_gateway.lifecycle.notices import TITLES, Notice, Routing, Sending, Storm, digest, notice, sending

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STORM = Storm()
INCIDENT = Incident(
    key="set:7",
    kind=Kind.DOCUMENT_REJECTED,
    weight=Weight.CRITICAL,
    since=NOW,
    opened_at=NOW,
    words="The 850 4500017 was rejected.",
    fix="Look at it.",
    partner="acme",
    id=7,
)
LOOK = timedelta(seconds=30)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=120))
def test_in_any_storm_each_notice_leaves_within_five_minutes_and_few_messages_go_out(arrivals: list[int]) -> None:
    waiting: list[datetime] = []
    sent: list[datetime] = []
    now = NOW
    for count in arrivals + [0] * 20:
        now += LOOK
        waiting += [now] * count
        if waiting:
            match sending(len(waiting), sent, now, STORM):
                case Sending.ONE_BY_ONE:
                    sent += [now] * len(waiting)
                    waiting = []
                case Sending.AS_DIGEST:
                    sent.append(now)
                    waiting = []
                case Sending.LATER:
                    assert now - waiting[0] < timedelta(minutes=4)
        lately = [at for at in sent if now - at < STORM.window]
        assert len(lately) <= STORM.limit + STORM.window // STORM.hold + 1
    assert waiting == []


def test_few_go_out_one_by_one_and_many_as_one() -> None:
    assert sending(5, [], NOW, STORM) is Sending.ONE_BY_ONE
    assert sending(6, [], NOW, STORM) is Sending.AS_DIGEST
    assert sending(2, [NOW - LOOK] * 4, NOW, STORM) is Sending.LATER
    assert sending(2, [NOW - timedelta(minutes=4)] * 4, NOW, STORM) is Sending.AS_DIGEST
    assert sending(2, [NOW - timedelta(minutes=10)] * 4, NOW, STORM) is Sending.ONE_BY_ONE


@pytest.mark.parametrize(
    ("routing", "wanted"),
    [
        (Routing(name="all"), True),
        (Routing(name="theirs", partners=frozenset({"acme"})), True),
        (Routing(name="others", partners=frozenset({"globex"})), False),
        (Routing(name="kind", kinds=frozenset({Kind.DOCUMENT_REJECTED})), True),
        (Routing(name="other kind", kinds=frozenset({Kind.SILENCE})), False),
        (Routing(name="grave", least=Weight.CRITICAL), True),
    ],
)
def test_a_route_gets_what_it_asks_for(routing: Routing, wanted: bool) -> None:
    assert routing.wants(INCIDENT) is wanted


def test_a_route_for_grave_things_gets_no_others_and_one_for_a_partner_none_about_nobody() -> None:
    assert not Routing(name="grave", least=Weight.CRITICAL).wants(replace(INCIDENT, weight=Weight.WARNING))
    assert not Routing(name="theirs", partners=frozenset({"acme"})).wants(replace(INCIDENT, partner=None))


def test_a_notice_says_what_is_wrong_what_to_do_and_which_incident_it_is() -> None:
    opened = notice("ops", Change.OPENED, INCIDENT, NOW)
    assert opened.title == "[critical] acme: document rejected"
    assert opened.words == "The 850 4500017 was rejected.\nLook at it.\nIncident 7, document_rejected."
    reminded = notice("ops", Change.REMINDED, replace(INCIDENT, reminders=2), NOW)
    assert reminded.title == "[critical] Still: acme: document rejected"
    assert "reminder 2" in reminded.words
    recovered = notice("ops", Change.RECOVERED, INCIDENT, NOW + timedelta(hours=2))
    assert recovered.title == "[note] Over: acme: document rejected"
    assert "over since 2026-03-02 11:00 UTC" in recovered.words


@given(st.lists(st.sampled_from(Weight), min_size=1, max_size=80))
def test_a_digest_weighs_as_much_as_its_heaviest_and_counts_all(weights: list[Weight]) -> None:
    found = digest([notice("ops", Change.OPENED, replace(INCIDENT, weight=weight), NOW) for weight in weights], NOW)
    assert found.weight is max(weights, key=lambda weight: weight.rank)
    assert f"{len(weights)} notices" in found.title
    assert len(found.words) < 8000
    assert found.incident_id is None


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == set(Kind)


def test_a_digest_of_many_says_where_the_rest_is() -> None:
    found = digest([Notice(route="ops", weight=Weight.NOTE, title=f"t{n}", words="w", created_at=NOW) for n in range(50)], NOW)
    assert found.words.endswith("… and 10 more: edi-gateway alert list")
