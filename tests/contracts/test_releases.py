"""What the releases of the spec say, and how they follow on each other."""

from contracts.change import Level
from contracts.compare import diff
from contracts.loader import load_release, release_versions
from contracts.model import ReleaseStatus
from exchange_hub.flows.spec import rules_held

OLD, NOW, MORE, CLEAN = (load_release(version) for version in ("1.0.0", "2.0.0", "2.1.0", "3.0.0"))


def breaking(old: str, new: str) -> set[tuple[str, str | None]]:
    changes = diff(load_release(old), load_release(new), rules_held)
    return {(change.dataset, change.field) for change in changes if change.level is Level.BREAKING}


def test_one_release_is_active_one_deprecated_two_are_drafts() -> None:
    assert release_versions() == ("1.0.0", "2.0.0", "2.1.0", "3.0.0")
    assert [release.status for release in (OLD, NOW, MORE, CLEAN)] == [
        ReleaseStatus.DEPRECATED,
        ReleaseStatus.ACTIVE,
        ReleaseStatus.DRAFT,
        ReleaseStatus.DRAFT,
    ]


def test_the_old_release_gives_way_to_the_active_one_within_a_window() -> None:
    assert OLD.successor == NOW.version
    assert OLD.deprecated_from == NOW.effective_from
    assert OLD.deprecated_from is not None
    assert OLD.retired_from is not None
    assert OLD.deprecated_from < OLD.retired_from
    assert OLD.status_on(OLD.retired_from) is ReleaseStatus.RETIRED


def test_the_old_release_lacks_what_came_later() -> None:
    assert not {"EVALUATION_RESULT", "OBJECTION", "RECORDING"} & set(OLD.datasets)
    assert "OPERATION_NAME" not in OLD.datasets["PROJECT"].field_names
    assert NOW.datasets["PROJECT"].field("OPERATION_NAME").required
    label = "IN_COST_STYLE"
    assert OLD.datasets["MINING_BID_AUC_TRANS_RES_ANN"].field(label).label_zh == "价款缴纳方式"
    assert NOW.datasets["MINING_BID_AUC_TRANS_RES_ANN"].field(label).label_zh == "出让收益缴纳方式"
    assert OLD.code_lists["INDUSTRY_GBT4754"].state == "open"
    assert NOW.code_lists["INDUSTRY_GBT4754"].state == "partial"


def test_the_next_release_breaks_nothing_and_adds_refund_suspension_recordings_and_times() -> None:
    assert breaking(NOW.version, MORE.version) == set()
    assert set(MORE.datasets) - set(NOW.datasets) == {"BIDDER_MARGIN_REFUND", "PURCHASE_RECORDING", "TENDER_SUSPENSION"}
    added = {
        (name, field)
        for name, contract in NOW.datasets.items()
        for field in set(MORE.datasets[name].field_names) - set(contract.field_names)
    }
    assert added == {
        ("BID_OPENING_RECORD", "BID_OPEN_END_TIME"),
        ("PURCHASE_BIDDING_RECORD", "BID_OPEN_END_TIME"),
        ("EVALUATION_REPORT", "EVAL_START_TIME"),
        ("EVALUATION_REPORT", "RESUME_TIME"),
    }


def test_the_clean_up_breaks_by_check_digits_keys_and_units() -> None:
    found = breaking(MORE.version, CLEAN.version)

    assert ("SECTION", "UNIFIED_DEAL_CODE") in found  # check digits required
    assert ("SECTION", "PROJECT_CODE") in found  # section-to-project keys enforced
    assert ("MINING_BID_AUC_TRANS_RES_ANN", "PRICE_UNIT") in found  # amounts with unit
    severities = {
        (use.rule_id, use.severity)
        for contract in CLEAN.datasets.values()
        for use in contract.rules
        if use.rule_id in ("IDN-005", "REF-001")
    }
    assert severities == {("IDN-005", "reject"), ("REF-001", "reject")}


def test_every_required_amount_of_the_clean_up_has_its_unit() -> None:
    for contract in CLEAN.datasets.values():
        for field in contract.fields:
            if field.type == "decimal" and any(
                word in field.label_zh for word in ("金额", "中标价", "成交价", "挂牌价格")
            ):
                assert field.unit, f"{contract.dataset}.{field.name}"
