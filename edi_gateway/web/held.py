"""The documents that are held, with their reasons, and what a person may do to them: one, several, or all of a kind."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.order_rules import CODES
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.web import HeldVerb, WebParts
from edi_gateway.web.login import OPERATOR, Page

SHOWN = 200
NAMED = 30
"""How many documents the question names one by one."""
UNTYPED = 20
"""More than these ask for their number to be typed."""
_UNREAD, _CANCELLED = "MAP-407", "STO-410"
_BOTH = frozenset(Direction)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One of the verbs: its words, the documents that it is for, and what comes of it."""

    verb: HeldVerb
    title: str
    directions: frozenset[Direction]
    consequences: tuple[str, ...]


ACTS: Mapping[str, Act] = {
    HeldVerb.REPLAY: Act(
        verb=HeldVerb.REPLAY,
        title="Map again",
        directions=frozenset({Direction.IN}),
        consequences=(
            "Each document is read again, with the partner files, maps and rules that are in force now.",
            "What goes through gets its record and its ERP file; what does not is held again with its new reason.",
            "The MDN and the 997 that went out stay as they are; nothing is sent to the partner.",
            "It is written to the timeline of each with your reason.",
        ),
    ),
    HeldVerb.RELEASE: Act(
        verb=HeldVerb.RELEASE,
        title="Release",
        directions=_BOTH,
        consequences=(
            "Each document goes on whatever the rules of its order say: one that came in to the ERP, one of ours to the partner.",
            "One of ours gets its control numbers, is sealed and is sent. What has been sent cannot be taken back.",
            "What a map or the partner file cannot take is held again; a release mends neither.",
            "It is written to the timeline of each with your reason.",
        ),
    ),
    HeldVerb.GIVE_UP: Act(
        verb=HeldVerb.GIVE_UP,
        title="Give up",
        directions=frozenset({Direction.OUT}),
        consequences=(
            "Each document of ours is not sent, and another one of its number may be.",
            "It cannot be taken back: to send the document after all, hand in its file again.",
            "It is written to the timeline of each with your reason.",
        ),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which of the held documents: of a partner, for a reason, in a direction; and those that are ticked, or all."""

    partner: str = ""
    code: str = ""
    direction: str = ""
    ids: frozenset[int] = frozenset()
    everything: bool = False

    def fits(self, row: TransactionSet) -> bool:
        return (
            (not self.partner or row.partner == self.partner)
            and (not self.code or row.held_code == self.code)
            and (not self.direction or row.direction == self.direction)
        )

    def chosen(self, rows: Iterable[TransactionSet]) -> list[TransactionSet]:
        return [one for one in rows if (self.fits(one) if self.everything else one.id in self.ids)]

    @property
    def args(self) -> dict[str, str]:
        """What of it stands in links."""
        return {name: value for name in ("partner", "code", "direction") if (value := getattr(self, name))}


def held_pages(parts: WebParts) -> Blueprint:
    """The list, and the question before something is done."""
    pages = Blueprint("held", __name__)

    def listed(trouble: str | None = None) -> str:
        rows, wish = parts.held.all(), _wish()
        fitting = [one for one in rows if wish.fits(one)]
        return render_template(
            "held.html",
            now=parts.clock.now(),
            rows=fitting[:SHOWN],
            count=len(fitting),
            every=len(rows),
            choice=wish,
            partners=sorted({one.partner for one in rows if one.partner}),
            codes=sorted({one.held_code for one in rows if one.held_code}),
            acts=ACTS.values(),
            why=why,
            kind=kind_of,
            trouble=trouble,
        )

    @pages.get("/held")
    def show() -> Page:
        return listed()

    @pages.get("/held/act")
    def confirm() -> Page:
        act, wish = _act(), _wish()
        chosen = wish.chosen(parts.held.all())
        if not chosen:
            return listed("Choose at least one document that is held."), 400
        return _question(act, wish, chosen)

    @pages.post("/held/act")
    def do() -> Page:
        act, wish = _act(), _wish()
        chosen = wish.chosen(parts.held.all())
        able = [one for one in chosen if one.direction in act.directions]
        reason = request.form.get("reason", "").strip()
        if request.form.get("seen") != _seal(able):
            words = "Meanwhile other documents are held than those that you were shown. Look at the list below, and say again."
            return _question(act, wish, chosen, words), 409
        if not reason:
            return _question(act, wish, chosen, "Give a reason: it goes to the timeline."), 400
        if len(able) > UNTYPED and request.form.get("number", "").strip() != str(len(able)):
            return _question(act, wish, chosen, f"Type the number of documents, {len(able)}, to show that you mean all of them."), 400
        ids = [one.id for one in able if one.id is not None]
        result = parts.held.act(act.verb, ids, actor=session.get("who", OPERATOR), reason=reason)
        if result.faults:
            return _question(act, wish, chosen, faults=result.faults), 409
        flash(result.words)
        return redirect(url_for("held.show", partner=wish.partner or None, code=wish.code or None, direction=wish.direction or None))

    return pages


def why(row: TransactionSet) -> Fault | None:
    """The finding that a document is held for."""
    return next((one for one in row.faults if one.code == row.held_code), None)


def kind_of(row: TransactionSet) -> str:
    """What holds a document, in a word or two."""
    code = row.held_code or ""
    if code in CODES.values():
        return "a rule of its order"
    if code == _UNREAD:
        return "unread elements"
    if code == _CANCELLED:
        return "its message was cancelled"
    return "a map" if code.startswith("MAP-") else "our configuration"


def _question(act: Act, wish: Wish, chosen: Sequence[TransactionSet], trouble: str | None = None, *, faults: tuple[Fault, ...] = ()) -> str:
    able = [one for one in chosen if one.direction in act.directions]
    return render_template(
        "held_act.html",
        act=act,
        choice=wish,
        able=able,
        named=able[:NAMED],
        left_out=len(chosen) - len(able),
        seen=_seal(able),
        typed=len(able) > UNTYPED,
        why=why,
        trouble=trouble,
        faults=faults,
    )


def _seal(rows: Iterable[TransactionSet]) -> str:
    """Says which documents a person was shown."""
    return hashlib.sha256(" ".join(str(one.id) for one in rows).encode()).hexdigest()[:32]


def _act() -> Act:
    act = ACTS.get(request.values.get("verb", ""))
    if act is None:
        abort(404, "There is no such thing to do to a held document. Choose one on the page “Held”.")
    return act


def _wish() -> Wish:
    given = request.values
    return Wish(
        partner=given.get("partner", ""),
        code=given.get("code", ""),
        direction=given.get("direction", ""),
        ids=frozenset(int(one) for one in given.getlist("set") if one.isascii() and one.isdecimal() and len(one) < 19),
        everything=given.get("all") == "1",
    )
