"""1,000 small packages of one platform through receive, validate, load and notify, as the mapped tasks take them.

Target: 20 packages a second on two cores, Airflow's own start-up not counted. Two worker processes take the groups as
Airflow's scheduler hands them out: receipt one group after the other, the other stages as they come. Printed: packages
a second by the wall, and the CPU of each stage and of the two servers for a package; on a machine with other work the
CPU is the figure to trust: below 100 ms in all, two cores do 20 a second. The packages are written beforehand.
Run: python benchmarks/small_packages.py [packages] [records of each, at least] [tasks at a time]
"""

import os
import sys
import tempfile
import time
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any

from exchange_hub.core.clock import system_now
from exchange_hub.embedded import stack
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

PLATFORM = "12411300MA3DEM035H"
STAGES = ("receive", "validate", "load", "notify")
TARGET, CORES = 20.0, 2


def cpu() -> float:
    """Seconds of CPU of this process so far, all threads."""
    used = os.times()
    return used.user + used.system


def step(stage: str, group: dict[str, Any]) -> tuple[dict[str, Any], float]:
    """One mapped task: the group afterwards, and what it cost."""
    from exchange_hub.flows.stages import run_observed

    begun = cpu()
    return run_observed(stage, group, system_now()), cpu() - begun


def fill(folder: Path, packages: int, records: int) -> int:
    """Hand in the packages; returns the number of their records."""
    from exchange_hub.flows.submit import submit

    total = 0
    for number in range(packages):
        options = SampleOptions(PLATFORM, 1, 1000 + number, "csv", batch_no=f"small-{number:05}")
        manifest = write_package(folder / options.batch, options)
        submit(folder / options.batch, PLATFORM)
        total += sum(entry.records for entry in manifest.files)
    print(f"{packages:,} packages, {total:,} records ({total / packages:.0f} each, wanted {records})")
    return total


def servers_cpu() -> float:
    """Seconds of CPU of PostgreSQL and the S3 store: every process below the stack's, ended children included."""
    ticks = os.sysconf("SC_CLK_TCK")
    found = 0.0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.environ["HUB_HOME"].encode() not in (process / "environ").read_bytes():
                continue
            name, rest = (process / "stat").read_text("utf-8").rsplit(")", 1)
        except OSError:
            continue
        if "postgres" in name or "weed" in name:
            found += sum(int(part) for part in rest.split()[11:15]) / ticks
    return found


def run(groups: list[dict[str, Any]], tasks: int) -> dict[str, float]:
    """All groups through all stages, so many tasks at a time, each in a process; CPU seconds by stage."""
    spent = dict.fromkeys(STAGES, 0.0)
    with ProcessPoolExecutor(tasks) as workers:
        waiting = list(groups)
        under_way: dict[Future[tuple[dict[str, Any], float]], int] = {}
        receiving = False
        while waiting or under_way:
            if waiting and not receiving and len(under_way) < tasks + 1:
                under_way[workers.submit(step, "receive", waiting.pop(0))] = 0
                receiving = True
            done = next((future for future in under_way if future.done()), None)
            if done is None:
                time.sleep(0.005)
                continue
            stage = under_way.pop(done)
            group, seconds = done.result()
            spent[STAGES[stage]] += seconds
            receiving = receiving and stage != 0
            if stage + 1 < len(STAGES):
                under_way[workers.submit(step, STAGES[stage + 1], group)] = stage + 1
    return spent


def main() -> None:
    """Measure and print."""
    packages = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    records = int(sys.argv[2]) if len(sys.argv) > 2 else 50
    tasks = int(sys.argv[3]) if len(sys.argv) > 3 else CORES
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        os.environ["HUB_HOME"] = f"{folder}/home"
        stack.up(["postgres", "s3"], lambda _: None)
        try:
            measure(Path(folder), packages, records, tasks)
        finally:
            stack.down(lambda _: None, delete=True)


def measure(folder: Path, packages: int, records: int, tasks: int) -> None:
    """Fill the channel, take everything, print."""
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.discovery import discover_groups

    fill(folder, packages, records)
    time.sleep(2.1)  # a package is ready when it has rested for two seconds
    hub = open_hub()
    groups = discover_groups(hub, hub.platform(PLATFORM), system_now())
    before, begun = servers_cpu(), time.perf_counter()
    spent = run(groups, tasks)
    wall, servers = time.perf_counter() - begun, servers_cpu() - before
    with hub.database() as conn:
        print(conn.execute("SELECT verdict, count(*), sum(received) FROM audit.batch GROUP BY 1").fetchall())
    for name, seconds in {**spent, "servers": servers}.items():
        print(f"{name:<9} cpu {seconds / packages * 1000:6.1f} ms a package")
    each = (sum(spent.values()) + servers) / packages
    print(f"{len(groups)} groups, {len(groups) * len(STAGES)} tasks instead of {packages * len(STAGES):,}")
    print(f"wall {packages / wall:6.1f} packages/s ({packages / wall / TARGET:4.2f} of {TARGET:.0f}), {wall:.0f} s")
    print(f"cpu  {each * 1000:6.1f} ms a package: {CORES / each:6.1f} packages/s on {CORES} cores")


if __name__ == "__main__":
    main()
