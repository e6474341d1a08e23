"""A first map for a partner: what the general map already reads of a sample, and every open question in its place."""

from collections import Counter
from collections.abc import Iterable

from edi_gateway.mapping.map import Map
from edi_gateway.mapping.plan import BoundRow
from edi_gateway.tree import Loop

_QUALIFIED = {"REF", "N1", "N9", "DTM", "PER", "PID", "SAC", "AMT", "QTY", "MAN", "TD5", "CUR", "ITD"}


def sketch(name: str, general: Map, samples: Iterable[Loop]) -> str:
    """The text of a map that extends the general one.

    Shape: its comments list what the samples hold that no row reads, most frequent first, each with a path, its name and a
           value; then the rows that the samples never used, as candidates for `omit:`. The text compiles as it stands.
    """
    trees = list(samples)
    used = {origin.row for tree in trees for origin in general.explain_read(tree)}
    lines = [
        f"# A first map, made from {len(trees)} sample{'' if len(trees) == 1 else 's'}. Questions stand below; delete what is answered.",
        f"map: {name}",
        f"extends: {general.name}",
    ]
    questions = _questions(general, trees)
    if questions:
        lines += ["", "# In the samples, and read by no row:"]
        lines += [f"#   {path:<24} {designation}; such as {value!r}" for path, designation, value in questions]
        lines += ["# A row for one of them goes under fields:, such as", f"#   customer_reference: {questions[0][0]}"]
    idle = [row.path.replace("[]", "") for row in general.plan.rows if row.place not in used and _is_optional(row)]
    if idle:
        lines += ["", "# Rows of the general map that the samples never used; omit what the partner does not send:"]
        lines += [f"# omit: [{', '.join(idle)}]"]
    return "\n".join([*lines, ""])


def _is_optional(row: BoundRow) -> bool:
    return not row.required


def _questions(general: Map, trees: list[Loop]) -> list[tuple[str, str, str]]:
    """Per place that no row reads: its path, what the standard calls it, and a value; the most frequent first."""
    counted: Counter[str] = Counter()
    told: dict[str, tuple[str, str]] = {}
    for tree in trees:
        segments = {segment.position: segment for segment in tree.walk()}
        for fault in general.unread(tree):
            tag, element = fault.place.segment or "", fault.place.element or 0
            segment = segments.get(fault.place.position or 0)
            qualifier = str(segment.get(1)) if segment is not None and tag in _QUALIFIED and element != 1 else ""
            path = f"{tag}[{qualifier}]/{element:02}" if qualifier else f"{tag}/{element:02}"
            counted[path] += 1
            told.setdefault(path, (dict(fault.detail)["name"], fault.value or ""))
    return [(path, *told[path]) for path, _ in counted.most_common()]
