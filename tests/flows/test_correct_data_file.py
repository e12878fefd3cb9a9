"""The workbook of a single data file's check, corrected, becomes a package; a file in the wrong place is told so."""

from datetime import datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.errors import UsageError
from exchange_hub.core.settings import Settings
from exchange_hub.flows.check import Targets, check_data_file, check_package, write_report_files
from exchange_hub.flows.recorrect import Corrected, Wish, correct_workbook
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

NOW = datetime(2026, 11, 24, 10, tzinfo=SHANGHAI)


def _with_price(workbook: Path, target: Path) -> Path:
    """A copy of the workbook with a right price in its only row."""
    book = openpyxl.load_workbook(workbook)
    [sheet] = [book[name] for name in book.sheetnames[3:] if name != "_hub"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(4, columns["CONTRACT_RECKON_PRICE"]).value = "980000"
    book.save(target)
    return target


def _correct(workbook: Path, target: Path, *, whole: bool = False) -> Corrected:
    return correct_workbook(workbook, None, target, NOW, Settings(), Wish(whole))


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """One data file with a price that cannot be read in its second record, and the workbook of its check."""
    write_package(tmp_path / "p", SampleOptions(projects=3, seed=3, format="csv", datasets=("SECTION",)))
    path = tmp_path / "SECTION.csv"
    frame = csv_frame(tmp_path / "p" / "data" / "SECTION.csv")
    prices = frame["CONTRACT_RECKON_PRICE"].to_list()
    frame.with_columns(pl.Series("CONTRACT_RECKON_PRICE", [prices[0], "98万元", *prices[2:]])).write_csv(path)
    checked = check_data_file(path, "SECTION", "2.0.0", NOW, Settings())
    write_report_files(checked, NOW, Targets(xlsx=tmp_path / "report.xlsx"))
    return path


def csv_frame(path: Path) -> pl.DataFrame:
    return pl.read_csv(path, infer_schema=False)


@pytest.mark.parametrize("whole", [False, True])
def test_a_single_data_file_is_corrected_into_a_package_that_passes(bare: Path, tmp_path: Path, whole: bool) -> None:
    edited = _with_price(tmp_path / "report.xlsx", tmp_path / "edited.xlsx")

    made = _correct(edited, tmp_path / "new.zip", whole=whole)

    report = check_package(tmp_path / "new.zip", NOW, Settings()).report
    assert (made.changed, made.skipped) == (1, 0)
    assert report.counts.received == report.counts.accepted == (csv_frame(bare).height if whole else 1)
    assert report.batch_no.startswith("SECTION-G")


def test_a_single_data_file_that_changed_or_names_no_platform_is_told(bare: Path, tmp_path: Path) -> None:
    edited = _with_price(tmp_path / "report.xlsx", tmp_path / "edited.xlsx")
    bare.write_bytes(bare.read_bytes() + b"\n")
    with pytest.raises(UsageError) as caught:
        _correct(edited, tmp_path / "new.zip")
    assert caught.value.code == "ANOTHER_PACKAGE"

    nobody = csv_frame(bare).with_columns(pl.lit(None, dtype=pl.String).alias("PLATFORM_CODE"))
    nobody.write_csv(bare)
    checked = check_data_file(bare, "SECTION", "2.0.0", NOW, Settings())
    write_report_files(checked, NOW, Targets(xlsx=tmp_path / "again.xlsx"))
    with pytest.raises(UsageError) as caught:
        _correct(_with_price(tmp_path / "again.xlsx", tmp_path / "edited2.xlsx"), tmp_path / "new.zip")
    assert caught.value.code == "NO_PLATFORM"
    assert not (tmp_path / "new.zip").exists()


@pytest.mark.parametrize("name", ["report.xlsx", "SECTION.csv"])
def test_a_file_given_as_a_package_is_told_what_was_meant(bare: Path, tmp_path: Path, name: str) -> None:
    refusal = check_package(tmp_path / name, NOW, Settings()).report.refusal

    assert refusal is not None
    assert "--dataset" in refusal.message_zh
    assert "hub correct" in refusal.message_zh
