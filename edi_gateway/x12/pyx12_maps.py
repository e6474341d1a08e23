"""Our schemas as pyx12's map files, so that pyx12 can judge the sets that we judge.

pyx12 ships maps of health-care guides alone, but it loads others: an index, a map of the transaction set inside its envelopes,
a dictionary of elements, and code lists, which are written once for each element and referred to.
"""

from collections.abc import Iterator
from itertools import count
from xml.etree import ElementTree as ET

from edi_gateway.shape import ElementShape, LoopShape, SegmentShape
from edi_gateway.x12.schema import Library, SetSchema

CONTROL_VERSIONS = {"004010": "00401", "005010": "00501"}
"""The interchange version under which pyx12 looks for a release's maps."""

_USAGE = {"M": "R", "O": "S", "X": "S"}


def map_files(library: Library, release: str, set_id: str) -> dict[str, str]:
    """The files of a map folder for one set, by name. Errors: KeyError where there is no schema for the set, or no such release."""
    schema = library.set_schema(release, set_id)
    if schema is None:
        raise KeyError(f"{release} {set_id}")
    version = CONTROL_VERSIONS[release]
    transaction = _transaction(library, release, schema)
    elements = {element.id: element for segment in _segments(transaction[1]) for element in _simple(segment.elements)}
    text = ET.tostring(transaction[0], encoding="unicode")
    return {
        "maps.xml": _index(version, release, schema.functional_id),
        "set.xml": text,
        f"x12.control.{version}.xml": text,
        "dataele.xml": _dictionary(elements),
        "codes.xml": _code_lists(elements),
    }


def _index(version: str, release: str, functional_id: str) -> str:
    maps = ET.Element("maps")
    within = ET.SubElement(maps, "version", icvn=version)
    ET.SubElement(within, "map", vriic=release, fic=functional_id, abbr="set").text = "set.xml"
    return ET.tostring(maps, encoding="unicode")


def _transaction(library: Library, release: str, schema: SetSchema) -> tuple[ET.Element, list[SegmentShape | LoopShape]]:
    """The map's root, and every slot in it."""
    envelope = {tag: library.segment(release, tag) for tag in ("ISA", "IEA", "GS", "GE", "ST", "SE")}
    known = {tag: segment for tag, segment in envelope.items() if segment is not None}
    slots: list[SegmentShape | LoopShape] = [*known.values(), *schema.shape.root.walk()]
    names = count(1)
    root = ET.Element("transaction", xid=schema.set_id, name=schema.shape.title)
    interchange = _open_loop(root, "ISA_LOOP", "R", 10, 0)
    _segment(interchange, known["ISA"], 10, "R", 1)
    group = _open_loop(interchange, "GS_LOOP", "R", 20, 0)
    _segment(group, known["GS"], 10, "R", 1)
    one = _open_loop(group, "ST_LOOP", "R", 20, 0)
    _segment(one, known["ST"], 10, "R", 1)
    last = _fill(one, schema.shape.root, names, 20)
    _segment(one, known["SE"], last, "R", 1)
    _segment(group, known["GE"], 30, "R", 1)
    _segment(interchange, known["IEA"], 30, "R", 1)
    return root, slots


def _fill(parent: ET.Element, loop: LoopShape, names: Iterator[int], first: int) -> int:
    """Writes a loop's slots into its element; gives the position after the last."""
    position = first
    for item in loop.items:
        if isinstance(item, LoopShape):
            inner = _open_loop(parent, f"{item.tag}_{next(names)}", _USAGE[item.requirement], position, item.limit)
            _fill(inner, item, names, 10)
        else:
            _segment(parent, item, position, _USAGE[item.requirement], item.limit)
        position += 10
    return position


def _open_loop(parent: ET.Element, name: str, usage: str, position: int, limit: int) -> ET.Element:
    return ET.SubElement(parent, "loop", xid=name, name=name, usage=usage, pos=str(position), repeat=str(limit or ">1"), type="explicit")


def _segment(parent: ET.Element, shape: SegmentShape, position: int, usage: str, limit: int) -> None:
    segment = ET.SubElement(parent, "segment", xid=shape.tag, name=shape.name, usage=usage, pos=str(position), max_use=str(limit or ">1"))
    for note in shape.syntax:
        ET.SubElement(segment, "syntax").text = note
    for number, element in enumerate(shape.elements, 1):
        if element.components:
            composite = _element(segment, "composite", element, f"{shape.tag}{number:02}", number)
            for inner, component in enumerate(element.components, 1):
                _element(composite, "element", component, f"{shape.tag}{number:02}-{inner:02}", inner)
        else:
            _element(segment, "element", element, f"{shape.tag}{number:02}", number)


def _element(parent: ET.Element, kind: str, shape: ElementShape, designator: str, number: int) -> ET.Element:
    element = ET.SubElement(
        parent, kind, xid=designator, data_ele=shape.id, name=shape.name, usage=_USAGE[shape.requirement], seq=f"{number:02}"
    )
    if shape.repeat > 1:
        element.set("repeat", str(shape.repeat))
    if shape.codes and not shape.components:
        ET.SubElement(element, "valid_codes", external=f"element-{shape.id}")
    return element


def _dictionary(elements: dict[str, ElementShape]) -> str:
    root = ET.Element("data_elements")
    for number, element in sorted(elements.items()):
        attributes = {"ele_num": number, "data_type": element.type, "name": element.name}
        ET.SubElement(root, "data_ele", {**attributes, "min_len": str(element.minimum), "max_len": str(element.maximum)})
    return ET.tostring(root, encoding="unicode")


def _code_lists(elements: dict[str, ElementShape]) -> str:
    root = ET.Element("codesets")
    for number, element in sorted(elements.items()):
        if element.codes:
            one = ET.SubElement(root, "codeset")
            ET.SubElement(one, "id").text = f"element-{number}"
            ET.SubElement(one, "name").text = element.name
            ET.SubElement(one, "data_ele").text = number
            version = ET.SubElement(one, "version")
            for code in element.codes:
                ET.SubElement(version, "code").text = code
    return ET.tostring(root, encoding="unicode")


def _segments(slots: list[SegmentShape | LoopShape]) -> Iterator[SegmentShape]:
    return (slot for slot in slots if isinstance(slot, SegmentShape))


def _simple(elements: tuple[ElementShape, ...]) -> Iterator[ElementShape]:
    for element in elements:
        yield from element.components or (element,)
