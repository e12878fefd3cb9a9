"""Timeline, gaps and recordings in trades without tender projects: procurement, land, mining, property."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest

from contracts.loader import load_release
from contracts.model import ReleaseStatus
from exchange_hub.core.clock import SHANGHAI
from feedback.recording_gaps import RecordingGap, gap_notice
from ingest.registry import load_platforms
from warehouse import mediachecks
from warehouse.connection import connect
from warehouse.loader import load
from warehouse.mediachecks import Outcome
from warehouse.migrate import upgrade
from warehouse.questions import PROJECT_GAPS, RECORDING_GAPS, TIMELINE, ask

pytestmark = pytest.mark.stack
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
HELD = NOON - timedelta(days=60)
PROJECT, PACK = "ZFCG-2026-0001", "ZFCG-2026-0001-1"
DEAL = "A01-91350100M000100Y43-20210525-000012-T"


def loaded(conn: psycopg.Connection, make: Any, *records: tuple[str, dict[str, Any]]) -> None:
    results = [
        make.result(dataset, [{"DATA_KEY": f"4101PR01{number:014d}", **make.known(dataset, row)}])
        for number, (dataset, row) in enumerate(records)
    ]
    load(conn, make.batch(), make.validation(*results), NOON)


@pytest.mark.parametrize("packs", [None, PACK])
def test_a_procurement_is_told_from_project_to_award_with_the_gaps_that_its_trade_can_have(
    conn: psycopg.Connection, make: Any, packs: str | None
) -> None:
    code = {"PURCHASE_PROJECT_CODE": PROJECT}
    loaded(
        *(conn, make),
        ("PURCHASE_PROJECT", {**code, "PURCHASE_SECTION_CODE": packs}),
        ("PURCHASE_BIDDING_RECORD", {**code, "PURCHASE_SECTION_CODE": None, "BID_OPENING_TIME": HELD}),
        ("BID_DEAL_ANNOUNCE", {**code, "PURCHASE_SECTION_CODE": packs, "WIN_BID_BULLETIN_START_TIME": HELD}),
    )
    loaded(conn, make, ("PURCHASE_CONTRACT", {"PURCHASE_PROJECT_CODE": "ZFCG-2026-0002"}))

    events = ask(conn, TIMELINE, tender_project_code=PROJECT)
    gaps = ask(conn, PROJECT_GAPS, tender_project_code=PROJECT, at=NOON)

    assert {event["stage"] for event in events} == {"registration", "opening", "award"}
    assert {gap["gap_zh"] for gap in gaps} == {"中标后未见合同", "有中标结果而无招标公告", "有开标而无招标公告"}
    assert {gap["bid_section_code"] for gap in gaps} == {packs}


@pytest.mark.parametrize(
    ("field", "code", "announced", "awarded"),
    [
        ("UNIFIED_DEAL_CODE", DEAL, "DEAL_BEHAVIOR_INFO", "DEAL_LAND_INFO"),
        ("UNIFIED_DEAL_CODE", DEAL, "MINING_BID_AUCTION_TRANS_ANN", "MINING_BID_AUC_TRANS_RES_ANN"),
        ("PROJECT_CODE", "CQ-2026-1", "LISTING_PUB_INFO", "TRADE_RESULT_INFO"),
        ("CA_QUOTA_CODE", "TP-2026-1", "DEA_CARBON_QUOTA_SELL_ANNO", "DEA_CARBON_QUOTA_SELL_RESULT"),
    ],
)
def test_a_deal_of_another_trade_is_told_by_its_own_code(
    conn: psycopg.Connection, make: Any, field: str, code: str, announced: str, awarded: str
) -> None:
    loaded(conn, make, (announced, {field: code}), (awarded, {field: f"{code}-other"}))
    loaded(conn, make, (awarded, {field: code}))

    events = ask(conn, TIMELINE, tender_project_code=code)

    assert [(event["stage"], event["dataset"]) for event in events if event["dataset"] == announced] == [
        ("announcement", announced)
    ]
    assert {event["dataset"] for event in events} <= {announced, awarded}
    assert [event["stage"] for event in ask(conn, TIMELINE, tender_project_code=f"{code}-other")] in ([], ["award"])


@pytest.fixture(scope="module")
def next_release(new_database: Callable[..., str], hub_template: str) -> str:
    """A warehouse in which release 2.1.0 is in force."""
    url = new_database(hub_template)
    upgrade(url, [replace(load_release("2.1.0"), status=ReleaseStatus.ACTIVE)])
    return url


@pytest.fixture
def later_make(next_release: str, make_for: Callable[..., Any]) -> Iterator[Any]:
    """Factories by release 2.1.0; nothing stays."""
    with connect(next_release) as connection:
        made = make_for(connection)
        made.version = "2.1.0"
        yield made
        connection.rollback()


def procurement_gaps(make: Any, pack: str | None, *recordings: dict[str, Any]) -> list[dict[str, Any]]:
    opened = {"PURCHASE_PROJECT_CODE": PROJECT, "PURCHASE_SECTION_CODE": pack, "BID_OPENING_TIME": HELD}
    usual = {
        "PURCHASE_PROJECT_CODE": PROJECT,
        "PURCHASE_SECTION_CODE": pack,
        "SESSION_KIND": "3",
        "STORAGE_KIND": "2",
        "REFERENCE_KIND": "1",
        "RECORD_START_TIME": HELD - timedelta(minutes=5),
        "RECORD_END_TIME": HELD + timedelta(minutes=55),
        "DURATION_SECONDS": 3600,
        "URL": "https://av.example.com/1.mp4",
        "URL_EXPIRY_TIME": None,
    }
    records = [("PURCHASE_RECORDING", {**usual, **change}) for change in recordings]
    loaded(make.conn, make, ("PURCHASE_BIDDING_RECORD", opened), *records)
    return ask(make.conn, RECORDING_GAPS, at=NOON, platform_code=None)


@pytest.mark.parametrize("pack", [None, PACK])
@pytest.mark.parametrize("named", [None, PACK])
def test_an_opening_of_a_procurement_has_its_recording(later_make: Any, pack: str | None, named: str | None) -> None:
    assert procurement_gaps(later_make, pack, {"PURCHASE_SECTION_CODE": named}) == []


@pytest.mark.parametrize(
    ("recordings", "gap"),
    [
        ([], "missing"),
        ([{"SESSION_KIND": "4"}], "missing"),
        ([{"PURCHASE_SECTION_CODE": "ZFCG-2026-0001-2"}], "missing"),
        ([{"RECORD_START_TIME": HELD + timedelta(minutes=1), "DURATION_SECONDS": 54 * 60}], "not_covered"),
        ([{"URL": "rtsp://admin:12345@10.1.1.1/ch1"}], "credentials"),
    ],
)
def test_gaps_of_a_procurement_name_its_dataset(later_make: Any, recordings: list[dict[str, Any]], gap: str) -> None:
    found = procurement_gaps(later_make, PACK, *recordings)

    assert [(one["gap"], one["dataset"], one["bid_section_code"]) for one in found] == [
        (gap, "PURCHASE_RECORDING", PACK)
    ]


def test_a_recording_of_a_procurement_is_seen_beside_the_others_and_checked(later_make: Any) -> None:
    procurement_gaps(later_make, PACK, {})
    seen = "SELECT dataset, tender_project_code, bid_section_code, stage, check_state FROM audit.recording"
    expected = ("PURCHASE_RECORDING", PROJECT, PACK, "opening")

    [due] = mediachecks.due(later_make.conn, 9)
    before = later_make.conn.execute(seen).fetchall()
    medium = (due["dataset"], due["data_key"], due["version_no"])
    mediachecks.record(later_make.conn, medium, Outcome("consistent", [], 9), NOON)

    assert before == [(*expected, "unchecked")]
    assert later_make.conn.execute(seen).fetchall() == [(*expected, "consistent")]


def test_without_a_dataset_for_them_no_recording_of_a_procurement_is_missed(
    conn: psycopg.Connection, make: Any
) -> None:
    loaded(conn, make, ("PURCHASE_BIDDING_RECORD", {"PURCHASE_PROJECT_CODE": PROJECT, "BID_OPENING_TIME": HELD}))

    assert ask(conn, RECORDING_GAPS, at=NOON, platform_code=None) == []


def test_the_notice_asks_for_the_recording_in_the_dataset_of_its_trade() -> None:
    platform = next(iter(load_platforms().values()))
    gap = RecordingGap("k", "missing", PACK, "opening", None, "PURCHASE_RECORDING")

    [item] = gap_notice(platform, "FK-1", ("B-1", "2.1.0"), [gap], NOON).items

    assert (item.dataset, item.findings[0].field) == ("PURCHASE_RECORDING", "PURCHASE_SECTION_CODE")
    assert item.findings[0].expected_zh == "该环节的录像登记后报送 PURCHASE_RECORDING 记录"
