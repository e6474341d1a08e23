"""The documents of a partner file: an agreement for each set and direction, read and checked."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key, Reading
from edi_gateway.lifecycle.order_rules import Treatment
from edi_gateway.lifecycle.policy import Windows
from edi_gateway.lifecycle.states import Direction
from edi_gateway.lifecycle.windows import Since, Span, Window
from edi_gateway.marked import nearest
from edi_gateway.partners import documents
from edi_gateway.partners.agreement import Agreement, Mixed, Repeats, Unread
from edi_gateway.partners.keys import documents as keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The names an agreement may use. A kind that is None is not checked."""

    maps: Collection[str] | None = None
    layouts: Collection[str] | None = None
    guides: Collection[str] | None = None
    tables: Collection[str] | None = None


def agreements_of(reading: Reading, known: Known, release: str, windows: Windows) -> tuple[Agreement, ...]:
    """The agreements under `documents`; `release` and `windows` hold where a document says nothing of its own."""
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
    own_ack = reading.get(keys.SEND_ACK, set_id) if direction is Direction.OUT else None
    rules = keys.RECEIVE_RULES if direction is Direction.IN else keys.SEND_RULES

    def name(kind: str, default: str, allowed: Collection[str] | None) -> str:
        return _name(reading, declared[kind], set_id, own[kind] or default, allowed)

    received = direction is Direction.IN
    return Agreement(
        set_id=set_id,
        direction=direction,
        map=name("map", documents.x12_map(used, set_id), known.maps),
        erp_map=name("erp_map", documents.erp_map(set_id), known.maps),
        layout=name("layout", documents.layout(set_id), known.layouts),
        guide=name("guide", "", known.guides) if own["guide"] else None,
        tables=_tables(reading, known, set_id, direction),
        release=used,
        content_type=keys.CONTENT_TYPE.default if received else reading.get(keys.CONTENT_TYPE, set_id),
        filename=reading.get(keys.FILE_NAME, set_id) if received else None,
        unread=Unread(reading.get(keys.UNREAD if received else keys.SEND_UNREAD, set_id)),
        mixed=Mixed.PROCEED if received else Mixed(reading.get(keys.MIXED, set_id)),
        repeats=Repeats.WARN if received else Repeats(reading.get(keys.REPEATS, set_id)),
        pickup=reading.get(keys.PICKUP, set_id) if received else None,
        semaphore=reading.get(keys.SEMAPHORE, set_id) if received else False,
        windows=Windows(
            mdn=windows.mdn,
            ta1=windows.ta1,
            functional_ack=replace(windows.functional_ack, span=own_ack) if own_ack is not None else windows.functional_ack,
            answers=_answers(reading, direction, set_id, windows),
            departure=_departure(reading, set_id, windows) if direction is Direction.OUT else None,
        ),
        rules={rule: Treatment(reading.get(key, set_id)) for rule, key in rules.items()},
    )


def _departure(reading: Reading, set_id: str, windows: Windows) -> Window | None:
    span = reading.get(keys.AFTER_DEPARTURE, set_id)
    if span is None:
        return None
    if set_id != "856":
        path = ".".join(keys.AFTER_DEPARTURE.parts((set_id,)))
        hint = "Only a ship notice (856) tells of a departure."
        reading.fault("VALUE", reading.place(keys.AFTER_DEPARTURE, set_id), set_id, key=path, hint=hint)
    return Window(span=span, warn=windows.functional_ack.warn)


def _name(reading: Reading, key: Key[Any], set_id: str, name: str, allowed: Collection[str] | None) -> str:
    """A map's, layout's or guide's name; a fault where none is given or there is no such thing."""
    kind = key.path.rpartition(".")[2]
    if not name:
        reading.fault("KEY-MISSING", reading.place(key, set_id), ".".join(key.parts((set_id,))), hint=f"None is shipped for the {set_id}.")
    elif allowed is not None and name not in allowed:
        reading.fault("NAME-UNKNOWN", reading.place(key, set_id), name, kind=kind, set=set_id, hint=nearest(name, set(allowed)))
    return name


def _tables(reading: Reading, known: Known, set_id: str, direction: Direction) -> tuple[tuple[str, str], ...]:
    part = "receive" if direction is Direction.IN else "send"
    key, found = keys.TABLE[part], []
    for via in reading.names(f"documents.{part}.{set_id}.tables"):
        name = reading.get(key, set_id, via)
        if name and known.tables is not None and name not in known.tables:
            hint = nearest(name, set(known.tables))
            reading.fault("NAME-UNKNOWN", reading.place(key, set_id, via), name, kind="table", set=set_id, hint=hint)
        if name:
            found.append((via, name))
    return tuple(found)


def _answers(reading: Reading, direction: Direction, set_id: str, windows: Windows) -> dict[str, Window]:
    side = "receive" if direction is Direction.IN else "send"
    declared = keys.ANSWER if direction is Direction.IN else keys.ANSWER_TO_US
    path = f"documents.{side}.{set_id}.answer"
    answers = {}
    for answer, value in reading.names(path).items():
        if not re.fullmatch("[0-9]{3}", answer):
            reading.fault("VALUE", value.key_place, answer, key=path, hint=f"It needs {keys.SET_ID.expects}.")
            continue
        read = _table if value.is_table else _alone
        window = read(reading, declared, (set_id, answer), windows)
        if window is not None:
            answers[answer] = window
    return answers


def _alone(reading: Reading, declared: keys.AnswerKeys, names: tuple[str, str], windows: Windows) -> Window | None:
    span = reading.get(declared.alone, *names)
    return None if span is None else Window(span=span, warn=windows.functional_ack.warn)


def _table(reading: Reading, declared: keys.AnswerKeys, names: tuple[str, str], windows: Windows) -> Window | None:
    """A window with terms of its own; a fault where it does not say how long, or says so twice."""
    within, before = reading.get(declared.within, *names), reading.get(declared.before, *names)
    since, warn = reading.get(declared.since, *names), reading.get(declared.warn, *names)
    if (within is None) == (before is None) or (before is not None and since not in (Since.SHIP_BY, Since.DELIVER_BY)):
        path = ".".join(declared.alone.parts(names))
        if not reading.troubled(path):
            reading.fault("WINDOW", reading.place(declared.alone, *names), path)
        return None
    span = within if within is not None else Span(length=before or timedelta())
    return Window(span=span, warn=windows.functional_ack.warn if warn is None else warn, since=since, ahead=before is not None)
