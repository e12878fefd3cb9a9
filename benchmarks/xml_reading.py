"""Reading XML data files beside lxml's iterparse: MB a CPU second, and memory.

.venv-benchmarks/bin/python benchmarks/xml_reading.py [--megabytes 200]
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from ingest.readers import xml
from ingest.readers.spec import FileSpec

DATASET = "TENDER_LIST"
END = b"</RECORD>"


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
    """iterparse, one dict a record, everything freed behind."""
    from lxml import etree

    count = 0
    for _, element in etree.iterparse(path, tag="RECORD", resolve_entities=False):
        _ = {field.tag: field.text for node in element for field in node}
        count += 1
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]
    return count


def main() -> None:
    """Print both, and the ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--megabytes", type=int, default=200)
    speed: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.xml"
        make(path, parser.parse_args().megabytes)
        peers: dict[str, Callable[[Path], int]] = {"ours": ours, "lxml": lxml}
        for name, read in peers.items():
            begin = time.process_time()
            count = read(path)
            speed[name] = path.stat().st_size / 1e6 / (time.process_time() - begin)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name:5} {count:,} records  {speed[name]:6.1f} MB a CPU second  peak {peak:,.0f} MiB so far")
    print(f"ours / lxml: {speed['ours'] / speed['lxml']:.2f}")


if __name__ == "__main__":
    main()
