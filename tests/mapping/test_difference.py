"""Two versions of a map are compared by what they mean."""

from collections.abc import Callable

from edi_gateway.mapping import Compiled
from edi_gateway.mapping.difference import differences

OLD = """tables: {kind: {rush: RO, new_order: NE}}
fields:
  id: BEG/03
  type: BEG/02 via kind
  department: REF[DP]/02
  lines: {each: PO1, fields: {line_id: PO1/01, gtin: 'PO1/pair[EN:13]'}}
equations: {CTT/01: count(lines)}
"""


def test_the_same_said_otherwise_is_no_difference(compiled: Callable[..., Compiled]) -> None:
    other = (
        "# by hand\nparts: {line: {gtin: 'PO1/pair[EN:13]', line_id: PO1/01}}\nequations: {CTT/01: count(lines)}\n"
        "fields: {lines: {each: PO1, fields: line}, department: 'REF[DP]/02', type: BEG/02 via kind, id: BEG/03}\n"
        "tables: {unused: {a: b}, kind: {new_order: NE, rush: RO}}\n"
    )
    assert differences(compiled(OLD).must(), compiled(other).must()) == ()


def test_every_change_is_told_in_words(compiled: Callable[..., Compiled]) -> None:
    new = (
        OLD.replace("EN:13", "UP:12")
        .replace("rush: RO", "rush: SA")
        .replace("  department: REF[DP]/02\n", "  currency: CUR[BY]/02 = USD\n")
        .replace("count(lines)", "{out: count(lines)}")
    )
    told = [one.words() for one in differences(compiled(OLD).must(), compiled(new).must())]
    assert told == [
        "equation CTT/01: count(lines) becomes count(lines) (not checked)",
        "row currency is new: CUR[BY]/02 = USD",
        "row department is gone; it was REF[DP]/02",
        "row lines.gtin: PO1/pair[EN:13] becomes PO1/pair[UP:12]",
        "table kind: rush: RO becomes SA",
    ]


def test_a_difference_names_its_place_in_the_new_map(compiled: Callable[..., Compiled]) -> None:
    (one,) = differences(compiled(OLD).must(), compiled(OLD.replace("BEG/03", "BEG/04")).must())
    assert (one.place.line, one.place.column) == (6, 3)
