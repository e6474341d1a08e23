"""`edi-gateway x12 diff`, `split` and `render`: X12 files compared by meaning, taken apart, and written with other delimiters."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import click

from edi_gateway import x12
from edi_gateway.cli.files import content_of, shown, write_result
from edi_gateway.cli.options import json_option, out_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line, tell
from edi_gateway.cli.schemas import library_of
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.x12.diff import Change, ChangeKind
from edi_gateway.x12.diff import diff as changes_between
from edi_gateway.x12.verbatim import rewrite, split_groups, split_sets

_LINE_ENDS = {"none": "", "lf": "\n", "crlf": "\r\n"}
_NAMED = {"lf": "\n", "cr": "\r", "tab": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two sets of one kind, the first of each file, the second of each, and so on; one is None where a file has fewer."""

    old: x12.TransactionSet | None
    new: x12.TransactionSet | None
    changes: tuple[Change, ...] = ()

    @property
    def differ(self) -> bool:
        return bool(self.changes) or self.old is None or self.new is None


@click.command()
@click.argument("old", metavar="A")
@click.argument("new", metavar="B")
@own_files_option
@json_option
def diff(old: str, new: str, home: Path | None, as_json: bool) -> None:
    """Compare the transaction sets of two files by what they mean, the first 850 with the first 850, and so on.

    Envelopes, control numbers, delimiters, line ends and ways to write a number do not count. Exits with 1 where anything differs.

    \b
    Example:  edi-gateway x12 diff yesterday.edi today.edi
    """
    library = library_of(home)
    pairs = list(_compared(_sets(old, library), _sets(new, library)))
    if as_json:
        emit({"sets": [_compared_json(one) for one in pairs], "changes": sum(len(one.changes) for one in pairs)})
    else:
        for pair in pairs:
            for words in _compared_words(pair):
                click.echo(one_line(words))
        differing = sum(one.differ for one in pairs)
        click.echo(f"{counted(len(pairs), 'set')} compared, {differing or 'none'} of them different")
    end(FINDINGS if any(one.differ for one in pairs) else GOOD)


def _sets(name: str, library: x12.Library) -> list[x12.TransactionSet]:
    _, reading = _read(name, library)
    return [one for interchange in reading.interchanges for one in interchange.sets]


def _read(name: str, library: x12.Library) -> tuple[bytes, x12.Reading]:
    """A file's bytes and what they say. Errors: Faulty where it holds no interchange."""
    content = content_of(name)
    reading = x12.read(content, library)
    if not reading.interchanges:
        raise Faulty([fault.at(file=shown(name)) for fault in reading.faults])
    return content, reading


def _compared(old: Iterable[x12.TransactionSet], new: Iterable[x12.TransactionSet]) -> Iterator[Compared]:
    before, after = _by_set_id(old), _by_set_id(new)
    for set_id in {**before, **after}:
        for one, other in zip_longest(before.get(set_id, []), after.get(set_id, [])):
            changes = changes_between(one, other) if one is not None and other is not None else ()
            yield Compared(old=one, new=other, changes=changes)


def _by_set_id(sets: Iterable[x12.TransactionSet]) -> dict[str, list[x12.TransactionSet]]:
    found: dict[str, list[x12.TransactionSet]] = defaultdict(list)
    for one in sets:
        found[one.set_id].append(one)
    return found


def _compared_words(pair: Compared) -> Iterator[str]:
    one = pair.old or pair.new
    if one is None or not pair.differ:
        return
    if pair.old is None or pair.new is None:
        yield f"{one.set_id} {one.control} is in {'A' if pair.new is None else 'B'} only"
        return
    yield f"{pair.old.set_id} {pair.old.control} in A, {pair.new.control} in B:"
    yield from (f"  {_change_words(change)}" for change in pair.changes)


def _change_words(change: Change) -> str:
    loop = f"loop {change.loops[-1]}, " if change.loops else ""
    match change.kind:
        case ChangeKind.CHANGED:
            where = f"{loop}segment {change.old_position} in A, {change.new_position} in B"
            return f"{change.tag}{change.element:02}: {change.old!r} becomes {change.new!r} ({where})"
        case ChangeKind.REMOVED:
            return f"{change.tag} is gone: {change.old} ({loop}segment {change.old_position} in A)"
        case ChangeKind.ADDED:
            return f"{change.tag} is new: {change.new} ({loop}segment {change.new_position} in B)"


def _compared_json(pair: Compared) -> dict[str, Any]:
    one = pair.old or pair.new
    return {
        "set": one.set_id if one else None,
        "old_control": pair.old.control if pair.old else None,
        "new_control": pair.new.control if pair.new else None,
        "changes": [_change_json(change) for change in pair.changes],
    }


def _change_json(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "segment": change.tag,
        "loops": list(change.loops),
        "element": change.element,
        "old": change.old if change.kind is not ChangeKind.ADDED else None,
        "new": change.new if change.kind is not ChangeKind.REMOVED else None,
        "old_position": change.old_position or None,
        "new_position": change.new_position or None,
    }


@click.command()
@click.argument("file", metavar="FILE")
@click.option(
    "--by", type=click.Choice(["interchange", "group", "set"]), default="set", show_default=True, help="What each new file holds one of."
)
@click.option(
    "--out",
    "-o",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    metavar="FOLDER",
    help="Where the files go; it is made where there is none.",
)
@own_files_option
@json_option
def split(file: str, by: str, folder: Path, home: Path | None, as_json: bool) -> None:
    """Take a file apart: a file for each interchange or functional group, byte for byte; or for each transaction set.

    Groups and sets keep the envelopes and control numbers they came in, with the counts made right around them. TA1 segments belong to no
    group and are in no file but their interchange's.

    The new files are numbered in the file's order and named on standard output. None that is there already is overwritten.

    \b
    Example:  edi-gateway x12 split orders.edi --by group --out parts
    """
    content, reading = _read(file, library_of(home))
    parts = list(_PARTS[by](content, reading))
    tell(reading.faults)
    folder.mkdir(parents=True, exist_ok=True)
    targets = [folder / f"{number:06}-{name}.edi" for number, (name, _) in enumerate(parts, 1)]
    if taken := [target for target in targets if target.exists()]:
        raise Faulty([Fault.of("CFG-OUTPUT", Place(file=str(target)), reason="there is one already") for target in taken])
    for target, (_, part) in zip(targets, parts, strict=True):
        write_result(target, part)
        if not as_json:
            click.echo(target)
    if as_json:
        emit({"files": [str(target) for target in targets]})


def _by_interchange(content: bytes, reading: x12.Reading) -> Iterator[tuple[str, bytes]]:
    for one in reading.interchanges:
        yield _file_name(one.control_number), content[one.offset : one.offset + one.length]


def _by_group(content: bytes, reading: x12.Reading) -> Iterator[tuple[str, bytes]]:
    for interchange, group, part in split_groups(content, reading):
        yield _file_name(interchange.control_number, group.functional_id, group.control), part


def _by_set(content: bytes, reading: x12.Reading) -> Iterator[tuple[str, bytes]]:
    for one, part in split_sets(content, reading):
        yield _file_name(one.interchange.control_number, one.set_id, one.control), part


_PARTS = {"interchange": _by_interchange, "group": _by_group, "set": _by_set}


def _file_name(*parts: str) -> str:
    """Words of a partner's as part of a file's name: letters, digits, - and _ only, and not too long."""
    return "-".join(re.sub(r"[^A-Za-z0-9_]", "_", part)[:20] for part in parts if part)


class Separator(click.ParamType[str]):
    """A delimiter: the character itself, a name for one that cannot be typed, or its number in hexadecimal."""

    name = "character"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        written = _NAMED.get(str(value).lower(), str(value))
        if re.fullmatch(r"0[xX][0-9A-Fa-f]{2}", written):
            written = chr(int(written, 16))
        if len(written) != 1:
            self.fail(f"{value!r} is not one character; write it so, as lf, cr or tab, or as 0x1C.", param, ctx)
        return written


_SEPARATOR = Separator()


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--terminator", type=_SEPARATOR, metavar="C", help="What ends a segment.")
@click.option("--element", type=_SEPARATOR, metavar="C", help="What stands between elements.")
@click.option("--component", type=_SEPARATOR, metavar="C", help="What stands between components.")
@click.option("--repetition", type=_SEPARATOR, metavar="C", help="What stands between repetitions, where the interchange has one.")
@click.option("--line-end", type=click.Choice(list(_LINE_ENDS)), help="What follows each terminator.")
@own_files_option
@out_option
def render(
    file: str,
    terminator: str | None,
    element: str | None,
    component: str | None,
    repetition: str | None,
    line_end: str | None,
    home: Path | None,
    out: Path | None,
) -> None:
    """Write a file with other delimiters. What is not given stays as it is in the file's first interchange.

    A delimiter is a character, lf, cr or tab, or its number as 0x1C. Exits with 1 and writes nothing where the data holds one of them.

    \b
    Example:  edi-gateway x12 render orders.edi --terminator "'" --element + --line-end crlf --out other.edi
    """
    content, reading = _read(file, library_of(home))
    wanted = {"terminator": terminator, "element": element, "component": component, "repetition": repetition}
    wanted["line_end"] = _LINE_ENDS[line_end] if line_end else None
    given = {name: value for name, value in wanted.items() if value is not None}
    rendered = rewrite(content, reading, replace(reading.interchanges[0].delimiters, **given))
    if rendered.faults:
        tell(fault.at(file=shown(file)) for fault in rendered.faults)
        end(FINDINGS)
    write_result(out, rendered.content)
