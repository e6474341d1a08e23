"""What reading a large ERP file takes: seconds of one core, and how far the process grows.

Run:    python benchmarks/erp_bench.py --lines 1000000 --document 10
        python benchmarks/erp_bench.py --lines 1000000 --document 10 --whole     all documents held at once, as `flatfile.read` does

Prints one JSON object. `growth` is what the process needs beside the file itself, in MB.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from edi_gateway import flatfile

LAYOUT = Path(__file__).parents[1] / "schemas" / "flat" / "order.yaml"


def order(number: int, lines: int) -> Iterator[str]:
    """One order of so many lines, its head among them."""
    yield f"HDR,ORDER,P{number},original,new_order,,20260105,USD\n"
    for line in range(1, lines):
        yield f"LIN,{line},{24 + line % 7},EA,3.{line % 100:02},,B{number * lines + line:07},SKU-{line % 500},4006381333931,Notebook A5\n"


def peak() -> float:
    """The most that the process had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measured(lines: int, document: int, whole: bool) -> dict[str, object]:
    """Reads such a file and says what it took."""
    layout = flatfile.load_layout(LAYOUT.read_text(encoding="utf-8"), file=str(LAYOUT)).must()
    with tempfile.TemporaryFile() as file:  # so that the process has held nothing larger than the file when the reading begins
        for number in range(lines // document):
            file.writelines(line.encode() for line in order(number, document))
        file.write(b"#\n" * (lines % document))
        file.seek(0)
        given = file.read()
    before, started = peak(), time.process_time()
    documents = 0
    if whole:
        reading = flatfile.read(given, layout)
        documents, codes = len(reading.documents), sorted({one.code for one in reading.all_faults})
    else:
        stream = flatfile.stream(given, layout)
        documents = sum(1 for _ in stream)
        codes = sorted({one.code for one in stream.end.faults})
    return {
        "lines": given.count(b"\n"),
        "megabytes": round(len(given) / 1e6),
        "documents": documents,
        "codes": codes,
        "seconds": round(time.process_time() - started, 1),
        "growth": round(peak() - before),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--document", type=int, default=10, help="lines of one document")
    parser.add_argument("--whole", action="store_true")
    given = parser.parse_args()
    print(json.dumps(measured(given.lines, given.document, given.whole)))


if __name__ == "__main__":
    main()
