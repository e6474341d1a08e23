"""Finding work that nobody has in hand: rows past their time with no live job are hinted at again."""

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.services.effects import enqueue
from edi_gateway.services.gateway import Gateway


def reconcile(gateway: Gateway) -> int:
    """Enqueues a job for each row that should be worked on and has none; how many."""
    with gateway.store.begin() as uow:
        stale = uow.stale(gateway.clock.now())
        for task, row_id in stale:
            enqueue(uow, Task(task), row_id)
    return len(stale)
