"""A known stream of packages: package n is always the same, whoever makes it and when.

Clean ones, faulty ones with their correction, altered ones to be refused, children before their parent, repeats.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from exchange_hub.demo.packages import LUOYANG, NANYANG, REJECTED_FAULTS, ZHENGZHOU
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack

PLATFORMS = (ZHENGZHOU, LUOYANG, NANYANG)  # by SFTP, S3 and folder
FORMATS = ("xml", "jsonl", "csv", "parquet")
KINDS: Sequence[str] = ("clean", "faulty", "correction", "clean", "children", "parent", "altered", "large")


@dataclass(frozen=True, slots=True)
class Package:
    """One package of the stream, as an archive."""

    number: int
    platform: str
    kind: str
    batch_no: str
    path: Path


def make(folder: Path, number: int) -> Package:
    """Package `number` of the stream; a platform gets every third one, in the order of KINDS."""
    turn, place = divmod(number, len(PLATFORMS))
    platform, kind = PLATFORMS[place], KINDS[turn % len(KINDS)]
    # a correction and a parent belong to the platform's package before them: the same records
    seed = 10_000 + (number - len(PLATFORMS) if kind in {"correction", "parent"} else number)
    batch_no = f"chaos-{number:05d}-{kind}"
    plain = SampleOptions(platform, 1, seed, FORMATS[turn % len(FORMATS)], batch_no=batch_no)
    options = {
        "faulty": replace(plain, faults=8.0, fault_names=REJECTED_FAULTS),
        "children": replace(plain, datasets=("TENDER_PROJECT", "SECTION")),
        "parent": replace(plain, datasets=("PROJECT",)),
        "large": replace(plain, projects=25),
    }.get(kind, plain)
    source = folder / batch_no
    manifest = write_package(source, options)
    if kind == "altered":
        data = source / manifest.files[0].path
        data.write_bytes(data.read_bytes() + b"\n")
    return Package(number, platform, kind, batch_no, pack(source, folder / f"{batch_no}.tar.gz"))
