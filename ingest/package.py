"""A batch package: opened, its manifest checked, its files proved whole (interfaces: batch package)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import Manifest
from ingest.archive import Limits, Member, unpack
from ingest.manifest import NAME, parse_manifest
from ingest.pack import pack
from ingest.peek import peek_identity

__all__ = ["Limits", "OpenPackage", "open_package", "pack", "peek_identity", "prove_package"]


@dataclass(frozen=True, slots=True)
class OpenPackage:
    """A package unpacked below `root`.

    `content_digest` is the SHA-256 (hex) over the sorted lines "path NUL sha256-hex newline" of all members, so
    that the same content packed anew is the same batch. `members` are all files in it, manifest included.
    """

    root: Path
    manifest: Manifest
    content_digest: str
    members: frozenset[str]


def open_package(path: Path, workdir: Path, limits: Limits) -> OpenPackage:
    """Unpack a zip, a tar.gz or a plain folder and check that it is what its manifest says.

    Args:
        path: the package as received; it is not changed.
        workdir: an empty folder of the caller's, where the members are written to `package/`.
        limits: what the package may cost.

    Raises:
        Refusal: the package cannot be taken in; code, texts and place say why.
        FileNotFoundError: there is nothing at `path`.
    """
    return _opened(workdir / "package", unpack(path, workdir / "package", limits))


def prove_package(path: Path, workdir: Path, limits: Limits) -> OpenPackage:
    """As `open_package`, all of it read and checked, but nothing is written except the manifest."""
    return _opened(workdir / "package", unpack(path, workdir / "package", limits, only=(NAME,)))


def _opened(root: Path, members: Mapping[str, Member]) -> OpenPackage:
    if NAME not in members:
        raise _no_manifest(members)
    manifest = parse_manifest((root / NAME).read_bytes(), members)
    for entry in manifest.files:
        found = members[entry.path].sha256
        if found != entry.sha256:
            raise Refusal(
                "HASH_MISMATCH",
                f"文件 {entry.path} 的 SHA-256 为 {found}，与清单不符",
                f"{entry.path} has SHA-256 {found}, not the one in the manifest",
                entry.path,
            )
    return OpenPackage(root, manifest, content_digest(members), frozenset(members))


def content_digest(members: Mapping[str, Member]) -> str:
    """SHA-256 (hex) over the sorted lines "path NUL sha256-hex newline" of the members."""
    digest = hashlib.sha256()
    for line in sorted(f"{m.name}\0{m.sha256}\n".encode() for m in members.values()):
        digest.update(line)
    return digest.hexdigest()


def _no_manifest(members: Mapping[str, Member]) -> Refusal:
    near = [name for name in sorted(members) if name.rsplit("/", 1)[-1].casefold() == NAME]
    if near:
        return Refusal(
            "MANIFEST_MISSING",
            f"包的根目录下没有 {NAME}；在 {near[0]} 找到一个，请把它放到根目录（打包文件夹里的内容，而不是文件夹本身）",
            f"no {NAME} at the root; there is one at {near[0]}: pack what is in the folder, not the folder",
            near[0],
        )
    return Refusal("MANIFEST_MISSING", f"包的根目录下没有 {NAME}", f"no {NAME} at the root of the package", NAME)
