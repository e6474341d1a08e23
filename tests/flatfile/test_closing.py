"""A file's header, trailer and control total: written with what the file holds, and a file that does not agree is refused whole."""

import io
from dataclasses import replace

import openpyxl
import pytest

from edi_gateway.flatfile import Layout, load_layout, read, recognise, template_of, write

from .conftest import SMALL

ONE = "HDR,ORDER,P1,,\nLIN,1,,\n"
SUMMED = "HDR,ORDER,P1,,\nLIN,2.50,,\nLIN,-.25,,\n"
PLAIN = SMALL.replace("{DIALECT}", "{headers: no}")
TRAILER = "trailer: {tag: FTR, counts: documents records}\n"
WHOLE = "total: LIN.quantity\nheader: {tag: FHD}\ntrailer: {tag: FTR, counts: documents records total}\n"
FORMS = ("csv", "fixed", "json", "jsonl", "xml", "xlsx")


def laid(controls: str, form: str = "csv") -> Layout:
    text = f"{PLAIN}format: {form}\n{controls}"
    if form == "fixed":
        text = text.replace("{name: ", "{width: 14, name: ")
        text = text.replace("records total}", "records total, widths: 4 4 9}")
    return load_layout(text, file="small.yaml").must()


@pytest.fixture
def closed() -> Layout:
    return laid(TRAILER)


@pytest.mark.parametrize("count", [1, 2, 7])
def test_a_file_is_written_with_its_counts_and_read_again(closed: Layout, count: int) -> None:
    content = f"{ONE * count}FTR,{count},{2 * count}\n".encode()
    reading = read(content, closed)
    assert reading.all_faults == ()
    assert len(reading.documents) == count
    again = write([one.tree for one in reading.documents], closed).content_or_faulty()
    assert again.decode().splitlines()[-1] == f"FTR,{count},{2 * count}"
    assert read(again, closed).all_faults == ()


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (ONE, [("ERP-133", 2, 1)]),
        ("", [("ERP-133", 1, 1)]),
        (ONE + "FTR,1,2\n" + ONE, [("ERP-135", 4, 1)]),
        (ONE + "FTR,1,2\nFTR,1,2\n", [("ERP-135", 4, 1)]),
        (ONE + "FTR,2,2\n", [("ERP-134", 3, 5)]),
        (ONE + "FTR,1,3\n", [("ERP-134", 3, 7)]),
        (ONE + "FTR,one,2\n", [("ERP-134", 3, 5)]),
        (ONE + "FTR\n", [("ERP-134", 3, 4), ("ERP-134", 3, 4)]),
        (ONE + "LIN,x,,\n" + "FTR,1,2\n", [("ERP-134", 4, 7), ("ERP-111", 3, 5)]),
        (ONE + "LIN,1,,\nLIN,2", [("ERP-133", 4, 1)]),
    ],
)
def test_a_file_that_does_not_agree_is_refused_whole(closed: Layout, content: str, found: list[tuple[str, int, int]]) -> None:
    reading = read(content.encode(), closed, file="x.csv")
    assert [(one.code, one.place.line, one.place.column) for one in reading.faults] == found
    assert reading.documents == ()
    assert all("?" not in one.message for one in reading.faults)


@pytest.mark.parametrize("bad", ["LIN,,,\n", 'LIN,"1\n', "LIN,1\x00,,\n", "LIN,\udce9,,\n", "XXX\n"])
def test_a_line_with_a_fault_is_counted_and_spoils_its_document_only(closed: Layout, bad: str) -> None:
    content = (ONE + bad + ONE + "FTR,2,0005\n").encode("utf-8", "surrogateescape")
    reading = read(content, closed)
    assert reading.faults == ()
    assert [one.ok for one in reading.documents] == [False, True]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_written_with_header_and_trailer_and_read_again(form: str) -> None:
    trees = [one.tree for one in read((SUMMED + ONE).encode(), laid("")).documents]
    layout = laid(WHOLE, form)
    content = write(trees, layout).content_or_faulty()
    assert recognise(content, [layout], file="any") is layout
    reading = read(content, layout)
    assert reading.all_faults == ()
    assert [one.tree for one in reading.documents] == trees
    assert reading.tally is not None
    assert [reading.tally.text(name) for name in ("documents", "records", "total")] == ["2", "5", "3.25"]


WRITTEN = {
    "csv": "FHD\nHDR,ORDER,P1,,\nLIN,2.5,,\nFTR,1,2,2.5\n",
    "fixed": "FHD\nHDRORDER         P1\nLIN           2.5\nFTR   1   2      2.5\n",
    "json": '{"FHD": {},\n "documents": [{"HDR": {"document": "ORDER", "po_id": "P1"}, "LIN": [{"quantity": "2.5"}]}],\n'
    ' "FTR": {"documents": "1", "records": 2, "total": 2.50}}\n',
    "jsonl": '{"FHD":{}}\n{"HDR":{"document":"ORDER","po_id":"P1"},"LIN":{"quantity":2.5}}\n'
    '{"FTR":{"documents":1,"records":2,"total":2.5}}\n',
    "xml": '<documents><FHD/>\n<ORDER><HDR document="ORDER" po_id="P1"/><LIN quantity="2.5"/></ORDER>\n'
    "<FTR><documents>1</documents><records>2</records><total>2.5</total></FTR>\n</documents>",
}


def cut(form: str, what: str) -> str:
    """A file with something wrong in its header or trailer."""
    text = WRITTEN[form]
    match what, form:
        case "total", _:
            return text[: (at := text.rindex("2.5"))] + "2.4" + text[at + 3 :]
        case "count", "xml":
            return text.replace("<records>2<", "<records>3<")
        case "count", "fixed":
            return text.replace("FTR   1   2", "FTR   1   3")
        case "count", "csv":
            return text.replace("FTR,1,2", "FTR,1,3")
        case "count", _:
            return text.replace('"records": 2', '"records": 3').replace('"records":2', '"records":3')
        case "trailer", "json":
            return text[: text.index(',\n "FTR"')] + "}"
        case "trailer", "xml":
            return text[: text.index("<FTR>")] + "</documents>"
        case "trailer", _:
            return text[: text.index("FTR" if form in ("csv", "fixed") else '{"FTR"')]
        case "header", "json":
            return text.replace('"FHD": {},', "")
        case "header", "xml":
            return text.replace("<FHD/>", "")
        case _:
            return text[text.index("\n") + 1 :]


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize(("what", "code"), [("total", "ERP-137"), ("count", "ERP-134"), ("trailer", "ERP-133"), ("header", "ERP-136")])
def test_a_wrong_total_or_count_and_a_missing_trailer_or_header_refuse_a_file_of_every_form(form: str, what: str, code: str) -> None:
    layout = laid(WHOLE, form)
    assert read(WRITTEN[form].encode(), layout).all_faults == ()
    wrong = cut(form, what)
    assert wrong != WRITTEN[form]
    reading = read(wrong.encode(), layout, file="file")
    [fault] = reading.all_faults
    assert (fault.code, reading.documents) == (code, ())
    assert fault.place.line
    assert fault.place.column
    assert "?" not in fault.message


def test_the_message_of_a_wrong_total_says_what_was_told_and_what_was_found() -> None:
    [fault] = read(cut("csv", "total").encode(), laid(WHOLE), file="file").faults
    assert (fault.place.line, fault.place.column, fault.value) == (4, 9, "2.4")
    assert "FTR says '2.4' as the total of LIN.quantity, and the file comes to 2.5" in fault.message


@pytest.mark.parametrize(
    ("form", "content", "code", "line"),
    [
        ("jsonl", WRITTEN["jsonl"] + '{"HDR":{"document":"ORDER","po_id":"P2"},"LIN":{"quantity":2.5}}\n', "ERP-135", 4),
        ("fixed", WRITTEN["fixed"] + "HDRORDER         P2\n", "ERP-135", 5),
        ("csv", WRITTEN["csv"] * 2, "ERP-135", 5),
        ("csv", "FHD\n" + WRITTEN["csv"], "ERP-108", 2),
        ("csv", WRITTEN["csv"].replace("FHD\n", "").replace("FTR", "FHD\nFTR"), "ERP-136", 3),
        ("json", WRITTEN["json"].replace('"FHD"', '"FHX"'), "ERP-120", 1),
    ],
)
def test_what_stands_in_a_wrong_place_is_named(form: str, content: str, code: str, line: int) -> None:
    reading = read(content.encode(), laid(WHOLE, form), file="file")
    assert (reading.faults[0].code[: len(code)], reading.faults[0].place.line, reading.documents) == (code, line, ())


def test_a_document_after_the_trailer_of_xml_is_named() -> None:
    content = WRITTEN["xml"].replace("</FTR>\n", '</FTR>\n<ORDER><HDR document="ORDER" po_id="P1"/><LIN quantity="1"/></ORDER>\n')
    reading = read(content.encode(), laid(WHOLE, "xml"))
    assert [(one.code, one.place.line) for one in reading.faults] == [("ERP-135", 4)]


def test_totals_are_exact_and_written_as_the_dialect_says() -> None:
    text = PLAIN.replace("dialect: {headers: no}", "dialect: {delimiter: semicolon, decimal: ','}")
    german = load_layout(text + WHOLE, file="small.yaml").must()
    lines = "".join("HDR;ORDER;P1\nLIN;0,1\n" for _ in range(10))
    content = f"FHD\n{lines}LIN;123456789012345678901234567890,01\nFTR;10;21;123456789012345678901234567891,01\n".encode()
    reading = read(content, german)
    assert reading.all_faults == ()
    written = write([one.tree for one in reading.documents], german).content_or_faulty()
    assert written.decode().splitlines()[-1] == "FTR;10;21;123456789012345678901234567891,01"


def test_a_value_that_is_not_looked_at_may_hold_anything_and_is_written_empty() -> None:
    layout = laid("header: {tag: FHD, counts: '- documents'}\ntrailer: {tag: FTR, counts: documents - records}\n")
    reading = read(f"FHD,ERP7,1\n{ONE}FTR,1,20260131,2,and more\n".encode(), layout)
    assert reading.all_faults == ()
    assert write([one.tree for one in reading.documents], layout).content == f"FHD,,1\n{ONE}FTR,1,,2\n".encode()


def test_a_total_that_does_not_fit_its_width_is_a_fault_and_never_cut() -> None:
    layout = laid(WHOLE, "fixed")
    [one] = read(b"HDR,ORDER,P1,,\nLIN,12345678.90,,\n", laid("")).documents
    writing = write([one.tree], layout)
    assert writing.content is None
    assert [(fault.code, fault.value) for fault in writing.faults] == [("ERP-201", "12345678.90")]


def test_a_workbook_to_fill_in_has_its_header_and_trailer() -> None:
    layout = laid(WHOLE, "xlsx")
    made = template_of(layout)
    rows = [[cell for cell in row if cell] for row in openpyxl.load_workbook(io.BytesIO(made)).active.iter_rows(values_only=True)]
    assert (rows[0], rows[1]) == (["#FHD"], ["FHD"])
    assert (rows[-2], rows[-1][:3]) == (["#FTR", "documents", "records", "total"], ["FTR", "1", "4"])
    assert recognise(made, [layout]) is layout


@pytest.mark.parametrize(
    ("controls", "code"),
    [
        ("trailer: {tag: FTR, counts: pages}", "ERP-303"),
        ("trailer: FTR", "ERP-303"),
        ("trailer: {tag: FTR}", "ERP-303"),
        ("trailer: {tag: FTR, counts: records records}", "ERP-303"),
        ("trailer: {tag: FTR, counts: total}", "ERP-303"),
        ("trailer: {tag: FTR, counts: records, widths: 6}", "ERP-303"),
        ("format: fixed\ntrailer: {tag: FTR, counts: records}", "ERP-303"),
        ("format: idoc\ntrailer: {tag: FTR, counts: records}", "ERP-303"),
        ("trailer: {tag: FTR, counts: records, width: 6}", "ERP-302"),
        ("trailer: {tag: LIN, counts: records}", "ERP-304"),
        ("header: {tag: FTR}\ntrailer: {tag: FTR, counts: records}", "ERP-304"),
        ("total: LIN", "ERP-303"),
        ("total: LIN.gtin", "ERP-303"),
        ("total: XXX.quantity", "ERP-303"),
    ],
)
def test_what_is_not_understood_is_a_fault_of_the_layout(controls: str, code: str) -> None:
    faults = load_layout(f"{PLAIN}{controls}\n", file="small.yaml").faults
    assert code in [one.code for one in faults]
    assert all("?" not in one.message for one in faults)


def test_a_layout_like_another_inherits_the_total_and_in_the_same_form_header_and_trailer() -> None:
    text = PLAIN + WHOLE

    def other(lines: str) -> Layout:
        return load_layout(f"layout: other\nlike: small\n{lines}\n", file="other.yaml", base=lambda _: (text, "small.yaml")).must()

    below = laid(WHOLE)
    assert other("format: csv").controls == below.controls
    assert (other("format: jsonl").controls, other("format: jsonl").total) == ((), below.total)
    assert other("format: jsonl\ntrailer: {tag: END, counts: total}").controls == (replace(below.trailer, tag="END", counts=("total",)),)
