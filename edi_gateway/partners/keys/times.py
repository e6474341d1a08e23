"""The keys under `windows`, `retry`, `circuit` and `limits` of a partner file."""

from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import DURATION, SHARE, integer, number
from edi_gateway.lifecycle.policy import CircuitPolicy, Windows
from edi_gateway.partners.keys.spans import SPAN, WARNING

MDN_WINDOW = Key(
    path="windows.mdn", kind=SPAN, default=Windows().mdn.span, shown="`30m`", words="How long an asynchronous MDN may take.", example="2h"
)
ACK_WINDOW = Key(
    path="windows.functional_ack",
    kind=SPAN,
    default=Windows().functional_ack.span,
    shown="`24h`",
    words="How long the partner's 997 may take, from the delivery on: around the clock, or in the calendar's business hours or days.",
    example="1bd",
)
TA1_WINDOW = Key(
    path="windows.ta1",
    kind=SPAN,
    default=Windows().ta1.span,
    shown="`24h`",
    words="How long the partner's TA1 may take, from the delivery on, where `x12.expect_ta1` says that one comes.",
    example="1h",
)
WARN = Key(
    path="windows.warn", kind=WARNING, default=0.75, shown="`75%`", example="4h",
    words="When a window warns: after this share of it, or this long before its end. Windows of documents may say their own.",
)  # fmt: skip

RETRY_FIRST = Key(
    path="retry.first", kind=DURATION, default=timedelta(minutes=5), words="The first interval between attempts to send.", example="1m"
)
RETRY_FACTOR = Key(
    path="retry.factor", kind=number(1, 10), default=2.0, words="How much each interval grows over the one before.", example="1.5"
)
RETRY_CAP = Key(path="retry.cap", kind=DURATION, default=timedelta(hours=1), words="The longest interval.", example="30m")
RETRY_ATTEMPTS = Key(path="retry.attempts", kind=integer(1, 1000), default=12, words="How many attempts are made in all.", example="20")
RETRY_DURATION = Key(
    path="retry.duration", kind=DURATION, default=timedelta(hours=24), shown="`24h`", words="How long attempts go on in all.", example="3d"
)
RETRY_JITTER = Key(
    path="retry.jitter", kind=SHARE, default=0.1, shown="`10%`", words="How far an interval may be off, either way.", example="5%"
)

CIRCUIT_FAILURES = Key(
    path="circuit.failures", kind=integer(1, 1000), default=CircuitPolicy().failures, example="3",
    words="After how many failed connections in a row the partner's address is left alone.",
)  # fmt: skip
CIRCUIT_WAIT = Key(
    path="circuit.wait", kind=DURATION, default=CircuitPolicy().wait, example="10m",
    words="How long it is left alone, `retry.cap` at most; then one post probes it, and the others follow when it gets through.",
)  # fmt: skip
POSTS_PER_MINUTE = Key[int | None](
    path="limits.posts_per_minute", kind=integer(1, 100_000), default=None, shown="no limit", example="60",
    words="How many messages are posted to the partner in a minute at most.",
)  # fmt: skip
CONCURRENT_POSTS = Key[int | None](
    path="limits.concurrent_posts", kind=integer(1, 1000), default=None, shown="no limit", example="2",
    words="How many messages are posted to the partner at the same time at most.",
)  # fmt: skip

KEYS: tuple[Key[Any], ...] = (
    *(MDN_WINDOW, ACK_WINDOW, TA1_WINDOW, WARN),
    *(CIRCUIT_FAILURES, CIRCUIT_WAIT, POSTS_PER_MINUTE, CONCURRENT_POSTS),
    *(RETRY_FIRST, RETRY_FACTOR, RETRY_CAP, RETRY_ATTEMPTS, RETRY_DURATION, RETRY_JITTER),
)
