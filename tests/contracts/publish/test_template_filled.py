"""A template filled in is read by the reader of workbooks and accepted: every dataset's, with its good record."""

import shutil
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import polars as pl
from openpyxl import load_workbook

from contracts.publish import example
from contracts.publish.book import SpecBook
from contracts.publish.workbook import FIRST_ROW, sheet_name
from exchange_hub.core.clock import SHANGHAI
from ingest.readers import xlsx
from ingest.readers.spec import FileSpec
from validators.engine import Context, validate
from validators.lookups import NothingStored

NOW = datetime(2026, 11, 24, tzinfo=SHANGHAI)
SHEET = "xl/worksheets/sheet1.xml"


def filled(template: Path, path: Path, values: list[str | None]) -> Path:
    """A copy of a template with one record, written into its XML: openpyxl takes a second for the long code lists."""
    cells = "".join(
        "<c/>" if value is None else f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
        for value in values
    )
    with ZipFile(template) as old, ZipFile(path, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name).decode("utf-8") if name == SHEET else old.read(name)
            if isinstance(content, str):
                assert content.count("</sheetData>") == 1
                content = content.replace("</sheetData>", f'<row r="{FIRST_ROW}">{cells}</row></sheetData>')
            new.writestr(name, content)
    return path


def rejections(book: SpecBook, dataset: str, path: Path) -> list[tuple[str, ...]]:
    """What is rejected of a filled-in template's one record; its values must come back as they were written."""
    record = book.records[dataset]
    [frame] = xlsx.read(path, FileSpec(path.name, dataset))
    [row] = frame.to_dicts()
    assert {name: value for name, value in row.items() if name in record} == record

    context = Context(record.get("PLATFORM_CODE", ""), NOW, None, assume_parents=True)
    result = validate({dataset: frame}, book.release, NothingStored(), context)

    found = result.findings.filter(pl.col("severity") == "reject").select("rule_id", "field").rows()
    assert (result.datasets[dataset].accepted.height == 1) is (found == [])
    return found


def values_of(book: SpecBook, dataset: str) -> list[str | None]:
    contract = book.release.datasets[dataset]
    record = book.records[dataset]
    return [example.data_key(contract), "1", *(record.get(name) for name in contract.field_names)]


def test_every_datasets_template_with_its_good_record_is_accepted(book: SpecBook, site: Path, tmp_path: Path) -> None:
    rejected = {}

    for dataset in book.release.datasets:
        path = filled(site / "files" / f"{dataset}.xlsx", tmp_path / f"{dataset}.xlsx", values_of(book, dataset))
        rejected[dataset] = rejections(book, dataset, path)

    assert len(rejected) > 100
    assert {dataset: found for dataset, found in rejected.items() if found} == {}


def test_a_template_filled_in_cell_by_cell_is_accepted(book: SpecBook, site: Path, tmp_path: Path) -> None:
    path = tmp_path / "PERFORMANCE.xlsx"
    shutil.copy(site / "files" / "PERFORMANCE.xlsx", path)
    workbook = load_workbook(path)
    for column, value in enumerate(values_of(book, "PERFORMANCE"), 1):
        workbook[sheet_name("PERFORMANCE")].cell(FIRST_ROW, column).value = value
    workbook.save(path)

    assert rejections(book, "PERFORMANCE", path) == []
