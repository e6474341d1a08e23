"""A day of made-up traffic with two partners, a message in each state that matters: material for the console's tests and pictures."""

from datetime import datetime, timedelta

from edi_gateway.testing import received, sent
from edi_gateway.testing.made import NOW, Traffic


def a_day(now: datetime = NOW) -> Traffic:
    """The traffic of a day, the newest message last."""
    day = Traffic()
    for minutes, make in (
        (190, received.stranger),
        (180, sent.refused),
        (171, sent.exhausted),
        (160, received.held),
        (150, received.rejected),
        (141, sent.noted),
        (120, sent.settled),
    ):
        make(day, now - timedelta(minutes=minutes))
    for minutes, make in (
        (95, sent.acknowledgment),
        (80, sent.overdue),
        (60, sent.retrying),
        (45, sent.unverified),
        (30, sent.awaiting),
        (22, received.duplicate),
        (12, received.delivered),
        (3, received.just_came),
    ):
        make(day, now - timedelta(minutes=minutes))
    return day
