"""Whole packages that must be refused (整批拒收), by name: for the demo, for tests and for trying a platform's answer.

Each starts as a sound sample in XML; then one thing is broken, the manifest kept true to the rest.
"""

import hashlib
import json
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.sample.archive import pack_tar, pack_zip
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import MANIFEST, write_json, write_package

VICTIM = "data/PROJECT.xml"  # the data file that is broken
STRANGER = "91410100MA00NEVER7"  # no card has this platform code
BOMB_BYTES = 80 * 1024**2  # unpacked; less than 100 kB in the zip
_BLOCK = 1024**2

Break = Callable[[Path], None]  # breaks a package folder in place


@dataclass(frozen=True, slots=True)
class Broken:
    """One way to break a package: the refusal's code that must come of it, and what is done.

    `break_folder` works on the folder before packing, `break_zip` on the finished zip: such a package needs a zip.
    """

    code: str
    break_folder: Break = lambda folder: None
    break_zip: Break | None = None


def write_broken(name: str, target: Path, options: SampleOptions) -> Path:
    """Write a broken package: a folder, or an archive where the target ends in .zip, .tar.gz or .tgz.

    Args:
        name: one of `BROKEN`.
        target: where the package goes; a folder is made.
        options: of the sample underneath; its format is always XML.

    Raises:
        UsageError: no such name, or the fault needs a zip and the target is none.
    """
    if name not in BROKEN:
        known = ", ".join(BROKEN)
        raise UsageError("UNKNOWN_FAULT", f"没有 {name}；可选 {known}", f"no {name}; choose from {known}")
    broken, is_zip = BROKEN[name], target.name.endswith(".zip")
    if broken.break_zip is not None and not is_zip:
        raise UsageError("NEEDS_ZIP", f"{name} 只能写成 .zip", f"{name} needs a .zip", str(target))
    if not is_zip and not target.name.endswith((".tar.gz", ".tgz")):
        _write_folder(target, broken, options)
        return target
    with tempfile.TemporaryDirectory() as scratch:
        _write_folder(Path(scratch), broken, options)
        (pack_zip if is_zip else pack_tar)(Path(scratch), target)
    if broken.break_zip is not None:
        broken.break_zip(target)
    return target


def _write_folder(folder: Path, broken: Broken, options: SampleOptions) -> None:
    write_package(folder, replace(options, format="xml", encoding="utf-8"))
    broken.break_folder(folder)


def _edit_manifest(edit: Callable[[dict[str, Any]], None]) -> Break:
    def change(folder: Path) -> None:
        document = json.loads((folder / MANIFEST).read_text("utf-8"))
        edit(document)
        write_json(folder / MANIFEST, document)

    return change


def _edit_top(**values: str) -> Break:
    return _edit_manifest(lambda document: document.update(values))


def _edit_entry(**values: object) -> Break:
    return _edit_manifest(lambda document: document["files"][0].update(values))


def _edit_data(edit: Callable[[bytes], bytes]) -> Break:
    """Change the first data file and write its new hash into the manifest, so that only the content is wrong."""

    def change(folder: Path) -> None:
        content = edit((folder / VICTIM).read_bytes())
        (folder / VICTIM).write_bytes(content)
        _edit_entry(sha256=hashlib.sha256(content).hexdigest())(folder)

    return change


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _cut_inside_a_tag(content: bytes) -> bytes:
    """The first half: never inside a character, which would be a fault of the encoding."""
    return content[: content.rindex(b"<", 0, len(content) // 2) + 2]


def _add_entity(content: bytes) -> bytes:
    head, rest = content.split(b"\n", 1)
    doctype = b'<!DOCTYPE BATCH [<!ENTITY secret SYSTEM "file:///etc/hostname">]>\n'
    return head + b"\n" + doctype + rest.replace(b"<PROJECT_NAME>", b"<PROJECT_NAME>&secret;", 1)


def _add_traversal(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(zipfile.ZipInfo("../outside.txt"), "must never be written")


def _add_bomb(path: Path) -> None:
    member = zipfile.ZipInfo("attachments/plan.pdf")
    member.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(path, "a") as archive, archive.open(member, "w", force_zip64=True) as file:
        for _ in range(BOMB_BYTES // _BLOCK):
            file.write(bytes(_BLOCK))


BROKEN: dict[str, Broken] = {
    "manifest_missing": Broken("MANIFEST_MISSING", lambda folder: (folder / MANIFEST).unlink()),
    "manifest_not_json": Broken("MANIFEST_INVALID", lambda folder: _truncate(folder / MANIFEST)),
    "wrong_hash": Broken("HASH_MISMATCH", _edit_entry(sha256="0" * 64)),
    "wrong_count": Broken("RECORD_COUNT_MISMATCH", _edit_entry(records=999_999)),
    "unknown_dataset": Broken("UNKNOWN_DATASET", _edit_entry(dataset="NO_SUCH_DATASET")),
    "broken_xml": Broken("BROKEN_XML", _edit_data(_cut_inside_a_tag)),
    "external_entity": Broken("XML_ENTITY", _edit_data(_add_entity)),
    "wrong_encoding": Broken(
        "WRONG_ENCODING",
        _edit_data(lambda content: content.decode("utf-8").encode("gb18030")),  # still declared utf-8
    ),
    "empty_file": Broken("EMPTY_FILE", _edit_data(lambda content: b"")),
    "unknown_platform": Broken("UNKNOWN_PLATFORM", _edit_top(platform_code=STRANGER)),
    "unknown_contract": Broken("UNKNOWN_CONTRACT", _edit_top(contract_version="0.0.1")),
    "path_traversal": Broken("UNSAFE_ARCHIVE", break_zip=_add_traversal),
    "zip_bomb": Broken("ARCHIVE_TOO_LARGE", break_zip=_add_bomb),
}
