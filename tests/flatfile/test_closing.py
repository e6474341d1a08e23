"""A file's trailer: written with its counts, and a file that does not agree with it is refused whole."""

import pytest

from edi_gateway.flatfile import Layout, load_layout, read, write

from .conftest import SMALL

ONE = "HDR,ORDER,P1,,\nLIN,1,,\n"
TEXT = SMALL.replace("{DIALECT}", "{headers: no}") + "trailer: {tag: FTR, counts: documents records}\n"


@pytest.fixture
def closed() -> Layout:
    return load_layout(TEXT, file="small.yaml").must()


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
        (ONE + "FTR,1,2\n" + ONE, [("ERP-133", 5, 1)]),
        (ONE + "FTR,2,2\n", [("ERP-134", 3, 5)]),
        (ONE + "FTR,1,3\n", [("ERP-134", 3, 7)]),
        (ONE + "FTR\n", [("ERP-134", 3, 1), ("ERP-134", 3, 1)]),
    ],
)
def test_a_file_that_does_not_agree_is_refused_whole(closed: Layout, content: str, found: list[tuple[str, int, int]]) -> None:
    reading = read(content.encode(), closed, file="x.csv")
    assert [(one.code, one.place.line, one.place.column) for one in reading.faults] == found
    assert reading.documents == ()
    assert all("?" not in one.message for one in reading.faults)


@pytest.mark.parametrize("trailer", ["{tag: FTR, counts: pages}", "FTR", "{tag: FTR}"])
def test_a_trailer_that_is_not_understood_is_a_fault_of_the_layout(trailer: str) -> None:
    text = TEXT.replace("{tag: FTR, counts: documents records}", trailer)
    assert [one.code for one in load_layout(text, file="small.yaml").faults] == ["ERP-303"]


def test_only_a_form_of_csv_keeps_the_trailer(closed: Layout) -> None:
    def other(form: str) -> Layout:
        return load_layout(f"layout: other\nlike: small\nformat: {form}\n", file="other.yaml", base=lambda _: (TEXT, "small.yaml")).must()

    assert other("csv").trailer == closed.trailer
    assert other("jsonl").trailer is None
