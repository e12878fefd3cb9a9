"""The committed releases: conforming, complete against the frozen field list, and at one with themselves."""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
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
# Where release 2.0.0 departs from the frozen list on purpose, and why.
RENAMED = {("EVAL_EXPERT_CHECKIN", "DATA_TYPE"): "EXPERT_PUSH_TYPE"}  # the envelope's DATA_TYPE is another thing
OTHER_LIST = {
    # the source points at a list that cannot be meant
    ("MINING_TRANS_PUB_INFO", "NA_SCOPE_UNIT"): None,
    ("DEA_SEWAGE_PAID_TRANSFER_ANNO", "TRANSACTION_MODE"): None,
    # up to nine digits, where GB/T 2260 has six
    ("DEAL_BEHAVIOR_INFO", "LAND_DISTRICT"): "REGION_GBT10114",
    ("EXPERT_BID_EVALUATION", "AREA"): "REGION_GBT10114",
    ("EXPERT_EVALUATION", "AREA"): "REGION_GBT10114",
}
RELABELLED = {("ATTACHMENT_SET", "MD5"): "文件MD5码"}  # a Chinese name where the source has none
ADDED = {"T_EXPERT_EXTRACTION": ("TENDER_PROJECT_CODE", "BID_SECTION_CODE")}  # without them no draw can be linked
MARKS = ("inferred", "not known")  # words of a note that says that a fact is ours


def golden() -> dict[str, list[dict[str, str]]]:
    rows = defaultdict(list)
    with GOLDEN.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            rows[row["dataset"]].append(row)
    return dict(rows)


@cache
def properties_of(path: Path) -> list[dict[str, Any]]:
    data = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    properties: list[dict[str, Any]] = data["schema"][0]["properties"]
    return properties


def all_fields() -> list[tuple[DatasetContract, Field]]:
    return [(c, field) for v in release_versions() for c in load_release(v).datasets.values() for field in c.fields]


def length_of(field: Field) -> str:
    if field.type is FieldType.DECIMAL:
        return f"{field.precision},{field.scale}"
    fixed = {FieldType.DATETIME: "14", FieldType.DATE: "8", FieldType.BOOLEAN: "1", FieldType.TEXT: ""}
    return fixed.get(field.type) or str(field.exact_length or field.max_length or "")


@pytest.fixture(scope="module", autouse=True)
def schema_proved_once() -> Iterator[None]:
    """Let the linter prove the ODCS schema itself once, not once a file: that is three quarters of its time."""
    validator = jsonschema.validators.Draft201909Validator
    prove = validator.check_schema
    proved: set[str] = set()

    def prove_once(schema: Any, *args: Any, **kwargs: Any) -> None:
        if repr(schema) not in proved:
            prove(schema, *args, **kwargs)
            proved.add(repr(schema))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validator, "check_schema", prove_once)
        yield


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name.split('.')[0]}")
def test_datacontract_lint_passes_without_a_warning(path: Path) -> None:
    run = DataContract(data_contract_file=str(path)).lint()

    assert [(check.result, check.reason) for check in run.checks] == [("passed", None)]


def test_release_2_0_0_has_every_dataset_of_the_spec_and_our_recordings() -> None:
    datasets = load_release("2.0.0").datasets

    assert set(datasets) == set(golden()) | {"RECORDING"}
    assert len(datasets) == 103


@pytest.mark.parametrize("dataset", golden())
def test_every_field_of_the_frozen_list_is_there_in_its_order(dataset: str) -> None:
    expected = {RENAMED.get((dataset, row["field"]), row["field"]): row for row in golden()[dataset]}

    contract = load_release("2.0.0").datasets[dataset]

    own = [name for name in contract.field_names if name not in COMMON and name not in ADDED.get(dataset, ())]
    assert own == [name for name in expected if name not in COMMON]
    for name, row in expected.items():
        check_field(contract, contract.field(name), row)


def check_field(contract: DatasetContract, field: Field, row: dict[str, str]) -> None:
    """The field says what the source says; where the source says nothing, a note says that the fact is ours."""
    where = f"{contract.dataset}.{field.name}"
    label = RELABELLED.get((contract.dataset, field.name), row["field_zh"])
    assert field.label_zh == label or field.name in COMMON, where
    assert field.type in types_of(row), where
    given = row["required"] == "yes" and row["field"] not in OPTIONAL_HERE
    assert field.required == given or (field.name in COMMON and not row["required"]), where
    listed = OTHER_LIST.get((contract.dataset, row["field"]), row["code_list"] or None)
    assert field.code_list == listed, where
    if row["length"]:
        assert length_of(field) == row["length"], where
        exact = field.exact_length is not None or field.type is FieldType.BOOLEAN
        assert {"exact": exact, "max": not exact, "": True}[row["length_form"]] or field.separator, where
    elif field.exact_length or field.max_length or field.precision:
        assert field.name in COMMON or field.code_list == T_OR_F or any(m in field.note for m in MARKS), where


T_OR_F = "TRUE_OR_FALSE_PROPERTY_RIGHTS"


def types_of(row: dict[str, str]) -> set[str]:
    """Types that a fact may have with us: a string whose length is not known is a text, T and F are a string."""
    if row["code_list"] == T_OR_F:
        return {"string"}
    return {"string": {"string"} if row["length"] else {"text", "string"}, "text": {"text", "string"}}.get(
        row["type"], {row["type"]}
    )


@pytest.mark.parametrize("version", release_versions())
def test_every_dataset_ends_with_the_common_fields(version: str) -> None:
    for contract in load_release(version).datasets.values():
        common = COMMON if contract.domain == "engineering" else COMMON[:3]
        assert contract.field_names[-len(common) :] == common, contract.dataset


def test_every_engineering_dataset_below_project_waits_for_its_parents() -> None:
    for name, contract in load_release("2.0.0").datasets.items():
        if contract.domain == "engineering":
            above = {"PROJECT": set[str](), "TENDER_PROJECT": {"PROJECT"}, "SECTION": {"TENDER_PROJECT"}}
            parents = {parent.dataset for parent in contract.parents}
            assert parents - {"OBJECTION"} == above.get(name, {"TENDER_PROJECT", "SECTION"}), name


def test_several_values_in_one_field_have_a_separator() -> None:
    plural = {f"{c.dataset}.{f.name}": f.separator for c, f in all_fields() if f.name.endswith("_CODES")}

    assert len(plural) > 20
    assert set(plural.values()) == {";"}


def test_examples_obey_the_contract_they_stand_in() -> None:
    for contract, field in all_fields():
        lists = load_release(contract.version).code_lists
        where = f"{contract.dataset}.{field.name}"
        assert field.example, where
        for part in field.example.split(field.separator) if field.separator else [field.example]:
            assert len(part) == (field.exact_length or len(part)), where
            if field.type is FieldType.STRING:
                assert len(part) <= (field.max_length or len(part)), where
            if field.code_list:
                found = lists[field.code_list]
                assert re.search(found.pattern or "", part), where
                assert found.state == "open" or part in codes_of(contract.version, found.name), where


@cache
def codes_of(version: str, name: str) -> frozenset[str]:
    return frozenset(code.code for code in load_release(version).code_lists[name].codes)


def test_an_identifier_has_the_same_form_in_every_file() -> None:
    forms = defaultdict(set)
    for path in FILES:
        for prop in properties_of(path):
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
        for prop in properties_of(path):
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
