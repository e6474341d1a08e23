"""What a changed map makes of traffic that is already known: differences between records or written trees, clustered by kind."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from edi_gateway.records import Record, to_json
from edi_gateway.tree import Element, Loop, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Documents that change in the same way. Shape: `kinds` are such as "lines[].gtin appears"; `examples` a few documents' names."""

    kinds: tuple[str, ...]
    count: int
    examples: tuple[str, ...]


def record_changes(before: Record | None, after: Record | None) -> tuple[str, ...]:
    """How a record changes, each kind once, list items without their numbers. Nothing where the two are equal."""
    if before is None or after is None:
        return () if before is after else ("the document can be read now" if before is None else "the document can no longer be read",)
    return tuple(sorted(set(_changes(to_json(before), to_json(after), ""))))


def tree_changes(before: Loop | None, after: Loop | None) -> tuple[str, ...]:
    """How what is written of a record changes: segments by tag and qualifier, elements by number, each kind once."""
    if before is None or after is None:
        return () if before is after else ("the record can be written now" if before is None else "the record can no longer be written",)
    old, new = list(before.walk()), list(after.walk())
    return tuple(sorted(set(_segment_changes(old, new))))


def clusters(changes: Iterable[tuple[str, tuple[str, ...]]], *, examples: int = 3) -> tuple[Cluster, ...]:
    """Documents by the kinds of their changes, the largest cluster first; those that do not change are left out.

    Shape: `changes` gives per document its name and what `record_changes` says.
    """
    found: dict[tuple[str, ...], list[str]] = {}
    for name, kinds in changes:
        if kinds:
            found.setdefault(kinds, []).append(name)
    made = [Cluster(kinds=kinds, count=len(names), examples=tuple(names[:examples])) for kinds, names in found.items()]
    return tuple(sorted(made, key=lambda cluster: (-cluster.count, cluster.kinds)))


def _changes(before: Any, after: Any, path: str) -> Iterator[str]:
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in before.keys() | after.keys():
            inner = f"{path}.{key}" if path else key
            if key not in before:
                yield f"{inner} appears"
            elif key not in after:
                yield f"{inner} disappears"
            else:
                yield from _changes(before[key], after[key], inner)
    elif isinstance(before, list) and isinstance(after, list):
        if len(before) != len(after):
            yield f"{path} has {'more' if len(after) > len(before) else 'fewer'} items"
        for one, other in zip(before, after, strict=False):
            yield from _changes(one, other, f"{path}[]")
    elif before != after:
        yield f"{path} changes"


def _segment_changes(before: list[Segment], after: list[Segment]) -> Iterator[str]:
    old, new = [_named(segment) for segment in before], [_named(segment) for segment in after]
    for change, start, end, other_start, other_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if change == "equal":
            for one, other in zip(before[start:end], after[other_start:other_end], strict=True):
                yield from _element_changes(one, other)
        else:
            yield from (f"{name} disappears" for name in old[start:end])
            yield from (f"{name} appears" for name in new[other_start:other_end])


def _element_changes(before: Segment, after: Segment) -> Iterator[str]:
    for number in range(1, max(len(before), len(after))):
        old, new = before.get(number), after.get(number)
        if old != new:
            yield f"{_named(before)}/{number:02} {_change(old, new)}"


def _change(old: Element, new: Element) -> str:
    return "appears" if not old else "disappears" if not new else "changes"


def _named(segment: Segment) -> str:
    """A segment's tag, with its qualifier where it begins with a code that tells several of its kind apart: REF[DP]."""
    first = segment.get(1)
    is_code = isinstance(first, str) and 1 <= len(first) <= 3 and first.isalnum() and not first.isdecimal()
    return f"{segment.tag}[{first}]" if is_code else segment.tag
