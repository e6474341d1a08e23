"""Control numbers: one after another, each once, whoever asks."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from edi_gateway.store import SqlStore


def claim(store: SqlStore, scope: str = "isa:acme", **limits: int) -> int:
    with store.begin() as unit:
        return unit.control_numbers.claim(scope, **limits)


def test_numbers_of_a_scope_follow_each_other(store: SqlStore) -> None:
    assert [claim(store) for _ in range(3)] == [1, 2, 3]
    assert claim(store, "gs:acme") == 1
    with store.begin() as unit:
        assert [unit.control_numbers.claim("isa:acme") for _ in range(2)] == [4, 5]


def test_numbers_of_several_scopes_can_be_claimed_at_once(store: SqlStore) -> None:
    claim(store, "gs:acme", low=7)
    with store.begin() as unit:
        assert unit.control_numbers.claim_all(["isa:acme", "gs:acme", "isa:acme"], low=3) == [3, 8, 4]
        assert unit.control_numbers.claim("isa:acme") == 5


def test_numbers_go_on_at_the_low_end_past_the_high_one(store: SqlStore) -> None:
    assert [claim(store, low=7, high=9) for _ in range(5)] == [7, 8, 9, 7, 8]


def test_a_range_that_is_moved_begins_anew(store: SqlStore) -> None:
    assert claim(store, low=1, high=9999) == 1
    assert claim(store, low=5000, high=9999) == 5000
    assert claim(store, low=1, high=4999) == 1


def test_numbers_outlive_the_process(opening) -> None:  # type: ignore[no-untyped-def]
    first = opening()
    assert claim(first) == 1
    first.close()
    assert claim(opening()) == 2


def test_a_number_whose_transaction_failed_is_given_again(store: SqlStore) -> None:
    def fail() -> None:
        with store.begin() as unit:
            unit.control_numbers.claim("isa:acme")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert claim(store) == 1


def test_eight_senders_at_once_get_each_number_once_and_none_is_left_out(store: SqlStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda _: claim(store), range(80)))
    assert sorted(claimed) == list(range(1, 81))


def test_eight_senders_at_once_go_round_a_range_and_use_no_number_before_its_turn(store: SqlStore) -> None:
    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(lambda number: claim(store, f"isa:{'ab'[number % 2]}", low=5, high=14), range(80)))
    assert sorted(claimed) == sorted([*range(5, 15)] * 8)


def seen(store: SqlStore, number: int) -> int | None:
    with store.begin() as unit:
        return unit.control_numbers.seen("in:acme", number)


def test_the_highest_number_seen_before_is_told(store: SqlStore) -> None:
    assert [seen(store, number) for number in (5, 6, 9, 7, 10)] == [None, 5, 6, 9, 9]


def test_numbers_that_come_far_below_begin_a_new_round(store: SqlStore) -> None:
    assert [seen(store, number) for number in (999_999_999, 1, 2)] == [None, 999_999_999, 1]


def test_a_number_that_was_seen_by_a_failed_transaction_was_not_seen(store: SqlStore) -> None:
    assert seen(store, 5) is None

    def fail() -> None:
        with store.begin() as unit:
            unit.control_numbers.seen("in:acme", 6)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert seen(store, 7) == 5


def test_who_holds_a_scope_lets_others_of_it_wait_and_moves_nothing(store: SqlStore) -> None:
    seen(store, 5)
    order: list[str] = []

    def other() -> None:
        seen(store, 6)
        order.append("other")

    with ThreadPoolExecutor(1) as pool:
        with store.begin() as unit:
            unit.control_numbers.hold("in:acme")
            waiting = pool.submit(other)
            # It cannot end before this transaction does, however long that takes.
            assert not wait([waiting], timeout=0.2).done
            order.append("holder")
        waiting.result()
    assert order == ["holder", "other"]
    assert seen(store, 7) == 6
