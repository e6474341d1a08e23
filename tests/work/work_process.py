"""A worker as a process of its own, which never ends its first job: `python work_process.py URL FOLDER LEASE`. It says when it has it.

Units: LEASE in seconds.
"""

import sys
import threading
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from edi_gateway.store import open_store
from edi_gateway.work import Pace, Worker, system_clock


def main(url: str, folder: Path, lease: timedelta) -> None:
    store = open_store(url, folder, system_clock)

    def stuck(ids: Mapping[str, int | str]) -> None:
        print(ids["id"], flush=True)
        threading.Event().wait()

    pace = Pace(poll=timedelta(seconds=0.5), lease=lease, look=timedelta(seconds=0.4))
    Worker(store.jobs, {"send": stuck}, system_clock, pace=pace).start()
    threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), timedelta(seconds=float(sys.argv[3])))
