"""What is changed on the way is refused by faults of our own, or nothing that was signed is changed; see `benchmarks/as2_mutate.py`."""

from edi_gateway.as2.wire import written_request
from edi_gateway.testing.mutations import Spoiled, Tally, judge, originals, run


def test_the_messages_that_are_spoiled_are_good_before():
    first, tally = originals(), Tally()
    for message, secret in first.messages:
        judge(Spoiled(raw=written_request(message.headers, message.body), is_receipt=False, secret=secret), first, tally)
    assert (tally.taken, tally.wrong) == (len(first.messages), [])


def test_no_changed_message_is_taken_and_no_changed_mdn_believed():
    tally = run(2_000, seed=20261128)
    assert tally.wrong == []
    assert tally.judged == 2_000
    assert 0 < tally.taken < 1_000
