"""A plain folder into one archive, the same bytes for the same content.

What is not a plain file is packed as what it is (a link stays a link, never followed), so that the bytes kept as
evidence are refused for the same reason as the folder.
"""

import gzip
import os
import stat
import tarfile
import zipfile
from pathlib import Path
from shutil import copyfileobj

from exchange_hub.core.errors import UsageError
from ingest.archive import folder_entries
from ingest.names import decode_name

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can write


def pack(folder: Path, target: Path) -> Path:
    """Pack what is in `folder` (manifest.json at its root) into `target`, a `.zip`, `.tar.gz` or `.tgz`.

    Raises:
        UsageError: another suffix.
        OSError: the folder cannot be read or the target not written.
    """
    if target.name.endswith(".zip"):
        _pack_zip(folder, target)
    elif target.name.endswith((".tar.gz", ".tgz")):
        _pack_tar(folder, target)
    else:
        raise UsageError(
            "UNKNOWN_ARCHIVE",
            f"{target.name}：只能打包为 .zip 或 .tar.gz",
            f"{target.name}: can only pack into .zip or .tar.gz",
        )
    return target


def _sorted_entries(folder: Path) -> list[tuple[str, Path, os.stat_result]]:
    found = [(p.relative_to(folder).as_posix(), p, status) for p, status in folder_entries(folder)]
    return sorted(found, key=lambda entry: (entry[0] != "manifest.json", os.fsencode(entry[0])))


def _pack_tar(folder: Path, target: Path) -> None:
    with (
        target.open("wb") as raw,
        gzip.GzipFile(filename="", fileobj=raw, mode="wb", compresslevel=6, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.GNU_FORMAT) as archive,
    ):
        for name, path, status in _sorted_entries(folder):
            if stat.S_ISSOCK(status.st_mode):
                continue  # tar knows no sockets
            info = archive.gettarinfo(str(path), arcname=name)
            info.mtime, info.uid, info.gid, info.uname, info.gname, info.mode = 0, 0, 0, "", "", 0o644
            if info.isreg():
                with path.open("rb") as content:
                    archive.addfile(info, content)
            else:
                archive.addfile(info)


def _pack_zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path, status in _sorted_entries(folder):
            info = zipfile.ZipInfo(decode_name(os.fsencode(name)), _EPOCH)
            info.compress_type, info.create_system = zipfile.ZIP_DEFLATED, 3
            info.external_attr = (stat.S_IFMT(status.st_mode) | 0o644) << 16
            if not stat.S_ISREG(status.st_mode):
                link = os.readlink(path) if stat.S_ISLNK(status.st_mode) else ""
                archive.writestr(info, os.fsencode(link))
                continue
            info.file_size = status.st_size
            with path.open("rb") as content, archive.open(info, "w") as out:
                copyfileobj(content, out, 1 << 20)
