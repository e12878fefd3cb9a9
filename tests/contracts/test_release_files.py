"""The committed release: conforming, complete against the frozen field list, and at one with itself."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from datacontract.data_contract import DataContract

from contracts.loader import HOME, load_release, release_versions
from contracts.model import MASKED_CLASSES, DatasetContract, Field, FieldType

GOLDEN = Path(__file__).parent / "golden" / "fields-2.0.0.csv"
FILES = sorted((HOME / "releases").glob("*/*.odcs.yaml"))
# Required in the housing variant only, so optional in the general datasets.
OPTIONAL_HERE = {"REPROT_CODE", "TENDER_RECORD_CODE", "RECORD_CODE"}
COMMON = ("PLATFORM_CODE", "PUB_SERVICE_PLAT_CODE", "DATA_TIMESTAMP", "TRADE_PLAT", "PUB_SERVICE_PLAT")


def golden() -> dict[str, list[dict[str, str]]]:
    rows = defaultdict(list)
    with GOLDEN.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["dataset"]].append(row)
    return rows


def all_fields() -> list[tuple[DatasetContract, Field]]:
    return [(c, field) for v in release_versions() for c in load_release(v).datasets.values() for field in c.fields]


def length_of(field: Field) -> str:
    if field.type is FieldType.DECIMAL:
        return f"{field.precision},{field.scale}"
    fixed = {FieldType.DATETIME: "14", FieldType.DATE: "8", FieldType.BOOLEAN: "1", FieldType.TEXT: ""}
    return fixed.get(field.type) or str(field.exact_length or field.max_length or "")


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_datacontract_lint_passes_without_a_warning(path: Path) -> None:
    run = DataContract(data_contract_file=str(path)).lint()

    assert [(check.result, check.reason) for check in run.checks] == [("passed", None)]


def test_release_2_0_0_has_the_twelve_datasets_of_the_spec_and_our_recordings() -> None:
    assert set(load_release("2.0.0").datasets) == set(golden()) | {"RECORDING"}


@pytest.mark.parametrize("dataset", golden())
def test_every_field_of_the_frozen_list_is_there_in_its_order(dataset: str) -> None:
    expected = golden()[dataset]

    contract = load_release("2.0.0").datasets[dataset]

    assert list(contract.field_names) == [row["field"] for row in expected]
    for row, field in zip(expected, contract.fields, strict=True):
        required = row["required"] == "yes" and row["field"] not in OPTIONAL_HERE
        form = {"exact": field.exact_length is not None, "max": field.max_length is not None, "": True}
        assert (field.label_zh, field.type, length_of(field), field.required, field.code_list or "") == (
            row["field_zh"],
            row["type"],
            row["length"],
            required,
            row["code_list"],
        ), row["field"]
        assert form[row["length_form"]], row["field"]


def test_recordings_end_with_the_common_fields_of_every_dataset() -> None:
    assert load_release("2.0.0").datasets["RECORDING"].field_names[-5:] == COMMON


def test_every_dataset_below_project_waits_for_its_parents() -> None:
    for name, contract in load_release("2.0.0").datasets.items():
        parents = {parent.dataset for parent in contract.parents}
        assert parents == {
            "PROJECT": set(),
            "TENDER_PROJECT": {"PROJECT"},
            "SECTION": {"TENDER_PROJECT"},
        }.get(name, {"TENDER_PROJECT", "SECTION"})


def test_several_values_in_one_field_have_a_separator() -> None:
    plural = {f"{c.dataset}.{f.name}": f.separator for c, f in all_fields() if f.name.endswith("_CODES")}

    assert len(plural) == 7
    assert set(plural.values()) == {";"}


def test_examples_obey_the_contract_they_stand_in() -> None:
    lists = load_release("2.0.0").code_lists
    for contract, field in all_fields():
        where = f"{contract.dataset}.{field.name}"
        assert field.example, where
        for part in field.example.split(field.separator) if field.separator else [field.example]:
            assert len(part) == (field.exact_length or len(part)), where
            if field.type is FieldType.STRING:
                assert len(part) <= (field.max_length or len(part)), where
            if field.code_list:
                found = lists[field.code_list]
                assert re.search(found.pattern or "", part), where
                assert found.state == "open" or part in {code.code for code in found.codes}, where


def test_an_identifier_has_the_same_form_in_every_file() -> None:
    forms = defaultdict(set)
    for path in FILES:
        for prop in yaml.safe_load(path.read_text("utf-8"))["schema"][0]["properties"]:
            extra = {custom["property"]: custom["value"] for custom in prop["customProperties"]}
            pattern = prop.get("logicalTypeOptions", {}).get("pattern")
            if "separator" not in extra:
                forms[extra.get("identifier")].add(pattern)
            if pattern:
                assert re.fullmatch(pattern, prop["examples"][0]), prop["name"]

    assert {name: len(patterns) for name, patterns in forms.items()} == dict.fromkeys(forms, 1)
    assert {"project_code", "tender_project_code", "section_code", "unified_deal_code"} <= forms.keys()


def test_personal_data_is_never_classified_public() -> None:
    for path in FILES:
        for prop in yaml.safe_load(path.read_text("utf-8"))["schema"][0]["properties"]:
            personal = {c["property"]: c["value"] for c in prop["customProperties"]}.get("personalData")
            if personal in MASKED_CLASSES:
                assert prop["classification"] == "restricted", prop["name"]
            elif personal:
                assert prop["classification"] in {"internal", "restricted"}, prop["name"]


@pytest.mark.parametrize("field", ["EXPERT_NAME", "PM_CODE", "ID_CARD", "MARGIN_ACCOUNT", "TENDERER_EMAIL"])
def test_fields_about_persons_carry_a_personal_data_class(field: str) -> None:
    classes = {found.personal for _, found in all_fields() if found.name == field}

    assert classes
    assert None not in classes


def test_all_of_our_own_design_is_marked_inferred() -> None:
    for field in load_release("2.0.0").datasets["RECORDING"].fields:
        assert (field.confidence, "own design (inferred)" in field.source) == ("low", True)


def test_files_name_nothing_but_the_spec_as_their_source() -> None:
    for _, field in all_fields():
        assert field.source
        assert field.confidence in {"high", "medium", "low"}
        assert ("inferred" in field.note) <= (field.confidence != "high"), field.name
