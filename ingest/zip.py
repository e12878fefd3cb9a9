"""Members of a zip: names as their bytes were, links, encryption and rare compressions refused."""

import stat
import struct
import zipfile
from collections.abc import Iterator
from typing import IO

from exchange_hub.core.errors import Refusal
from ingest.names import decode_name, printable, unsafe

UTF8_NAME = 0x800
ENCRYPTED = 0x1
ENTRY_BYTES = 1024  # generous size of one entry of the central directory
TAIL = 66_000  # the end record lies in the last 65,557 bytes


def check_directory_size(source: IO[bytes], size: int, max_members: int) -> None:
    """Refuse a central directory too large for `max_members` before zipfile reads it into memory."""
    source.seek(max(0, size - TAIL))
    tail = source.read(TAIL)
    source.seek(0)
    declared = 0
    end = tail.rfind(b"PK\x05\x06")
    if 0 <= end <= len(tail) - 22:
        (declared,) = struct.unpack_from("<L", tail, end + 12)
    wide = tail.rfind(b"PK\x06\x06")
    if 0 <= wide <= len(tail) - 56:
        (declared,) = struct.unpack_from("<Q", tail, wide + 40)
    if min(declared, size) > max_members * ENTRY_BYTES:
        raise Refusal(
            "ARCHIVE_TOO_LARGE", f"文件数过多，上限为 {max_members}", f"too many members; the limit is {max_members}"
        )


def zip_members(archive: zipfile.ZipFile) -> Iterator[tuple[bytes, IO[bytes]]]:
    """Raw name and an open stream of each regular member, in order of the directory."""
    for info in archive.infolist():
        raw = info.orig_filename.encode("utf-8" if info.flag_bits & UTF8_NAME else "cp437")
        _check(info, raw)
        if not info.is_dir():
            yield raw, archive.open(info)


def _check(info: zipfile.ZipInfo, raw: bytes) -> None:
    name = decode_name(raw)
    if info.header_offset < 0:
        raise zipfile.BadZipFile("a member begins before the file")
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise unsafe(name, "不是普通文件（链接或设备）", "it is not a plain file (link or device)")
    if info.flag_bits & ENCRYPTED:
        raise Refusal(
            "ARCHIVE_BROKEN",
            "压缩包已加密，请不加密提交",
            "the zip is encrypted; send it without a password",
            printable(name),
        )
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal(
            "ARCHIVE_BROKEN",
            "压缩方式不支持，请使用 deflate（标准 zip）",
            "unsupported compression; use deflate, the usual one of zip",
            printable(name),
        )
