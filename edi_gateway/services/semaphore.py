"""What an ERP says of a file in the semaphore beside it, held against the file.

    sha256: 9d841a992aa3f90d4f3095774643dc9bf080…
    records: 312
    total: 1250.50

Lines of `key: value` or `key=value`; an empty semaphore says nothing. Records are the lines that are neither blank nor comments, the
total is the sum that the layout's control total names. Semaphores of ours say the same, so that what we write can be read.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from edi_gateway import flatfile
from edi_gateway.faults import Fault, Place

_LINE = re.compile(r"\s*([A-Za-z0-9_]+)\s*[:=]\s*(\S+)\s*\Z")


def text_of(semaphore: bytes) -> str:
    """A semaphore's bytes as text that can be stored and shown."""
    return semaphore.decode("utf-8-sig", "replace").replace("\0", "\ufffd")


def semaphore_of(writing: flatfile.FlatWriting) -> str:
    """The semaphore of a file that we write. Shape: with a total where its layout names one."""
    content, tally = writing.content_or_faulty(), writing.tally
    said = {key: _COUNTED[key](content) for key in ("sha256", "records")}
    if tally is not None and tally.total is not None:
        said[_TOTAL] = tally.text(flatfile.TOTAL)
    return "".join(f"{key}: {value}\n" for key, value in said.items())


def differences(semaphore: str, content: bytes, name: str) -> tuple[Fault, ...]:
    """What the semaphore says and the file's bytes do not hold, or cannot be understood: in either case the file is not to be taken."""
    faults = []
    for place, line, key, value in _said(semaphore, name):
        count = _COUNTED.get(key)
        if count is None and key != _TOTAL:
            faults.append(Fault.of("ERP-130", place, line[:80], known=", ".join((*_COUNTED, _TOTAL))))
        elif count is not None and count(content) != value:
            faults.append(Fault.of("ERP-131", place, value, key=key, field=key, counted=count(content)))
    return tuple(faults)


def total_differs(semaphore: str, reading: flatfile.FlatReading, name: str) -> tuple[Fault, ...]:
    """Why the total that a semaphore says is not that of a file, once this has been read; nothing where it could not be."""
    faults = []
    for place, _, key, value in _said(semaphore, name):
        if key != _TOTAL or reading.tally is None:
            continue
        total, number = reading.tally.total, flatfile.as_number(value, ".")
        if total is None:
            faults.append(Fault.of("ERP-138", place, value, field=key, layout=reading.layout.name))
        elif number is None or Decimal(number) != total:
            faults.append(Fault.of("ERP-131", place, value, key=key, field=key, counted=reading.tally.text(flatfile.TOTAL)))
    return tuple(faults)


def _said(semaphore: str, name: str) -> Iterator[tuple[Place, str, str, str]]:
    """The lines that say something: place, line, and key and value in small letters, "" where they are not understood."""
    for number, line in enumerate(semaphore.splitlines(), 1):
        if line.strip():
            found = _LINE.match(line)
            yield Place(file=f"{name}.done", line=number, column=1), line, *((found[1].lower(), found[2].lower()) if found else ("", ""))


def _records(content: bytes) -> str:
    return str(sum(1 for line in content.splitlines() if line.strip() and not line.startswith(b"#")))


_TOTAL = "total"
_COUNTED: Mapping[str, Callable[[bytes], str]] = {
    "sha256": lambda content: hashlib.sha256(content).hexdigest(),
    "size": lambda content: str(len(content)),
    "records": _records,
}
