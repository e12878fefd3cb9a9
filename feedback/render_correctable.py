"""The sheets of a report's workbook in which faulty records are corrected (更正表), one a dataset.

In the layout of the contract's templates: field names in row 1, Chinese names in row 2, what a value must be in row 3,
records from row 4 on, so that our reader reads them. Faulty cells are coloured and commented; every cell is text.
"""

from typing import Any

from contracts.publish.workbook import FIRST_ROW, sheet_name
from exchange_hub.core.correctable import (
    FAULTS_COLUMN,
    FILE_COLUMN,
    IDENTITY_SHEET,
    ROW_COLUMN,
    SKIP,
    SKIP_COLUMN,
    Correctable,
    CorrectionSheet,
    FaultyRecord,
)

MOST_COMMENTS = 2_000  # in one workbook: Excel draws each as a shape; what they say also stands in 问题
# Name, Chinese name, what it is for, and width of the columns before the fields.
LEADING = (
    (FILE_COLUMN, "数据文件", "请勿改动", 22),
    (ROW_COLUMN, "第几条记录", "请勿改动", 9),
    (FAULTS_COLUMN, "本条的问题", "供查看，不必修改", 60),
    (SKIP_COLUMN, "不再报送该记录", f"填“{SKIP}”即从更正包中去掉", 10),
)


class _Formats:
    """Cell formats of the sheets."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": "微软雅黑", "font_size": 10, "valign": "top", "num_format": "@"}
        self.text = book.add_format({**base, "quote_prefix": True})
        self.wrapped = book.add_format({**base, "text_wrap": True, "font_color": "#5B626B"})
        self.wrong = book.add_format(
            {**base, "quote_prefix": True, "bg_color": "#FBD9D5", "border": 1, "border_color": "#B3201E"}
        )
        self.name = book.add_format({**base, "bold": True, "bg_color": "#EEF2F6"})
        self.label = book.add_format({**base, "bold": True, "bg_color": "#F6F7F9"})
        self.hint = book.add_format(
            {**base, "font_color": "#5B626B", "font_size": 9, "bg_color": "#F6F7F9", "text_wrap": True}
        )


def add_sheets(book: Any, content: Correctable) -> None:
    """Add a sheet for each dataset with faulty records, and the hidden one that names the package."""
    formats, comments = _Formats(book), MOST_COMMENTS
    for sheet in content.sheets:
        comments -= _write_sheet(book.add_worksheet(sheet_name(sheet.dataset)), sheet, formats, comments)
    hidden = book.add_worksheet(IDENTITY_SHEET)
    for number, pair in enumerate(content.identity()):
        hidden.write_row(number, 0, pair)
    hidden.hide()


def _write_sheet(sheet: Any, content: CorrectionSheet, formats: _Formats, comments: int) -> int:
    """Write one sheet; how many comments were made."""
    _heads(sheet, content, formats)
    left = comments
    for number, record in enumerate(content.records, start=FIRST_ROW - 1):
        left -= _write_record(sheet, number, record, formats, left)
    last = FIRST_ROW - 2 + len(content.records)
    skip = [name for name, *_ in LEADING].index(SKIP_COLUMN)
    sheet.data_validation(FIRST_ROW - 1, skip, last, skip, {"validate": "list", "source": [SKIP]})
    sheet.freeze_panes(FIRST_ROW - 1, len(LEADING))
    return comments - left


def _heads(sheet: Any, content: CorrectionSheet, formats: _Formats) -> None:
    heads = [
        *LEADING,
        *((c.name, c.label_zh, c.hint_zh, max(14, min(30, len(c.name) + 3))) for c in content.columns),
    ]
    for column, (name, label, hint, width) in enumerate(heads):
        sheet.set_column(column, column, width, formats.text)
        sheet.write_string(0, column, name, formats.name)
        sheet.write_string(1, column, label, formats.label)
        sheet.write_string(2, column, hint, formats.hint)
    sheet.set_row(2, 42)
    sheet.set_tab_color("#B3201E")


def _write_record(sheet: Any, number: int, record: FaultyRecord, formats: _Formats, comments: int) -> int:
    leading = (record.file, str(record.row), record.about[:32_000], "")
    for column, text in enumerate(leading):
        sheet.write_string(number, column, text, formats.wrapped)
    made = 0
    for place, cell in enumerate(record.cells):
        column, fault = len(LEADING) + place, record.faults.get(place)
        if cell is not None:
            sheet.write_string(number, column, cell, formats.text if fault is None else formats.wrong)
        elif fault is not None:
            sheet.write_blank(number, column, None, formats.wrong)
        if fault is not None and made < comments:
            sheet.write_comment(number, column, fault[:1_000], {"x_scale": 2, "font_size": 9, "author": "hub check"})
            made += 1
    return made
