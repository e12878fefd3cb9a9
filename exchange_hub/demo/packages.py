"""The packages that the demo platforms send: a clean one, one with mixed faults, one in GBK CSV, one to be refused."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from exchange_hub.core.clock import in_shanghai
from exchange_hub.sample.fault_table import FAULTS, REJECT
from exchange_hub.sample.options import DEFAULT_BASE_DATE, SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack

ZHENGZHOU, LUOYANG, NANYANG = "12410100MA3DEM0195", "12410300MA3DEM027A", "12411300MA3DEM035H"

# Faults that go back on a notice; a queried record is stored and would be corrected by an update instead.
REJECTED_FAULTS = tuple(
    fault.name for fault in FAULTS.values() if fault.severity == REJECT and fault.rule_id is not None
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """One package ready to be sent."""

    platform: str
    path: Path
    about: str
    options: SampleOptions


def make_parcels(folder: Path, now: datetime) -> list[Parcel]:
    """Write the demo's packages; another run of the demo, at another second, sends other records."""
    run = f"{in_shanghai(now):%Y%m%d-%H%M%S}"
    seed = int(now.timestamp()) % 10_000_000
    base = min(DEFAULT_BASE_DATE, (in_shanghai(now) - timedelta(days=1)).date())
    clean = SampleOptions(ZHENGZHOU, 3, seed, "xml", batch_no=f"{run}-clean", base_date=base)
    mixed = replace(
        SampleOptions(LUOYANG, 3, seed + 1, "jsonl", faults=6.0, base_date=base),
        fault_names=REJECTED_FAULTS,
        batch_no=f"{run}-mixed",
    )
    gbk = SampleOptions(NANYANG, 2, seed + 2, "csv", encoding="gbk", batch_no=f"{run}-gbk", base_date=base)
    refused = SampleOptions(NANYANG, 1, seed + 3, "xml", batch_no=f"{run}-refused", base_date=base)
    return [
        _parcel(folder, clean, "clean.zip", "无差错，XML / clean, XML, by SFTP"),
        _parcel(folder, mixed, "mixed.tar.gz", "含各类差错，JSON Lines / mixed faults, by S3"),
        _parcel(folder, gbk, "gbk.zip", "GBK 编码 CSV / CSV in GBK, by folder"),
        _parcel(folder, refused, "refused.zip", "文件被改动，应整批拒收 / altered file, to be refused", spoil=True),
    ]


def make_correction(folder: Path, parcel: Parcel, notice_no: str) -> Parcel:
    """The same records once more, right this time, naming the notice they answer.

    What was accepted before is repeated with the same content and changes nothing.
    """
    number = f"{parcel.options.batch}-fix"
    options = replace(parcel.options, faults=0.0, batch_no=number, corrects=(notice_no,))
    return _parcel(folder, options, "correction.zip", f"更正 {notice_no} / correction, by S3")


def _parcel(folder: Path, options: SampleOptions, name: str, about: str, *, spoil: bool = False) -> Parcel:
    source = folder / name.split(".", maxsplit=1)[0]
    manifest = write_package(source, options)
    if spoil:
        _alter(source, [entry.path for entry in manifest.files])
    return Parcel(options.platform, pack(source, folder / f"{options.batch}.{name.split('.', 1)[1]}"), about, options)


def _alter(source: Path, paths: Sequence[str]) -> None:
    """Change a file after its hash was written down, as a broken transfer would."""
    path = source / paths[0]
    path.write_bytes(path.read_bytes() + b"\n")
