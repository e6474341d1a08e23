"""The threads that an event loop has its calls done in: they outlive whatever a call meets, and the loop itself."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Any

from edi_gateway.work.lasting import keep_on


class Threads(ThreadPoolExecutor):
    """So many threads, for one event loop after the other. asyncio takes nothing but this kind for its own.

    Those of the standard library die where what a call came to cannot be kept, as without memory, and none comes in their place.
    """

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self._calls: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()
        self._ending = threading.Event()
        self._team = [threading.Thread(target=self._work, name=f"work-{number}", daemon=True) for number in range(1, count + 1)]

    def start(self) -> None:
        for thread in self._team:
            thread.start()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self._calls.put((future, partial(fn, *args, **kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Nothing: a loop that is closed leaves them to the next one."""

    def end(self) -> None:
        """Lets each end once it has done what it does; does not wait for it."""
        self._ending.set()
        for _ in self._team:
            self._calls.put(None)

    def _work(self) -> None:
        keep_on("work", self._do_one, self._ending)

    def _do_one(self) -> None:
        found = self._calls.get()
        if found is None:
            return
        future, call = found
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = call()
        except BaseException as error:  # Told to whoever waits for it, as every executor does.
            future.set_exception(error)
        else:
            future.set_result(result)
