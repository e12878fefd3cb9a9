"""Rules across datasets, the whole way: found after the load that completes the picture, gone when it is put right."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.loader import load_release
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from warehouse.verification import verify

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
NANYANG = "12411300MA3DEM035H"
Record = tuple[str, Mapping[str, str]]
Write = Callable[..., Path]
Records = Callable[..., list[Record]]


@pytest.fixture(scope="module")
def project(records: Records) -> list[Record]:
    """The records of one project, in which every price is an amount."""
    for seed in range(9100, 9140):
        made = records(seed)
        if all(fields.get("BID_AMOUNT") for name, fields in made if name == "WIN_RESULT_ANNO"):
            return made
    raise AssertionError("no such project")


def changed(made: Sequence[Record], dataset: str, **fields: str) -> list[Record]:
    """The records of one dataset, the first of them changed."""
    chosen = [dict(values) for name, values in made if name == dataset]
    chosen[0].update(fields)
    return [(dataset, values) for values in chosen]


def without(made: Sequence[Record], dataset: str) -> list[Record]:
    """All records but those of one dataset."""
    return [record for record in made if record[0] != dataset]


def findings(hub: Hub, view: str = "audit.finding") -> list[dict[str, Any]]:
    """Rows of a view of findings, those of rules across datasets only."""
    with hub.database() as conn:
        rows = conn.execute(f"SELECT * FROM {view} WHERE rule_id LIKE 'LNK-%' ORDER BY rule_id, data_key")
        names = [column.name for column in rows.description or ()]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def test_a_right_project_has_no_findings_across_datasets(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()

    report = ingest(hub, write("whole", project), NOW, channel="cli")

    assert report["counts"]["flagged"] == 0
    assert findings(hub) == []


def test_a_contract_that_differs_from_its_award_is_queried_in_its_own_report(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    ingest(hub, write("first", without(project, "CONTRACT_PERFORMANCE")), NOW, channel="cli")
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")

    report = ingest(hub, write("contract", wrong), NOW, channel="cli")

    assert report["counts"]["rejected"] == 0
    assert [found["rule_id"] for found in report["findings"]] == ["LNK-006"]
    assert report["counts"]["flagged"] == 1
    found = findings(hub)
    assert [(row["rule_id"], row["batch_no"], row["found_by"]) for row in found] == [
        ("LNK-006", "contract", "after_load")
    ]
    with hub.database() as conn:
        row = conn.execute("SELECT flagged, reported_flagged FROM audit.batch WHERE batch_no = 'contract'").fetchone()
    assert row == (1, 1)


def test_a_later_record_that_completes_the_picture_is_judged_with_what_is_stored(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")
    others = without(without(project, "WIN_RESULT_ANNO"), "CONTRACT_PERFORMANCE")
    ingest(hub, write("early", [*others, *wrong]), NOW, channel="cli")
    assert findings(hub) == []

    report = ingest(hub, write("award", changed(project, "WIN_RESULT_ANNO")), NOW, channel="cli")

    assert report["findings"] == []  # about a record of another batch
    assert [(row["rule_id"], row["batch_no"]) for row in findings(hub)] == [("LNK-006", "early")]


def test_a_correction_closes_the_finding_and_its_story_stays(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")
    ingest(hub, write("first", [*without(project, "CONTRACT_PERFORMANCE"), *wrong]), NOW, channel="cli")
    right = [(name, {**fields, "DATA_TYPE": "2"}) for name, fields in changed(project, "CONTRACT_PERFORMANCE")]

    ingest(hub, write("right", right), NOW + timedelta(days=1), channel="cli")

    assert findings(hub) == []
    (story,) = findings(hub, "audit.cross_finding")
    assert (story["batch_no"], story["found_after_batch"], story["closed_after_batch"]) == ("first", "first", "right")
    assert story["closed_at"] == NOW + timedelta(days=1)


TAMPERED = {
    "UPDATE hub.cross_finding SET message_zh = '无'": ("changed_record", "~cross"),
    "DELETE FROM hub.cross_finding": ("missing_record", "~cross"),
    "UPDATE hub.cross_finding SET closed_run_id = NULL": ("missing_record", "~cross_closed"),
    "UPDATE hub.cross_run SET calendar_version = 'x'": ("changed_record", "~cross_run"),
}


def test_what_was_found_across_datasets_and_when_it_went_is_sealed(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")
    ingest(hub, write("first", [*without(project, "CONTRACT_PERFORMANCE"), *wrong]), NOW, channel="cli")
    right = [(name, {**fields, "DATA_TYPE": "2"}) for name, fields in changed(project, "CONTRACT_PERFORMANCE")]
    ingest(hub, write("right", right), NOW + timedelta(days=1), channel="cli")

    with hub.database() as conn:
        assert verify(conn).differences == ()
        for statement, fault in TAMPERED.items():
            conn.rollback()
            conn.execute("SET LOCAL session_replication_role = replica")
            conn.execute(statement.encode())
            assert fault in {(one.fault.value, one.dataset) for one in verify(conn).differences}, statement


def test_an_alert_is_for_the_supervisors_and_in_no_report(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    late = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_SIGN_TIME="20261120100000", SUBMIT_TIME="20261120110000")

    report = ingest(hub, write("late", [*without(project, "CONTRACT_PERFORMANCE"), *late]), NOW, channel="cli")

    assert (report["findings"], report["counts"]["flagged"]) == ([], 0)
    assert [(row["rule_id"], row["severity"]) for row in findings(hub)] == [("LNK-014", "alert")]


def test_the_same_records_again_change_nothing(new_hub: Callable[[], Hub], write: Write, project: list[Record]) -> None:
    hub = new_hub()
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")
    whole = [*without(project, "CONTRACT_PERFORMANCE"), *wrong]
    ingest(hub, write("one", whole), NOW, channel="cli")
    before = findings(hub, "audit.cross_finding")

    ingest(hub, write("two", whole), NOW + timedelta(days=1), channel="cli")

    assert findings(hub, "audit.cross_finding") == before


def test_held_records_are_judged_when_they_are_released(
    new_hub: Callable[[], Hub], write: Write, project: list[Record]
) -> None:
    hub = new_hub()
    wrong = changed(project, "CONTRACT_PERFORMANCE", CONTRACT_PRICE="1.00")
    waiting = ingest(hub, write("children", wrong), NOW, channel="cli")
    assert waiting["counts"]["held"] == len(wrong)

    ingest(hub, write("parents", without(project, "CONTRACT_PERFORMANCE")), NOW, channel="cli")

    assert [(row["rule_id"], row["batch_no"]) for row in findings(hub)] == [("LNK-006", "children")]


def example(dataset: str, number: int, **fields: str) -> Record:
    """A record made of the examples that the contract gives, with some fields changed."""
    contract = load_release("2.0.0").datasets[dataset]
    values = {field.name: field.example for field in contract.fields if field.example}
    common = {"PLATFORM_CODE": NANYANG, "DATA_KEY": f"72015500000000{number:08d}", "DATA_TYPE": "1"}
    return dataset, {**values, **common, **fields}


def test_government_procurement_is_compared_within_its_own_projects(new_hub: Callable[[], Hub], write: Write) -> None:
    hub = new_hub()
    lot = {
        "PURCHASE_PROJECT_CODE": "ZFCG-2026-001",
        "PURCHASE_SECTION_CODE": "ZFCG-2026-001-01",
        "PRICE_FORM_CODE": "1",
    }
    budget = example("PURCHASE_PROJECT", 1, **lot, PROGRAM_BUDGET="100", UNIT_BUDGET="1")
    award = example("BID_DEAL_ANNOUNCE", 2, **lot, WIN_BID_PRICE="1000001", PRICE_UNIT="0")

    report = ingest(hub, write("purchase", [budget, award]), NOW, channel="cli")

    assert report["counts"]["accepted"] == 2, report["findings"]
    assert [(row["rule_id"], row["dataset"]) for row in findings(hub)] == [("LNK-020", "BID_DEAL_ANNOUNCE")]
    (story,) = findings(hub, "audit.cross_finding")
    assert story["tender_project_code"] == "ZFCG-2026-001"
