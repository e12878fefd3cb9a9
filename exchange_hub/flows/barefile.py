"""A bare data file (单个数据文件) seen as a package of itself, so that what was corrected in it can be sent as one."""

import hashlib
from datetime import datetime
from pathlib import Path

import polars as pl

from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.core.records import Manifest
from exchange_hub.flows.check import only_platform
from exchange_hub.flows.reading import ReadBatch
from exchange_hub.flows.releases import known_release
from ingest.package import OpenPackage
from ingest.spool import spool_file


def open_bare(
    path: Path, dataset: str, version: str, digest: str, folder: Path, now: datetime
) -> tuple[OpenPackage, ReadBatch]:
    """Read a data file that was checked.

    Args:
        digest: SHA-256 (hex) of the file when it was checked.
        folder: of the caller's, for what is read.

    Raises:
        UsageError: it is another file, it cannot be read, or it does not name the one platform that it is of.
    """
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise another_package(path)
    try:
        release = known_release(version)
        chunks = spool_file(path, dataset, path.suffix.lower().removeprefix("."), release, folder / "bare").chunks
        frame = pl.concat(chunks())
    except Refusal as refusal:
        raise UsageError(refusal.code, refusal.message_zh, refusal.message_en, refusal.where) from refusal
    platform = only_platform([frame])
    if not platform:
        raise UsageError(
            "NO_PLATFORM",
            f"{path.name} 中没有唯一的交易系统标识码（PLATFORM_CODE），写不出更正包：请改原文件后连同清单打包",
            f"{path.name} does not name the one platform it is of (PLATFORM_CODE): correct it in the file itself",
            path.name,
        )
    manifest = Manifest("1", platform, path.stem, version, now, ())
    return OpenPackage(path.parent, manifest, digest, frozenset()), ReadBatch({dataset: frame}, release)


def another_package(path: Path) -> UsageError:
    """The file beside the workbook is not the one that was checked."""
    return UsageError(
        "ANOTHER_PACKAGE",
        f"{path.name} 不是该工作簿所对应的数据包或数据文件（内容已变）：请用校验时的原件",
        f"{path.name} is not what the workbook is of (its content differs)",
    )
