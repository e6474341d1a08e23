"""One partner file read and checked: a `Partner`, or the faults that keep it from being one."""

import re
from pathlib import Path

from edi_gateway.config.declared import Reading, moved
from edi_gateway.config.placed import Placed
from edi_gateway.faults import Fault, Place
from edi_gateway.fileset import Entry, FileSet
from edi_gateway.lifecycle.policy import CircuitPolicy, Limits, RetryPolicy, Windows
from edi_gateway.lifecycle.states import Direction
from edi_gateway.lifecycle.windows import Window
from edi_gateway.partners import keys
from edi_gateway.partners.agreement import Identity, Partner
from edi_gateway.partners.keys import times
from edi_gateway.partners.load_as2 import as2_terms
from edi_gateway.partners.load_calendar import calendar_of
from edi_gateway.partners.load_documents import Known, agreements_of
from edi_gateway.partners.load_x12 import x12_terms
from edi_gateway.partners.placed import read_placed

ENDING = ".yaml"
FILE_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def load_partner(
    file: Entry, *, base: Path, known: Known, identity: Identity, own: FileSet | None = None
) -> tuple[Partner | None, tuple[Fault, ...]]:
    """The partner a file describes, None where it has faults; its faults, in the order of the file.

    Shape:  relative paths in the file are seen from `base`, the gateway's home; certificates are looked for in `own`, the files of
            the configuration, before that.
    """
    key = file.name.removesuffix(ENDING)
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        return None, (Fault.of("PRT-UNREADABLE", Place(file=str(file)), reason=wrong),)
    root, faults = read_placed(text, str(file))
    if any(fault.code == "PRT-SYNTAX" for fault in faults):
        return None, tuple(faults)
    if root.content is not None and not root.is_table:
        return None, (Fault.of("PRT-SYNTAX", root.place, reason="a partner file is a table of keys"),)
    reading = Reading(_as_tables(root, faults), keys.PARTNER_KEYS, family="PRT", base=base, own=own)
    reading.faults = faults
    reading.check_keys()
    if not FILE_KEY.fullmatch(key):
        reading.fault("FILE-NAME", Place(file=str(file)), key)
    partner = _partner(reading, key, Path(str(file)), known, identity)
    found = tuple(sorted(reading.faults, key=lambda fault: (fault.place.line or 0, fault.place.column or 0)))
    return (None if found else partner), found


def _as_tables(root: Placed, faults: list[Fault]) -> Placed:
    """The file with `documents.receive: [850, 812]` written as the table it stands for."""
    terms = root.members.get("documents")
    if terms is None or not terms.is_table:
        return root
    directions: dict[str, Placed] = {}
    for name, listed in terms.members.items():
        if isinstance(listed.content, tuple) and all(isinstance(item.content, str) for item in listed.content):
            table: dict[str, Placed] = {}
            for item in listed.content:
                if item.content in table:
                    faults.append(Fault.of("PRT-KEY-TWICE", item.place, item.content))
                table.setdefault(item.content, moved(item, None))
            listed = moved(listed, table)
        directions[name] = listed
    return moved(root, {**root.members, "documents": moved(terms, directions)})


def _partner(reading: Reading, key: str, source: Path, known: Known, identity: Identity) -> Partner:
    warn = reading.get(times.WARN)
    windows = Windows(
        mdn=Window(span=reading.get(times.MDN_WINDOW), warn=warn),
        functional_ack=Window(span=reading.get(times.ACK_WINDOW), warn=warn),
        ta1=Window(span=reading.get(times.TA1_WINDOW), warn=warn),
    )
    x12 = x12_terms(reading)
    if reading.get(keys.as2.AS2_ID) == identity.as2_id:
        reading.fault("OURSELVES", reading.place(keys.as2.AS2_ID), identity.as2_id, kind="AS2 name")
    if (x12.identity.qualifier, x12.identity.id) == (identity.x12.qualifier, identity.x12.id):
        reading.fault("OURSELVES", reading.place(keys.x12.ID), x12.identity.id, kind="ISA id")
    agreements = agreements_of(reading, known, x12.release, windows)
    return Partner(
        key=key,
        name=reading.get(keys.NAME) or key,
        active=reading.get(keys.ACTIVE),
        as2=as2_terms(reading, identity, sends=any(one.direction is Direction.OUT for one in agreements)),
        x12=x12,
        agreements=agreements,
        retry=RetryPolicy(
            first=reading.get(times.RETRY_FIRST),
            factor=reading.get(times.RETRY_FACTOR),
            cap=reading.get(times.RETRY_CAP),
            attempts=reading.get(times.RETRY_ATTEMPTS),
            duration=reading.get(times.RETRY_DURATION),
            jitter=reading.get(times.RETRY_JITTER),
        ),
        windows=windows,
        calendar=calendar_of(reading),
        circuit=CircuitPolicy(
            failures=reading.get(times.CIRCUIT_FAILURES), wait=min(reading.get(times.CIRCUIT_WAIT), reading.get(times.RETRY_CAP))
        ),
        limits=Limits(posts_per_minute=reading.get(times.POSTS_PER_MINUTE), concurrent_posts=reading.get(times.CONCURRENT_POSTS)),
        source=source,
    )
