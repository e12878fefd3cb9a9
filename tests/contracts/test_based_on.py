"""A release that is based on another one: what it takes over, what it changes, what it may not say."""

import re
import shutil
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from contracts.loader import HOME, read_release
from contracts.model import Release
from exchange_hub.core.errors import ConfigurationError

BASE, NEXT = "2.0.0", "2.9.0"
HEAD: Mapping[str, object] = {"version": NEXT, "status": "draft", "based_on": BASE, "changes": ["某项变更 a change"]}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A small spec of our own: a project, its tender project and its section."""
    base = tmp_path / "releases" / BASE
    base.mkdir(parents=True)
    for name in ("PROJECT", "TENDER_PROJECT", "SECTION"):
        shutil.copy(HOME / "releases" / BASE / f"{name}.odcs.yaml", base)
    head = {"version": BASE, "status": "active", "changes": []}
    (base / "release.yaml").write_text(yaml.safe_dump(head, allow_unicode=True), "utf-8")
    shutil.copytree(HOME / "codelists", tmp_path / "codelists")
    return tmp_path


def write_next(spec: Path, **head: object) -> Path:
    folder = spec / "releases" / NEXT
    folder.mkdir(exist_ok=True)
    (folder / "release.yaml").write_text(yaml.safe_dump({**HEAD, **head}, allow_unicode=True, sort_keys=False), "utf-8")
    return folder


def own_file(spec: Path, name: str, old: str = "", new: str = "") -> None:
    """A contract of the next release, made from the base's."""
    text = (spec / "releases" / BASE / f"{name}.odcs.yaml").read_text("utf-8")
    assert old in text
    text = text.replace(f"version: {BASE}", f"version: {NEXT}").replace(old, new, 1)
    (spec / "releases" / NEXT / f"{name}.odcs.yaml").write_text(text, "utf-8")


def read(spec: Path, version: str = NEXT) -> Release:
    return read_release(spec / "releases" / version, spec / "codelists", spec)


def refusal(spec: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        read(spec)
    return caught.value


def test_what_is_not_named_is_taken_over_under_the_new_version(spec: Path) -> None:
    write_next(spec)

    release = read(spec)

    base = read(spec, BASE)
    assert release.based_on == BASE
    assert tuple(release.datasets) == tuple(base.datasets)
    assert release.datasets["SECTION"].fields == base.datasets["SECTION"].fields
    assert release.datasets["SECTION"].version == NEXT
    assert release.datasets["SECTION"].path == f"releases/{BASE}/SECTION.odcs.yaml"


def test_a_changed_dataset_is_read_from_the_releases_own_folder(spec: Path) -> None:
    write_next(spec, datasets={"changed": ["PROJECT"]})
    own_file(spec, "PROJECT", "{maxLength: 600}", "{maxLength: 700}")

    release = read(spec)

    assert release.datasets["PROJECT"].field("PROJECT_NAME").max_length == 700
    assert read(spec, BASE).datasets["PROJECT"].field("PROJECT_NAME").max_length == 600


def test_a_removed_dataset_is_gone(spec: Path) -> None:
    write_next(spec, datasets={"removed": ["SECTION"]})

    assert set(read(spec).datasets) == {"PROJECT", "TENDER_PROJECT"}


def test_a_severity_of_the_release_holds_wherever_the_rule_is_named(spec: Path) -> None:
    write_next(spec, rules={"REF-001": "reject"})

    release = read(spec)

    severities = {
        (name, use.severity) for name, c in release.datasets.items() for use in c.rules if use.rule_id == "REF-001"
    }
    assert severities == {("TENDER_PROJECT", "reject"), ("SECTION", "reject")}


def own_unit(spec: Path, version: str, label: str) -> None:
    """The code list PRICE_UNIT of one release, with another label for the yuan."""
    folder = spec / "releases" / version / "codelists"
    folder.mkdir()
    text = (spec / "codelists" / "PRICE_UNIT.yaml").read_text("utf-8")
    (folder / "PRICE_UNIT.yaml").write_text(text.replace("label_zh: '元'", f"label_zh: '{label}'"), "utf-8")


def test_a_code_list_of_the_base_is_taken_over(spec: Path) -> None:
    write_next(spec)
    own_unit(spec, BASE, "人民币元")

    assert read(spec).code_lists["PRICE_UNIT"].codes[0].label_zh == "人民币元"


def test_a_code_list_of_its_own_goes_before_that_of_the_base(spec: Path) -> None:
    write_next(spec)
    own_unit(spec, BASE, "人民币元")
    own_unit(spec, NEXT, "圆")

    labels = [read(spec, version).code_lists["PRICE_UNIT"].codes[0].label_zh for version in (BASE, NEXT)]

    assert labels == ["人民币元", "圆"]


def test_removing_a_parent_of_what_stays_is_refused_where_the_parent_is_named(spec: Path) -> None:
    write_next(spec, datasets={"removed": ["TENDER_PROJECT"]})

    error = refusal(spec)

    assert "parent TENDER_PROJECT.TENDER_PROJECT_CODE does not exist" in error.message_en
    assert re.fullmatch(rf"releases/{BASE}/SECTION\.odcs\.yaml:[0-9]+", error.where)


def test_a_file_that_release_yaml_does_not_name_is_refused(spec: Path) -> None:
    write_next(spec)
    own_file(spec, "PROJECT")

    assert "PROJECT.odcs.yaml is named neither as added nor as changed" in refusal(spec).message_en


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ({"datasets": {"changed": ["SECTION"]}}, "SECTION.odcs.yaml is missing"),
        ({"datasets": {"added": ["SECTION"]}}, "added dataset SECTION must not be in release 2.0.0"),
        ({"datasets": {"changed": ["BID"]}}, "changed dataset BID must be in release 2.0.0"),
        ({"datasets": {"removed": ["BID"]}}, "removed dataset BID must be in release 2.0.0"),
        ({"datasets": {"moved": ["SECTION"]}}, "unknown key moved"),
        ({"datasets": {"removed": "SECTION"}}, "removed must be a list"),
        ({"based_on": None, "datasets": {"removed": ["SECTION"]}}, "datasets are named only beside based_on"),
        ({"based_on": "1.9.9"}, "there is no release 1.9.9"),
        ({"based_on": NEXT}, "based on itself: 2.9.0 -> 2.9.0"),
        ({"rules": {"REF-1": "reject"}}, "REF-1 is no rule id"),
        ({"rules": {"REF-001": "fatal"}}, "must be one of reject, query, alert"),
        ({"rules": ["REF-001"]}, "must be a mapping of rule ids to severities"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_head_that_does_not_fit_is_refused_with_its_line(spec: Path, head: dict[str, object], words: str) -> None:
    write_next(spec, **head)

    error = refusal(spec)

    assert words in error.message_en
    assert re.fullmatch(rf"releases/{NEXT}/release\.yaml:[0-9]+", error.where)


def test_releases_based_on_each_other_are_refused(spec: Path) -> None:
    write_next(spec)
    path = spec / "releases" / BASE / "release.yaml"
    path.write_text(path.read_text("utf-8") + f"based_on: {NEXT}\n", "utf-8")

    assert "based on itself: 2.9.0 -> 2.0.0 -> 2.9.0" in refusal(spec).message_en


def test_the_release_of_the_how_to_can_be_read_as_it_is_written(tmp_path: Path) -> None:
    guide = (HOME.parent / "docs" / "how-to" / "add-a-contract-version.md").read_text("utf-8")
    written = textwrap.dedent(guide.split("```yaml\n")[1].split("```")[0])
    for folder in ("releases", "codelists"):
        shutil.copytree(HOME / folder, tmp_path / folder)
    draft = tmp_path / "releases" / "2.2.0"
    draft.mkdir()
    (draft / "release.yaml").write_text(written, "utf-8")
    section = (HOME / "releases" / "2.0.0" / "SECTION.odcs.yaml").read_text("utf-8")
    (draft / "SECTION.odcs.yaml").write_text(section.replace("version: 2.0.0", "version: 2.2.0"), "utf-8")

    release = read(tmp_path, "2.2.0")

    assert release.based_on == "2.1.0"
    assert {use.severity for use in release.datasets["SECTION"].rules if use.rule_id == "IDN-005"} == {"reject"}
    assert "TENDER_SUSPENSION" in release.datasets
