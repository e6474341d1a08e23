"""The keys under `windows` and `retry` of a partner file."""

from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import DURATION, SHARE, integer, number

MDN_WINDOW = Key(
    path="windows.mdn", kind=DURATION, default=timedelta(minutes=30), words="How long an asynchronous MDN may take.", example="2h"
)
ACK_WINDOW = Key(
    path="windows.functional_ack",
    kind=DURATION,
    default=timedelta(hours=24),
    words="How long the partner's 997 may take, from the delivery on.",
    example="48h",
)

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

KEYS: tuple[Key[Any], ...] = (MDN_WINDOW, ACK_WINDOW, RETRY_FIRST, RETRY_FACTOR, RETRY_CAP, RETRY_ATTEMPTS, RETRY_DURATION, RETRY_JITTER)
