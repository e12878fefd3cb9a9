"""Workbooks as our templates make them: names in row 1, records from row 4, cells as what stands in them."""

import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from exchange_hub.core.errors import Refusal
from ingest.readers import xlsx
from ingest.readers.spec import FileSpec

NINE_THIRTY = datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 -- a cell of Excel has no zone
HEADER = ["DATA_KEY", "DATA_TYPE", "CODE", "NAME"]


def _book(path: Path, *rows: list[Any], header: list[Any] = HEADER, sheet: str = "SECTION") -> Path:
    book = Workbook()
    book.active.title = "说明"  # type: ignore[union-attr]
    page = book.create_sheet(sheet)
    for row in (header, ["主键", "类型", "编号", "名称"], ["22位", "1/2/3", "", ""], *rows):
        page.append(row)
    book.create_sheet("_codes").append(["x"])
    book.save(path)
    return path


def _rows(path: Path) -> list[dict[str, Any]]:
    return [row for frame in xlsx.read(path, FileSpec("data/S.xlsx", "SECTION")) for row in frame.to_dicts()]


def test_records_begin_in_row_four_and_other_sheets_are_for_people(tmp_path: Path) -> None:
    path = _book(
        tmp_path / "s.xlsx", ["K1", "1", "0012", "某某标段"], [None, None, None, None], ["K2", "1", None, "乙"]
    )

    assert _rows(path) == [
        {"DATA_KEY": "K1", "DATA_TYPE": "1", "CODE": "0012", "NAME": "某某标段"},
        {"DATA_KEY": "K2", "DATA_TYPE": "1", "CODE": None, "NAME": "乙"},
    ]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (1, "1"), (1.0, "1"), (0.1, "0.1"), (1e21, "1" + "0" * 21), (1e-7, "0.0000001"), (True, "1"),
        (NINE_THIRTY, "20260301093000"), (date(2026, 3, 1), "20260301000000"), (" a ", " a "),
    ],
)  # fmt: skip
def test_cells_become_text_in_the_spec_s_form(tmp_path: Path, cell: Any, text: str) -> None:
    assert _rows(_book(tmp_path / "s.xlsx", ["K1", "1", cell, None]))[0]["CODE"] == text


def test_a_template_without_records_gives_none(tmp_path: Path) -> None:
    assert _rows(_book(tmp_path / "s.xlsx")) == []


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"sheet": "Sheet1"}, "BROKEN_XLSX"),
        ({"header": ["DATA_KEY", "DATA_TYPE", "CODE", "CODE"]}, "HEADER_INVALID"),
        ({"header": ["主键", "类型", "编号", "名称"]}, "HEADER_INVALID"),
        ({"header": ["DATA_KEY", "DATA_TYPE", "CODE"]}, "HEADER_INVALID"),
    ],
)
def test_a_wrong_layout_is_refused(tmp_path: Path, options: dict[str, Any], code: str) -> None:
    path = _book(tmp_path / "s.xlsx", ["K1", "1", "C", "beyond the header"], **options)

    with pytest.raises(Refusal) as refused:
        _rows(path)

    assert refused.value.code == code


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0old xls", b"a,b\n1,2\n"])
def test_what_is_no_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "s.xlsx").write_bytes(content)

    with pytest.raises(Refusal, match="BROKEN_XLSX"):
        _rows(tmp_path / "s.xlsx")


def test_entities_in_a_workbook_are_refused(tmp_path: Path) -> None:
    whole = _book(tmp_path / "whole.xlsx", ["K1", "1", "C", "N"])
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(tmp_path / "s.xlsx", "w") as out:
        for entry in source.infolist():
            content = source.read(entry)
            if entry.filename == "xl/worksheets/sheet2.xml":
                content = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + content
            out.writestr(entry.filename, content)

    with pytest.raises(Refusal, match="BROKEN_XLSX"):
        _rows(tmp_path / "s.xlsx")


def test_a_package_may_hold_a_workbook(tmp_path: Path, kit: Any, release: Any) -> None:
    from ingest.package import Limits, open_package
    from ingest.read import read_frames

    content = _book(tmp_path / "s.xlsx", ["K1", "1", "C1", "N"]).read_bytes()
    (tmp_path / "p.zip").write_bytes(kit.zip(kit.members({"data/SECTION.xlsx": content})))

    frames = read_frames(open_package(tmp_path / "p.zip", tmp_path / "w", Limits()), release)

    assert frames["SECTION"].select("DATA_KEY", "CODE", "_row").rows() == [("K1", "C1", 1)]


def test_a_row_that_claims_to_lie_below_excel_s_last_is_refused(tmp_path: Path) -> None:
    whole, far = _book(tmp_path / "s.xlsx", ["K1", "1", "C", None]), tmp_path / "far.xlsx"
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(far, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<row r="4"', b'<row r="99999999"'))

    with pytest.raises(Refusal, match="last, 1048576"):
        _rows(far)
