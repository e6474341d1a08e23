"""The room on the disks that the gateway writes to."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from edi_gateway.ports.alerts import Room


def rooms(folders: Iterable[Path]) -> tuple[Room, ...]:
    """The room of each disk once, named by the first folder on it. A folder that is not there yet stands for the one that will hold it."""
    found: dict[int, Room] = {}
    for folder in folders:
        there = next(one for one in (folder.absolute(), *folder.absolute().parents) if one.exists())
        device = os.stat(there).st_dev  # noqa: PTH116 - the device number is what is wanted
        if device not in found:
            usage = shutil.disk_usage(there)
            found[device] = Room(folder=str(there), free=usage.free, total=usage.total)
    return tuple(found.values())
