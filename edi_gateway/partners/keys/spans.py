"""Lengths of time as partner files write them: around the clock, in business hours, in business days; and when to warn."""

import re
from datetime import timedelta

from edi_gateway.config.kinds import DURATION, SHARE, Kind, Unfit
from edi_gateway.config.placed import Placed
from edi_gateway.lifecycle.windows import Counted, Span

_BUSINESS = re.compile(r"([1-9][0-9]{0,3})(bh|bd)")


def _span(value: Placed) -> Span:
    if isinstance(value.content, str) and (match := _BUSINESS.fullmatch(value.content)):
        count = int(match[1])
        if match[2] == "bh":
            return Span(length=timedelta(hours=count), counted=Counted.HOURS)
        return Span(length=timedelta(days=count), counted=Counted.DAYS)
    try:
        return Span(length=DURATION.read(value))
    except Unfit as unfit:
        hint = "It needs a time with its unit, such as 30m, 24h or 3d, 8bh for business hours, or 2bd for business days."
        raise Unfit(unfit.at, hint) from None


def _warning(value: Placed) -> float | Span:
    if isinstance(value.content, str) and value.content.endswith("%"):
        return SHARE.read(value)
    span = _span(value)
    if span.counted is Counted.DAYS:
        raise Unfit(value, "It needs a share such as 75%, or a time before the end such as 4h or 2bh.")
    return span


SPAN = Kind(name="window", expects="a time such as 30m, 24h, 3d, 8bh (business hours) or 2bd (business days)", read=_span)
WARNING = Kind(name="warning", expects="a share of the window such as 75%, or a time before its end such as 4h", read=_warning)
