"""Sending a notice: at least once, with growing intervals until it is taken or too old to be of use."""

from datetime import timedelta

import structlog

from edi_gateway.lifecycle.notices import NoticeState
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import RetryAt, decide
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.alerts import Notifier
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Store
from edi_gateway.services.effects import enqueue

_log = structlog.get_logger(__name__)

RETRIES = RetryPolicy(first=timedelta(seconds=20), cap=timedelta(minutes=15), attempts=200, duration=timedelta(hours=24))


def notify(store: Store, notifier: Notifier, clock: Clock, notice_id: int) -> None:
    """Sends a notice that is due. A crash between sending and keeping that it was sent makes it go out twice, never not at all."""
    now = clock.now()
    with store.read() as uow:
        row = uow.notices.get(notice_id)
    if row.state is not NoticeState.DUE or (row.next_attempt_at is not None and row.next_attempt_at > now):
        return
    fault = notifier.tell(row)
    now = clock.now()
    attempts = row.attempts + 1
    with store.begin() as uow:
        if fault is None:
            uow.notices.advance(notice_id, NoticeState.DUE, NoticeState.SENT, attempts=attempts, sent_at=now, detail="")
            return
        _log.warning("notice.unsent", notice=notice_id, route=row.route, code=fault.code, message=fault.message, attempt=attempts)
        decision = decide(RETRIES, attempts, row.due_at or row.created_at, now, 0.5)
        if isinstance(decision, RetryAt):
            uow.notices.change(notice_id, attempts=attempts, next_attempt_at=decision.at, detail=fault.message)
            enqueue(uow, Task.NOTIFY, notice_id, decision.at)
        else:
            uow.notices.advance(notice_id, NoticeState.DUE, NoticeState.GIVEN_UP, attempts=attempts, detail=fault.message)
