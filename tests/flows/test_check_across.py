"""`hub check` judges the records of a package against each other: queries of their own kind, in no count."""

import csv
import json
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange_hub.cli.output import print_report
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Checked, Targets, check_data_file, check_package, write_report_files
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from feedback.report import report_document
from feedback.wording import ACROSS_ZH

NOW = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)
STRANGER = "91350100M000100Y43"


def _check(package: Path) -> Checked:
    return check_package(package, NOW, Settings())


def _edited(folder: Path, dataset: str, field: str, value: str, row: int = 0) -> Path:
    """The package with one field of one record changed, its manifest true."""
    path, manifest = folder / "data" / f"{dataset}.csv", folder / "manifest.json"
    frame = pl.read_csv(path, infer_schema=False)
    values = frame[field].to_list()
    values[row] = value
    frame.with_columns(pl.Series(field, values)).write_csv(path)
    document = json.loads(manifest.read_text("utf-8"))
    for file in document["files"]:
        if file["dataset"] == dataset:
            file["sha256"] = sha256(path.read_bytes()).hexdigest()
    manifest.write_text(json.dumps(document), "utf-8")
    return folder


@pytest.fixture
def package(tmp_path: Path) -> Path:
    write_package(tmp_path / "package", SampleOptions(projects=3, seed=5, format="csv"))
    return tmp_path / "package"


def test_a_right_package_asks_nothing(package: Path) -> None:
    document = report_document(_check(package).report)

    assert document["across_datasets"] == {"findings": [], "findings_total": 0}


def test_a_winner_who_made_no_bid_is_asked_about_and_counted_nowhere(package: Path) -> None:
    before = report_document(_check(package).report)
    _edited(package, "WIN_RESULT_ANNO", "WIN_BIDDER_CODE", STRANGER)

    document = report_document(_check(package).report)

    across = document.pop("across_datasets")
    told = [(one["rule_id"], one["dataset"], one["file"], one["row"], one["severity"]) for one in across["findings"]]
    assert ("LNK-004", "WIN_RESULT_ANNO", "data/WIN_RESULT_ANNO.csv", 1, "query") in told
    assert across["findings_total"] == len(told)
    before.pop("across_datasets")
    assert document == before


def test_alerts_are_for_the_supervisors(package: Path) -> None:
    # No candidate either (LNK-005, an alert), which `test_afterload` sees booked after a load.
    checked = _check(_edited(package, "WIN_RESULT_ANNO", "WIN_BIDDER_CODE", STRANGER))

    assert checked.across is not None
    assert set(checked.across["severity"]) == {"query"}


def test_a_withdrawn_record_is_not_compared(package: Path) -> None:
    _edited(package, "WIN_RESULT_ANNO", "WIN_BIDDER_CODE", STRANGER)
    _edited(package, "WIN_RESULT_ANNO", "DATA_TYPE", "3")

    checked = _check(package)

    assert checked.report.across is not None
    assert checked.report.across.total == 0


def test_every_kind_of_report_has_a_section_of_its_own(
    package: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    checked = _check(_edited(package, "WIN_RESULT_ANNO", "WIN_BIDDER_CODE", STRANGER))
    targets = Targets(tmp_path / "r.html", tmp_path / "r.xlsx", tmp_path / "r.csv")

    write_report_files(checked, NOW, targets)
    print_report(report_document(checked.report))

    page = (tmp_path / "r.html").read_text("utf-8")
    assert ACROSS_ZH in page
    assert "不在标段" in page
    rows = list(openpyxl.load_workbook(tmp_path / "r.xlsx")[ACROSS_ZH].iter_rows(values_only=True))
    assert "LNK-004" in {row[12] for row in rows[1:]}
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as file:
        assert f"存疑（{ACROSS_ZH}）" in {row["级别"] for row in csv.DictReader(file)}
    assert "包内关联核对 across datasets: " in capsys.readouterr().out


def test_a_page_says_so_where_nothing_contradicts(package: Path, tmp_path: Path) -> None:
    write_report_files(_check(package), NOW, Targets(html=tmp_path / "r.html"))

    assert "未发现矛盾" in (tmp_path / "r.html").read_text("utf-8")


def test_the_list_is_capped_and_the_count_is_not(package: Path) -> None:
    for row in range(2):
        _edited(package, "WIN_RESULT_ANNO", "WIN_BIDDER_CODE", STRANGER, row)

    report = check_package(package, NOW, Settings(findings_listed=1)).report

    assert report.across is not None
    assert (len(report.across.findings), report.across.total > 1) == (1, True)


def test_a_single_file_is_not_compared(package: Path) -> None:
    report = check_data_file(package / "data" / "SECTION.csv", "SECTION", "2.0.0", NOW, Settings()).report

    assert "across_datasets" not in report_document(report)


def test_more_records_than_memory_should_hold_are_not_compared_and_that_is_said(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exchange_hub.flows.across.MOST_RECORDS", 10)

    report = _check(package).report

    assert report.across is None
    assert any("未做包内关联核对" in reminder for reminder in report.reminders)
