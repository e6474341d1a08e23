"""A further process of a gateway. Arguments: whether it `lives`, `ails` or `is silent`, and the folder where it keeps a note of its own."""

import os
import sys
import threading
import time
from pathlib import Path

from edi_gateway.work import Parent

if __name__ == "__main__":
    what, note = sys.argv[1], Path(sys.argv[2]) / str(os.getpid())
    parent, alone = Parent(), threading.Event()
    parent.when_gone(alone.set)
    while True:
        if what != "is silent":
            parent.beat(what != "ails")
        new = note.with_suffix(".new")
        new.write_text("alone" if alone.is_set() else "works" if parent.works() else "waits")
        new.replace(note)
        time.sleep(0.05)
