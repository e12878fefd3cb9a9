"""Loading: stable, light, fast; a broken file is refused with its name and line."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.loader import HOME, load_release, read_release, release_versions, releases
from contracts.model import Release
from exchange_hub.core.errors import ConfigurationError

PROJECT = "releases/2.0.0/PROJECT.odcs.yaml"
SECTION = "releases/2.0.0/SECTION.odcs.yaml"
EXPERT = "releases/2.0.0/BID_EVALUATION_EXPERT.odcs.yaml"
UNIT = "codelists/PRICE_UNIT.yaml"
RELEASE = "releases/2.0.0/release.yaml"


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    """A copy of a part of the spec that a test may break."""
    release = tmp_path / "releases" / "2.0.0"
    release.mkdir(parents=True)
    for name in ("PROJECT", "TENDER_PROJECT", "SECTION", "BID_EVALUATION_EXPERT"):
        shutil.copy(HOME / "releases" / "2.0.0" / f"{name}.odcs.yaml", release)
    shutil.copy(HOME / "releases" / "2.0.0" / "release.yaml", release)
    shutil.copytree(HOME / "codelists", tmp_path / "codelists")
    return tmp_path


def read(spec: Path) -> Release:
    return read_release(spec / "releases" / "2.0.0", spec / "codelists", spec)


def replace(path: Path, old: str, new: str) -> int:
    """Replace the first occurrence; the line where it stands."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return text[: text.index(old)].count("\n") + 1


FAULTS = [
    # file, old, new, words of the error, lines from the replaced text to the line named
    (PROJECT, "schema:", "schema: [", "no valid YAML", None),
    (PROJECT, "kind: DataContract", "kind: DataContract\nkind: DataContract", "key given twice", 1),
    (PROJECT, "kind: DataContract", "kind: Contract", "kind must be DataContract", 0),
    (PROJECT, "apiVersion: v3.1.0", "apiVersion: v2.2.0", "apiVersion must be v3.1.0", 0),
    (PROJECT, "domain: engineering", "domian: engineering", "is not ODCS v3.1: domian", 0),
    (PROJECT, "        required: true", "        required: 'true'", "is not ODCS v3.1", 0),
    (PROJECT, "        required: true", "        requierd: true", "unknown key requierd", 0),
    (PROJECT, "version: 2.0.0", "version: 2.0.1", "version must be 2.0.0", 0),
    (PROJECT, "name: PROJECT\n", "name: PROJET\n", "name must be PROJECT.odcs.yaml", None),
    (PROJECT, "latency, value: 1, unit: d", "latency, value: 1, unit: week", "latency must be a positive number", 0),
    (PROJECT, "frequency, value: 1", "frequency, value: 0", "frequency must be a positive number", 0),
    (PROJECT, "property: lengthForm", "property: lenghtForm", "unknown custom property lenghtForm", 0),
    (PROJECT, "value: exact", "value: about", "wrong value of lengthForm", 0),
    (PROJECT, "value: project_code", "value: project_kode", "wrong value of identifier", 0),
    (PROJECT, "{property: immutable, value: true}", "{property: immutable, value: 'true'}", "wrong value of imm", 0),
    (PROJECT, "confidence, value: high}", "lengthForm, value: exact}", "lengthForm given twice", 0),
    (PROJECT, "logicalType: timestamp", "logicalType: moment", "unknown type moment", 0),
    (PROJECT, "physicalType: timestamptz", "physicalType: text", "physicalType must be timestamptz", 0),
    (PROJECT, "format: yyyyMMddHHmmss", "format: yyyy-MM-dd", "format must be yyyyMMddHHmmss", 0),
    (PROJECT, "minLength: 17", "minLength: 16", "exact length: minLength = maxLength", 0),
    (PROJECT, "physicalName: project_code", "physicalName: projectcode", "physicalName must be project_code", 0),
    (PROJECT, "examples: ['1']", "examples: [1]", "quote them", 0),
    (PROJECT, "value: RELATE_CODE", "value: RELATED_CODE", "code list RELATED_CODE, which does not exist", 0),
    (PROJECT, "naturalKey, value: [PROJECT_CODE]", "naturalKey, value: [CODE]", "naturalKey names CODE", None),
    (PROJECT, "occurredAt, value: CREATE_TIME", "occurredAt, value: TIME", "occurredAt names TIME", None),
    (PROJECT, "{property: stage, value: registration}", "{property: tags, value: x}", "custom property tags", 0),
    (PROJECT, "related: RELATE_CODE", "related: RELATION", "rule names RELATION", None),
    (PROJECT, "rule: IDN-001", "rule: IDN-1", "IDN-1 is no rule id", 0),
    (PROJECT, "dimension: conformity", "dimension: conformity\n        severity: fatal", "severity fatal", 1),
    (
        SECTION,
        "dataset: TENDER_PROJECT,",
        "dataset: TENDER_PROJEKT,",
        "parent TENDER_PROJEKT.TENDER_PROJECT_CODE",
        None,
    ),
    (SECTION, "parentField: TENDER_PROJECT_CODE", "parentField: CODE", "parent TENDER_PROJECT.CODE", None),
    (SECTION, "{field: TENDER_PROJECT_CODE, dataset", "{feld: TENDER_PROJECT_CODE, dataset", "a parent has", None),
    (
        SECTION,
        "{property: scale, value: 6}",
        "{property: idTypeField, value: PRICE_UNIT}",
        "needs precision and scale",
        None,
    ),
    (EXPERT, "value: ID_CARD_TYPE}", "value: CARD_TYPE}", "idTypeField CARD_TYPE is no field", None),
    (UNIT, "code: '1'", "code: '0'", "code 0 given twice", 0),
    (UNIT, "code: '1'", "code: 1", "must be text (quote it): 1", 0),
    (UNIT, "code: '1'", "code: '7'", "breaks the list's own pattern", 0),
    (UNIT, "state: closed", "state: shut", "must be one of closed, partial, open", 0),
    (UNIT, "confidence: high", "confidance: high", "unknown key confidance", 0),
    (UNIT, "'^[01]$'", "'[01]'", "must be anchored", 0),
    (RELEASE, "version: 2.0.0", "version: 2.0.1", "version must be 2.0.0", 0),
    (RELEASE, "status: active", "status: live", "must be one of draft, active", 0),
    (RELEASE, "effective_from: 2026-01-01", "effective_from: soon", "must be a date", 0),
]


@pytest.mark.parametrize(("file", "old", "new", "words", "offset"), FAULTS, ids=lambda value: str(value)[:40])
def test_broken_file_is_refused_with_file_and_line(
    spec: Path, file: str, old: str, new: str, words: str, offset: int | None
) -> None:
    line = replace(spec / file, old, new)

    with pytest.raises(ConfigurationError) as caught:
        read(spec)

    assert words in caught.value.message_en
    assert caught.value.message_zh.startswith("数据规范文件有误")
    assert re.fullmatch(re.escape(file) + ":[0-9]+", caught.value.where)
    if offset is not None:
        assert caught.value.where == f"{file}:{line + offset}"


def test_field_given_twice_is_refused_at_the_second_one(spec: Path) -> None:
    path = spec / PROJECT
    replace(path, "physicalName: project_name", "physicalName: project_code")
    line = replace(path, "- name: PROJECT_NAME", "- name: PROJECT_CODE")

    with pytest.raises(ConfigurationError, match="field PROJECT_CODE given twice") as caught:
        read(spec)

    assert caught.value.where == f"{PROJECT}:{line}"


def test_parents_in_a_circle_are_refused_with_file_and_line(spec: Path) -> None:
    replace(
        spec / PROJECT,
        "{property: parents, value: []}",
        "{property: parents, value: [{field: PROJECT_CODE, dataset: TENDER_PROJECT, parentField: PROJECT_CODE}]}",
    )

    with pytest.raises(ConfigurationError, match=r"parents in a circle: .*PROJECT -> ") as caught:
        read(spec)

    name, _, line = caught.value.where.partition(":")
    assert name in (PROJECT, "releases/2.0.0/TENDER_PROJECT.odcs.yaml")
    assert "property: parents" in (spec / name).read_text("utf-8").splitlines()[int(line) - 1]


def test_missing_release_file_is_refused(spec: Path) -> None:
    (spec / RELEASE).unlink()

    with pytest.raises(ConfigurationError, match=r"release\.yaml"):
        read(spec)


def test_unknown_version_is_our_configuration_error() -> None:
    with pytest.raises(ConfigurationError, match=r"9\.9\.9"):
        load_release("9.9.9")


def test_a_release_may_bring_a_code_list_of_its_own(spec: Path) -> None:
    own = spec / "releases" / "2.0.0" / "codelists"
    own.mkdir()
    shutil.copy(spec / UNIT, own / "PRICE_UNIT.yaml")
    replace(own / "PRICE_UNIT.yaml", "label_zh: '元'", "label_zh: '人民币元'")

    release = read(spec)

    assert [code.label_zh for code in release.code_lists["PRICE_UNIT"].codes] == ["人民币元", "万元"]


def test_loading_twice_gives_the_same_release(spec: Path) -> None:
    assert read(spec) == read(spec)


def test_versions_are_ordered_by_number_not_by_text(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for version in ("10.0.0", "2.1.0", "not-a-release"):
        (spec / "releases" / version).mkdir()
    monkeypatch.setattr("contracts.loader.HOME", spec)

    assert release_versions() == ("2.0.0", "2.1.0", "10.0.0")


def test_releases_holds_every_version() -> None:
    assert tuple(release.version for release in releases()) == release_versions()


def test_datasets_stand_behind_their_parents() -> None:
    seen: set[str] = set()
    for name, contract in load_release("2.0.0").datasets.items():
        assert {parent.dataset for parent in contract.parents} <= seen
        seen.add(name)


def test_contracts_load_neither_polars_nor_pandera() -> None:
    code = "import sys, contracts.loader, contracts.compare, contracts.document; contracts.loader.load_release('2.0.0')"
    code += "; print([name for name in ('polars', 'pandera', 'sqlalchemy') if name in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_frequency_and_lag_of_a_dataset_are_read_in_minutes(spec: Path) -> None:
    project = spec / "releases" / "2.0.0" / "PROJECT.odcs.yaml"
    replace(project, "frequency, value: 1, unit: d", "frequency, value: 15, unit: min")
    replace(project, "property: latency, value: 1, unit: d", "property: retention, value: 1, unit: y")

    datasets = read(spec).datasets

    assert (datasets["PROJECT"].exchange_minutes, datasets["PROJECT"].max_lag_minutes) == (15, None)
    assert (datasets["SECTION"].exchange_minutes, datasets["SECTION"].max_lag_minutes) == (1440, 1440)
