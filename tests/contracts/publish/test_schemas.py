"""XSD and JSON Schema as a centre's developers use them: a good record validates, a faulty one does not."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from lxml import etree

from contracts.model import Release

Record = dict[str, Any]


@pytest.fixture(scope="session")
def xml_schema(site: Path) -> Callable[[str], etree.XMLSchema]:
    return lambda dataset: etree.XMLSchema(etree.parse(site / "files" / f"{dataset}.xsd"))


@pytest.fixture(scope="session")
def json_schema(site: Path) -> Callable[[str], Draft202012Validator]:
    def load(dataset: str) -> Draft202012Validator:
        schema = json.loads((site / "files" / f"{dataset}.schema.json").read_text("utf-8"))
        Draft202012Validator.check_schema(schema)
        return Draft202012Validator(schema)

    return load


def good(site: Path, dataset: str = "SECTION") -> Record:
    record: Record = json.loads((site / "files" / f"{dataset}.sample.jsonl").read_text("utf-8"))
    return record


def as_xml(record: Record, dataset: str = "SECTION") -> etree._ElementTree:
    root = etree.Element("BATCH")
    node = etree.SubElement(root, "RECORD")
    title = etree.SubElement(node, "TITLE")
    fields = dict(record)
    for name in ("DATA_KEY", "DATA_TYPE"):
        etree.SubElement(title, name).text = fields.pop(name, None)
    etree.SubElement(title, "DATA_EN").text = dataset
    if fields:
        context = etree.SubElement(node, "CONTEXT")
        for name, value in fields.items():
            etree.SubElement(context, name).text = value
    return etree.ElementTree(root)


def test_the_sample_of_every_dataset_is_valid(
    site: Path,
    release: Release,
    xml_schema: Callable[[str], etree.XMLSchema],
    json_schema: Callable[[str], Draft202012Validator],
) -> None:
    for dataset in release.datasets:
        xml_schema(dataset).assertValid(etree.parse(site / "files" / f"{dataset}.sample.xml"))
        json_schema(dataset).validate(good(site, dataset))


FAULTS: dict[str, Record] = {
    "required field missing": {"BID_SECTION_NAME": None},
    "required field empty": {"BID_SECTION_NAME": ""},
    "too long": {"BID_SECTION_NAME": "长" * 501},
    "not on a closed list": {"PRICE_UNIT": "7"},
    "no such field": {"BID_SECTION_NUM": "1"},
    "identifier without its form": {"BID_SECTION_CODE": "E41010026010500010010XX"},
    "time that cannot be read": {"CREATE_TIME": "2026-01-05 09:30"},
    "too many digits after the point": {"CONTRACT_RECKON_PRICE": "1.1234567"},
    "no number": {"CONTRACT_RECKON_PRICE": "about 5"},
    "DATA_KEY too short": {"DATA_KEY": "41015020"},
    "DATA_TYPE unknown": {"DATA_TYPE": "4"},
}


@pytest.mark.parametrize("changes", FAULTS.values(), ids=FAULTS.keys())
def test_a_faulty_record_is_refused_by_both(
    site: Path,
    changes: Record,
    xml_schema: Callable[[str], etree.XMLSchema],
    json_schema: Callable[[str], Draft202012Validator],
) -> None:
    faulty = {name: value for name, value in (good(site) | changes).items() if value is not None}

    assert not xml_schema("SECTION").validate(as_xml(faulty))
    assert not json_schema("SECTION").is_valid(faulty)


KINDNESSES: dict[str, Record] = {
    "an optional field left out": {"REMARK": None},
    "fields in another order": {},
    "the greatest length": {"BID_SECTION_NAME": "长" * 500},
}


@pytest.mark.parametrize("changes", KINDNESSES.values(), ids=KINDNESSES.keys())
def test_what_the_exchange_takes_both_take(
    site: Path,
    changes: Record,
    xml_schema: Callable[[str], etree.XMLSchema],
    json_schema: Callable[[str], Draft202012Validator],
) -> None:
    record = {name: value for name, value in reversed((good(site) | changes).items()) if value is not None}

    xml_schema("SECTION").assertValid(as_xml(record))
    json_schema("SECTION").validate(record)


def test_a_deletion_needs_its_key_only(
    xml_schema: Callable[[str], etree.XMLSchema], json_schema: Callable[[str], Draft202012Validator]
) -> None:
    deletion = {"DATA_KEY": "4101502000000000000001", "DATA_TYPE": "3"}

    xml_schema("SECTION").assertValid(as_xml(deletion))
    json_schema("SECTION").validate(deletion)


def test_json_takes_numbers_as_numbers_and_text(site: Path, json_schema: Callable[[str], Draft202012Validator]) -> None:
    schema = json_schema("SECTION")

    schema.validate(good(site) | {"CONTRACT_RECKON_PRICE": 1200.5})
    schema.validate(good(site) | {"CONTRACT_RECKON_PRICE": "1200.5"})
    assert not schema.is_valid(good(site) | {"CONTRACT_RECKON_PRICE": [1200.5]})


def test_codes_carry_their_meaning_in_both(site: Path) -> None:
    for kind in ("xsd", "schema.json"):
        assert "万元" in (site / "files" / f"SECTION.{kind}").read_text("utf-8")
