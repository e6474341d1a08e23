"""A web server some of whose allocations fail, whoever makes them: the main loop, or a thread that answers.

Argument: how many threads it has. It prints its address. A POST to /as2 whose body is two numbers is answered; from then on so many
allocations pass, and so many after them fail. One whose body is `meet` is answered once as many of them are worked on as the server has
threads.
"""

import _testcapi
import faulthandler
import signal
import sys
import threading
from dataclasses import replace

from edi_gateway.ports.web import HttpReply, Received
from edi_gateway.testing.web import sample_parts
from edi_gateway.web.serve import serve

THREADS = int(sys.argv[1])
together = threading.Barrier(THREADS)


def receive(request: Received) -> HttpReply:
    _testcapi.remove_mem_hooks()
    if request.body == b"meet":
        together.wait()
    else:
        first, count = map(int, request.body.split())
        _testcapi.set_nomemory(first, first + count)
    return HttpReply(status=200, body=b"ours")


if __name__ == "__main__":
    faulthandler.register(signal.SIGUSR1)
    parts = sample_parts(receive=receive)
    settings = replace(parts.settings, port=0, threads=THREADS)
    serve(replace(parts, settings=settings), ready=lambda url: print(url, flush=True))
