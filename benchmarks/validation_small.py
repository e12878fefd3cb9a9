"""50 records through the engine, warm: of one dataset, of a typical package, and of thirteen datasets.

.venv/bin/python benchmarks/validation_small.py [--runs 30]
"""

import argparse
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from contracts.loader import load_release
from exchange_hub.core.clock import SHANGHAI
from ingest.package import Limits, open_package
from ingest.read import read_frames
from validators.engine import Context, validate
from validators.lookups import NothingStored

TARGET = 20  # milliseconds
TYPICAL = ("PROJECT", "TENDER_PROJECT", "SECTION", "TENDER_NOTICE", "TENDER_LIST")


def main() -> None:
    """Print the best and the middle of the runs, wall and CPU."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    release = load_release("2.0.0")
    with tempfile.TemporaryDirectory() as folder:
        hub = [sys.executable, "-c", "from exchange_hub.cli.main import main; main()"]
        sample = ["sample", f"{folder}/s", "--projects", "20", "--seed", "3", "--format", "parquet"]
        subprocess.run([*hub, *sample], check=True, stdout=subprocess.DEVNULL)
        frames = read_frames(open_package(Path(folder) / "s", Path(folder) / "w", Limits()), release)
    context = Context("12410100MA3DEM0195", datetime(2026, 11, 24, tzinfo=SHANGHAI), None, assume_parents=True)
    typical = [name for name in TYPICAL if name in frames]
    batches = {
        "1 dataset": {"TENDER_LIST": frames["TENDER_LIST"].head(50)},
        f"{len(typical)} datasets": {name: frames[name].head(50 // len(typical)) for name in typical},
        f"{len(frames)} datasets": {n: f.head(4 if i < 11 else 3) for i, (n, f) in enumerate(frames.items())},
    }
    for label, batch in batches.items():
        walls, cpus = [], []
        for _ in range(runs):
            begin, wall = time.process_time(), time.perf_counter()
            validate(batch, release, NothingStored(), context)
            walls.append((time.perf_counter() - wall) * 1000)
            cpus.append((time.process_time() - begin) * 1000)
        walls, cpus = sorted(walls[1:]), sorted(cpus[1:])
        count = sum(frame.height for frame in batch.values())
        verdict = "reached" if walls[0] <= TARGET else "MISSED"
        print(f"{count} records of {label:12} {walls[0]:6.1f} ms (middle {walls[len(walls) // 2]:.1f}), "
              f"CPU {cpus[0]:6.1f} ms; at most {TARGET} ms: {verdict}")  # fmt: skip


if __name__ == "__main__":
    main()
