"""Wall time of `hub check` on a package of about 50 records, start-up included, and where the start-up goes.

Target: 2 s. Run: python benchmarks/check_start.py [times]
"""

import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

TARGET_SECONDS = 2.0
HUB = Path(sys.executable).with_name("hub")


def run(package: Path) -> tuple[float, float]:
    """Wall and processor seconds of one check."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([HUB, "check", package, "--json"], stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def slowest_imports(package: Path, most: int = 12) -> list[tuple[float, str]]:
    """(Seconds with all it imports, module) of the dearest imports."""
    command = [sys.executable, "-X", "importtime", str(HUB), "check", str(package), "--json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    lines = re.findall(r"import time:\s+\d+ \|\s+(\d+) \| ( *)(\S+)", said)
    return sorted(((int(total) / 1e6, name) for total, _, name in lines), reverse=True)[:most]


def main() -> None:
    """Measure and print."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        os.environ["HUB_HOME"] = f"{folder}/home"
        package = Path(folder) / "package"
        manifest = write_package(package, SampleOptions(projects=1, seed=3))
        made = sum(entry.records for entry in manifest.files)
        run(package)  # bytecode is written, files are in memory
        taken = [run(package) for _ in range(times)]
        imports = slowest_imports(package)
    wall = statistics.median(wall for wall, _ in taken)
    cpu = statistics.median(cpu for _, cpu in taken)
    ratio = wall / TARGET_SECONDS
    print(f"{made} records: median wall {wall:.2f} s ({ratio:.2f} of {TARGET_SECONDS:.0f} s), cpu {cpu:.2f} s")
    for seconds, name in imports:
        print(f"  import {seconds:6.3f} s  {name}")


if __name__ == "__main__":
    main()
