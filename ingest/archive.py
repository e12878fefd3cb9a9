"""Archives into a folder, safely: zip, tar.gz and plain folders.

Nothing that an archive says about itself is believed: names are checked and normalised, sizes are counted while
bytes flow, only regular files are written, each to a new file. Whatever is wrong ends in a `Refusal`.
"""

import gzip
import hashlib
import os
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Collection, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from exchange_hub.core.errors import Refusal
from exchange_hub.core.settings import Settings
from ingest.names import NameBook, decode_name, printable, unsafe
from ingest.tar import LimitedStream, tar_members
from ingest.zip import check_directory_size, zip_members

BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What a package may cost us; bytes and counts. The ratio holds from `ratio_from_bytes` unpacked bytes on."""

    max_package_bytes: int = 2 * 1024**3
    max_unpacked_bytes: int = 20 * 1024**3
    max_members: int = 100_000
    max_ratio: int = 200
    ratio_from_bytes: int = 64 * 1024**2

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        """The limits that the settings give."""
        return cls(settings.max_package_bytes, settings.max_unpacked_bytes, settings.max_members)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a package as unpacked; `name` is normalised, `sha256` lower-case hex."""

    name: str
    size: int
    sha256: str


def unpack(path: Path, root: Path, limits: Limits, only: Collection[str] | None = None) -> dict[str, Member]:
    """Unpack a zip, a tar.gz or a folder into `root`, which must be new or empty.

    Args:
        only: members that are written; the others are read and checked. By default all are written.

    Returns:
        Members by normalised name.

    Raises:
        Refusal: UNSAFE_ARCHIVE, ARCHIVE_BROKEN or ARCHIVE_TOO_LARGE.
        FileNotFoundError: no such path.
    """
    root.mkdir(parents=True, exist_ok=True)
    if path.is_dir():
        return _Unpacking(root, limits, None, only).run(_folder_members(path))
    size = path.stat().st_size
    if size > limits.max_package_bytes:
        raise _too_large(path.name, f"包大小 {size} 字节", f"the package has {size} bytes", limits.max_package_bytes)
    with path.open("rb") as source:
        kind = _kind(source.read(4))
        source.seek(0)
        unpacking = _Unpacking(root, limits, size, only)
        try:
            if kind == "zip":
                check_directory_size(source, size, limits.max_members)
                with zipfile.ZipFile(source) as archive:
                    return unpacking.run(zip_members(archive))
            if kind == "gzip":
                return _unpack_tar(source, unpacking)
        except _BROKEN as error:
            raise _broken(path.name, error) from error
    raise Refusal(
        "ARCHIVE_BROKEN",
        "既不是 zip，也不是 tar.gz：请按 zip、tar.gz 或文件夹提交",
        "neither a zip nor a tar.gz: send a zip, a tar.gz or a folder",
        path.name,
    )


# What zipfile, tarfile, gzip and zlib raise on bytes they cannot read.
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    IndexError,
)


def _kind(magic: bytes) -> str:
    if magic in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    return "gzip" if magic[:2] == b"\x1f\x8b" else ""


def _unpack_tar(source: IO[bytes], unpacking: "_Unpacking") -> dict[str, Member]:
    with gzip.GzipFile(fileobj=source, mode="rb") as unzipped:
        stream = LimitedStream(unzipped, unpacking.count_stream)
        members = unpacking.run(tar_members(stream, 2 * unpacking.limits.max_members))
        while stream.read(BLOCK):  # to the end: gzip checks length and checksum there
            continue
    return members


class _Unpacking:
    """Writes entries below a root and counts while it does."""

    def __init__(
        self, root: Path, limits: Limits, packed_bytes: int | None, only: Collection[str] | None = None
    ) -> None:
        self.root, self.limits, self.packed_bytes, self.only = root, limits, packed_bytes, only
        self.made = {root}
        self.unpacked = 0
        self.streamed = 0
        self.names = NameBook()

    def run(self, entries: Iterator[tuple[bytes, IO[bytes]]]) -> dict[str, Member]:
        """Write every entry; the names are decoded, checked and must not collide."""
        members: dict[str, Member] = {}
        for raw_name, source in entries:
            with closing(source):
                name = self.names.add(raw_name)
                if len(members) >= self.limits.max_members:
                    limit = self.limits.max_members
                    raise _too_large(name, "文件数过多", "too many members", limit)
                members[name] = self._write(name, source)
        return members

    def count_stream(self, count: int) -> None:
        """Bytes that came out of a compressed stream, headers of its members included."""
        self.streamed += count
        self._check(self.streamed, "")

    def _write(self, name: str, source: IO[bytes]) -> Member:
        digest, size = hashlib.sha256(), 0
        with self._open(name) as out:
            while block := source.read(BLOCK):
                size += len(block)
                self.unpacked += len(block)
                self._check(self.unpacked, name)
                digest.update(block)
                out.write(block)
        return Member(name, size, digest.hexdigest())

    def _open(self, name: str) -> IO[bytes]:
        """A new file for a member; nowhere for one that is not to be written."""
        if self.only is not None and name not in self.only:
            return Path(os.devnull).open("wb")
        target = self.root / name
        if target.parent not in self.made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self.made.add(target.parent)
        return target.open("xb")

    def _check(self, count: int, where: str) -> None:
        limits = self.limits
        if count > limits.max_unpacked_bytes:
            raise _too_large(where, "解包后过大", "too many bytes unpacked", limits.max_unpacked_bytes)
        if self.packed_bytes and count > limits.ratio_from_bytes and count > self.packed_bytes * limits.max_ratio:
            raise _too_large(where, "压缩比异常", "suspicious compression ratio", limits.max_ratio)


def folder_entries(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    """All but folders below a folder, in order of name, links not followed.

    Raises:
        OSError: a folder cannot be read.
    """
    for here, folders, files in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(here) / name).is_symlink()]
        folders.sort()
        for name in sorted(files + links):
            path = Path(here) / name
            yield path, path.lstat()


def _raise(error: OSError) -> None:
    raise error


def _folder_members(folder: Path) -> Iterator[tuple[bytes, IO[bytes]]]:
    for path, status in folder_entries(folder):
        raw = os.fsencode(path.relative_to(folder).as_posix())
        if not stat.S_ISREG(status.st_mode) or status.st_nlink > 1:
            raise unsafe(decode_name(raw), "不是普通文件（链接或设备）", "it is not a plain file (link or device)")
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        yield raw, os.fdopen(handle, "rb")


def _too_large(where: str, zh: str, en: str, limit: int) -> Refusal:
    return Refusal("ARCHIVE_TOO_LARGE", f"{zh}，上限为 {limit}", f"{en}; the limit is {limit}", where)


def _broken(where: str, error: BaseException) -> Refusal:
    return Refusal(
        "ARCHIVE_BROKEN",
        f"压缩包损坏或不完整，无法读取（{printable(str(error))}）",
        f"the archive is broken or incomplete and cannot be read ({printable(str(error))})",
        where,
    )
