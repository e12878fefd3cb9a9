"""Releases of the exchange spec, read from `contracts/releases/` and `contracts/codelists/`.

A release is a folder `releases/<x.y.z>/` with release.yaml, one `<DATASET>.odcs.yaml` a dataset and, where a
release needs a code list of its own, `codelists/<NAME>.yaml` in place of the shared one. Loading takes no
frames; rule ids are checked by the validators, who know the rules.
"""

import re
from functools import cache
from pathlib import Path

from contracts.crosschecks import check_release
from contracts.datasetreader import read_dataset
from contracts.listreader import read_code_list, read_head
from contracts.model import CodeList, DatasetContract, Release
from contracts.yamlfile import YamlFile
from exchange_hub.core.errors import ConfigurationError

HOME = Path(__file__).resolve().parent
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")


@cache
def load_release(version: str) -> Release:
    """The release of that version, read once in a process.

    Raises:
        ConfigurationError: no such release, or one of its files is wrong (file and line are named).
    """
    if version not in release_versions():
        raise ConfigurationError(
            "CONTRACT_UNKNOWN",
            f"数据规范版本 {version} 不存在",
            f"there is no release {version} of the spec",
            "contracts/releases",
        )
    return read_release(HOME / "releases" / version, HOME / "codelists", HOME.parent)


def release_versions() -> tuple[str, ...]:
    """Versions there are, oldest first."""
    folders = (HOME / "releases").iterdir()
    versions = [folder.name for folder in folders if _VERSION.fullmatch(folder.name) and folder.is_dir()]
    return tuple(sorted(versions, key=lambda version: tuple(int(part) for part in version.split("."))))


def releases() -> tuple[Release, ...]:
    """All releases, oldest first.

    Raises:
        ConfigurationError: a file of one of them is wrong.
    """
    return tuple(load_release(version) for version in release_versions())


def read_release(folder: Path, shared_lists: Path, root: Path) -> Release:
    """Read a release from its folder, without the cache; names in errors are relative to `root`.

    Datasets stand parents first, then by their number in the exchange.

    Raises:
        ConfigurationError: a file is missing or wrong; names file and line.
    """
    head = read_head(YamlFile(folder / "release.yaml", root))
    code_lists = read_code_lists(shared_lists, root) | read_code_lists(folder / "codelists", root)
    files: dict[str, YamlFile] = {}
    datasets: dict[str, DatasetContract] = {}
    for path in sorted(folder.glob("*.odcs.yaml")):
        file = YamlFile(path, root)
        contract = read_dataset(file, head.version)
        files[contract.dataset], datasets[contract.dataset] = file, contract
    check_release(datasets, code_lists, files)
    used = {field.code_list for contract in datasets.values() for field in contract.fields}
    return Release(
        version=head.version,
        status=head.status,
        effective_from=head.effective_from,
        deprecated_from=head.deprecated_from,
        retired_from=head.retired_from,
        successor=head.successor,
        changes=head.changes,
        datasets=_parents_first(datasets),
        code_lists={name: found for name, found in code_lists.items() if name in used},
    )


def read_code_lists(folder: Path, root: Path) -> dict[str, CodeList]:
    """Code lists of a folder by name; none where the folder does not exist.

    Raises:
        ConfigurationError: a file is wrong; names file and line.
    """
    lists = [read_code_list(YamlFile(path, root)) for path in sorted(folder.glob("*.yaml"))]
    return {found.name: found for found in lists}


def _parents_first(datasets: dict[str, DatasetContract]) -> dict[str, DatasetContract]:
    """Datasets so that each stands behind its parents; among equals by data number, unnumbered last."""

    def depth(name: str) -> int:
        return max((1 + depth(parent.dataset) for parent in datasets[name].parents), default=0)

    def order(name: str) -> tuple[int, float, str]:
        number = datasets[name].data_no
        return depth(name), float(number) if number.isdigit() else float("inf"), name

    return {name: datasets[name] for name in sorted(datasets, key=order)}
