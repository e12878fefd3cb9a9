"""An XLSX template per dataset, to be filled in and checked with `hub check FILE.xlsx`.

Layout agreed with the reader: the sheet carries the dataset's name (cut to Excel's 31 characters); row 1 the exact
field names, row 2 the Chinese names, row 3 what a value must be, data from row 4. Every cell is text, so that Excel
leaves codes, times and leading zeros alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from contracts import wording
from contracts.model import CodeList, DatasetContract, Field, FieldType, ListState, Release

FIRST_ROW = 4  # where data begins, counted from 1
SHEET_NAME = 31  # characters that Excel takes
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # no clock in the file: the same contract gives the same bytes
_ROWS = 1000  # prepared for drop-downs
_CODES = "代码 codes"
_ENVELOPE = (
    ("DATA_KEY", "数据主键", "22位字母或数字，同一记录不变"),
    ("DATA_TYPE", "数据操作类型", "1 新增，2 修改，3 撤回"),
)


def sheet_name(dataset: str) -> str:
    """Name of the sheet that holds a dataset's records."""
    return dataset[:SHEET_NAME]


def write_template(contract: DatasetContract, release: Release, path: Path) -> None:
    """Write the template; the same contract gives the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    with xlsxwriter.Workbook(str(path), {"in_memory": True}) as book:
        book.set_properties({"title": f"{contract.label_zh} {contract.dataset} {release.version}", "created": _EPOCH})
        sheet = book.add_worksheet(sheet_name(contract.dataset))
        codes = book.add_worksheet(_CODES)
        help_sheet = book.add_worksheet("填写说明 help")
        formats = _Formats(book)
        _heads(sheet, contract, release, formats)
        _choices(sheet, codes, contract, release, formats)
        _help(help_sheet, contract, release, formats)


def hint(field: Field, found: CodeList | None) -> str:
    """What a value must be, in a few Chinese words: the third row."""
    parts = ["必填" if field.required else "选填", wording.TYPES[field.type].split()[0]]
    if size := wording.length(field):
        parts.append(size)
    if found is not None:
        parts.append(f"代码集 {found.name}")
    if field.separator:
        parts.append(f"多值以 {field.separator} 分隔")
    if field.unit:
        parts.append(f"单位 {field.unit}")
    return "，".join(parts)


class _Formats:
    """Cell formats of one workbook."""

    def __init__(self, book: Any) -> None:
        base = {"border": 1, "border_color": "#C9D2DC", "text_wrap": True, "valign": "top"}
        self.name = book.add_format({**base, "bold": True, "bg_color": "#EEF2F6", "font_name": "Consolas"})
        self.must = book.add_format({**base, "bold": True, "bg_color": "#FBE9E7", "font_name": "Consolas"})
        self.label = book.add_format({**base, "bold": True, "bg_color": "#F6F7F9"})
        self.hint = book.add_format({**base, "font_color": "#5B626B", "font_size": 9, "bg_color": "#F6F7F9"})
        self.text = book.add_format({"num_format": "@"})
        self.plain = book.add_format({"text_wrap": True, "valign": "top"})


def _heads(sheet: Any, contract: DatasetContract, release: Release, formats: _Formats) -> None:
    for column, (name, label, said) in enumerate(_ENVELOPE):
        _head(sheet, column, (name, label, said), required=True, formats=formats)
    for column, field in enumerate(contract.fields, len(_ENVELOPE)):
        said = hint(field, release.code_lists.get(field.code_list or ""))
        _head(sheet, column, (field.name, field.label_zh, said), required=field.required, formats=formats)
        _comment(sheet, column, field)
    sheet.set_row(2, 48)
    sheet.freeze_panes(FIRST_ROW - 1, len(_ENVELOPE))


def _head(sheet: Any, column: int, texts: Sequence[str], *, required: bool, formats: _Formats) -> None:
    sheet.set_column(column, column, max(14, min(34, len(texts[0]) + 3)), formats.text)
    for row, (text, style) in enumerate(zip(texts, (formats.name, formats.label, formats.hint), strict=True)):
        sheet.write_string(row, column, text, formats.must if row == 0 and required else style)


def _comment(sheet: Any, column: int, field: Field) -> None:
    said = [wording.rules(field), field.note, f"示例：{field.example}" if field.example else "", field.source]
    text = "\n".join(part for part in said if part)
    if text:
        sheet.write_comment(0, column, text[:1000], {"x_scale": 2, "y_scale": 1.2, "font_size": 9})


def _choices(sheet: Any, codes: Any, contract: DatasetContract, release: Release, formats: _Formats) -> None:
    """Drop-downs from the sheet of codes; where other values are only queried, Excel warns and lets them through."""
    _drop_down(sheet, 1, ["1", "2", "3"], strict=True)
    written: dict[str, str] = {}
    for column, field in enumerate(contract.fields, len(_ENVELOPE)):
        if field.type is FieldType.BOOLEAN:
            _drop_down(sheet, column, ["0", "1"], strict=True)
            continue
        found = release.code_lists.get(field.code_list or "")
        if found is None or not found.codes or field.separator is not None:
            continue
        if found.name not in written:
            written[found.name] = _write_list(codes, len(written) * 3, found, formats)
        _drop_down(sheet, column, f"={written[found.name]}", strict=found.state is ListState.CLOSED)


def _write_list(codes: Any, column: int, found: CodeList, formats: _Formats) -> str:
    """Write a list's codes and meanings; the range of the codes."""
    codes.set_column(column, column, 16, formats.text)
    codes.set_column(column + 1, column + 1, 30, formats.text)
    codes.write_string(0, column, found.name, formats.name)
    codes.write_string(0, column + 1, found.label_zh, formats.label)
    for row, code in enumerate(found.codes, 1):
        codes.write_string(row, column, code.code, formats.text)
        codes.write_string(row, column + 1, code.label_zh, formats.text)
    cells = xlsxwriter.utility.xl_range_abs(1, column, len(found.codes), column)
    return f"'{_CODES}'!{cells}"


def _drop_down(sheet: Any, column: int, source: list[str] | str, *, strict: bool) -> None:
    sheet.data_validation(
        FIRST_ROW - 1,
        column,
        FIRST_ROW - 2 + _ROWS,
        column,
        {
            "validate": "list",
            "source": source,
            "error_type": "stop" if strict else "warning",
            "error_title": "代码 code",
            "error_message": "请从下拉列表中选择 choose from the list",
        },
    )


def _help(sheet: Any, contract: DatasetContract, release: Release, formats: _Formats) -> None:
    lines = (
        f"{contract.label_zh} {contract.dataset}，数据规范 {release.version}",
        f"第 1 行为字段名，请勿改动；第 2、3 行为中文名和要求；从第 {FIRST_ROW} 行起每行填写一条记录。",
        "红底字段必填。所有单元格均为文本格式，时间写作 yyyyMMddHHmmss，如 20260105093000。",
        "代码字段可从下拉列表选择，代码含义见“代码 codes”表。",
        f"填写后可校验：hub check 文件.xlsx --dataset {contract.dataset} --contract-version {release.version}",
        f"Records from row {FIRST_ROW} on, one a row; row 1 holds the exact field names. All cells are text.",
    )
    sheet.set_column(0, 0, 110)
    for row, line in enumerate(lines):
        sheet.write_string(row, 0, line, formats.plain)
