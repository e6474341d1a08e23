"""What an ERP says of a file in the semaphore beside it, held against the file.

    sha256: 9d841a992aa3f90d4f3095774643dc9bf080…
    records: 312

Lines of `key: value` or `key=value`; an empty semaphore says nothing. Records are the lines that are neither blank nor comments.
"""

import hashlib
import re
from collections.abc import Callable, Mapping

from edi_gateway.faults import Fault, Place

_LINE = re.compile(r"\s*([A-Za-z0-9_]+)\s*[:=]\s*(\S+)\s*\Z")


def differences(semaphore: bytes, content: bytes, name: str) -> tuple[Fault, ...]:
    """What the semaphore says and the file does not hold, or cannot be understood: in either case the file is not to be taken."""
    faults = []
    for number, line in enumerate(semaphore.decode("utf-8-sig", "replace").splitlines(), 1):
        if not line.strip():
            continue
        found = _LINE.match(line)
        count = _COUNTED.get(found[1].lower()) if found else None
        place = Place(file=f"{name}.done", line=number, column=1)
        if found is None or count is None:
            faults.append(Fault.of("ERP-130", place, line[:80], known=", ".join(_COUNTED)))
        elif count(content) != found[2].lower():
            faults.append(Fault.of("ERP-131", place, found[2], key=found[1], counted=count(content)))
    return tuple(faults)


def _records(content: bytes) -> str:
    return str(sum(1 for line in content.splitlines() if line.strip() and not line.startswith(b"#")))


_COUNTED: Mapping[str, Callable[[bytes], str]] = {
    "sha256": lambda content: hashlib.sha256(content).hexdigest(),
    "size": lambda content: str(len(content)),
    "records": _records,
}
