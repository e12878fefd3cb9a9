"""A package of 100,000 records through `hub ingest`, on PostgreSQL and S3 store of the embedded stack.

Targets: 60 s of wall time, 2 GiB of memory (of the command's own process). The same package once more shows the price
of a harmless repeat. Run: python benchmarks/ingest_100k.py [records] [xml|csv|jsonl|parquet]
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from exchange_hub.embedded import stack
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

HUB = Path(sys.executable).with_name("hub")
TARGET_SECONDS, TARGET_GIB = 60.0, 2.0
RECORDS_OF_A_PROJECT = 45  # about; the sample is measured, not guessed
PLATFORM = "12411300MA3DEM035H"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command cost."""

    wall: float  # seconds
    cpu: float  # seconds, user and system
    gib: float  # peak of resident memory
    report: dict[str, object]


def ingest(package: Path, out: Path) -> Cost:
    """Run the command and measure its own process."""
    begun = time.perf_counter()
    with out.open("wb") as report:
        process = os.posix_spawn(
            HUB,
            [str(HUB), "ingest", str(package), "--json"],
            os.environ,
            file_actions=[(os.POSIX_SPAWN_DUP2, report.fileno(), 1)],
        )
    _, status, used = os.wait4(process, 0)
    wall = time.perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"hub ingest ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024**2, json.loads(out.read_text("utf-8")))


def show(name: str, cost: Cost) -> None:
    """One line: figures and their ratio to the target."""
    print(
        f"{name:<8} wall {cost.wall:6.1f} s ({cost.wall / TARGET_SECONDS:4.2f} of {TARGET_SECONDS:.0f} s)  "
        f"cpu {cost.cpu:6.1f} s  memory {cost.gib:5.2f} GiB ({cost.gib / TARGET_GIB:4.2f} of {TARGET_GIB:.0f} GiB)"
    )


def main() -> None:
    """Measure and print."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "xml"
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        os.environ["HUB_HOME"] = f"{folder}/home"
        projects = max(1, records // RECORDS_OF_A_PROJECT)
        manifest = write_package(Path(folder) / "package", SampleOptions(PLATFORM, projects, 42, kind))
        made = sum(entry.records for entry in manifest.files)
        stack.up(["postgres", "s3"], lambda _: None)
        try:
            first = ingest(Path(folder) / "package", Path(folder) / "first.json")
            again = ingest(Path(folder) / "package", Path(folder) / "again.json")
        finally:
            stack.down(lambda _: None, delete=True)
    counts = first.report["counts"]
    print(f"{made:,} records as {kind}: {counts}")
    show("first", first)
    show("repeat", again)
    print(f"{made / first.wall:,.0f} records/s; of 100,000 records: {first.wall * 100_000 / made:.1f} s")


if __name__ == "__main__":
    main()
