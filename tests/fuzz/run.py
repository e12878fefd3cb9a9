"""The fuzz run: `make fuzz`, or `python -m tests.fuzz.run [--packages N] [--first N] [--processes N] [--replay N]`.

Exit status 1 where a package ended in neither a report nor a refusal, hung or took too much memory.
"""

import argparse
import sys
import time
from pathlib import Path

from tests.fuzz.judge import judge
from tests.fuzz.mutants import mutant
from tests.fuzz.watch import Tally, watch

PACKAGES = 20_000


def main() -> int:
    """Run it, print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packages", type=int, default=PACKAGES)
    parser.add_argument("--first", type=int, default=0, help="number of the first package")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", type=int, help="judge one package here, with its traceback")
    parser.add_argument("--keep", type=Path, help="with --replay: write the package there")
    given = parser.parse_args()
    if given.replay is not None:
        return _replay(given.replay, given.keep)
    begun = time.monotonic()
    tally = watch(given.first, given.packages, given.processes, _tell)
    print(f"{tally.judged:,} packages in {time.monotonic() - begun:,.0f} s: numbers {given.first} to "
          f"{given.first + given.packages - 1}")  # fmt: skip
    for outcome, count in tally.outcomes.most_common():
        print(f"  {count:7,}  {outcome}")
    print(f"slowest {tally.slowest[0]:.2f} s of processor time (number {tally.slowest[1]}), "
          f"largest {tally.largest[0]} MiB (number {tally.largest[1]})")  # fmt: skip
    for number, what in sorted(tally.failures.items()):
        print(f"FAILED {number}: {what}")
    print(f"{len(tally.failures)} failures")
    return 1 if tally.failures or tally.judged < given.packages else 0


def _replay(number: int, keep: Path | None) -> int:
    package = mutant(number)
    if keep is not None:
        keep.write_bytes(package)
    print(judge(package, files=True))
    return 0


def _tell(tally: Tally) -> None:
    print(f"... {tally.judged:,} judged, {len(tally.failures)} failures", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
