"""Broken packages are refused for the cause they name; corrections bring exactly what was rejected, right."""

import json
from pathlib import Path

import pytest

from contracts.loader import load_release
from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.sample.broken import BROKEN, STRANGER, write_broken
from exchange_hub.sample.correct import write_correction
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import Limits, open_package, pack
from ingest.read import read_frames
from ingest.registry import load_platforms

BEYOND_READING = {"unknown_platform", "unknown_contract"}  # sound packages that a hub without these refuses
Keys = dict[str, set[str]]


def read(path: Path, workdir: Path) -> None:
    workdir.mkdir()
    package = open_package(path, workdir, Limits())
    read_frames(package, load_release("2.0.0"))


def outcomes(folder: Path, outcome: str) -> Keys:
    found: Keys = {}
    for entry in json.loads((folder / "faults.json").read_text("utf-8"))["faults"]:
        if entry["outcome"] == outcome:
            found.setdefault(entry["dataset"], set()).add(entry["original_key"])
    return found


def rows(folder: Path) -> dict[str, list[dict[str, str]]]:
    return {
        path.stem: [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        for path in (folder / "data").iterdir()
    }


@pytest.mark.parametrize("name", sorted(set(BROKEN) - BEYOND_READING))
def test_a_broken_zip_is_refused_for_its_own_cause(tmp_path: Path, name: str) -> None:
    path = write_broken(name, tmp_path / "broken.zip", SampleOptions())

    with pytest.raises(Refusal) as refused:
        read(path, tmp_path / "work")

    assert refused.value.code == BROKEN[name].code
    assert not (tmp_path / "outside.txt").exists()
    assert not (tmp_path / "work" / "outside.txt").exists()


@pytest.mark.parametrize("ending", ["", ".tar.gz"])
def test_folders_and_tar_files_break_as_well(tmp_path: Path, ending: str) -> None:
    path = write_broken("wrong_hash", tmp_path / f"broken{ending}", SampleOptions())

    with pytest.raises(Refusal, match="HASH_MISMATCH"):
        read(path, tmp_path / "work")


def test_strangers_are_really_unknown(tmp_path: Path) -> None:
    write_broken("unknown_platform", tmp_path / "platform", SampleOptions())
    write_broken("unknown_contract", tmp_path / "contract", SampleOptions())

    platform = json.loads((tmp_path / "platform" / "manifest.json").read_text("utf-8"))["platform_code"]
    version = json.loads((tmp_path / "contract" / "manifest.json").read_text("utf-8"))["contract_version"]
    assert platform == STRANGER
    assert platform not in load_platforms()
    assert version == "0.0.1"


def test_the_bomb_is_small_on_disk(tmp_path: Path) -> None:
    assert write_broken("zip_bomb", tmp_path / "bomb.zip", SampleOptions()).stat().st_size < 200_000


@pytest.mark.parametrize(("name", "target"), [("no_such", "a.zip"), ("zip_bomb", "a.tar.gz"), ("path_traversal", "a")])
def test_what_cannot_be_broken_so_is_refused(tmp_path: Path, name: str, target: str) -> None:
    with pytest.raises(UsageError):
        write_broken(name, tmp_path / target, SampleOptions())

    assert not list(tmp_path.iterdir())


def test_a_correction_holds_the_right_versions_of_the_rejected_records_only(tmp_path: Path) -> None:
    options = SampleOptions(projects=12, seed=5, format="jsonl", faults=7.0)
    write_package(tmp_path / "faulty", options)
    write_package(tmp_path / "clean", SampleOptions(projects=12, seed=5, format="jsonl"))

    manifest = write_correction(tmp_path / "faulty", tmp_path / "fix", "FK-41010001-2026-000001", "fix-1")

    clean, fixed = rows(tmp_path / "clean"), rows(tmp_path / "fix")
    assert {name: {row["DATA_KEY"] for row in part} for name, part in fixed.items()} == outcomes(
        tmp_path / "faulty", "rejected"
    )
    assert all(row in clean[name] for name, part in fixed.items() for row in part)
    assert (manifest.batch_no, manifest.corrects) == ("fix-1", ("FK-41010001-2026-000001",))


def test_a_correction_packs_and_opens(tmp_path: Path) -> None:
    write_package(tmp_path / "faulty", SampleOptions(projects=3, faults=6.0))
    write_correction(tmp_path / "faulty", tmp_path / "fix", None, "fix-1")

    read(pack(tmp_path / "fix", tmp_path / "fix.zip"), tmp_path / "work")


def test_a_clean_sample_cannot_be_corrected(tmp_path: Path) -> None:
    write_package(tmp_path / "clean", SampleOptions())

    with pytest.raises(UsageError, match="NO_FAULTS_FILE"):
        write_correction(tmp_path / "clean", tmp_path / "fix", None, "fix-1")
