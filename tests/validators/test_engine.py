"""What validating a batch does: findings, split, keys, parents. One scenario a test."""

import dataclasses
import json
from typing import Any

import polars as pl
import pytest

from contracts.model import RuleUse
from exchange_hub.core.canonical import hash_records
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.records import FINDING_COLUMNS, Severity, Stage
from validators import registry
from validators.engine import validate
from validators.lookups import FramesStored, NothingStored


def _stored(bench: Any, found: Any, dataset: str, platform: str, *, deleted: bool = False) -> FramesStored:
    """What the store holds after the accepted records of `found` were loaded."""
    accepted = found.datasets[dataset].accepted
    names = bench.release.datasets[dataset].field_names
    frame = accepted.select(
        "DATA_KEY",
        pl.col("_record_hash").alias("record_hash"),
        pl.lit(deleted).alias("is_deleted"),
        pl.lit(platform).alias("platform_code"),
        *(pl.col(name).cast(pl.String) for name in names if name != "PLATFORM_CODE"),
    )
    return FramesStored({dataset: frame})


def _by_rule(found: Any, rule_id: str) -> list[dict[str, Any]]:
    return found.findings.filter(pl.col("rule_id") == rule_id).to_dicts()


# --- findings


def test_right_records_have_no_findings(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT")], "SECTION": [bench.row("SECTION")]})

    assert bench.faults(found) == set()
    assert bench.outcome(found, "SECTION") == (1, 0, 0)


def test_every_fault_of_a_record_is_found_in_one_pass(bench: Any) -> None:
    row = bench.row("PROJECT", PROJECT_NAME=" ", REGION_CODE="41", RELATE_CODE="7", CREATE_TIME="20260230000000")

    found = bench.run({"PROJECT": [row]})

    assert bench.faults(found) == {
        ("PROJECT_NAME", "PRS-001"),
        ("REGION_CODE", "VAL-011"),
        ("RELATE_CODE", "VAL-009"),
        ("CREATE_TIME", "VAL-003"),
    }


def test_finding_has_the_agreed_columns_and_names_the_place(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", 7, RELATE_CODE="7")]})

    finding = found.findings.to_dicts()[0]
    assert list(finding) == [name for name, _ in FINDING_COLUMNS]
    assert (finding["file"], finding["row"], finding["value"]) == ("data/PROJECT.csv", 7, "7")
    assert finding["message_zh"] == "标签RELATE_CODE“7”不在代码集 RELATE 中"
    assert finding["expected_zh"] == "应为下列代码之一：0 标签0、1 标签1"


def test_bad_date_hides_only_the_rules_that_read_it(bench: Any) -> None:
    row = bench.row(
        "NOTICE",
        DOC_GET_START_TIME="2026030209000",
        DOC_GET_END_TIME="20260227170000",
        BID_OPEN_TIME="20260327090000",
    )

    found = bench.run({"NOTICE": [row]}, assume_parents=True)

    assert bench.faults(found) == {("DOC_GET_START_TIME", "VAL-003"), ("BID_OPEN_TIME", "TIM-007")}


def test_faulty_value_is_not_called_missing_by_a_condition(bench: Any) -> None:
    found = bench.run({"SECTION": [bench.row("SECTION", PRICE_UNIT="9")]}, assume_parents=True)

    assert bench.faults(found) == {("PRICE_UNIT", "VAL-009")}


def test_field_absent_from_the_frame_counts_as_empty(bench: Any) -> None:
    row = {name: value for name, value in bench.row("PROJECT").items() if name not in ("PROJECT_NAME", "_attachments")}

    found = bench.run({"PROJECT": [row]})

    assert bench.faults(found) == {("PROJECT_NAME", "PRS-001")}


def test_unknown_field_is_queried_where_it_holds_something_and_its_value_is_masked(bench: Any) -> None:
    rows = [bench.row("PROJECT", ID_NO="410101199001010015"), bench.row("PROJECT", 2, PROJECT_CODE="E4101002105250002")]

    found = bench.run({"PROJECT": rows})

    assert [(f["row"], f["field"], f["value"]) for f in _by_rule(found, "STR-004")] == [
        (1, "ID_NO", "410*************15")
    ]
    assert found.datasets["PROJECT"].flagged == 1


@pytest.mark.parametrize(
    "name", ["*", "^.*$", "_note", "{value}", "fact:conflict", "text:PROJECT_CODE", "a\x00b", "#1"]
)
def test_unknown_field_may_have_any_name(bench: Any, name: str) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", **{name: "内容内容内容"})]})

    assert bench.faults(found) == {(name.replace("\x00", "\ufffd"), "STR-004")}
    assert bench.outcome(found, "PROJECT") == (1, 0, 0)


@pytest.mark.parametrize("key", ["72015\x0000000000000000001", "7" * 5000, "*", "'; DROP TABLE x; --"])
def test_hostile_keys_are_rejected_and_shown_harmlessly(bench: Any, key: str) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_KEY=key)]})

    finding = found.findings.to_dicts()[0]
    assert bench.faults(found) == {("DATA_KEY", "STR-002")}
    assert "\x00" not in finding["data_key"] + finding["message_zh"]
    assert len(finding["data_key"]) <= 1001


def test_word_for_none_meets_no_rule_on_form_but_counts_as_present(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", LEGAL_CODE="-")]})

    assert bench.faults(found) == set()


def test_check_character_that_would_be_right_is_told(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", LEGAL_CODE="91350100M000100Y43;91350100M000100Y44")]})

    assert _by_rule(found, "IDN-006")[0]["expected_zh"] == (
        "91350100M000100Y44 的末位校验码与前17位不符：前17位无误时末位应为 3；请与营业执照等证照核对"
    )


def test_personal_values_are_masked_everywhere(bench: Any) -> None:
    number = "110105194912310021"
    row = bench.row("PROJECT", OWNER_ID=number, OWNER_ID_TYPE="01")

    found = bench.run({"PROJECT": [row]})

    assert bench.faults(found) == {("OWNER_ID", "IDN-008")}
    assert number not in json.dumps(found.findings.to_dicts(), ensure_ascii=False)
    assert "110*************21" in _by_rule(found, "IDN-008")[0]["message_zh"]


def test_control_characters_never_reach_the_texts(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", PROJECT_NAME="大桥\x00工程")]})

    finding = _by_rule(found, "VAL-012")[0]
    assert "\x00" not in finding["value"] + finding["message_zh"]


def test_findings_are_ordered_by_dataset_file_row_stage_field_and_rule(bench: Any) -> None:
    bad = {"PROJECT_NAME": None, "RELATE_CODE": "7", "REGION_CODE": "x"}
    rows = [bench.row("PROJECT", 3, **bad), bench.row("PROJECT", 2, **{**bad, "PROJECT_CODE": "E4101002105250002"})]

    found = bench.run({"SECTION": [bench.row("SECTION", PRICE_UNIT="9")], "PROJECT": rows}, assume_parents=True)

    places = list(found.findings.select("dataset", "row", "field").iter_rows())
    one = ["PROJECT_NAME", "REGION_CODE", "RELATE_CODE"]
    assert places == [
        *(("PROJECT", 2, field) for field in one),
        *(("PROJECT", 3, field) for field in one),
        ("SECTION", 1, "PRICE_UNIT"),
    ]


def test_release_may_soften_a_rule(bench: Any) -> None:
    project = dataclasses.replace(bench.release.datasets["PROJECT"], rules=(RuleUse("VAL-009", severity="query"),))
    release = dataclasses.replace(bench.release, datasets={**bench.release.datasets, "PROJECT": project})

    found = bench.run({"PROJECT": [bench.row("PROJECT", RELATE_CODE="7")]}, release=release)

    assert bench.outcome(found, "PROJECT") == (1, 0, 0)
    assert _by_rule(found, "VAL-009")[0]["severity"] == "query"
    assert found.datasets["PROJECT"].flagged == 1


def test_attachment_that_is_not_in_the_package_is_found(bench: Any) -> None:
    row = bench.row("PROJECT", _attachments='[{"FILE_NAME": "a", "BINARY_CONTENT": "attachments/a.pdf"}]')

    there = bench.run({"PROJECT": [row]}, members=frozenset({"attachments/a.pdf"}))
    lost = bench.run({"PROJECT": [row]}, members=frozenset({"data/PROJECT.csv"}))

    assert bench.faults(there) == set()
    assert bench.faults(lost) == {("_attachments", "STR-005")}


def test_repeated_field_is_found(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", _repeated="PROJECT_NAME")]})

    assert bench.faults(found) == {("_repeated", "STR-006")}


# --- frames


def test_accepted_frame_is_typed_and_rejected_frame_is_as_received(bench: Any) -> None:
    rows = [
        bench.row("SECTION"),
        bench.row("SECTION", 2, BID_SECTION_CODE="E4101002105250001001002", LIMITE_TIME="12.5"),
    ]

    result = bench.run({"SECTION": rows}, assume_parents=True).datasets["SECTION"]

    assert dict(result.accepted.schema) | {
        "CONTRACT_RECKON_PRICE": pl.Decimal(38, 6),
        "LIMITE_TIME": pl.Int64(),
        "BEGIN_DATE": pl.Date(),
        "IS_TO_LAW": pl.Boolean(),
        "_row": pl.Int64(),
        "_record_hash": pl.String(),
    } == dict(result.accepted.schema)
    assert result.rejected["LIMITE_TIME"].to_list() == ["12.5"]


def test_empty_frame_gives_an_empty_result(bench: Any) -> None:
    frame = bench.frame([bench.row("PROJECT")]).clear()

    found = validate({"PROJECT": frame}, bench.release, NothingStored(), _context(bench))

    assert (found.datasets["PROJECT"].received, found.findings.height) == (0, 0)


def _context(bench: Any) -> Any:
    from validators.engine import Context

    return Context(bench.sender, bench.received_at)


def test_dataset_that_the_release_lacks_is_our_fault(bench: Any) -> None:
    with pytest.raises(ConfigurationError, match="UNKNOWN_DATASET"):
        validate({"NONE": pl.DataFrame({"DATA_KEY": ["x"]})}, bench.release, NothingStored(), _context(bench))


def test_exception_inside_a_rule_names_the_rule_and_is_no_finding(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = dataclasses.replace(
        registry.rule("VAL-013"), id="XXX-001", passes=lambda sight: pl.col("no such column"), stage=Stage.VALUES
    )
    rules = (*registry.all_rules(), broken)
    monkeypatch.setattr("validators.checks.all_rules", lambda: rules)
    release = dataclasses.replace(bench.release)  # another object, so that no kept plan is used

    with pytest.raises(ConfigurationError, match="XXX-001"):
        bench.run({"PROJECT": [bench.row("PROJECT")]}, release=release)


# --- parents


def test_child_of_an_accepted_parent_is_accepted_in_any_order_of_datasets(bench: Any) -> None:
    found = bench.run(
        {"NOTICE": [bench.row("NOTICE")], "SECTION": [bench.row("SECTION")], "PROJECT": [bench.row("PROJECT")]}
    )

    assert [bench.outcome(found, name) for name in ("PROJECT", "SECTION", "NOTICE")] == [(1, 0, 0)] * 3


def test_child_without_parent_is_held_and_says_what_it_waits_for(bench: Any) -> None:
    found = bench.run({"SECTION": [bench.row("SECTION")]})

    assert bench.outcome(found, "SECTION") == (0, 0, 1)
    waits = found.datasets["SECTION"].held["_waits_for"].to_list()
    assert [json.loads(text) for text in waits] == [[["PROJECT", "PROJECT_CODE", "E4101002105250001"]]]


def test_child_of_a_rejected_parent_is_held_and_so_is_its_own_child(bench: Any) -> None:
    found = bench.run(
        {
            "PROJECT": [bench.row("PROJECT", RELATE_CODE="7")],
            "SECTION": [bench.row("SECTION")],
            "NOTICE": [bench.row("NOTICE")],
        }
    )

    assert bench.outcome(found, "PROJECT") == (0, 1, 0)
    assert bench.outcome(found, "SECTION") == (0, 0, 1)
    assert bench.outcome(found, "NOTICE") == (0, 0, 1)


def test_list_of_parents_waits_for_each_that_is_missing(bench: Any) -> None:
    codes = "E4101002105250001001001;E4101002105250001001002"

    found = bench.run(
        {
            "PROJECT": [bench.row("PROJECT")],
            "SECTION": [bench.row("SECTION")],
            "NOTICE": [bench.row("NOTICE", BID_SECTION_CODES=codes)],
        }
    )

    waits = json.loads(found.datasets["NOTICE"].held["_waits_for"][0])
    assert waits == [["SECTION", "BID_SECTION_CODE", "E4101002105250001001002"]]


def test_assumed_parents_are_not_missed_but_a_rejected_one_in_the_package_holds(bench: Any) -> None:
    alone = bench.run({"SECTION": [bench.row("SECTION")]}, assume_parents=True)
    beside = bench.run(
        {"PROJECT": [bench.row("PROJECT", RELATE_CODE="7")], "SECTION": [bench.row("SECTION")]}, assume_parents=True
    )

    assert bench.outcome(alone, "SECTION") == (1, 0, 0)
    assert bench.outcome(beside, "SECTION") == (0, 0, 1)


def test_child_of_a_stored_parent_is_accepted_though_a_newer_version_of_it_is_rejected(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    found = bench.run(
        {
            "PROJECT": [bench.row("PROJECT", DATA_TYPE="2", RELATE_CODE="7")],
            "SECTION": [bench.row("SECTION")],
        },
        store,
    )

    assert bench.outcome(found, "PROJECT") == (0, 1, 0)
    assert bench.outcome(found, "SECTION") == (1, 0, 0)


def test_rejected_child_is_rejected_not_held(bench: Any) -> None:
    found = bench.run({"SECTION": [bench.row("SECTION", PRICE_UNIT="9")]})

    assert bench.outcome(found, "SECTION") == (0, 1, 0)


# --- keys


def test_same_key_with_same_content_is_harmless(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT"), bench.row("PROJECT", _row=2)]})

    assert bench.outcome(found, "PROJECT") == (2, 0, 0)


def test_same_key_with_different_content_rejects_all_of_them(bench: Any) -> None:
    rows = [bench.row("PROJECT"), bench.row("PROJECT", PROJECT_NAME="另一工程", _row=2)]

    found = bench.run({"PROJECT": rows})

    assert bench.outcome(found, "PROJECT") == (0, 2, 0)
    assert bench.faults(found) == {("DATA_KEY", "REF-003")}


def test_unique_code_under_two_keys_rejects_both(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT"), bench.row("PROJECT", 2)]})

    assert bench.faults(found) == {("PROJECT_CODE", "REF-004")}
    assert bench.outcome(found, "PROJECT") == (0, 2, 0)


def test_unique_code_that_another_stored_record_holds_is_rejected(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    found = bench.run({"PROJECT": [bench.row("PROJECT", 2)]}, store)

    assert bench.faults(found) == {("PROJECT_CODE", "REF-004")}
    assert bench.row("PROJECT")["DATA_KEY"] in _by_rule(found, "REF-004")[0]["message_zh"]


def test_repeat_of_a_stored_record_is_accepted(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    found = bench.run({"PROJECT": [bench.row("PROJECT")]}, store)

    assert bench.faults(found) == set()
    assert bench.outcome(found, "PROJECT") == (1, 0, 0)


def test_insert_of_a_stored_key_with_other_content_is_rejected(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    found = bench.run({"PROJECT": [bench.row("PROJECT", PROJECT_NAME="另一工程")]}, store)

    assert bench.faults(found) == {("DATA_KEY", "REF-006")}


def test_update_with_other_content_is_accepted_but_an_immutable_field_may_not_change(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    renamed = bench.run({"PROJECT": [bench.row("PROJECT", DATA_TYPE="2", PROJECT_NAME="另一工程")]}, store)
    recoded = bench.run({"PROJECT": [bench.row("PROJECT", DATA_TYPE="2", PROJECT_CODE="E4101002105250009")]}, store)

    assert bench.faults(renamed) == set()
    assert bench.faults(recoded) == {("PROJECT_CODE", "REF-005")}
    assert "E4101002105250001" in _by_rule(recoded, "REF-005")[0]["message_zh"]


def test_update_of_an_unknown_key_is_accepted_and_queried(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_TYPE="2")]})

    assert bench.faults(found) == {("DATA_KEY", "REF-009")}
    assert bench.outcome(found, "PROJECT") == (1, 0, 0)


def test_deletion_needs_only_its_key_and_carries_no_values(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)
    row = {**bench.row("PROJECT", DATA_TYPE="3", RELATE_CODE="7", CREATE_TIME="bad"), "PROJECT_NAME": None}

    found = bench.run({"PROJECT": [row]}, store)

    assert bench.faults(found) == set()
    accepted = found.datasets["PROJECT"].accepted
    assert accepted["DATA_TYPE"].to_list() == ["3"]
    assert accepted.select("PROJECT_CODE", "RELATE_CODE", "CREATE_TIME").row(0) == (None, None, None)


def test_deletion_of_an_unknown_key_is_rejected(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_TYPE="3")]})

    assert bench.faults(found) == {("DATA_KEY", "REF-007")}


def test_deletion_and_insert_of_one_key_in_a_batch_conflict(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", bench.sender)

    found = bench.run({"PROJECT": [bench.row("PROJECT"), bench.row("PROJECT", DATA_TYPE="3", _row=2)]}, store)

    assert bench.faults(found) == {("DATA_KEY", "REF-003")}


def test_key_of_another_platform_is_rejected(bench: Any) -> None:
    store = _stored(bench, bench.run({"PROJECT": [bench.row("PROJECT")]}), "PROJECT", "91350100M000100Y43")

    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_TYPE="3")]}, store)

    assert bench.faults(found) == {("DATA_KEY", "REF-008")}


def test_withdrawn_record_may_be_sent_again(bench: Any) -> None:
    first = bench.run({"PROJECT": [bench.row("PROJECT")]})
    store = _stored(bench, first, "PROJECT", bench.sender, deleted=True)

    found = bench.run({"PROJECT": [bench.row("PROJECT", PROJECT_NAME="另一工程")]}, store)

    assert bench.outcome(found, "PROJECT") == (1, 0, 0)


def test_malformed_key_is_one_finding(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_KEY="short", DATA_TYPE="3")]})

    assert bench.faults(found) == {("DATA_KEY", "STR-002")}


def test_missing_key_and_unknown_operation_are_both_found(bench: Any) -> None:
    found = bench.run({"PROJECT": [bench.row("PROJECT", DATA_KEY=" ", DATA_TYPE=None)]})

    assert bench.faults(found) == {("DATA_KEY", "STR-001"), ("DATA_TYPE", "STR-003")}


def test_rules_of_conduct_leave_the_record_accepted(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    softened = tuple(
        dataclasses.replace(one, severity=Severity.ALERT) if one.id == "TIM-007" else one
        for one in registry.all_rules()
    )
    monkeypatch.setattr("validators.checks.all_rules", lambda: softened)
    release = dataclasses.replace(bench.release)

    found = bench.run(
        {"NOTICE": [bench.row("NOTICE", BID_OPEN_TIME="20260327090000")]}, release=release, assume_parents=True
    )

    assert bench.outcome(found, "NOTICE") == (1, 0, 0)
    assert found.datasets["NOTICE"].flagged == 1


def test_record_hash_is_that_of_the_typed_record(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("validators.engine.STACKED_ROWS", -1)
    times = ["19010101000000", "19860504013000", "19870912235959", "19870913013000", "19900101000000"]
    rows = [bench.row("PROJECT", n, PROJECT_CODE=f"E410100210525{n:04}", CREATE_TIME=t) for n, t in enumerate(times, 1)]

    accepted = bench.run({"PROJECT": rows}).datasets["PROJECT"].accepted

    assert accepted.height == len(times)
    assert accepted["_record_hash"].equals(hash_records(accepted, bench.release.datasets["PROJECT"].field_names))
