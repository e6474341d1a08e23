"""A file of a million lines: read document by document it takes no memory to speak of, and one line more is refused before it is read."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from edi_gateway.flatfile import Format, Layout, read, stream
from edi_gateway.flatfile.reading import MAX_LINES

BENCH = Path(__file__).parents[2] / "benchmarks" / "erp_bench.py"


def measured(*arguments: str) -> dict[str, int | list[str]]:
    """What the benchmark measured, in a process of its own."""
    ran = subprocess.run([sys.executable, str(BENCH), *arguments], capture_output=True, text=True, check=True)
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_largest_file_is_read_in_a_few_megabytes_beside_its_own():
    found = measured("--lines", str(MAX_LINES), "--document", "10")
    assert (found["documents"], found["codes"]) == (100_000, [])
    assert found["growth"] < 32


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_one_line_more_is_refused_in_no_time_and_memory():
    found = measured("--lines", str(MAX_LINES + 1), "--document", "10")
    assert (found["documents"], found["codes"]) == (0, ["ERP-132"])
    assert found["growth"] < 8
    assert found["seconds"] < 1


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_largest_document_is_bounded_too():
    found = measured("--lines", str(MAX_LINES), "--document", str(MAX_LINES))
    assert found["documents"] == 1
    assert found["growth"] < 700


@pytest.mark.parametrize("end", [b"\n", b""])
def test_the_last_line_counts_with_and_without_its_end(layout: Layout, end: bytes):
    [fault] = read(b"#\n" * MAX_LINES + b"#" + end, layout).all_faults
    assert (fault.code, fault.value, fault.place.line) == ("ERP-132", "1000001", MAX_LINES + 1)


@pytest.mark.parametrize(
    ("form", "content", "code"),
    [
        (Format.JSONL, b"\n" * (MAX_LINES + 1), "ERP-132"),
        (Format.FIXED, b"\n" * (MAX_LINES + 1), "ERP-132"),
        (Format.JSON, b"{" * (MAX_LINES + 1), "ERP-139"),
    ],
)
def test_every_form_has_its_limit(layout: Layout, form: Format, content: bytes, code: str):
    [fault] = read(content, replace(layout, format=form)).all_faults
    assert fault.code == code
    assert "?" not in fault.message


@pytest.mark.parametrize("form", [Format.CSV, Format.JSONL])
def test_a_document_is_given_before_the_next_is_looked_at(layout: Layout, form: Format):
    content = {
        Format.CSV: b"HDR,ORDER,P1\nLIN,1\nHDR,ORDER,P2\nLIN,2\n",
        Format.JSONL: b'{"HDR":{"document":"ORDER","po_id":"P1"},"LIN":{"quantity":1}}\n{broken\n',
    }[form]
    one = stream(content, replace(layout, format=form))
    first = next(iter(one))
    assert first.tree.children[0][2] == "P1"  # type: ignore[index]
    with pytest.raises(ValueError, match="not been read to its end"):
        _ = one.end
