"""One partner file read and checked: a `Partner`, or the faults that keep it from being one."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from edi_gateway import x12
from edi_gateway.config.declared import Key, Reading, moved
from edi_gateway.config.placed import Placed
from edi_gateway.faults import Fault, Place
from edi_gateway.faults.register import register
from edi_gateway.lifecycle.policy import RetryPolicy, Windows
from edi_gateway.lifecycle.states import Direction
from edi_gateway.marked import nearest
from edi_gateway.partners import documents, keys
from edi_gateway.partners.agreement import Agreement, Identity, Partner, Ta1, X12Identity, X12Terms
from edi_gateway.partners.load_as2 import as2_terms
from edi_gateway.partners.placed import read_placed

FILE_KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SUFFIXES = {"none": "", "lf": "\n", "crlf": "\r\n"}
USAGES = {"production": "P", "test": "T"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names an agreement may use. A kind that is None is not checked."""

    maps: Collection[str] | None = None
    layouts: Collection[str] | None = None
    guides: Collection[str] | None = None


def load_partner(file: Path, *, base: Path, known: Known, identity: Identity) -> tuple[Partner | None, tuple[Fault, ...]]:
    """The partner a file describes, None where it has faults; its faults, in the order of the file.

    Shape:  relative paths in the file are seen from `base`, the gateway's home.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as wrong:
        return None, (Fault.of("PRT-UNREADABLE", Place(file=str(file)), reason=wrong),)
    root, faults = read_placed(text, str(file))
    if any(fault.code == "PRT-SYNTAX" for fault in faults):
        return None, tuple(faults)
    if root.content is not None and not root.is_table:
        return None, (Fault.of("PRT-SYNTAX", root.place, reason="a partner file is a table of keys"),)
    reading = Reading(_as_tables(root, faults), keys.PARTNER_KEYS, family="PRT", base=base)
    reading.faults = faults
    reading.check_keys()
    if not FILE_KEY.fullmatch(file.stem):
        reading.fault("FILE-NAME", Place(file=str(file)), file.stem)
    partner = _partner(reading, file, known, identity)
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


def _partner(reading: Reading, file: Path, known: Known, identity: Identity) -> Partner:
    windows = Windows(mdn=reading.get(keys.MDN_WINDOW), functional_ack=reading.get(keys.ACK_WINDOW))
    x12 = _x12(reading)
    if reading.get(keys.AS2_ID) == identity.as2_id:
        reading.fault("OURSELVES", reading.place(keys.AS2_ID), identity.as2_id, kind="AS2 name")
    if (x12.identity.qualifier, x12.identity.id) == (identity.x12.qualifier, identity.x12.id):
        reading.fault("OURSELVES", reading.place(keys.ID), x12.identity.id, kind="ISA id")
    agreements = _agreements(reading, known, x12.release, windows)
    return Partner(
        key=file.stem,
        name=reading.get(keys.NAME) or file.stem,
        active=reading.get(keys.ACTIVE),
        as2=as2_terms(reading, identity, sends=any(one.direction is Direction.OUT for one in agreements)),
        x12=x12,
        agreements=agreements,
        retry=RetryPolicy(
            first=reading.get(keys.RETRY_FIRST),
            factor=reading.get(keys.RETRY_FACTOR),
            cap=reading.get(keys.RETRY_CAP),
            attempts=reading.get(keys.RETRY_ATTEMPTS),
            duration=reading.get(keys.RETRY_DURATION),
            jitter=reading.get(keys.RETRY_JITTER),
        ),
        windows=windows,
        source=file,
    )


def _x12(reading: Reading) -> X12Terms:
    get = reading.get
    their_id = get(keys.ID)
    for key, other in combinations((keys.ELEMENT, keys.COMPONENT, keys.REPETITION, keys.TERMINATOR), 2):
        if get(key) == get(other):
            written = key if reading.find(key.parts()) is not None else other
            reading.fault("SEPARATORS", reading.place(written), get(key), key=key.path, other=other.path)
    low, high = get(keys.CONTROL_LOW), get(keys.CONTROL_HIGH)
    if low >= high:
        reading.fault("CONTROL-RANGE", reading.place(keys.CONTROL_LOW), str(low), high=high)
    form = x12.Form(get(keys.ACKNOWLEDGMENT))
    if form is x12.Form.IMPLEMENTATION and get(keys.RELEASE) < "005010":
        hint = f"There is no 999 in release {get(keys.RELEASE)}; it needs x12.release 005010 or later."
        reading.fault("VALUE", reading.place(keys.ACKNOWLEDGMENT), form.value, key=keys.ACKNOWLEDGMENT.path, hint=hint)
    return X12Terms(
        identity=X12Identity(qualifier=get(keys.QUALIFIER), id=their_id, group_id=get(keys.GROUP_ID) or their_id),
        version=get(keys.VERSION),
        release=get(keys.RELEASE),
        element=get(keys.ELEMENT),
        component=get(keys.COMPONENT),
        repetition=get(keys.REPETITION),
        terminator=get(keys.TERMINATOR),
        suffix=SUFFIXES[get(keys.SUFFIX)],
        usage=USAGES[get(keys.USAGE)],
        mode=x12.Mode(get(keys.MODE)),
        reject=_codes(reading, keys.REJECT),
        tolerate=_codes(reading, keys.TOLERATE),
        acknowledge=get(keys.ACKNOWLEDGE),
        acknowledgment=form,
        acknowledge_detail=x12.Detail(get(keys.ACKNOWLEDGE_DETAIL)),
        ta1=Ta1(get(keys.TA1)),
        expect_acknowledgment=get(keys.EXPECT_ACKNOWLEDGMENT),
        duplicate_days=get(keys.DUPLICATE_DAYS),
        control_low=low,
        control_high=high,
    )


def _codes(reading: Reading, key: Key[tuple[str, ...]]) -> frozenset[str]:
    """The codes of faults that a key lists; each must be one that the gateway gives."""
    codes = reading.get(key)
    for code in codes:
        if code not in register():
            reading.fault("VALUE", reading.place(key), code, key=key.path, hint=nearest(code, register()))
    return frozenset(codes)


def _agreements(reading: Reading, known: Known, release: str, windows: Windows) -> tuple[Agreement, ...]:
    agreements = []
    for path, direction in (("documents.receive", Direction.IN), ("documents.send", Direction.OUT)):
        for set_id, terms in reading.names(path).items():
            if not re.fullmatch("[0-9]{3}", set_id):
                reading.fault("VALUE", terms.key_place, set_id, key=path, hint=f"It needs {keys.SET_ID.expects}.")
                continue
            agreements.append(_agreement(reading, known, set_id, direction, release, windows))
    return tuple(agreements)


def _agreement(reading: Reading, known: Known, set_id: str, direction: Direction, release: str, windows: Windows) -> Agreement:
    declared = keys.RECEIVE if direction is Direction.IN else keys.SEND
    own = {name: reading.get(key, set_id) for name, key in declared.items()}
    used = own["release"] or release

    def name(kind: str, default: str, allowed: Collection[str] | None) -> str:
        return _name(reading, declared[kind], set_id, own[kind] or default, allowed)

    return Agreement(
        set_id=set_id,
        direction=direction,
        map=name("map", documents.x12_map(used, set_id), known.maps),
        erp_map=name("erp_map", documents.erp_map(set_id), known.maps),
        layout=name("layout", documents.layout(set_id), known.layouts),
        guide=name("guide", "", known.guides) if own["guide"] else None,
        release=used,
        content_type=reading.get(keys.CONTENT_TYPE, set_id) if direction is Direction.OUT else keys.CONTENT_TYPE.default,
        filename=reading.get(keys.FILE_NAME, set_id) if direction is Direction.IN else None,
        windows=Windows(
            mdn=windows.mdn,
            functional_ack=reading.get(keys.SEND_ACK, set_id) or windows.functional_ack
            if direction is Direction.OUT
            else windows.functional_ack,
            answers=_answers(reading, set_id) if direction is Direction.IN else {},
        ),
    )


def _name(reading: Reading, key: Key[Any], set_id: str, name: str, allowed: Collection[str] | None) -> str:
    """A map's, layout's or guide's name; a fault where none is given or there is no such thing."""
    kind = key.path.rpartition(".")[2]
    if not name:
        reading.fault("KEY-MISSING", reading.place(key, set_id), ".".join(key.parts((set_id,))), hint=f"None is shipped for the {set_id}.")
    elif allowed is not None and name not in allowed:
        reading.fault("NAME-UNKNOWN", reading.place(key, set_id), name, kind=kind, set=set_id, hint=nearest(name, set(allowed)))
    return name


def _answers(reading: Reading, set_id: str) -> dict[str, Any]:
    answers = {}
    for answer, value in reading.names(f"documents.receive.{set_id}.answer").items():
        if not re.fullmatch("[0-9]{3}", answer):
            reading.fault(
                "VALUE", value.key_place, answer, key=f"documents.receive.{set_id}.answer", hint=f"It needs {keys.SET_ID.expects}."
            )
        if (time := reading.get(keys.ANSWER, set_id, answer)) is not None:
            answers[answer] = time
    return answers
