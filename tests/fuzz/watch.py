"""Child processes that judge packages, watched from outside: none may crash, hang or take more than its memory."""

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HANG_SECONDS = 10  # of processor time for one package
STALL_SECONDS = 60  # of the clock, for a package that waits without computing
MOST_MIB = 1024
RENEW_AFTER = 2_000  # packages of one child
CHILD = ("-m", "tests.fuzz.child")
Tell = Callable[["Tally"], None]


@dataclass(slots=True)
class Tally:
    """What became of the packages. `failures`: by number, what went wrong."""

    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[int, str] = field(default_factory=dict)
    slowest: tuple[float, int] = (0.0, -1)  # processor seconds, number
    largest: tuple[int, int] = (0, -1)  # MiB, number

    @property
    def judged(self) -> int:
        """How many packages came to an end, good or bad."""
        return sum(self.outcomes.values()) + len(self.failures)

    def take(self, line: str) -> None:
        """A line of a child."""
        word, number, rest = line.rstrip("\n").split(" ", 2)
        if word == "fail":
            self.failures[int(number)] = json.loads(rest)
            return
        outcome, seconds, mib = rest.rsplit(" ", 2)
        self.outcomes[outcome] += 1
        self.slowest = max(self.slowest, (float(seconds), int(number)))
        self.largest = max(self.largest, (int(mib), int(number)))
        if int(mib) > MOST_MIB:
            self.failures[int(number)] = f"took {mib} MiB"


def watch(
    first: int, packages: int, processes: int, tell: Tell = lambda _: None, child: tuple[str, ...] = CHILD
) -> Tally:
    """Judge packages `first` to `first + packages - 1` in child processes.

    Args:
        tell: called whenever a child has ended.
        child: what Python is to run; it is given the first number, the one to stop before, and the step.
    """
    tally, lock = Tally(), threading.Lock()

    def lane(offset: int) -> None:
        at, stop = first + offset, first + packages
        while at < stop:
            lot = range(at, min(stop, at + RENEW_AFTER * processes), processes)
            at = _one_child(child, lot, tally, lock)
            with lock:
                tell(tally)

    lanes = [threading.Thread(target=lane, args=(number,)) for number in range(processes)]
    for one in lanes:
        one.start()
    for one in lanes:
        one.join()
    return tally


def _one_child(what: tuple[str, ...], lot: range, tally: Tally, lock: threading.Lock) -> int:
    """Run a child until its end or its first hang or crash; the next number to judge."""
    child, said = _start(what, lot)
    number, begun, spent, at = lot.start, time.monotonic(), 0.0, lot.start
    while True:
        try:
            line = said.get(timeout=0.5)
        except queue.Empty:
            trouble = _trouble(child.pid, time.monotonic() - begun, spent)
            if trouble is None:
                continue
            child.kill()
            child.wait()
            with lock:
                tally.failures[number] = trouble
            return number + lot.step
        if line is None:
            break
        if line.startswith("start "):
            number, begun, spent = int(line.split()[1]), time.monotonic(), _cpu_seconds(child.pid)
            continue
        with lock:
            tally.take(line)
        at = int(line.split(" ", 2)[1]) + lot.step
    if child.wait() == 0 and at >= lot.stop:
        return at
    with lock:
        tally.failures[number] = f"the process died with status {child.returncode}"
    return number + lot.step


def _start(what: tuple[str, ...], lot: range) -> tuple["subprocess.Popen[str]", "queue.Queue[str | None]"]:
    command = [sys.executable, "-W", "ignore", *what, str(lot.start), str(lot.stop), str(lot.step)]
    environment = {**os.environ, "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    # A child's stderr goes to ours: what a native library says before it dies is worth reading.
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)
    said: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_listen, args=(child, said), daemon=True).start()
    return child, said


def _listen(child: "subprocess.Popen[str]", said: "queue.Queue[str | None]") -> None:
    assert child.stdout is not None
    with child.stdout:
        for line in child.stdout:
            said.put(line)
    said.put(None)


def _trouble(pid: int, clock: float, spent_before: float) -> str | None:
    spent = _cpu_seconds(pid) - spent_before
    if spent > HANG_SECONDS or clock > STALL_SECONDS:
        return f"hangs: {spent:.0f} s of processor time, {clock:.0f} s of the clock"
    mib = _resident_mib(pid)
    return f"took {mib} MiB" if mib > MOST_MIB else None


def _cpu_seconds(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    except (OSError, IndexError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident_mib(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
