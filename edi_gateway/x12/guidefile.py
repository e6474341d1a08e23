"""Reading a guide's YAML, and holding it to the standard it tightens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from edi_gateway.faults import Fault, Place
from edi_gateway.marked import Items, Keyed, Node, Text, nearest, parse
from edi_gateway.shape import LoopShape, Shape
from edi_gateway.x12.guide import Guide, GuideRule, Use
from edi_gateway.x12.guidepath import Found, GuidePath, parse_path, resolve
from edi_gateway.x12.schema import Library

_HEAD = ("guide", "title", "source", "date", "schema", "rules")
_RULE = ("at", "use", "codes", "length", "most", "note", "certain")
_SCHEMA = re.compile(r"X12 (\d{6}) (\w{3})")
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_LENGTH = re.compile(r"(\d+)?\.\.(\d+)?|(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideFile:
    """What a guide's text gave: the guide, and what is wrong with the file. There is no guide where anything is."""

    guide: Guide | None
    faults: tuple[Fault, ...]


def load_guide(source: str, library: Library, *, file: str) -> GuideFile:
    """A guide from its YAML, checked against the schema that it names."""
    parsed = parse(source)
    if parsed.problems or not isinstance(parsed.root, Keyed):
        problems = [(one.words, one.line, one.column) for one in parsed.problems] or [("it is no mapping of keys", 1, 1)]
        return GuideFile(
            guide=None,
            faults=tuple(Fault.of("X12-802", Place(file=file, line=line, column=column), why=why) for why, line, column in problems),
        )
    loading = _Loading(file, library)
    guide = loading.guide(parsed.root)
    return GuideFile(guide=None if loading.faults else guide, faults=tuple(loading.faults))


@dataclass(slots=True)
class _Loading:
    """Reads one file and collects what is wrong with it."""

    file: str
    library: Library
    faults: list[Fault] = field(default_factory=list)

    def guide(self, root: Keyed) -> Guide | None:
        self._known_keys(root, _HEAD)
        head = {key: self._text(root, key) for key in _HEAD[:-1]}
        if head["date"] and not _DATE.fullmatch(head["date"]):
            self._wrong("X12-802", root.entries["date"][1], why=f"date {head['date']!r} is not YYYY-MM-DD")
        named = _SCHEMA.fullmatch(head["schema"])
        shape = self.library.shape(*named.groups()) if named else None
        if named is None or shape is None:
            self._wrong("X12-802", root, why=f"schema {head['schema']!r} names no set, as `X12 004010 850` does")
            return None
        rules = root.get("rules")
        if not isinstance(rules, Items):
            self._wrong("X12-802", rules or root, why="rules is no list")
            return None
        read = [(self._rule(one, shape), _is_certain(one)) for one in rules.values if self._is_keyed(one)]
        return Guide(
            name=head["guide"],
            title=head["title"],
            release=named.group(1),
            set_id=named.group(2),
            source=head["source"],
            date=head["date"],
            rules=tuple(rule for rule, certain in read if rule is not None and certain),
            uncertain=tuple(rule for rule, certain in read if rule is not None and not certain),
        )

    def _rule(self, node: Node, shape: Shape) -> GuideRule | None:
        if not isinstance(node, Keyed):
            return None
        self._known_keys(node, _RULE)
        text = self._text(node, "at")
        path = parse_path(text)
        if path is None:
            self._wrong("X12-802", node, why=f"the path {text!r} cannot be understood")
            return None
        found = resolve(path, shape)
        if isinstance(found, str):
            tags = {item.tag for item in shape.root.walk()} if not found[-1:].isdigit() else set()
            self._wrong("X12-803", node, value=text, shape=shape.name, nearest=f" {nearest(found, tags)}" if tags else "")
            return None
        shortest, longest = self._length(node)
        rule = GuideRule(
            at=path,
            loop="/".join(step.tag for step in (path.steps if isinstance(found.slot, LoopShape) else path.steps[:-1])),
            reference=found.element.id if found.element else "",
            use=self._use(node),
            codes=frozenset(self._codes(node)),
            shortest=shortest,
            longest=longest,
            most=self._most(node),
            note=self._text(node, "note") if node.get("note") else "",
        )
        for why in _loosened(rule, found):
            self._wrong("X12-804", node, value=text, why=why)
        return rule

    def _use(self, node: Keyed) -> Use | None:
        given = node.get("use")
        if given is None:
            return None
        if isinstance(given, Text) and given.value in set(Use):
            return Use(given.value)
        self._wrong("X12-802", given, why="use is neither required nor forbidden")
        return None

    def _codes(self, node: Keyed) -> Iterator[str]:
        given = node.get("codes")
        if isinstance(given, Items) and all(isinstance(one, Text) for one in given.values):
            yield from (one.value for one in given.values if isinstance(one, Text))
        elif given is not None:
            self._wrong("X12-802", given, why="codes is no list of codes")

    def _length(self, node: Keyed) -> tuple[int, int]:
        given = node.get("length")
        if given is None:
            return 0, 0
        found = _LENGTH.fullmatch(given.value) if isinstance(given, Text) else None
        if found is None:
            self._wrong("X12-802", given, why="length is neither a number nor a range such as 3..8")
            return 0, 0
        low, high, exact = found.groups()
        return (int(exact), int(exact)) if exact else (int(low or 0), int(high or 0))

    def _most(self, node: Keyed) -> int:
        given = node.get("most")
        if given is None:
            return 0
        if isinstance(given, Text) and given.value.isdecimal() and int(given.value) > 0:
            return int(given.value)
        self._wrong("X12-802", given, why="most is no number above zero")
        return 0

    def _known_keys(self, node: Keyed, known: tuple[str, ...]) -> None:
        for key, (scalar, _) in node.entries.items():
            if key not in known:
                self._wrong("X12-802", scalar, why=f"the key {key!r} is unknown. {nearest(key, known)}")

    def _text(self, node: Keyed, key: str) -> str:
        given = node.get(key)
        if isinstance(given, Text) and given.value:
            return given.value
        self._wrong("X12-802", given or node, why=f"{key} is missing")
        return ""

    def _is_keyed(self, node: Node) -> bool:
        if not isinstance(node, Keyed):
            self._wrong("X12-802", node, why="a rule is no mapping of keys")
        return isinstance(node, Keyed)

    def _wrong(self, code: str, node: Node, value: str | None = None, **detail: object) -> None:
        self.faults.append(Fault.of(code, Place(file=self.file, line=node.line, column=node.column), value, **detail))


def _is_certain(node: Node) -> bool:
    given = node.get("certain") if isinstance(node, Keyed) else None
    return not (isinstance(given, Text) and given.value == "no")


def _loosened(rule: GuideRule, found: Found) -> Iterator[str]:
    """Why a rule would allow what the standard does not, or can never be kept."""
    yield from _unknown_qualifiers(rule.at, found)
    element = found.element
    if element is None:
        limit = found.slot.limit
        if rule.codes or rule.shortest or rule.longest:
            yield "codes and lengths are for elements"
        if rule.most and limit and rule.most > limit:
            yield f"the standard allows {limit} uses, the guide {rule.most}"
        if rule.use is Use.FORBIDDEN and found.slot.requirement == "M" and not rule.at.steps[-1].conditions:
            yield "the standard makes it mandatory, the guide forbids it"
        return
    if rule.most:
        yield "most is for segments and loops"
    if rule.use is Use.FORBIDDEN and element.requirement == "M":
        yield "the standard makes it mandatory, the guide forbids it"
    if element.codes and (unknown := sorted(rule.codes - set(element.codes))):
        yield f"{', '.join(unknown)} is not in the standard's code list of element {element.id}"
    if rule.longest and element.maximum and rule.longest > element.maximum:
        yield f"the standard allows {element.maximum} characters, the guide {rule.longest}"
    if rule.shortest and rule.shortest < element.minimum:
        yield f"the standard needs {element.minimum} characters, the guide {rule.shortest}"


def _unknown_qualifiers(path: GuidePath, found: Found) -> Iterator[str]:
    for number, value in path.steps[-1].conditions:
        codes = found.segment.elements[number - 1].codes if number <= len(found.segment.elements) else {}
        if codes and value not in codes:
            yield f"{found.segment.tag}{number:02} is never {value!r} in the standard"
