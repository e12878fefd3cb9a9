"""An everyday slice of the fuzz run (`make fuzz` runs it whole), and proof that its watcher sees what it must see."""

import pytest

from tests.fuzz.mutants import mutant
from tests.fuzz.watch import CHILD, MOST_MIB, Tally, watch

EVERYDAY = 200  # packages
GROUPS = 2  # of datasets; the whole run takes all

HANG = """
import sys, time
for n in range(*map(int, sys.argv[1:4])):
    print(f"start {n}", flush=True)
    while n == 2: pass
    print(f"done {n} accepted 0.1 50", flush=True)
"""
DIE = "import os, sys; print(f'start {sys.argv[1]}', flush=True); os.abort()"
SWELL = f"""
import sys, time
print(f"start {{sys.argv[1]}}", flush=True)
kept = b"x" * {MOST_MIB + 200} * 2**20
time.sleep(60)
"""


def test_a_slice_of_mutated_packages_ends_in_reports_and_refusals() -> None:
    tally = watch(100_000, EVERYDAY, 1, child=(*CHILD, str(GROUPS)))

    assert tally.failures == {}
    assert tally.judged == EVERYDAY
    assert {"accepted", "partially_accepted", "ARCHIVE_BROKEN", "MANIFEST_INVALID"} <= set(tally.outcomes)


def test_a_number_always_gives_the_same_package() -> None:
    assert [mutant(number, 1) for number in range(6)] == [mutant(number, 1) for number in range(6)]


def test_a_package_that_hangs_is_told_and_the_others_are_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.fuzz.watch.HANG_SECONDS", 0.3)

    tally = watch(0, 5, 1, child=("-c", HANG))

    assert set(tally.failures) == {2}
    assert "hangs" in tally.failures[2]
    assert tally.outcomes["accepted"] == 4


@pytest.mark.parametrize(("child", "word"), [(DIE, "died"), (SWELL, "MiB")])
def test_a_package_that_kills_or_swells_its_process_is_told(child: str, word: str) -> None:
    tally = watch(7, 1, 1, child=("-c", child))

    assert word in tally.failures[7]


def test_what_a_child_says_of_too_much_memory_is_a_failure() -> None:
    tally = Tally()

    tally.take(f"done 3 accepted 0.1 {MOST_MIB + 1}\n")

    assert set(tally.failures) == {3}
