"""Packages: opened whole or refused with a stable code and a place."""

import base64
import hashlib
import io
import json
import os
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.model import Release
from exchange_hub.core.errors import Refusal, UsageError
from ingest.package import Limits, OpenPackage, open_package, pack, peek_identity
from ingest.read import read_frames


def take(tmp_path: Path, content: bytes, limits: Limits | None = None) -> OpenPackage:
    path = tmp_path / "package.bin"
    path.write_bytes(content)
    return open_package(path, tmp_path / "work", limits or Limits())


def refused(action: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        action()
    assert caught.value.message_zh
    assert caught.value.message_en
    return caught.value


@pytest.mark.parametrize("form", ["zip", "tar", "folder"])
def test_the_same_members_open_alike_in_every_form(tmp_path: Path, kit: SimpleNamespace, form: str) -> None:
    contents = kit.members() | {"attachments/说明.pdf": b"%PDF"}
    path = tmp_path / "package"
    if form == "folder":
        kit.folder(path, contents)
    else:
        path.write_bytes(kit.zip(contents) if form == "zip" else kit.tar(contents))

    package = open_package(path, tmp_path / "work", Limits())

    lines = sorted(f"{n}\0{hashlib.sha256(c).hexdigest()}\n".encode() for n, c in contents.items())
    assert package.members == set(contents)
    assert package.content_digest == hashlib.sha256(b"".join(lines)).hexdigest()
    assert package.manifest.batch_no == "20261123-000017"
    assert (package.root / "attachments/说明.pdf").read_bytes() == b"%PDF"


def test_zip_names_in_gbk_are_read(tmp_path: Path, kit: SimpleNamespace) -> None:
    placeholder = "attachments/" + "x" * len("说明".encode("gbk")) + ".pdf"
    content = kit.zip(kit.members() | {placeholder: b"%PDF"})
    content = content.replace(placeholder.encode(), "attachments/说明.pdf".encode("gbk"))

    package = take(tmp_path, content)

    assert "attachments/说明.pdf" in package.members


def test_dot_parts_in_tar_names_are_normalised(tmp_path: Path, kit: SimpleNamespace) -> None:
    contents = {f"./{name}": content for name, content in kit.members().items()}

    package = take(tmp_path, kit.tar(contents))

    assert package.members == {"manifest.json", "data/SECTION.csv"}


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../evil", "data/../../evil", "data\\evil.csv", "C:/evil", "a\nb", "x" * 300]
)
@pytest.mark.parametrize("form", ["zip", "tar"])
def test_unsafe_names_are_refused(tmp_path: Path, kit: SimpleNamespace, name: str, form: str) -> None:
    contents = kit.members() | {name: b"x"}
    content = kit.zip(contents) if form == "zip" else kit.tar(contents)

    refusal = refused(lambda: take(tmp_path, content))

    assert refusal.code == "UNSAFE_ARCHIVE"
    assert refusal.where
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize(
    ("first", "second"),
    [("data/a.csv", "data/A.csv"), ("caf\u00e9", "cafe\u0301"), ("a", "a/b"), ("a/b", "A"), ("x", "./x")],
)
def test_names_that_collide_are_refused(tmp_path: Path, kit: SimpleNamespace, first: str, second: str) -> None:
    content = kit.tar(kit.members() | {first: b"1", second: b"2"})

    assert refused(lambda: take(tmp_path, content)).code == "UNSAFE_ARCHIVE"


def test_a_member_twice_is_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in kit.members().items():
            archive.writestr(name, content)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("data/SECTION.csv", b"other")

    assert refused(lambda: take(tmp_path, out.getvalue())).code == "UNSAFE_ARCHIVE"


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_in_a_tar_are_refused(tmp_path: Path, kit: SimpleNamespace, kind: bytes) -> None:
    info = tarfile.TarInfo("attachments/link")
    info.type, info.linkname = kind, "/etc/passwd"

    refusal = refused(lambda: take(tmp_path, kit.tar(kit.members(), [info])))

    assert (refusal.code, refusal.where) == ("UNSAFE_ARCHIVE", "attachments/link")


def test_a_symlink_in_a_zip_is_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    info = zipfile.ZipInfo("attachments/link")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    out = io.BytesIO(kit.zip(kit.members()))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(info, "/etc/passwd")

    assert refused(lambda: take(tmp_path, out.getvalue())).code == "UNSAFE_ARCHIVE"


@pytest.mark.parametrize("kind", ["symlink", "folder symlink", "hardlink", "fifo"])
def test_links_and_devices_in_a_folder_are_refused_also_when_packed(
    tmp_path: Path, kit: SimpleNamespace, kind: str
) -> None:
    folder = kit.folder(tmp_path / "in", kit.members())
    (tmp_path / "outside").mkdir()
    secret = tmp_path / "outside" / "secret"
    secret.write_text("secret")
    link = folder / "link"
    if kind == "symlink":
        link.symlink_to(secret)
    elif kind == "folder symlink":
        link.symlink_to(secret.parent)
    elif kind == "hardlink":
        link.hardlink_to(secret)
    else:
        os.mkfifo(link)

    refusal = refused(lambda: open_package(folder, tmp_path / "work", Limits()))

    assert (refusal.code, refusal.where) == ("UNSAFE_ARCHIVE", "link")
    if kind != "hardlink":  # a hard link is packed as the file it is
        packed = pack(folder, tmp_path / "package.tar.gz")
        assert b"secret" not in packed.read_bytes()
        assert refused(lambda: open_package(packed, tmp_path / "work2", Limits())).code == "UNSAFE_ARCHIVE"


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_bombs_are_refused_while_they_unpack(tmp_path: Path, kit: SimpleNamespace, form: str) -> None:
    contents = kit.members() | {"bomb": bytes(5_000_000)}
    content = kit.zip(contents) if form == "zip" else kit.tar(contents)

    by_size = refused(lambda: take(tmp_path / "a", content, Limits(max_unpacked_bytes=1_000_000)))
    by_ratio = refused(lambda: take(tmp_path / "b", content, Limits(ratio_from_bytes=100_000)))
    by_count = refused(lambda: take(tmp_path / "c", content, Limits(max_members=2)))
    by_package = refused(lambda: take(tmp_path / "d", content, Limits(max_package_bytes=10)))

    assert {r.code for r in (by_size, by_ratio, by_count, by_package)} == {"ARCHIVE_TOO_LARGE"}
    written = sum(p.stat().st_size for p in (tmp_path / "a").rglob("bomb"))
    assert written <= 1_000_000


@pytest.fixture(autouse=True)
def _places(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).mkdir()


def test_a_zip_that_lies_about_sizes_is_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    content = bytearray(kit.zip({"bomb": bytes(5_000_000)}))
    central = content.rfind(b"PK\x01\x02")
    struct.pack_into("<L", content, central + 24, 10)
    struct.pack_into("<L", content, 22, 10)

    refusal = refused(lambda: take(tmp_path, bytes(content), Limits(max_unpacked_bytes=1_000_000)))

    assert refusal.code in {"ARCHIVE_BROKEN", "ARCHIVE_TOO_LARGE"}


def test_a_tar_with_an_endless_header_is_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    info = tarfile.TarInfo("x")
    info.type, info.size = tarfile.XHDTYPE, 4 * 1024**3

    refusal = refused(lambda: take(tmp_path, kit.tar({}, [info])))

    assert refusal.code == "ARCHIVE_TOO_LARGE"


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    encrypted = base64.b64decode(  # "zip -e" of a file x
        "UEsDBAoACQAAAAAAIQCDFtyMDQAAAAEAAAABAAAAeAABAgMEBQYHCAkKCwxQSwcIgxbcjA0AAAABAAAAUEsBAh4DCgAJAAAAAAAhAIMW3IwN"
        "AAAAAQAAAAEAAAAAAAAAAQAAAKSBAAAAAHhQSwUGAAAAAAEAAQAvAAAAPAAAAAAA"
    )

    refusal = refused(lambda: take(tmp_path, encrypted))

    assert refusal.code == "ARCHIVE_BROKEN"
    assert "加密" in refusal.message_zh


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\x1f\x8b", b"Rar!\x1a\x07\x00", b"7z\xbc\xaf\x27\x1c"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    assert refused(lambda: take(tmp_path, content)).code == "ARCHIVE_BROKEN"


def test_a_manifest_one_folder_deeper_is_pointed_out(tmp_path: Path, kit: SimpleNamespace) -> None:
    content = kit.zip({f"batch/{name}": body for name, body in kit.members().items()})

    refusal = refused(lambda: take(tmp_path, content))

    assert (refusal.code, refusal.where) == ("MANIFEST_MISSING", "batch/manifest.json")


def _with_file(kit: SimpleNamespace, **changes: Any) -> dict[str, bytes]:
    contents = kit.members()
    top = json.loads(contents["manifest.json"])
    top["files"][0] |= changes
    top["files"][0] = {k: v for k, v in top["files"][0].items() if v is not None}
    return contents | {"manifest.json": json.dumps(top).encode()}


def _with_top(kit: SimpleNamespace, **changes: Any) -> dict[str, bytes]:
    contents = kit.members()
    top = json.loads(contents["manifest.json"]) | changes
    return contents | {"manifest.json": json.dumps({k: v for k, v in top.items() if v is not None}).encode()}


TOP_CASES = [
    ("manifest_version", None, "MANIFEST_INVALID"),
    ("manifest_version", "2", "MANIFEST_INVALID"),
    ("manifest_version", 1, "MANIFEST_INVALID"),
    ("platform_code", None, "MANIFEST_INVALID"),
    ("platform_code", "../x", "MANIFEST_INVALID"),
    ("batch_no", None, "MANIFEST_INVALID"),
    ("batch_no", "", "MANIFEST_INVALID"),
    ("batch_no", "x" * 65, "MANIFEST_INVALID"),
    ("batch_no", "a/b", "MANIFEST_INVALID"),
    ("batch_no", "a\\b", "MANIFEST_INVALID"),
    ("batch_no", "a\u0000b", "MANIFEST_INVALID"),
    ("batch_no", "..", "MANIFEST_INVALID"),
    ("batch_no", 17, "MANIFEST_INVALID"),
    ("contract_version", None, "MANIFEST_INVALID"),
    ("created_at", None, "MANIFEST_INVALID"),
    ("created_at", "2026-11-23T10:15:00", "MANIFEST_INVALID"),
    ("created_at", "yesterday", "MANIFEST_INVALID"),
    ("created_at", 20261123, "MANIFEST_INVALID"),
    ("created_at", "0001-01-01T00:00:00+08:00", "MANIFEST_INVALID"),
    ("corrects", "FK-1", "MANIFEST_INVALID"),
    ("corrects", [1], "MANIFEST_INVALID"),
    ("files", None, "MANIFEST_INVALID"),
    ("files", {}, "MANIFEST_INVALID"),
    ("files", [], "EMPTY_BATCH"),
    ("files", ["data/SECTION.csv"], "MANIFEST_INVALID"),
]


@pytest.mark.parametrize(("key", "value", "code"), TOP_CASES)
def test_a_false_manifest_is_refused_at_its_key(
    tmp_path: Path, kit: SimpleNamespace, key: str, value: object, code: str
) -> None:
    refusal = refused(lambda: take(tmp_path, kit.zip(_with_top(kit, **{key: value}))))

    assert refusal.code == code
    assert refusal.where.startswith(f"manifest.json#/{key}")


FILE_CASES = [
    ("path", None, "MANIFEST_INVALID"),
    ("path", "../x", "MANIFEST_INVALID"),
    ("path", "manifest.json", "MANIFEST_INVALID"),
    ("path", "data/OTHER.csv", "FILE_MISSING"),
    ("dataset", None, "MANIFEST_INVALID"),
    ("format", None, "MANIFEST_INVALID"),
    ("format", "xls", "UNKNOWN_FORMAT"),
    ("format", ["csv"], "UNKNOWN_FORMAT"),
    ("encoding", "big5", "UNKNOWN_ENCODING"),
    ("encoding", 8, "UNKNOWN_ENCODING"),
    ("records", None, "MANIFEST_INVALID"),
    ("records", True, "MANIFEST_INVALID"),
    ("records", 1.0, "MANIFEST_INVALID"),
    ("records", "1", "MANIFEST_INVALID"),
    ("records", -1, "MANIFEST_INVALID"),
    ("sha256", None, "MANIFEST_INVALID"),
    ("sha256", "00", "MANIFEST_INVALID"),
]


@pytest.mark.parametrize(("key", "value", "code"), FILE_CASES)
def test_a_false_file_entry_is_refused_at_its_key(
    tmp_path: Path, kit: SimpleNamespace, key: str, value: object, code: str
) -> None:
    refusal = refused(lambda: take(tmp_path, kit.zip(_with_file(kit, **{key: value}))))

    assert (refusal.code, refusal.where) == (code, f"manifest.json#/files/0/{key}")


def test_a_wrong_hash_is_refused_with_the_file(tmp_path: Path, kit: SimpleNamespace) -> None:
    refusal = refused(lambda: take(tmp_path, kit.zip(_with_file(kit, sha256="0" * 64))))

    assert (refusal.code, refusal.where) == ("HASH_MISMATCH", "data/SECTION.csv")


def test_upper_case_hashes_unknown_keys_and_undeclared_members_are_fine(tmp_path: Path, kit: SimpleNamespace) -> None:
    good = json.loads(kit.members()["manifest.json"])["files"][0]["sha256"]
    contents = _with_file(kit, sha256=good.upper(), note="x") | {"readme.txt": b"hello"}

    package = take(tmp_path, kit.zip(contents))

    assert package.manifest.files[0].sha256 == good
    assert "readme.txt" in package.members


@pytest.mark.parametrize(
    ("raw", "where"),
    [
        (b"{\n  x}", "manifest.json:2:3"),
        (b'{"a": 1,\n"b": "\xc4\xe3"}', "manifest.json:2"),
        (b"[]", "manifest.json#"),
        (b'{"batch_no": "1", "batch_no": "2"}', "manifest.json#"),
        (b"NaN", "manifest.json#"),
        (b"[" * 100_000, "manifest.json#"),
        (b"", "manifest.json:1:1"),
    ],
)
def test_a_manifest_that_is_no_json_object_is_refused_with_its_line(
    tmp_path: Path, kit: SimpleNamespace, raw: bytes, where: str
) -> None:
    refusal = refused(lambda: take(tmp_path, kit.zip({"manifest.json": raw})))

    assert (refusal.code, refusal.where) == ("MANIFEST_INVALID", where)


def test_a_file_listed_twice_is_refused(tmp_path: Path, kit: SimpleNamespace) -> None:
    contents = kit.members()
    top = json.loads(contents["manifest.json"])
    top["files"] *= 2

    refusal = refused(lambda: take(tmp_path, kit.zip(contents | {"manifest.json": json.dumps(top).encode()})))

    assert (refusal.code, refusal.where) == ("MANIFEST_INVALID", "manifest.json#/files/1/path")


@pytest.mark.parametrize(
    ("changes", "code", "where"),
    [
        ({"dataset": "NOTHING"}, "UNKNOWN_DATASET", "manifest.json#/files/0/dataset"),
        ({"records": 2}, "RECORD_COUNT_MISMATCH", "data/SECTION.csv"),
        ({"records": 0}, "RECORD_COUNT_MISMATCH", "data/SECTION.csv"),
    ],
)
def test_what_the_release_or_the_count_contradicts_is_refused(
    tmp_path: Path, kit: SimpleNamespace, release: Release, changes: dict[str, Any], code: str, where: str
) -> None:
    package = take(tmp_path, kit.zip(_with_file(kit, **changes)))

    refusal = refused(lambda: read_frames(package, release))

    assert (refusal.code, refusal.where) == (code, where)


@pytest.mark.parametrize(("content", "code"), [(b"", "EMPTY_FILE"), (b"DATA_KEY,DATA_TYPE\r\n", "EMPTY_BATCH")])
def test_a_batch_without_records_is_refused(
    tmp_path: Path, kit: SimpleNamespace, release: Release, content: bytes, code: str
) -> None:
    package = take(tmp_path, kit.zip(kit.members({"data/SECTION.csv": content}, records=0)))

    assert refused(lambda: read_frames(package, release)).code == code


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz"])
def test_packing_a_folder_is_deterministic_and_keeps_its_digest(
    tmp_path: Path, kit: SimpleNamespace, suffix: str
) -> None:
    folder = kit.folder(tmp_path / "in", kit.members() | {"attachments/说明.pdf": b"%PDF"})

    first, second = (pack(folder, tmp_path / f"{n}{suffix}") for n in ("one", "two"))
    os.utime(folder / "manifest.json", (1, 1))
    third = pack(folder, tmp_path / f"three{suffix}")

    assert first.read_bytes() == second.read_bytes() == third.read_bytes()
    packed = open_package(first, tmp_path / "work1", Limits())
    plain = open_package(folder, tmp_path / "work2", Limits())
    assert (packed.content_digest, packed.members) == (plain.content_digest, plain.members)


def test_packing_knows_only_two_forms(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        pack(tmp_path, tmp_path / "x.rar")


@pytest.mark.parametrize("form", ["zip", "tar", "folder"])
def test_identity_is_read_from_a_whole_package(tmp_path: Path, kit: SimpleNamespace, form: str) -> None:
    contents = kit.members(files={"data/SECTION.csv": b"broken"})
    path = tmp_path / "p"
    if form == "folder":
        kit.folder(path, contents)
    else:
        path.write_bytes(kit.zip(contents) if form == "zip" else kit.tar(contents))

    assert peek_identity(path) == (kit.platform, "20261123-000017")


@pytest.mark.parametrize("form", ["zip", "tar"])
def test_identity_is_read_from_a_truncated_package(tmp_path: Path, kit: SimpleNamespace, form: str) -> None:
    contents = kit.members() | {"attachments/big": os.urandom(200_000)}
    content = kit.zip(contents) if form == "zip" else kit.tar(contents)
    path = tmp_path / "p"
    path.write_bytes(content[:-50_000])

    assert refused(lambda: open_package(path, tmp_path / "work", Limits())).code == "ARCHIVE_BROKEN"
    assert peek_identity(path) == (kit.platform, "20261123-000017")


def test_identity_is_read_from_a_manifest_that_is_no_json(tmp_path: Path, kit: SimpleNamespace) -> None:
    path = tmp_path / "p"
    path.write_bytes(kit.zip({"batch/manifest.json": b'{"platform_code": "P1", "batch_no": "7", oops'}))

    assert peek_identity(path) == ("P1", "7")
