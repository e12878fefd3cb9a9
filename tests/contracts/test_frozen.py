"""A released version is never edited: its contracts, its code lists and what its release.yaml says of them.

Status and dates of release.yaml may change, since a release grows old without its contracts changing.
"""

import hashlib
import json
from pathlib import Path

import yaml

from contracts.loader import HOME, load_release, release_versions
from contracts.model import ReleaseStatus

GOLDEN = Path(__file__).parent / "golden"
LIFE_CYCLE = {"status", "effective_from", "deprecated_from", "retired_from", "successor"}
RELEASED = [v for v in release_versions() if load_release(v).status is not ReleaseStatus.DRAFT]
HINT = "a released version is frozen: put the change into a draft release (docs/how-to/add-a-contract-version.md)"


def frozen() -> dict[str, str]:
    """Path -> SHA-256, as `sha256sum` writes it."""
    lines = (GOLDEN / "frozen.sha256").read_text("utf-8").splitlines()
    return {path: digest for digest, path in (line.split(maxsplit=1) for line in lines)}


def test_every_frozen_file_is_as_it_was() -> None:
    changed = [
        path
        for path, digest in frozen().items()
        if not (HOME.parent / path).is_file() or hashlib.sha256((HOME.parent / path).read_bytes()).hexdigest() != digest
    ]

    assert changed == [], HINT


def test_every_file_of_a_released_version_is_frozen() -> None:
    folders = [HOME / "releases" / version for version in RELEASED]
    own = {path for folder in folders for path in folder.rglob("*.yaml") if path.name != "release.yaml"}
    shared = {
        HOME / "codelists" / f"{name}.yaml"
        for version in RELEASED
        for name in load_release(version).code_lists
        if not (HOME / "releases" / version / "codelists" / f"{name}.yaml").is_file()
    }

    assert {path.relative_to(HOME.parent).as_posix() for path in own | shared} <= set(frozen())


def test_what_a_released_version_says_of_its_datasets_is_frozen() -> None:
    said = {}
    for version in RELEASED:
        head = yaml.safe_load((HOME / "releases" / version / "release.yaml").read_text("utf-8"))
        said[version] = {key: value for key, value in head.items() if key not in LIFE_CYCLE}

    assert said == json.loads((GOLDEN / "frozen-heads.json").read_text("utf-8")), HINT


def test_the_lock_is_closed_over_both_released_versions() -> None:
    assert RELEASED == ["1.0.0", "2.0.0"]
    assert len(frozen()) > 103 + 10 + 76
