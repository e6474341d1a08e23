"""Generates the look at a loop's children: each goes to the first claim that it meets. Reading and coverage take it from here."""

from collections.abc import Callable
from itertools import groupby
from typing import TypeAlias

from edi_gateway.mapping.emitter import Emitter, meets
from edi_gateway.mapping.plan import Claim, Context

Take: TypeAlias = Callable[[Claim], None]
"""Emits what becomes of a `child` that a claim takes."""
Leave: TypeAlias = Callable[[bool], None]
"""Emits what becomes of a `child` that none took, a loop or a segment; where it emits anything, each `Take` ends in `continue`."""


def variable(claim: Claim) -> str:
    """The variable that holds what a single claim took, None before."""
    if claim.slot is not None:
        return f"s{claim.slot.number}"
    assert claim.context is not None
    return f"c{claim.context.number}"


def singles(context: Context) -> list[str]:
    """The variables of a context's single claims."""
    return [f"s{slot.number}" for slot in context.slots] + [f"c{inner.number}" for inner in context.loops]


def look(out: Emitter, claimed: list[Claim], children: str, take: Take, leave: Leave) -> None:
    """Emits the loop over some children. Shape: `claimed` in the order in which they may claim; singles fill their variables."""
    with out.block(f"for child in {children}:"):
        with out.block("if child.__class__ is Loop:"):
            _dispatch(out, [claim for claim in claimed if claim.loop], "child.tag", "child.children[0]", take)
            leave(True)
        with out.block("else:"):
            _dispatch(out, [claim for claim in claimed if not claim.loop], "child[0]", "child", take)
            leave(False)


def _dispatch(out: Emitter, claimed: list[Claim], tag: str, segment: str, take: Take) -> None:
    if not claimed:
        return
    out.line(f"tag = {tag}")
    if any(claim.tests for claim in claimed):
        out.line(f"q = {segment}")
    word = "if"
    for name, group in groupby(sorted(claimed, key=lambda claim: claim.tag), key=lambda claim: claim.tag):
        with out.block(f"{word} tag == {name!r}:"):
            inner_word = "if"
            for claim in group:
                conditions = [f"{variable(claim)} is None"] if claim.single else []
                conditions += [meets("q", claim.tests)] if claim.tests else []
                with out.block(f"{inner_word} {' and '.join(conditions) or 'True'}:"):
                    if claim.single:
                        out.line(f"{variable(claim)} = child")
                    take(claim)
                inner_word = "elif"
        word = "elif"
