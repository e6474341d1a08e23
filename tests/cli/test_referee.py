"""A second opinion on a request, put beside ours."""

import pytest

from edi_gateway.cli import referee

PLAIN = {"signed": True, "encrypted": True, "compressed": False, "mic": "abc=", "mic_algorithm": "sha-256", "payload_sha256": "00"}
ACCEPTED = {"accepted": True, "disposition": "processed", "crash": None, **PLAIN}


@pytest.mark.parametrize(
    ("theirs", "differ", "told"),
    [
        (ACCEPTED, [], "it agrees"),
        ({**ACCEPTED, "accepted": False, "disposition": "processed/error: no"}, ["accepted"], "it differs: processed/error: no"),
        ({**ACCEPTED, "payload_sha256": "11"}, ["payload_sha256"], "it differs: payload sha256 11"),
        ({**ACCEPTED, "mic": "else", "mic_algorithm": "sha512"}, [], "it agrees"),
        ({**ACCEPTED, "mic": "else", "mic_algorithm": "sha256"}, ["mic"], "it differs: mic else"),
        ({"accepted": False, "disposition": None, "crash": "KeyError: 'as2-to'"}, ["accepted"], "it gave up: KeyError: 'as2-to'"),
    ],
    ids=["same", "refused", "payload", "another digest", "MIC", "crash"],
)
def test_a_second_opinion_says_where_the_two_differ(theirs: dict[str, object], differ: list[str], told: str) -> None:
    assert referee.differences(ACCEPTED, theirs) == differ
    assert referee.words(theirs, differ) == told
