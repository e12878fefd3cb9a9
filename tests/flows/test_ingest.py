"""The whole way of a package on real servers: received, validated, loaded, notified, corrected."""

from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.flows import corrections
from exchange_hub.flows.context import Hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.notices import list_notices, list_overdue, notice_document
from exchange_hub.flows.prepare import prepare_warehouse
from exchange_hub.sample.fault_table import FAULTS, REJECT
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

pytestmark = pytest.mark.stack

NANYANG = "12411300MA3DEM035H"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)
SEEDS = count(100)


def package(folder: Path, **options: Any) -> Path:
    write_package(folder, SampleOptions(platform=NANYANG, seed=next(SEEDS), **options))
    return folder


def rows(hub: Hub, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with hub.database() as conn:
        return conn.execute(statement, values).fetchall()


def test_a_clean_package_is_loaded_whole(hub: Hub, tmp_path: Path) -> None:
    report = ingest(hub, package(tmp_path / "p", batch_no="clean"), NOW, channel="cli")

    assert report["verdict"] == "accepted"
    stored = rows(hub, "SELECT count(*) FROM audit.record WHERE batch_no = 'clean'")
    assert stored == [(report["counts"]["received"],)]
    assert rows(hub, "SELECT count(*) FROM audit.notice WHERE batch_no = 'clean'") == [(0,)]


def test_the_bytes_are_kept_as_received(hub: Hub, tmp_path: Path) -> None:
    import hashlib

    ingest(hub, package(tmp_path / "p", batch_no="kept"), NOW, channel="cli")

    [(uri, sha256)] = rows(hub, "SELECT raw_uri, sha256 FROM audit.batch WHERE batch_no = 'kept'")
    assert hashlib.sha256(hub.evidence.get_bytes(uri)).hexdigest() == sha256


def test_a_repeat_changes_nothing(hub: Hub, tmp_path: Path) -> None:
    source = package(tmp_path / "p", batch_no="repeat", projects=2, faults=10.0)
    first = ingest(hub, source, NOW, channel="cli")
    before = rows(hub, "SELECT count(*) FROM audit.record"), rows(hub, "SELECT count(*) FROM audit.notice")

    second = ingest(hub, source, NOW + timedelta(hours=1), channel="cli")

    assert second == first
    assert (rows(hub, "SELECT count(*) FROM audit.record"), rows(hub, "SELECT count(*) FROM audit.notice")) == before


def test_the_same_number_with_other_bytes_is_refused_and_leaves_the_first_alone(hub: Hub, tmp_path: Path) -> None:
    ingest(hub, package(tmp_path / "one", batch_no="twice"), NOW, channel="cli")

    report = ingest(hub, package(tmp_path / "two", batch_no="twice"), NOW, channel="cli")

    assert report["verdict"] == "refused"
    assert report["refusal"]["code"] == "BATCH_CONFLICT"
    assert rows(hub, "SELECT verdict FROM audit.batch WHERE batch_no = 'twice'") == [("accepted",)]


def test_rejected_records_go_back_on_a_delivered_notice_with_its_deadline(
    hub: Hub, tmp_path: Path, inbox: Path
) -> None:
    report = ingest(hub, package(tmp_path / "p", batch_no="faulty", projects=2, faults=10.0), NOW, channel="cli")

    counts = report["counts"]
    assert counts["received"] == counts["accepted"] + counts["rejected"] + counts["held"]
    [notice] = [row for row in list_notices(hub, NANYANG, "delivered") if row["notice_no"] == report["notice_no"]]
    assert notice["items"] == counts["rejected"] > 0
    assert notice["due_date"].isoformat() == "2026-11-30"
    assert {path.suffix for path in inbox.glob(f"{report['notice_no']}*")} == {".html", ".xlsx", ".json", ".csv"}


def test_a_notice_is_overdue_only_after_its_five_working_days(hub: Hub, tmp_path: Path) -> None:
    report = ingest(hub, package(tmp_path / "p", batch_no="late", projects=2, faults=10.0), NOW, channel="cli")
    due = datetime(2026, 12, 1, tzinfo=SHANGHAI)

    in_time = {row["notice_no"] for row in list_overdue(hub, due - timedelta(seconds=1))}
    late = {row["notice_no"] for row in list_overdue(hub, due)}

    assert report["notice_no"] not in in_time
    assert report["notice_no"] in late


def test_an_unreadable_package_is_refused_with_a_notice_and_its_bytes_are_kept(hub: Hub, tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 this is no archive")

    report = ingest(hub, broken, NOW, channel="folder", sender=NANYANG)

    assert report["verdict"] == "refused"
    _, notice = notice_document(hub, report["notice_no"])
    assert notice["refusal"]["code"] == report["refusal"]["code"]
    [(uri,)] = rows(hub, "SELECT raw_uri FROM audit.batch WHERE batch_no = %s", report["batch_no"])
    assert hub.evidence.get_bytes(uri) == broken.read_bytes()


def test_a_platform_cannot_send_in_anothers_name(hub: Hub, tmp_path: Path) -> None:
    source = package(tmp_path / "p", batch_no="forged")

    report = ingest(hub, source, NOW, channel="sftp", sender="12410100MA3DEM0195")

    assert report["refusal"]["code"] == "PLATFORM_MISMATCH"
    assert rows(hub, "SELECT count(*) FROM audit.record WHERE batch_no = 'forged'") == [(0,)]


@pytest.mark.parametrize("looked_up", [0, corrections.LOOKED_UP], ids=["many records", "few records"])
def test_a_later_batch_with_the_right_records_closes_items_and_notice(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, looked_up: int
) -> None:
    monkeypatch.setattr(corrections, "LOOKED_UP", looked_up)
    seed = next(SEEDS)
    names = tuple(fault.name for fault in FAULTS.values() if fault.severity == REJECT and fault.rule_id is not None)
    wrong = SampleOptions(
        platform=NANYANG, seed=seed, projects=2, faults=8.0, fault_names=names, batch_no=f"wrong-{seed}"
    )
    right = SampleOptions(platform=NANYANG, seed=seed, projects=2, batch_no=f"right-{seed}")
    write_package(tmp_path / "wrong", wrong)
    write_package(tmp_path / "right", right)
    notice_no = ingest(hub, tmp_path / "wrong", NOW, channel="cli")["notice_no"]

    report = ingest(hub, tmp_path / "right", NOW + timedelta(days=1), channel="cli")

    assert report["counts"]["rejected"] == 0
    row, document = notice_document(hub, notice_no)
    still_open = [item for item in document["items"] if item["state"] != "corrected"]
    assert still_open == []
    assert row["state"] == "closed"
    assert {item["corrected_batch_no"] for item in document["items"]} == {f"right-{seed}"}


def test_the_senders_name_is_known_to_the_warehouse(hub: Hub, tmp_path: Path) -> None:
    ingest(hub, package(tmp_path / "p", batch_no="named"), NOW, channel="cli")

    assert rows(hub, "SELECT short_code, region, trades FROM hub.platform WHERE code = %s", NANYANG) == [
        ("41130001", "411300", ["engineering"])
    ]


def test_a_second_preparation_of_the_warehouse_changes_nothing(hub: Hub) -> None:
    before = rows(hub, "SELECT * FROM hub.platform ORDER BY code")

    prepare_warehouse(hub.settings.database(), hub.settings, NOW)

    assert len(before) == len(hub.platforms)
    assert rows(hub, "SELECT * FROM hub.platform ORDER BY code") == before
