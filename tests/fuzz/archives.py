"""Members into an archive, rightly or with a fault in the archive itself."""

import gzip
import io
import stat
import tarfile
import warnings
import zipfile
from collections.abc import Mapping
from random import Random

from tests.fuzz import octets

ODD_NAMES = (
    "../x", "/x", "a/../../x", "C:\\x", "a\\b", "x\x00y", "", ".", "..", "a" * 300, "a/" * 400 + "b", "MANIFEST.JSON",
    "data/PROJECT.XML", "manifest.json/x", "data", "nul", "中文.pdf", "e\u0301", "\u202etxt.exe", "a\nb", "manifest.json",
    " manifest.json", "manifest.json ", "./manifest.json", "data//x", "~", "-rf", "con", "a:b", "\ufeffmanifest.json",
)  # fmt: skip
KINDS = (stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR, stat.S_IFSOCK, 0)
TAR_TYPES = (b"1", b"2", b"3", b"4", b"5", b"6", b"7", b"S", b"L", b"K", b"x", b"g", b"V", b"M", b"\0", b"Z")
BOMB = 80 * 1024**2  # bytes of zeros


def pack(members: Mapping[str, bytes], chance: Random, *, broken: bool) -> bytes:
    """The members as a zip or a tar.gz, every third one a tar."""
    if chance.random() < 0.33:
        return _tar(members, chance, broken=broken)
    return _zip(members, chance, broken=broken)


def _zip(members: Mapping[str, bytes], chance: Random, *, broken: bool) -> bytes:
    out = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        warnings.simplefilter("ignore")
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
        if broken:
            _odd_zip_member(archive, chance)
    content = out.getvalue()
    return _break_zip(content, chance) if broken and chance.random() < 0.6 else content


def _odd_zip_member(archive: zipfile.ZipFile, chance: Random) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = chance.choice(ODD_NAMES).encode("utf-8", "replace").decode("utf-8")
    info.external_attr = (chance.choice(KINDS) | 0o644) << 16
    payload = chance.choice((b"", b"x", b"/etc/passwd", b"y" * 5000))
    if chance.random() < 0.03:
        payload = bytes(BOMB)
    archive.writestr(info, payload, chance.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)))
    if chance.random() < 0.1:
        for number in range(2_000):
            archive.writestr(zipfile.ZipInfo(f"many/{number}"), b"")


def _break_zip(content: bytes, chance: Random) -> bytes:
    """Wrong numbers in a local header, in the directory or in the end record."""
    marks = [at for mark in (b"PK\x01\x02", b"PK\x03\x04", b"PK\x05\x06") if (at := content.find(mark)) >= 0]
    data = bytearray(content)
    at = chance.choice(marks) + chance.randrange(4, 46)
    if at < len(data):
        width = chance.choice((1, 2, 4))
        data[at : at + width] = chance.choice((b"\xff", b"\x00", b"\x01", b"\x7f")) * width
    return octets.mutate(bytes(data), chance) if chance.random() < 0.3 else bytes(data)


def _tar(members: Mapping[str, bytes], chance: Random, *, broken: bool) -> bytes:
    out = io.BytesIO()
    form = (
        chance.choice((tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT)) if broken else tarfile.GNU_FORMAT
    )
    with tarfile.open(fileobj=out, mode="w", format=form) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        if broken:
            _odd_tar_member(archive, chance)
    plain = out.getvalue()
    if broken and chance.random() < 0.5:
        plain = _break_tar(plain, chance)
    zipped = gzip.compress(plain, 1, mtime=0)
    return octets.mutate(zipped, chance) if broken and chance.random() < 0.2 else zipped


def _odd_tar_member(archive: tarfile.TarFile, chance: Random) -> None:
    info = tarfile.TarInfo(chance.choice(ODD_NAMES))
    info.type = chance.choice(TAR_TYPES)
    info.linkname = chance.choice(("manifest.json", "/etc/passwd", "../x", ""))
    body = b"" if info.type in (b"1", b"2", b"3", b"4", b"5", b"6") else b"12 path=../x\n"
    info.size = len(body)
    if chance.random() < 0.1:
        info.pax_headers = {"path": "../x", "size": "-1", "GNU.sparse.map": "0,1"}
    try:
        archive.addfile(info, io.BytesIO(body))
    except (ValueError, UnicodeError):
        info.name = "x"
        archive.addfile(info, io.BytesIO(body))


def _break_tar(plain: bytes, chance: Random) -> bytes:
    """A header with another field and a right checksum, or bytes anywhere."""
    data = bytearray(plain)
    at = 512 * chance.randrange(max(1, len(data) // 512))
    header = data[at : at + 512]
    if chance.random() < 0.7 and len(header) == 512:
        field = chance.choice(((100, 8), (124, 12), (136, 12), (156, 1), (257, 8), (329, 8), (345, 155)))
        filler = chance.choice((b"7", b"\xff", b"\x80", b" ", b"-", b"\x00", b"9"))
        header[field[0] : sum(field)] = filler * field[1]
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % (sum(header) & 0o777777)
        data[at : at + 512] = header
        return bytes(data)
    return octets.mutate(plain, chance)
