"""Code lists hold for whole numbers as they do for text; a number is compared as a number."""

from datetime import datetime

import polars as pl
import pytest

from contracts.loader import load_release, release_versions
from contracts.publish.example import data_key, good_record
from exchange_hub.core.clock import SHANGHAI
from validators.engine import Context, validate
from validators.lookups import NothingStored
from validators.stacked import STACKED_ROWS

NOW = datetime(2026, 11, 24, tzinfo=SHANGHAI)
CLOSED, PARTIAL, OPEN = (
    ("TENDER_ABNORMITY_REPORT", "EXCEPITON_TYPE"),
    ("EVAL_EXPERT_CHECKIN", "CATEGORY"),
    ("MINING_TRANS_PUB_INFO", "IN_BUY_KIND"),
)


def found(place: tuple[str, str], value: str, version: str = "2.0.0", copies: int = 1) -> set[tuple[str, str]]:
    """Rules and severities found at the field of an otherwise good record."""
    dataset, field = place
    release = load_release(version)
    contract = release.datasets[dataset]
    record = {**good_record(contract, release), field: value}
    row = {"DATA_KEY": data_key(contract), "DATA_TYPE": "1", **record}
    context = Context(record.get("PLATFORM_CODE", ""), NOW, None, assume_parents=True)

    findings = validate({dataset: pl.DataFrame([row] * copies)}, release, NothingStored(), context).findings

    return set(findings.filter(pl.col("field") == field).select("rule_id", "severity").iter_rows())


@pytest.mark.parametrize("version", release_versions())
@pytest.mark.parametrize("copies", [1, STACKED_ROWS + 1])
def test_a_number_outside_a_closed_list_is_rejected_in_every_release(version: str, copies: int) -> None:
    assert found(CLOSED, "5", version, copies) == {("VAL-009", "reject")}


@pytest.mark.parametrize("value", ["1", "2", "3", "9", "09"])
def test_a_number_of_the_list_is_accepted_however_it_is_written(value: str) -> None:
    assert found(CLOSED, value) == set()


@pytest.mark.parametrize("value", ["流标", "1.0", "１"])
def test_what_is_no_number_is_told_once_by_the_rule_on_numbers(value: str) -> None:
    assert found(CLOSED, value) == {("VAL-001", "reject")}


def test_a_number_outside_a_list_that_may_have_more_is_queried() -> None:
    assert found(PARTIAL, "8") == {("VAL-010", "query")}
    assert found(PARTIAL, "2") == set()


def test_of_an_open_list_only_the_form_of_the_number_counts() -> None:
    assert found(OPEN, "123") == set()
    assert {rule for rule, _ in found(OPEN, "1234")} == {"VAL-007", "VAL-011"}
