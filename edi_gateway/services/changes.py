"""What changes between two configurations, by meaning: partner by partner, key by key, map row by map row."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from edi_gateway import as2, mapping
from edi_gateway.faults import Fault, Faulty
from edi_gateway.mapping.difference import Change as What
from edi_gateway.marked import Items, Keyed, Node, Text, parse
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.book import FOLDER
from edi_gateway.services.terms import Terms

_MAPS = "maps/"
_YAML = ".yaml"
_OTHERWISE = "written otherwise, the same in meaning"
_LONGEST = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. Shape: `path` is the file's; `subject` is the key, row or certificate in it, "" for the file as a whole."""

    what: What
    path: str
    subject: str = ""
    before: str = ""
    after: str = ""

    def words(self) -> str:
        """The change in one line, without its file."""
        subject = f"{self.subject} " if self.subject else ""
        match self.what:
            case What.ADDED:
                return f"{subject}is new" + (f": {self.after}" if self.after else "")
            case What.REMOVED:
                return f"{subject}is gone" + (f"; it was {self.before}" if self.before else "")
            case What.CHANGED if self.before or self.after:
                return f"{subject.strip()}: {self.before} becomes {self.after}".removeprefix(": ")
            case What.CHANGED:
                return f"{subject}{_OTHERWISE}"


def changes(old: Terms, new: Terms) -> tuple[Change, ...]:
    """Everything that `new` changes, in the order of paths. Nothing where the two have the same files."""
    before, after = old.files.manifest, new.files.manifest
    changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    return tuple(change for path in changed for change in _of_file(path, old, new))


def _of_file(path: str, old: Terms, new: Terms) -> Iterator[Change]:
    was, now = old.files.files.get(path), new.files.files.get(path)
    if was is None or now is None:
        what, content = (What.ADDED, now) if was is None else (What.REMOVED, was)
        words = _words(path, content or b"", new if was is None else old)
        yield Change(what=what, path=path, **{"after" if was is None else "before": words})
        if not (path.startswith(_MAPS) and _shipped(path, old, new)):
            return
    found = tuple(_within(path, was or b"", now or b"", old, new))
    if found or was is None or now is None:
        yield from found
    else:
        yield Change(what=What.CHANGED, path=path)


def _shipped(path: str, old: Terms, new: Terms) -> bool:
    """Whether a map was there, or stays there, under the same name without the file: as it is shipped."""
    name = path.removeprefix(_MAPS).removesuffix(_YAML)
    return name in old.shelf.map_names() and name in new.shelf.map_names()


def _within(path: str, was: bytes, now: bytes, old: Terms, new: Terms) -> Iterator[Change]:
    """The changes in a file that both have."""
    first, _, rest = path.partition("/")
    if path.startswith(_MAPS) and path.endswith(_YAML):
        yield from _map(path, rest.removesuffix(_YAML), was, now, old, new)
    elif first == FOLDER and _same(old.book.partner(rest.removesuffix(_YAML)), new.book.partner(rest.removesuffix(_YAML))):
        return
    elif path.endswith(_YAML):
        yield from _keys(path, was, now)
    elif isinstance(as2.read_certificates(was), Fault) or isinstance(as2.read_certificates(now), Fault):
        yield from _lines(path, was, now)
    else:
        yield from _listed(path, Counter(_certificates(was)), Counter(_certificates(now)))


def _same(old: Partner | None, new: Partner | None) -> bool:
    """Whether two readings of a partner file mean the same; what its certificates hold is told of their own files."""
    return old is not None and new is not None and _named(old) == _named(new)


def _named(partner: Partner) -> tuple[Partner, tuple[str, ...], str]:
    terms = partner.as2
    bare = replace(partner, source=None, as2=replace(terms, certificates=(), ca_file=None))
    return bare, tuple(map(str, terms.certificates)), str(terms.ca_file)


def _map(path: str, name: str, was: bytes, now: bytes, old: Terms, new: Terms) -> Iterator[Change]:
    try:
        found = mapping.differences(old.shelf.map(name), new.shelf.map(name))
    except Faulty:
        # One of them does not compile, which is a finding of its own.
        yield from _keys(path, was, now)
        return
    for one in found:
        yield Change(what=one.change, path=path, subject=one.subject, before=one.before, after=one.after)


def _keys(path: str, was: bytes, now: bytes) -> Iterator[Change]:
    before, after = dict(_leaves(parse(_text(was)).root)), dict(_leaves(parse(_text(now)).root))
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield Change(what=What.ADDED, path=path, subject=key, after=_cut(after[key]))
        elif key not in after:
            yield Change(what=What.REMOVED, path=path, subject=key, before=_cut(before[key]))
        elif before[key] != after[key]:
            yield Change(what=What.CHANGED, path=path, subject=key, before=_cut(before[key]), after=_cut(after[key]))


def _leaves(node: Node | None, path: str = "") -> Iterator[tuple[str, str]]:
    """Every value with its dotted key; a list of words is one value."""
    match node:
        case Keyed():
            for name, (_, value) in node.entries.items():
                yield from _leaves(value, f"{path}.{name}" if path else name)
        case Items() if all(isinstance(one, Text) for one in node.values):
            yield path, f"[{', '.join(one.value for one in node.values if isinstance(one, Text))}]"
        case Items():
            for number, one in enumerate(node.values, 1):
                yield from _leaves(one, f"{path}[{number}]")
        case Text():
            yield path, node.value


def _lines(path: str, was: bytes, now: bytes) -> Iterator[Change]:
    """The changes in a table: lines that are new or gone, wherever they stand."""
    yield from _listed(path, Counter(_text(was).splitlines()), Counter(_text(now).splitlines()))


def _listed(path: str, was: Mapping[str, int], now: Mapping[str, int]) -> Iterator[Change]:
    for one in was:
        if was[one] > now.get(one, 0):
            yield Change(what=What.REMOVED, path=path, before=_cut(one))
    for one in now:
        if now[one] > was.get(one, 0):
            yield Change(what=What.ADDED, path=path, after=_cut(one))


def _certificates(content: bytes) -> list[str]:
    found = as2.read_certificates(content)
    if isinstance(found, Fault):
        return []
    return [f"{one.common_name}, until {one.not_after:%Y-%m-%d}, {one.fingerprint_shown[:23]}…" for one in found]


def _words(path: str, content: bytes, terms: Terms) -> str:
    """What a file that is new or gone is, in a few words."""
    first, _, rest = path.partition("/")
    partner = terms.book.partner(rest.removesuffix(_YAML)) if first == FOLDER else None
    if partner is not None:
        documents = ", ".join(f"{one.set_id} {one.direction.value}" for one in partner.agreements)
        return f"{partner.name}, AS2 name {partner.as2.id}" + (f", {documents}" if documents else "")
    if not path.endswith((_YAML, ".csv", ".tsv", ".txt")):
        return "; ".join(_certificates(content))
    count = len(content.splitlines())
    return f"{count} line{'' if count == 1 else 's'}"


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
