"""Time to load and to compile contracts: a whole release, one dataset, a small package; CPU seconds, imports excluded.

Bounds: a whole release loaded and compiled in 1 s, one dataset in 50 ms. Compared with loading all files eagerly, as
checking a package of three datasets would have to without reading datasets when they are asked for.

Run: python benchmarks/contract_loading.py
"""

import time
from collections.abc import Callable

from contracts.loader import HOME, read_release, release_versions
from contracts.model import Release
from contracts.releasefiles import ReleaseFiles, Spec
from exchange_hub.core.calendar import published_calendar
from validators.checks import checks_of
from validators.evaluate import surroundings
from validators.plan import plan_for
from validators.registry import all_rules

ROUNDS = 5
SMALL = ("PROJECT", "TENDER_PROJECT", "SECTION")


def best(work: Callable[[], object]) -> float:
    """Least CPU seconds of some rounds, in this process alone."""
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work()
        found.append(time.process_time() - started)
    return min(found)


def opened(version: str) -> Release:
    """The release with nothing of it read yet."""
    return ReleaseFiles(HOME / "releases" / version, Spec(HOME / "codelists", HOME.parent)).release()


def load(version: str) -> Release:
    """The whole release, read and checked."""
    return read_release(HOME / "releases" / version, HOME / "codelists", HOME.parent)


def compile_dataset(release: Release, name: str) -> int:
    """The checks of one dataset with their expressions; how many."""
    contract = release.datasets[name]
    around = surroundings(contract, (), release, published_calendar())
    return len(plan_for(contract, checks_of(contract, release), around).checks)


def small(version: str) -> None:
    """What checking a package of three datasets asks for."""
    release = opened(version)
    for name in SMALL:
        compile_dataset(release, name)


def main() -> None:
    """Measure and print."""
    all_rules()
    for version in release_versions():
        release = load(version)
        whole = best(lambda version=version: load(version))
        plans = best(lambda release=release: [compile_dataset(release, name) for name in release.datasets])
        each = max(
            best(lambda version=version, name=name: compile_dataset(opened(version), name))
            for name in ("RECORDING", "SECTION")
            if name in release.datasets
        )
        few = best(lambda version=version: small(version))
        print(
            f"{version}  {len(release.datasets):3} datasets  load {whole:5.2f} s  compile {plans:5.2f} s"
            f"  together {whole + plans:5.2f} s (bound 1)  one dataset {each * 1000:4.0f} ms (bound 50)"
            f"  three {few * 1000:4.0f} ms, {(whole + plans) / few:4.1f} times less than all"
        )


if __name__ == "__main__":
    main()
