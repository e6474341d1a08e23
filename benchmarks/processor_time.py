"""The processor time that a gateway and its database take."""

import os
from collections.abc import Sequence
from pathlib import Path


def processor_seconds(pids: Sequence[int]) -> float:
    """User and system time of these processes and all that they started, the ended ones too, where the system tells (Linux)."""
    found, left = 0.0, list(pids)
    while left:
        pid = left.pop()
        folder = Path(f"/proc/{pid}")
        try:
            found += sum(map(int, (folder / "stat").read_text().rpartition(")")[2].split()[11:15]))
            for task in (folder / "task").iterdir():
                left += map(int, (task / "children").read_text().split())
        except OSError:
            continue
    return found / os.sysconf("SC_CLK_TCK")


def postmaster(url: str | None) -> list[int]:
    """The process that all of PostgreSQL's are children of; none where there is none on this machine."""
    if url is None:
        return []
    import psycopg

    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        (pid, fsync) = connection.execute("SELECT pg_backend_pid(), current_setting('fsync')").fetchone() or (0, "")
        assert fsync == "on"
        stat = Path(f"/proc/{pid}/stat")
        return [int(stat.read_text().rpartition(")")[2].split()[1])] if stat.exists() else []
