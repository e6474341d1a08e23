"""The work items that look after the others."""

import logging
from collections.abc import Mapping

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.work import Handler, WorkStore

log = logging.getLogger(__name__)


def upkeep_handlers(store: WorkStore, clock: Clock) -> Mapping[str, Handler]:
    """The handlers of the tasks that need nothing but the store."""

    def reconcile(ids: Mapping[str, int | str]) -> None:
        with store.read() as unit:
            stale = unit.stale(clock.now())
        if not stale:
            return
        with store.begin() as unit:
            for task, row_id, order in stale:
                log.warning("%s %s had no work item and gets one", task, row_id)
                unit.enqueue(task, key=Task(task).key(row_id), order=order, id=row_id)

    return {Task.RECONCILE: reconcile}
