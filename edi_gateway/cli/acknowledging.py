"""The interchanges that answer an interchange: its functional acknowledgments and, where it is owed, a TA1."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from edi_gateway import x12
from edi_gateway.faults import Faulty
from edi_gateway.tree import Segment

_RELEASES = {x12.Form.FUNCTIONAL: "004010", x12.Form.IMPLEMENTATION: "005010"}
"""The release that an acknowledgment is written in where the group's own has none."""


class When(StrEnum):
    """When a TA1 goes with the acknowledgment."""

    OWED = "owed"
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """How interchanges are answered. Shape: `first` is the control number of the first interchange written, from which on is counted."""

    form: x12.Form
    detail: x12.Detail
    when: When
    first: int
    at: datetime


def acknowledgments(interchanges: Iterable[x12.Interchange], library: x12.Library, how: Answering) -> bytes:
    """The answers to interchanges, one after the other; nothing where none is due.

    Errors: Faulty where an envelope of theirs names somebody that ours cannot name.
    """
    written: list[bytes] = []
    for interchange in interchanges:
        for envelope, groups, ta1s in _answers(interchange, library, how, how.first + len(written)):
            rendered = x12.render(envelope, groups, ta1s=ta1s)
            if rendered.faults:
                raise Faulty(rendered.faults)
            written.append(rendered.content)
    return b"".join(written)


def _answers(
    interchange: x12.Interchange, library: x12.Library, how: Answering, control: int
) -> Iterator[tuple[x12.Envelope, list[x12.GroupOut], list[Segment]]]:
    """An interchange for each pair of group sender and receiver, as they stand in one GS each; the TA1 goes with the first."""
    form = how.form
    is_due = how.when is When.ALWAYS or (how.when is When.OWED and x12.is_owed_ta1(interchange))
    ta1s = [x12.ta1(interchange)] if is_due else []
    made = x12.acknowledge(interchange, form=form, detail=how.detail, delimiters=_delimiters(interchange))
    told = sorted(made, key=_parties)
    for _, members in groupby(told, key=_parties):
        ours = list(members)
        release = _release(library, ours[0].group.release, form)
        shape = library.shape(release, form.value)
        sets = tuple(
            x12.SetOut(set_id=form.value, control=f"{number:04}", body=one.body, shape=shape) for number, one in enumerate(ours, 1)
        )
        yield _envelope(interchange, ours[0].group, release, control, how.at), [_group(control, sets)], ta1s
        ta1s, control = [], control + 1
    if ta1s:
        yield _envelope(interchange, None, _RELEASES[form], control, how.at), [], ta1s


def _parties(one: x12.Acknowledgment) -> tuple[str, str]:
    return one.group.sender, one.group.receiver


def _group(control: int, sets: tuple[x12.SetOut, ...]) -> x12.GroupOut:
    return x12.GroupOut(functional_id="FA", control=str(control), sets=sets)


def _release(library: x12.Library, release: str, form: x12.Form) -> str:
    """The group's own release where it has this acknowledgment; suffixes are not answered in kind."""
    base = release[:6]
    return base if library.set_schema(base, form.value) is not None else _RELEASES[form]


def _envelope(theirs: x12.Interchange, group: x12.GroupHeader | None, release: str, control: int, at: datetime) -> x12.Envelope:
    """Their envelope turned round, with their delimiters. Where their GS names nobody, their ISA does."""
    return x12.Envelope(
        sender_qualifier=theirs.receiver_qualifier,
        sender=theirs.receiver,
        receiver_qualifier=theirs.sender_qualifier,
        receiver=theirs.sender,
        control_number=str(control),
        at=at,
        group_sender=group.receiver if group and _is_name(group.receiver) else theirs.receiver,
        group_receiver=group.sender if group and _is_name(group.sender) else theirs.sender,
        release=release,
        version=f"00{release[2:5]}" if 12 in _at_fault(theirs) else theirs.version,
        usage="P" if 15 in _at_fault(theirs) else theirs.usage,
        delimiters=_delimiters(theirs),
    )


def _at_fault(theirs: x12.Interchange) -> set[int | None]:
    """The numbers of the ISA elements that no answer may repeat."""
    return {fault.place.element for fault in theirs.faults if fault.code == "X12-109"}


def _is_name(value: str) -> bool:
    """Whether GS02 and GS03 may hold a value."""
    return 2 <= len(value) <= 15


def _delimiters(theirs: x12.Interchange) -> x12.Delimiters:
    """Their delimiters, and the customary ones where theirs are no characters that are written."""
    given = theirs.delimiters
    return given if given.all.isascii() else replace(x12.Delimiters(), line_end=given.line_end)
