"""A coverage-guided fuzzer on the X12 reader: whatever the bytes, faults come out and never an exception, and they render as they came.

    pip install atheris
    python benchmarks/x12_fuzz.py -max_total_time=600 CORPUS_FOLDER

What it finds is mended and kept as a test in `tests/x12/test_laws.py`. Options are libFuzzer's; the samples are its first inputs.
"""

import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["edi_gateway.x12"]):
    from edi_gateway import x12
    from edi_gateway.x12.verbatim import verbatim

ROOT = Path(__file__).parents[1]
LIBRARY = x12.Library([ROOT / "schemas"])
RULES = tuple(x12.Rules(mode=mode, charset=charset) for mode in x12.Mode for charset in x12.Charset)


def explore(content: bytes) -> None:
    """Asks everything of a reading that can be asked. The first byte chooses the rules."""
    rules = RULES[content[0] % len(RULES)] if content else RULES[0]
    content = content[1:]
    reading = x12.read(content, LIBRARY, rules=rules)
    for fault in reading.all_faults():
        fault.line()
    for interchange in reading.interchanges:
        x12.ta1(interchange)
        for form in x12.Form:
            x12.acknowledge(interchange, form=form)
        for one in interchange.sets:
            x12.settle(one.tree())
    assert verbatim(content, reading).render() == content


def main() -> None:
    folder = next((Path(word) for word in sys.argv[1:] if not word.startswith("-")), None)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for sample in sorted((ROOT / "samples" / "x12").glob("*.edi")):
            (folder / sample.name).write_bytes(b"\x00" + sample.read_bytes())
    atheris.Setup(sys.argv, explore)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
