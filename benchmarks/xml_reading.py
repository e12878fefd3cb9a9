"""Reading XML data files beside lxml's iterparse: MB a CPU second (of all threads), and memory.

.venv-benchmarks/bin/python benchmarks/xml_reading.py [--megabytes 200] [--repeat 3]

Twice the peer: as the bare loop that makes one dict a record, and doing what our reader does, which is to end in frames
of text by column. Each run is a process of its own, the best of `--repeat` counts, all taking turns.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl

from ingest.readers import xml
from ingest.readers.spec import CHUNK, FileSpec

DATASET = "TENDER_LIST"
END = b"</RECORD>"
TARGET = 90  # MB a CPU second
RATIO = 1.7


def make(path: Path, megabytes: int) -> None:
    """Records of the sample generator, repeated."""
    with tempfile.TemporaryDirectory() as folder:
        hub = [sys.executable, "-c", "from exchange_hub.cli.main import main; main()"]
        sample = ["sample", f"{folder}/s", "--projects", "100", "--seed", "3", "--format", "xml", "--datasets", DATASET]
        subprocess.run([*hub, *sample], check=True, stdout=subprocess.DEVNULL)
        content = Path(f"{folder}/s/data/{DATASET}.xml").read_bytes()
    begin, end = content.index(b"<RECORD>"), content.rindex(END) + len(END)
    with path.open("wb") as out:
        out.write(content[:begin])
        for _ in range(megabytes * 1_000_000 // (end - begin) + 1):
            out.write(content[begin:end] + b"\n")
        out.write(content[end:])


def ours(path: Path) -> int:
    """Our reader, all columns as frames."""
    return sum(frame.height for frame in xml.read(path, FileSpec(path.name, DATASET)))


def lxml(path: Path) -> int:
    """iterparse, one dict a record, everything freed behind: no more than the loop that one writes first."""
    count = 0
    for element in _records(path):
        _ = {field.tag: field.text for node in element for field in node}
        count += 1
    return count


def lxml_frames(path: Path) -> int:
    """iterparse to what our reader gives: frames of text, fields that come twice noted, DTDs refused."""
    count, columns, repeated = 0, {}, {}
    frames = 0
    for element in _records(path):
        if not count and element.getroottree().docinfo.internalDTD is not None:
            raise ValueError("DTD")
        for node in element:
            for field in node:
                column = columns.setdefault(field.tag, [])
                if len(column) > count:
                    repeated[count] = field.tag
                    continue
                if len(column) < count:
                    column.extend([None] * (count - len(column)))
                column.append(field.text)
        count += 1
        if count == CHUNK:
            frames += _frame(columns, repeated, count).height
            count, columns, repeated = 0, {}, {}
    return frames + (_frame(columns, repeated, count).height if count else 0)


def _frame(columns: dict[str, list[str | None]], repeated: dict[int, str], height: int) -> pl.DataFrame:
    for column in columns.values():
        column.extend([None] * (height - len(column)))
    frame = pl.DataFrame([pl.Series(name, column, dtype=pl.String) for name, column in columns.items()])
    return frame.with_columns(pl.Series("_repeated", [repeated.get(row) for row in range(height)], dtype=pl.String))


def _records(path: Path) -> Iterator[Any]:
    from lxml import etree

    for _, element in etree.iterparse(path, tag="RECORD", resolve_entities=False, no_network=True):
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


PEERS: dict[str, Callable[[Path], int]] = {"ours": ours, "lxml": lxml, "lxml_frames": lxml_frames}


def measure(name: str, path: Path) -> None:
    """Print records, MB a CPU second and the peak of memory as JSON; imports are not counted."""
    small = path.with_suffix(".small")
    PEERS[name](small)
    begin = time.process_time()
    count = PEERS[name](path)
    speed = path.stat().st_size / 1e6 / (time.process_time() - begin)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"records": count, "speed": speed, "peak": peak}))


def main() -> None:
    """Print all, and how many times as fast as each peer ours is."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--measure", nargs=2, metavar=("PEER", "FILE"))
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure[0], Path(asked.measure[1]))
        return
    best: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.xml"
        make(path, asked.megabytes)
        make(path.with_suffix(".small"), 1)
        for _ in range(asked.repeat):
            for name in PEERS:
                command = [sys.executable, __file__, "--measure", name, str(path)]
                told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
                best[name] = max(told, best.get(name, told), key=lambda one: one["speed"])
    for name, told in best.items():
        line = (
            f"{name:12} {told['records']:,} records {told['speed']:6.1f} MB a CPU second, peak {told['peak']:,.0f} MiB"
        )
        if name != "ours":
            line += f", ours {best['ours']['speed'] / told['speed']:.2f} x as fast"
        print(line)
    fast = best["ours"]["speed"]
    reached = fast >= TARGET and fast >= RATIO * best["lxml"]["speed"]
    print(f"at least {TARGET} MB and {RATIO} x lxml's bare loop: {'reached' if reached else 'MISSED'}")


if __name__ == "__main__":
    main()
