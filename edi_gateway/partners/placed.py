"""A partner file's YAML as placed values, the form that declared keys are read from."""

from edi_gateway.config.placed import Bare, Placed
from edi_gateway.faults import Fault, Place
from edi_gateway.marked import Items, Node, Problem, Text, Trouble, parse


def read_placed(source: str, file: str) -> tuple[Placed, list[Fault]]:
    """The file's values with their places; a fault for what is not YAML, and for each key that stands twice (the first counts)."""
    parsed = parse(source)
    start = Place(file=file, line=1, column=1)
    faults = [_fault(problem, file) for problem in parsed.problems]
    if parsed.root is None:
        return Placed(content=None, place=start, key_place=start), faults
    return _placed(parsed.root, _place(parsed.root, file), file), faults


def _place(node: Node, file: str) -> Place:
    return Place(file=file, line=node.line, column=node.column)


def _placed(node: Node, key_place: Place, file: str) -> Placed:
    place = _place(node, file)
    if isinstance(node, Text):
        return Placed(content=Bare(node.value) if node.value else None, place=place, key_place=key_place)
    if isinstance(node, Items):
        return Placed(content=tuple(_placed(one, _place(one, file), file) for one in node.values), place=place, key_place=key_place)
    members = {name: _placed(value, _place(key, file), file) for name, (key, value) in node.entries.items()}
    return Placed(content=members, place=place, key_place=key_place)


def _fault(problem: Problem, file: str) -> Fault:
    place = Place(file=file, line=problem.line, column=problem.column)
    if problem.trouble is Trouble.DUPLICATE:
        return Fault.of("PRT-KEY-TWICE", place, problem.words)
    refused = "a partner file takes no " + problem.words.removeprefix("a ") if problem.trouble is Trouble.REFUSED else problem.words
    return Fault.of("PRT-SYNTAX", place, reason=refused)
