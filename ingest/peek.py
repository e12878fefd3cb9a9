"""Who sent a package and under which number, as far as a broken one still tells: for the refusal's notice."""

import gzip
import json
import mmap
import re
import struct
import tarfile
import zlib
from pathlib import Path

from exchange_hub.core.errors import Refusal
from ingest.manifest import NAME, is_word
from ingest.tar import BoundedTarInfo, LimitedStream

MAX_MANIFEST = 1 << 20  # bytes looked at
MAX_STREAM = 1 << 30  # unpacked bytes of a tar.gz looked through

_NAME = NAME.encode()
_KEY = r'"{}"\s*:\s*"([^"\\]{{1,64}})"'


def peek_identity(path: Path) -> tuple[str | None, str | None]:
    """Platform code and batch number that a package claims; None for what cannot be read. Never raises for bad input.

    They are claims only: nothing in the package has been checked.
    """
    try:
        raw = _manifest_bytes(path)
    except _UNREADABLE:
        raw = b""
    return _claim(raw, "platform_code"), _claim(raw, "batch_no")


_UNREADABLE = (
    OSError, EOFError, ValueError, OverflowError, IndexError, zlib.error, struct.error, tarfile.TarError, Refusal
)  # fmt: skip


def _claim(raw: bytes, key: str) -> str | None:
    text = raw.decode("utf-8-sig", "replace")
    try:
        top = json.loads(text)
    except (ValueError, RecursionError):
        found = re.search(_KEY.format(key), text)
        value: object = found.group(1) if found else None
    else:
        value = top.get(key) if isinstance(top, dict) else None
    return value if isinstance(value, str) and is_word(value) and "\ufffd" not in value else None


def _manifest_bytes(path: Path) -> bytes:
    if path.is_dir():
        return _from_folder(path)
    with path.open("rb") as source:
        magic = source.read(2)
    if magic == b"PK":
        return _from_zip(path)
    return _from_tar(path) if magic == b"\x1f\x8b" else b""


def _from_folder(folder: Path) -> bytes:
    for candidate in (folder / NAME, *sorted(folder.glob(f"*/{NAME}"))):
        if candidate.is_file() and not candidate.is_symlink():
            with candidate.open("rb") as source:
                return source.read(MAX_MANIFEST)
    return b""


def _from_zip(path: Path) -> bytes:
    """By the local headers, so that a zip without its directory (cut off) still tells."""
    with path.open("rb") as source, mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as bytes_:
        at = bytes_.find(_NAME)
        while at >= 0:
            start = bytes_.rfind(b"PK\x03\x04", max(0, at - 300), at)
            if start >= 0 and (found := _zip_member(bytes_, start)):
                return found
            at = bytes_.find(_NAME, at + 1)
    return b""


def _zip_member(bytes_: mmap.mmap, start: int) -> bytes:
    method, packed, name_length, extra = struct.unpack("<8xH8xL4xHH", bytes_[start : start + 30])
    name = bytes_[start + 30 : start + 30 + name_length]
    if name.rsplit(b"/", 1)[-1] != _NAME:
        return b""
    begin = start + 30 + name_length + extra
    body = bytes_[begin : begin + MAX_MANIFEST]
    if method == 0:
        return body[:packed]
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(body, MAX_MANIFEST)


def _from_tar(path: Path) -> bytes:
    seen = 0

    def count(size: int) -> None:
        nonlocal seen
        seen += size
        if seen > MAX_STREAM:
            raise EOFError

    with gzip.open(path) as unzipped:
        stream = LimitedStream(unzipped, count)
        with tarfile.open(fileobj=stream, mode="r|", tarinfo=BoundedTarInfo) as archive:
            for info in archive:
                if info.isreg() and info.name.rsplit("/", 1)[-1] == NAME and (content := archive.extractfile(info)):
                    return bytes(content.read(MAX_MANIFEST))
    return b""
