"""Memory of checking a large package: the peak of the whole process, package to report, records by the million.

.venv/bin/python benchmarks/validation_memory.py [--millions 1,2,10] [--format parquet]

A package holds that many records of the sample generator's TENDER_LIST (36 fields), each with a key of its own, of
which one in fifty has no name. `hub check` runs in a process of its own; its peak resident memory and CPU are printed.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl
import pyarrow.parquet as pq

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import check_package

TARGET = 2 * 1024**3  # bytes
DATASET = "TENDER_LIST"
PIECE = 500_000  # records written at once


def write(folder: Path, count: int, form: str) -> None:
    """A package folder of `count` records."""
    sample = folder / "sample"
    hub = [sys.executable, "-c", "from exchange_hub.cli.main import main; main()"]
    options = ["--projects", "100", "--seed", "3", "--datasets", DATASET, "--format", "parquet"]
    subprocess.run([*hub, "sample", str(sample), *options], check=True, stdout=subprocess.DEVNULL)
    some = pl.read_parquet(sample / "data" / f"{DATASET}.parquet")
    name = f"data/{DATASET}.{form}"
    path = folder / "package" / name
    path.parent.mkdir(parents=True)
    with path.open("wb") as out:
        writer = None
        for begin in range(0, count, PIECE):
            piece = _piece(some, begin, min(PIECE, count - begin))
            if form == "csv":
                piece.write_csv(out, include_header=begin == 0)
                continue
            table = piece.to_arrow(compat_level=pl.CompatLevel.oldest())
            writer = writer or pq.ParquetWriter(out, table.schema, compression="zstd")
            writer.write_table(table)
        if writer is not None:
            writer.close()
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    manifest = json.loads((sample / "manifest.json").read_text("utf-8"))
    entry = {"path": name, "dataset": DATASET, "format": form, "records": count, "sha256": digest}
    manifest["files"] = [entry]
    (folder / "package" / "manifest.json").write_text(json.dumps(manifest), "utf-8")


def _piece(some: pl.DataFrame, begin: int, size: int) -> pl.DataFrame:
    number = pl.int_range(begin, begin + size, dtype=pl.Int64)
    return pl.concat([some] * (size // some.height + 1)).head(size).with_columns(
        pl.format("DNY0{}", number.cast(pl.String).str.zfill(18)).alias("DATA_KEY"),
        *(_renumbered(name, number // some.height) for name in ("TENDER_PROJECT_CODE", "BID_SECTION_CODE")),
        pl.when(number % 50 != 0).then(pl.col("BIDDER_NAME")).alias("BIDDER_NAME"),
    )  # fmt: skip


def _renumbered(code: str, number: pl.Expr) -> pl.Expr:
    """Codes whose project has another serial number, so that no two records are about the same."""
    serial = ((pl.col(code).str.slice(13, 4).cast(pl.Int64) + number * 101) % 10_000).cast(pl.String).str.zfill(4)
    return pl.format("{}{}{}", pl.col(code).str.slice(0, 13), serial, pl.col(code).str.slice(17)).alias(code)


def check(folder: str) -> None:
    """Check the package and print what it came to."""
    begin = time.process_time()
    checked = check_package(Path(folder), datetime(2026, 11, 24, tzinfo=SHANGHAI), Settings())
    counts = checked.report.counts
    print(json.dumps({"cpu": time.process_time() - begin, "received": counts.received, "rejected": counts.rejected}))


def main() -> None:
    """Every size in turn."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--millions", default="1,2,10")
    parser.add_argument("--format", default="parquet", choices=("parquet", "csv"))
    parser.add_argument("--check")
    asked = parser.parse_args()
    if asked.check:
        check(asked.check)
        return
    for millions in asked.millions.split(","):
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder), int(float(millions) * 1_000_000), asked.format)
            command = [sys.executable, __file__, "--check", f"{folder}/package"]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
                told = json.loads(process.stdout.read() if process.stdout else "")
                _, status, used = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        peak = used.ru_maxrss * 1024
        cost = told["cpu"] / float(millions)
        verdict = "reached" if peak <= TARGET else "MISSED"
        print(f"{told['received']:>12,} records ({told['rejected']:,} rejected): peak {peak / 2**30:.2f} GiB, "
              f"at most 2: {verdict}; {cost:.1f} CPU s a million", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
