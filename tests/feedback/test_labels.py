"""Names of records on a notice: what people know them by, personal values masked, in every form of the notice."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import polars as pl

from contracts.loader import load_release
from contracts.model import DatasetContract
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.masking import mask
from exchange_hub.core.platforms import Platform
from exchange_hub.core.records import Counts, DatasetResult, Validation
from feedback.calendar import published_calendar
from feedback.labels import REJECTED_SCHEMA, field_labels, identify, rejected_records
from feedback.notice import BatchOutcome, build
from feedback.render import notice_files
from feedback.wording import shown_key

Make = Callable[..., Any]
RELEASE = load_release("2.0.0")
SECTION = RELEASE.datasets["SECTION"]
PERSON = "411023199001010015"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)


def record(contract: DatasetContract, **values: str | None) -> pl.DataFrame:
    """One record as read: every field of the contract as text."""
    row: dict[str, Any] = dict.fromkeys(contract.field_names)
    row |= {"DATA_KEY": "K1", "DATA_TYPE": "1", "_attachments": None} | values
    schema = dict.fromkeys(row, pl.String())
    return pl.DataFrame([row], schema=schema).with_columns(_file=pl.lit("f.csv"), _row=pl.lit(3, dtype=pl.Int64))


def keyed_by_person() -> DatasetContract:
    """The experts' contract with an ID number in its natural key."""
    contract = RELEASE.datasets["BID_EVALUATION_EXPERT"]
    (card,) = [field.name for field in contract.fields if field.personal == "id_number"][:1]
    return replace(contract, natural_key=(card,))


def test_labels_name_datasets_fields_and_the_envelope() -> None:
    labels = field_labels(RELEASE)

    assert labels[("SECTION", "BID_SECTION_CODE")] == SECTION.field("BID_SECTION_CODE").label_zh
    assert labels[("SECTION", "")] == SECTION.label_zh
    assert labels[("SECTION", "DATA_KEY")] == "记录键"


def test_a_record_is_known_by_its_name_and_its_business_code() -> None:
    values = dict.fromkeys(SECTION.natural_key, "A41") | {"BID_SECTION_NAME": "一标段 "}

    (row,) = identify(record(SECTION, **values), SECTION).rows(named=True)

    assert row == {
        "dataset": "SECTION", "file": "f.csv", "row": 3, "data_key": "K1",
        "natural_key": "|".join(["A41"] * len(SECTION.natural_key)), "label": "一标段",
    }  # fmt: skip


def test_a_record_without_name_or_code_is_known_by_its_key_or_nothing() -> None:
    (keyed,) = identify(record(SECTION, BID_SECTION_NAME="  "), SECTION).rows(named=True)
    (bare,) = identify(record(SECTION, DATA_KEY=None), SECTION).rows(named=True)

    assert (keyed["natural_key"], keyed["label"]) == (None, "K1")
    assert (bare["natural_key"], bare["label"]) == (None, "")


def test_a_business_code_keeps_no_personal_number() -> None:
    contract = keyed_by_person()

    (row,) = identify(record(contract, **{contract.natural_key[0]: PERSON}), contract).rows(named=True)

    assert shown_key(row["natural_key"]) == row["label"] == mask(PERSON)
    assert PERSON not in str(row)


def test_an_experts_name_is_masked_and_two_who_look_alike_stay_two() -> None:
    contract = RELEASE.datasets["BID_EVALUATION_EXPERT"]
    place = dict.fromkeys(contract.natural_key, "A41")
    people = [record(contract, **place | {"EXPERT_NAME": name}) for name in ("李明", "李华", "李明 ")]

    first, other, again = (identify(person, contract).rows(named=True)[0] for person in people)

    assert first["label"] == other["label"] == "|".join("李*" if n == "EXPERT_NAME" else "A41" for n in place)
    assert first["natural_key"] == again["natural_key"] != other["natural_key"]
    assert shown_key(first["natural_key"]) == first["label"]


def test_a_number_in_the_name_of_a_thing_is_masked() -> None:
    named = record(SECTION, BID_SECTION_NAME="一标段联系 13912345678")

    (row,) = identify(named, SECTION).rows(named=True)

    assert row["label"] == "一标段联系 139******78"


def test_only_rejected_records_are_named() -> None:
    one = record(SECTION)
    result = DatasetResult("SECTION", 2, one.clear(), one, one, 0)
    empty = DatasetResult("PROJECT", 0, one.clear(), one.clear(), one.clear(), 0)
    findings = pl.DataFrame()

    frame = rejected_records(Validation("2.0.0", {"PROJECT": empty, "SECTION": result}, findings), RELEASE)
    none = rejected_records(Validation("2.0.0", {"PROJECT": empty}, findings), RELEASE)

    assert frame.schema == REJECTED_SCHEMA
    assert frame.height == 1
    assert none.is_empty()
    assert none.schema == REJECTED_SCHEMA


def test_no_form_of_a_notice_holds_a_personal_number(platform: Platform, finding: Make) -> None:
    contract = keyed_by_person()
    rejected = identify(record(contract, **{contract.natural_key[0]: PERSON}), contract)
    row = finding(dataset=contract.dataset, file="f.csv", row=3, field=contract.natural_key[0], value=mask(PERSON))
    outcome = BatchOutcome(platform, "B-1", "2.0.0", Counts(1, 0, 1), pl.DataFrame([row]), rejected)
    made = build(outcome, "FK-41010001-2026-000001", NOW, published_calendar())

    files = dict(notice_files(made, field_labels(RELEASE)))

    sheets = openpyxl.load_workbook(BytesIO(files["FK-41010001-2026-000001.xlsx"])).worksheets
    cells = "".join(str(value) for sheet in sheets for line in sheet.iter_rows(values_only=True) for value in line)
    shown = mask(PERSON)
    assert shown is not None
    for text in (files[made.notice_no + ".html"].decode(), files[made.notice_no + ".json"].decode(), cells):
        assert shown in text
        assert PERSON not in text
