"""The packages that the demo platforms send: what is right, what is wrong, and what comes in the wrong order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.records import Verdict
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
    """One package ready to be sent; `expected` is what must have become of it when the demonstration ends."""

    platform: str
    path: Path
    about: str
    options: SampleOptions
    expected: Verdict

    @property
    def batch_no(self) -> str:
        """Its batch number."""
        return self.options.batch


def first_parcels(folder: Path, now: datetime) -> list[Parcel]:
    """What is sent first; another run of the demo, at another second, sends other records."""
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
    early = replace(
        SampleOptions(ZHENGZHOU, 1, seed + 4, "parquet", batch_no=f"{run}-early", base_date=base),
        datasets=("TENDER_PROJECT", "SECTION"),
    )
    return [
        _parcel(folder, clean, "clean.zip", "无差错，XML，经 SFTP / clean, XML, by SFTP"),
        _parcel(folder, early, "early.tar.gz", "下级先到，项目未到，Parquet / its project has not come yet, Parquet"),
        _parcel(
            folder,
            mixed,
            "mixed.tar.gz",
            "含各类差错，JSON Lines，经 S3 / mixed faults, by S3",
            Verdict.PARTIALLY_ACCEPTED,
        ),
        _parcel(folder, gbk, "gbk.zip", "GBK 编码 CSV，经文件夹 / CSV in GBK, by folder"),
        _parcel(
            folder, refused, "refused.zip", "文件被改动，应整批拒收 / altered file, to be refused", Verdict.REFUSED
        ),
    ]


def answers(folder: Path, parcels: Sequence[Parcel], notices: dict[str, str]) -> list[Parcel]:
    """What is sent next: the correction of each faulty package, and the project that an early one waits for.

    A correction repeats all records, right this time; what was accepted before is the same content and changes nothing.

    Args:
        notices: number of the notice that a batch got, by batch number.
    """
    made = []
    for parcel in parcels:
        if parcel.options.faults and parcel.batch_no in notices:
            notice_no = notices[parcel.batch_no]
            options = replace(parcel.options, faults=0.0, batch_no=f"{parcel.batch_no}-fix", corrects=(notice_no,))
            made.append(_parcel(folder, options, "correction.zip", f"更正通知 {notice_no} / corrects that notice"))
        elif parcel.options.datasets:
            options = replace(parcel.options, datasets=("PROJECT",), batch_no=f"{parcel.batch_no}-parent")
            made.append(_parcel(folder, options, "parent.zip", "补报上级项目 / the project that was missing"))
    return made


def _parcel(
    folder: Path, options: SampleOptions, name: str, about: str, expected: Verdict = Verdict.ACCEPTED
) -> Parcel:
    source = folder / options.batch
    manifest = write_package(source, options)
    if expected is Verdict.REFUSED:
        _alter(source, [entry.path for entry in manifest.files])
    target = folder / f"{options.batch}.{name.split('.', 1)[1]}"
    return Parcel(options.platform, pack(source, target), about, options, expected)


def _alter(source: Path, paths: Sequence[str]) -> None:
    """Change a file after its hash was written down, as a broken transfer would."""
    path = source / paths[0]
    path.write_bytes(path.read_bytes() + b"\n")
