"""One of several web processes: a message whose body is `hang` is never answered. Arguments: the number of its socket, its patience."""

import sys
import threading
from dataclasses import replace

from edi_gateway.ports.web import HttpReply, ReceivedRequest
from edi_gateway.testing.web import sample_parts
from edi_gateway.web.processes import serve_inherited

THREADS = 2


def receive(request: ReceivedRequest) -> HttpReply:
    if request.body == b"hang":
        threading.Event().wait()
    return HttpReply(status=200, body=b"ours")


if __name__ == "__main__":
    parts = sample_parts(receive=receive)
    settings = replace(parts.settings, port=0, threads=THREADS)
    serve_inherited(replace(parts, settings=settings), int(sys.argv[1]), float(sys.argv[2]))
