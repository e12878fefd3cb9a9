"""Pack a package folder into a zip or tar.gz whose bytes depend on the folder's content only (压缩包)."""

import gzip
import tarfile
import zipfile
from pathlib import Path

from exchange_hub.core.errors import UsageError

NOT_PACKED = frozenset({"faults.json", ".hub-sample.json"})  # what lies beside a package and is not part of it
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


def pack(folder: Path, target: Path) -> Path:
    """Pack by the target's name: `.zip`, `.tar.gz` or `.tgz`.

    Raises:
        UsageError: another name.
    """
    if target.name.endswith(".zip"):
        return pack_zip(folder, target)
    if target.name.endswith((".tar.gz", ".tgz")):
        return pack_tar(folder, target)
    raise UsageError(
        "UNKNOWN_ARCHIVE",
        f"压缩包名应以 .zip 或 .tar.gz 结尾：{target.name}",
        f"an archive's name ends in .zip or .tar.gz: {target.name}",
    )


def pack_zip(folder: Path, target: Path) -> Path:
    """Pack as zip: members in order of name, fixed times."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, path in members(folder):
            info = zipfile.ZipInfo(name, _ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            info.file_size = path.stat().st_size
            with path.open("rb") as source, archive.open(info, "w") as member:
                while block := source.read(1 << 20):
                    member.write(block)
    return target


def pack_tar(folder: Path, target: Path) -> Path:
    """Pack as tar.gz: members in order of name, fixed times and owners."""
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", mode="wb", fileobj=raw, mtime=0, compresslevel=6) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, path in members(folder):
            info = tarfile.TarInfo(name)
            info.size = path.stat().st_size
            info.mode = 0o644
            with path.open("rb") as source:
                archive.addfile(info, source)
    return target


def members(folder: Path) -> list[tuple[str, Path]]:
    """Files of a package folder with their names inside the package, in order of name."""
    found = [
        (path.relative_to(folder).as_posix(), path)
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in NOT_PACKED
    ]
    return sorted(found)
