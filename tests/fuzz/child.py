"""Judges packages one after the other and says what became of each: `python -m tests.fuzz.child [GROUPS] FIRST STOP STEP`.

Lines on stdout: `start N`, then `done N OUTCOME CPU_SECONDS PEAK_MIB` or `fail N ERROR`, the traceback as one JSON text.
"""

import json
import sys
import time
import traceback
from pathlib import Path

from tests.fuzz.judge import judge
from tests.fuzz.mutants import mutant

FILES_EVERY = 10  # of so many packages one also gets its report written as files
_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def main(first: int, stop: int, step: int, groups: int | None) -> None:
    """Judge the packages of these numbers; `groups` as in `mutant`."""
    for number in range(first, stop, step):
        package = mutant(number, groups)
        print(f"start {number}", flush=True)
        _forget_peak()
        begun = time.process_time()
        try:
            outcome = judge(package, files=number % FILES_EVERY == 0)
        except Exception:  # noqa: BLE001 -- every one is a defect, and is told
            print(f"fail {number} {json.dumps(traceback.format_exc())}", flush=True)
            continue
        print(f"done {number} {outcome} {time.process_time() - begun:.3f} {peak_mib()}", flush=True)


def _forget_peak() -> None:
    if _CLEAR.exists():
        _CLEAR.write_text("5", "ascii")


def peak_mib() -> int:
    """Most resident memory since the last `_forget_peak`, in MiB; 0 where the system does not tell."""
    if not _STATUS.exists():
        return 0
    line = next(one for one in _STATUS.read_text("ascii").splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) // 1024


if __name__ == "__main__":
    *chosen, first, stop, step = map(int, sys.argv[1:])
    main(first, stop, step, chosen[0] if chosen else None)
