"""Runs a command for as long as its own standard input is held open: whoever holds it may time out or be killed, and nothing is left.

Arguments: the command. What it started is asked to end first, and killed with all that it started in turn if it does not.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

PATIENCE = 30.0


def main(command: list[str]) -> int:
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def when_let_go() -> None:
        while os.read(0, 1):
            pass
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)
        kill()

    def kill() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)

    threading.Thread(target=when_let_go, daemon=True).start()
    code = process.wait()
    kill()
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
