"""The sample against ingest and validators: a clean one has no finding, a faulty one exactly the planted ones."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.loader import load_release
from exchange_hub.core.records import Validation
from exchange_hub.sample.correct import write_correction
from exchange_hub.sample.fault_table import FAULTS
from exchange_hub.sample.options import FORMATS, SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import Limits, open_package
from ingest.read import read_frames
from validators.engine import Context, validate
from validators.lookups import NothingStored

Place = tuple[str, int]


def validated(folder: Path, options: SampleOptions, *, closed: bool = True) -> Validation:
    """The package as the hub sees it on its arrival, an hour after it was made, with nothing stored yet."""
    work = folder.with_name(folder.name + "-work")
    work.mkdir()
    package = open_package(folder, work, Limits())
    release = load_release(package.manifest.contract_version)
    received_at = options.created_at + timedelta(hours=1)
    context = Context(options.platform, received_at, package.members, assume_parents=not closed)
    return validate(read_frames(package, release), release, NothingStored(), context)


def book_of(folder: Path) -> list[dict[str, object]]:
    entries: list[dict[str, object]] = json.loads((folder / "faults.json").read_text("utf-8"))["faults"]
    return entries


def places(validation: Validation, part: str) -> set[Place]:
    frames = (getattr(result, part) for result in validation.datasets.values())
    return {row for frame in frames for row in frame.select("_file", "_row").iter_rows()}


@pytest.mark.parametrize("form", FORMATS)
def test_a_clean_sample_has_no_finding_of_any_severity(tmp_path: Path, form: str) -> None:
    options = SampleOptions(projects=25, seed=4, format=form)
    write_package(tmp_path / "package", options)

    validation = validated(tmp_path / "package", options)

    assert validation.findings.height == 0
    assert places(validation, "rejected") | places(validation, "held") == set()
    assert sum(result.accepted.height for result in validation.datasets.values()) > 1000


def test_a_clean_sample_in_gbk_has_no_finding(tmp_path: Path) -> None:
    options = SampleOptions(projects=5, format="csv", encoding="gbk")
    write_package(tmp_path / "package", options)

    assert validated(tmp_path / "package", options).findings.height == 0


def test_children_without_parents_are_accepted_when_parents_are_assumed(tmp_path: Path) -> None:
    options = SampleOptions(projects=2, datasets=("TENDER_LIST", "RECORDING"))
    write_package(tmp_path / "package", options)

    assert places(validated(tmp_path / "package", options, closed=False), "held") == set()


@pytest.mark.parametrize("form", FORMATS)
def test_a_faulty_sample_has_exactly_the_planted_findings(tmp_path: Path, form: str) -> None:
    options = SampleOptions(projects=60, seed=9, format=form, faults=6.0)
    write_package(tmp_path / "package", options)
    book = book_of(tmp_path / "package")
    assert {entry["fault"] for entry in book} - {"parent_not_accepted"} == set(FAULTS)

    found = validated(tmp_path / "package", options).findings

    planted = {(entry["file"], entry["row"], entry["rule_id"], entry["severity"]) for entry in book if entry["rule_id"]}
    assert set(found.select("file", "row", "rule_id", "severity").iter_rows()) == planted
    assert found.height == len(planted)


def test_every_record_ends_as_the_book_says(tmp_path: Path) -> None:
    options = SampleOptions(projects=60, seed=9, format="csv", faults=6.0)
    write_package(tmp_path / "package", options)
    expected: dict[object, set[object]] = {}
    for entry in book_of(tmp_path / "package"):
        expected.setdefault(entry["outcome"], set()).add((entry["file"], entry["row"]))

    validation = validated(tmp_path / "package", options)

    assert places(validation, "rejected") == expected["rejected"]
    assert places(validation, "held") == expected["held"]
    assert places(validation, "accepted") >= expected["query"]


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_alone_breaks_its_rule_and_no_other(tmp_path: Path, name: str) -> None:
    options = SampleOptions(projects=8, seed=2, format="jsonl", faults=1.0, fault_names=(name,))
    write_package(tmp_path / "package", options)

    found = validated(tmp_path / "package", options).findings

    rule = FAULTS[name].rule_id
    assert set(found["rule_id"]) == ({rule} if rule else set())
    assert (found.height > 0) == (rule is not None)


def test_a_correction_has_no_finding(tmp_path: Path) -> None:
    options = SampleOptions(projects=20, seed=6, faults=6.0)
    write_package(tmp_path / "faulty", options)
    write_correction(tmp_path / "faulty", tmp_path / "fix", "FK-41010001-2026-000001", "fix-1")

    validation = validated(tmp_path / "fix", options, closed=False)

    assert validation.findings.height == 0
    assert places(validation, "rejected") | places(validation, "held") == set()
