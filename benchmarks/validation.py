"""Validation beside its peers: the same rows, the same 55 rules on 40 columns, every finding of every record.

    make benchmark-env
    .venv-benchmarks/bin/python benchmarks/validation.py [--rows 1000000] [--few 50000] [--repeat 3]

Printed are CPU seconds of all threads, how many findings were named, and how many times ours each peer takes, beside
the target. Every engine names row, field, rule and value of every finding: pandera and Great Expectations do, from
dataframely's columns of true and false they are taken out, as the hand-written plan does (see `validation_peers.py`).
Engines on pandas need twenty times the memory and more, so they and ours get `--few` rows, and are compared on these.
Each run is a process of its own that may take 6 GB; the least of `--repeat` runs counts, runs of all engines taking
turns, since other work on the machine only ever adds to them.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time

import polars as pl
from validation_peers import PEERS
from validation_rules import RULES, rows

MEMORY = 6_000_000_000  # bytes that an engine may address
# Per cent faulty -> how many times ours each peer must take at least.
MANY = {2: {"hand": 1 / 1.1, "dataframely": 1.1}, 100: {"hand": 1 / 1.1, "dataframely": 1.5}}
FEW = {2: {"pandas": 8.0, "ge": 18.0}, 100: {"pandas": 30.0, "ge": 75.0}}
Told = dict[str, float]


def measure(peer: str, path: str) -> None:
    """Print the peer's CPU seconds and findings as JSON; imports are not counted, plans are warm."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    frame = pl.read_parquet(path)
    run = PEERS[peer]
    run(frame.head(1000))
    begin, wall = time.process_time(), time.perf_counter()
    found = run(frame)
    print(json.dumps({"cpu": time.process_time() - begin, "wall": time.perf_counter() - wall, "findings": found}))


def in_a_process(peer: str, path: str) -> Told | None:
    """What `measure` printed; None where the engine did not come to an end within its memory."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", peer, path], check=False, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else None


def compare(count: int, faulty: int, targets: dict[str, float], repeat: int) -> None:
    """Run the engines in turns on the same rows and print each with its ratio and target."""
    frame = rows(count, faulty)
    print(f"{count:,} rows x {frame.width} columns, {len(RULES)} rules, {faulty} % faulty", flush=True)
    best: dict[str, Told] = {}
    with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
        frame.write_parquet(file.name)
        for _ in range(repeat):
            for peer in ("ours", *targets):
                told = in_a_process(peer, file.name)
                if told is not None:
                    best[peer] = min(told, best.get(peer, told), key=lambda one: one["cpu"])
    for peer in ("ours", *targets):
        if peer not in best:
            print(f"  {peer:12} did not end within {MEMORY / 1e9:g} GB", flush=True)
            continue
        ratio = best[peer]["cpu"] / best["ours"]["cpu"]
        line = f"  {peer:12} {best[peer]['cpu']:8.2f} CPU s {best[peer]['findings']:>10,} findings"
        if peer in targets:
            verdict = "reached" if ratio >= targets[peer] else "MISSED"
            line += f" {ratio:7.2f} x ours, at least {targets[peer]:.2f}: {verdict}"
        print(line, flush=True)


def main() -> None:
    """Every comparison of both shares of faults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--few", type=int, default=50_000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("PEER", "FILE"))
    asked = parser.parse_args()
    if asked.measure:
        measure(*asked.measure)
        return
    assert len(RULES) == 55, len(RULES)
    for faulty, targets in MANY.items():
        compare(asked.rows, faulty, targets, asked.repeat)
        compare(asked.few, faulty, FEW[faulty], asked.repeat)


if __name__ == "__main__":
    main()
