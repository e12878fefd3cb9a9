"""The bulletin as a workbook: 通报 (one row a platform), 趋势 (months, with a chart), 未报数据集, 指标定义.

Numbers are numbers; a rate without data is the words 无数据, so that no sum takes it for a zero.
"""

from io import BytesIO
from typing import Any

import xlsxwriter

from feedback.bulletin import COUNTS, MEASURES, NO_DATA_ZH, Bulletin, Month, Ratio
from feedback.render_bulletin import scope_text
from feedback.wording import instant_zh, visible

_OPTIONS = {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False, "strings_to_urls": False}
_FONT = "微软雅黑"


class _Book:
    """A workbook with the formats of the bulletin."""

    def __init__(self, book: Any) -> None:
        base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
        self.book = book
        self.text = book.add_format({**base, "text_wrap": True, "num_format": "@", "quote_prefix": True})
        self.number = book.add_format({**base, "num_format": "#,##0"})
        self.rate = book.add_format({**base, "num_format": "0.0%"})
        self.none = book.add_format({**base, "align": "right", "font_color": "#5B626B"})
        self.head = book.add_format({**base, "bold": True, "bottom": 1, "bg_color": "#F3E3E2", "text_wrap": True})
        self.title = book.add_format({**base, "bold": True, "font_size": 15, "font_color": "#B3201E"})

    def sheet(self, name: str, widths: tuple[int, ...]) -> Any:
        """A sheet that prints on A4, across."""
        sheet = self.book.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        return sheet

    def texts(self, sheet: Any, row: int, texts: tuple[str, ...], form: Any = None) -> None:
        """A row of texts from the first column on."""
        for place, text in enumerate(texts):
            sheet.write_string(row, place, visible(text, 2_000), form or self.text)

    def ratio(self, sheet: Any, row: int, column: int, ratio: Ratio) -> None:
        """Numerator, denominator, rate."""
        sheet.write_number(row, column, ratio.numerator, self.number)
        sheet.write_number(row, column + 1, ratio.denominator, self.number)
        if ratio.value is None:
            sheet.write_string(row, column + 2, NO_DATA_ZH, self.none)
        else:
            sheet.write_number(row, column + 2, ratio.value, self.rate)

    def month(self, sheet: Any, row: int, column: int, month: Month) -> None:
        """All measures, then the plain counts."""
        for measure in MEASURES:
            self.ratio(sheet, row, column, month.ratios[measure.key])
            column += 3
        for key, _, _ in COUNTS:
            sheet.write_number(row, column, month.counts[key], self.number)
            column += 1


HEADS = tuple(f"{m.zh}{part}" for m in MEASURES for part in ("\n分子", "\n分母", "")) + tuple(zh for _, zh, _ in COUNTS)
WIDTHS = (10, 10, 10) * len(MEASURES) + (10,) * len(COUNTS)


def bulletin_xlsx(bulletin: Bulletin) -> bytes:
    """The bytes of the workbook."""
    target = BytesIO()
    with xlsxwriter.Workbook(target, _OPTIONS) as workbook:
        book = _Book(workbook)
        _platforms(book, bulletin)
        _trend(book, bulletin)
        _missing(book, bulletin)
        _definitions(book)
    return target.getvalue()


def _platforms(book: _Book, bulletin: Bulletin) -> None:
    sheet = book.sheet("通报", (22, 30, 10, 10, *WIDTHS))
    sheet.write_string(0, 0, bulletin.title, book.title)
    sheet.write_string(1, 0, f"范围：{scope_text(bulletin)}　截止时点：{instant_zh(bulletin.as_of)}", book.none)
    book.texts(sheet, 2, ("平台代码", "平台", "行政区划", "规范版本", *HEADS), book.head)
    sheet.freeze_panes(3, 2)
    for row, line in enumerate(bulletin.lines, start=3):
        book.texts(sheet, row, (line.code, line.name_zh, line.region, line.release))
        book.month(sheet, row, 4, line.this)
    if bulletin.lines:
        row = 3 + len(bulletin.lines)
        book.texts(sheet, row, ("合计", "", "", ""), book.head)
        book.month(sheet, row, 4, bulletin.total[-1])


def _trend(book: _Book, bulletin: Bulletin) -> None:
    sheet = book.sheet("趋势", (12, *WIDTHS))
    book.texts(sheet, 0, ("月份", *HEADS), book.head)
    sheet.freeze_panes(1, 1)
    months = bulletin.total
    for row, month in enumerate(months, start=1):
        sheet.write_string(row, 0, f"{month.month:%Y-%m}", book.text)
        book.month(sheet, row, 1, month)
    if not months:
        return
    chart = book.book.add_chart({"type": "line"})
    for number, measure in enumerate(MEASURES):
        column = 3 + 3 * number
        places = ["趋势", 1, column, len(months), column]
        names = ["趋势", 1, 0, len(months), 0]
        chart.add_series({"name": measure.zh, "categories": names, "values": places, "marker": {"type": "circle"}})
    chart.set_y_axis({"min": 0, "max": 1, "num_format": "0%"})
    chart.set_title({"name": "近月趋势", "name_font": {"name": _FONT, "size": 12}})
    chart.set_size({"width": 900, "height": 360})
    sheet.insert_chart(len(months) + 2, 0, chart)


def _missing(book: _Book, bulletin: Bulletin) -> None:
    sheet = book.sheet("未报数据集", (22, 30, 34, 34))
    book.texts(sheet, 0, ("平台代码", "平台", "数据集", "名称"), book.head)
    sheet.freeze_panes(1, 0)
    found = ((line, name, zh) for line in bulletin.lines for name, zh in line.missing.items())
    for row, (line, name, zh) in enumerate(found, start=1):
        book.texts(sheet, row, (line.code, line.name_zh, name, zh))


def _definitions(book: _Book) -> None:
    sheet = book.sheet("指标定义", (12, 48, 56, 70))
    book.texts(sheet, 0, ("指标", "分子", "分母", "说明"), book.head)
    for row, m in enumerate(MEASURES, start=1):
        book.texts(sheet, row, (m.zh, m.numerator_zh, m.denominator_zh, m.note_zh))
