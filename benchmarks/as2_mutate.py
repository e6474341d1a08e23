"""Messages and MDNs changed at random, 100,000 by default: nothing but our own faults, no changed payload taken, no changed MDN believed.

    python benchmarks/as2_mutate.py [--messages 100000] [--seed 1]

Whatever is found is printed as the bytes that do it; it is mended and kept as a test in `tests/as2`.
"""

import argparse
import sys
import time

from edi_gateway.testing.mutations import run


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--messages", type=int, default=100_000, help="how many")
    arguments.add_argument("--seed", type=int, default=1, help="what the changes are drawn from")
    given = arguments.parse_args()
    started = time.process_time()
    tally = run(given.messages, given.seed)
    print(f"{tally.judged:,} judged in {time.process_time() - started:,.0f} s of processor time")
    print(f"{tally.taken:,} taken, what changed in them being outside of what was signed")
    print(f"{len(tally.wrong)} wrong")
    for one in tally.wrong[:20]:
        print(one[:4000])
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
