"""Releases of the exchange spec, read from `contracts/releases/` and `contracts/codelists/`.

A release is a folder `releases/<x.y.z>/` with release.yaml, `<DATASET>.odcs.yaml` for every dataset that is its own
(all of them, or those that differ from the release it is based on) and, where it needs a code list of its own,
`codelists/<NAME>.yaml` in place of the shared one. Loading takes no frames; rule ids are checked by the validators,
who know the rules. A dataset is read and checked, with its ancestors, when it is first asked for.
"""

import re
from functools import cache
from pathlib import Path

from contracts.model import Release
from contracts.releasefiles import ReleaseFiles, Spec
from exchange_hub.core.errors import ConfigurationError

HOME = Path(__file__).resolve().parent
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


@cache
def load_release(version: str) -> Release:
    """The release of that version, opened once in a process.

    Reading a dataset or a code list of it raises ConfigurationError where its file is wrong (file and line are named).

    Raises:
        ConfigurationError: no such release, or its release.yaml is wrong.
    """
    if version not in release_versions():
        raise ConfigurationError(
            "CONTRACT_UNKNOWN",
            f"数据规范版本 {version} 不存在",
            f"there is no release {version} of the spec",
            "contracts/releases",
        )
    spec = _spec()
    if version not in spec.opened:
        spec.opened[version] = ReleaseFiles(HOME / "releases" / version, spec)
    return spec.opened[version].release()


@cache
def _spec() -> Spec:
    return Spec(HOME / "codelists", HOME.parent)


def release_versions() -> tuple[str, ...]:
    """Versions there are, oldest first."""
    folders = (HOME / "releases").iterdir()
    versions = [folder.name for folder in folders if _VERSION.fullmatch(folder.name) and folder.is_dir()]
    return tuple(sorted(versions, key=lambda version: tuple(int(part) for part in version.split("."))))


def releases() -> tuple[Release, ...]:
    """All releases, oldest first.

    Raises:
        ConfigurationError: the release.yaml of one of them is wrong.
    """
    return tuple(load_release(version) for version in release_versions())


def read_release(folder: Path, shared_lists: Path, root: Path) -> Release:
    """Read a whole release from its folder, without the cache; names in errors are relative to `root`.

    Datasets stand parents first, then by their number in the exchange. Code lists are those that its fields name; the
    others of the folders are read too, so that a broken one is found.

    Raises:
        ConfigurationError: a file is missing or wrong; names file and line.
    """
    files = ReleaseFiles(folder, Spec(shared_lists, root))
    release = files.release()
    for name in files.list_files:
        files.code_list(name)
    list(release.datasets.values())
    return release
