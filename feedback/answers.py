"""Answers of a centre read back from a filled-in notice workbook (退回明细: 处理方式, 说明).

The file comes from outside: its size and its unpacked size are bounded, document type declarations are refused and
formulas are never evaluated. A wrong row is told with its place; the other rows are still read.
"""

import re
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from exchange_hub.core.errors import UsageError
from feedback.render_xlsx import ANSWER_COLUMN, DETAIL_SHEET, NOTICE_LABEL, REASON_COLUMN
from feedback.wording import ANSWERS

MAX_BYTES = 100 * 1024**2  # of the file as sent
MAX_UNPACKED_BYTES = 1024**3  # of all members together
MAX_MEMBERS = 200
MAX_REASON = 2_000  # characters
_NUMBER_COLUMN = "序号"
_CODES = {label: code for code, label in ANSWERS.items()} | {code: code for code in ANSWERS}
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_BLOCK = 1 << 20
# What openpyxl raises on a workbook that is broken or made to break it.
_PARSER_ERRORS = (
    AttributeError,
    BadZipFile,
    EOFError,
    IndexError,
    InvalidFileException,
    KeyError,
    SyntaxError,
    TypeError,
    ValueError,
    zlib.error,
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the centre says about one item: confirmed_true, withdrawn, objection or cannot_correct."""

    item_no: int
    answer: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row could not be taken; `row` is the sheet's own number, the heading being 1."""

    sheet: str
    row: int
    message_zh: str
    message_en: str


@dataclass(frozen=True, slots=True)
class Answers:
    """What a workbook says: the notice it names, one answer per answered item, and the rows at fault."""

    notice_no: str | None
    answers: tuple[Answer, ...]
    errors: tuple[RowError, ...]


@dataclass(frozen=True, slots=True)
class _Cells:
    """The three cells of a row that matter, as text."""

    sheet: str
    row: int
    number: str
    chosen: str
    reason: str
    formula: bool

    def fault(self, message_zh: str, message_en: str) -> RowError:
        return RowError(self.sheet, self.row, message_zh, message_en)


def read_answers(path: Path) -> Answers:
    """Read a filled-in notice workbook.

    Rows without 处理方式 are no answer (the record will be corrected by a new batch). Rows of the same item must agree.

    Raises:
        UsageError: not a workbook, too large, or not made from a notice.
    """
    _must_be_harmless(path)
    try:
        notice_no, rows = _read(path)
    except _PARSER_ERRORS as error:
        raise _unreadable("is not a readable workbook", path) from error
    found: dict[int, Answer] = {}
    errors: list[RowError] = []
    for cells in rows:
        fault = _fault_of(cells)
        if fault is not None:
            errors.append(fault)
        elif cells.chosen:
            answer = Answer(int(cells.number), _CODES[cells.chosen], cells.reason)
            if found.setdefault(answer.item_no, answer) != answer:
                number = cells.number
                zh, en = f"同一记录（序号 {number}）的答复不一致", f"rows of item {number} give different answers"
                errors.append(cells.fault(zh, en))
    return Answers(notice_no, tuple(found.values()), tuple(errors))


def _fault_of(cells: _Cells) -> RowError | None:
    """The first thing wrong with a row; None where it is right, or empty."""
    faults = (
        (cells.formula, "单元格不得为公式", "a cell holds a formula"),
        (not cells.chosen and bool(cells.reason), "填写了说明但未选择处理方式", "a reason without an answer"),
        (not _NUMBER.fullmatch(cells.number), "序号缺失或被改动", "the item number is missing or changed"),
        (cells.chosen not in _CODES, "处理方式不在可选范围内", "not one of the answers offered"),
        (not cells.reason, "须填写说明", "a reason is required"),
        (len(cells.reason) > MAX_REASON, f"说明超过 {MAX_REASON} 字", f"a reason of over {MAX_REASON} characters"),
    )
    if not cells.formula and not cells.chosen and not cells.reason:
        return None
    return next((cells.fault(zh, en) for wrong, zh, en in faults if wrong), None)


def _read(path: Path) -> tuple[str | None, list[_Cells]]:
    """Notice number of the summary sheet (None where it was removed) and the rows that say something."""
    with path.open("rb") as file, closing(load_workbook(file, read_only=True, keep_links=False)) as book:
        names = [name for name in book.sheetnames if name.startswith(DETAIL_SHEET)]
        if not names:
            raise _unreadable(f"has no sheet {DETAIL_SHEET}", path)
        rows = [cells for name in names for cells in _read_sheet(name, book[name], path)]
        facts = {_text(_cell(cells, 0)): _text(_cell(cells, 1)) for cells in book.worksheets[0].iter_rows(max_row=30)}
    return facts.get(NOTICE_LABEL) or None, rows


def _read_sheet(name: str, sheet: Any, path: Path) -> Iterator[_Cells]:
    rows = sheet.iter_rows()
    heading = [_text(cell) for cell in next(rows, ())]
    wanted = (_NUMBER_COLUMN, ANSWER_COLUMN, REASON_COLUMN)
    if not set(wanted) <= set(heading):
        raise _unreadable(f"lacks a column of {', '.join(wanted)} in sheet {name}", path)
    places = [heading.index(column) for column in wanted]
    for row, cells in enumerate(rows, start=2):
        chosen = [_cell(cells, place) for place in places]
        formula = any(getattr(cell, "data_type", None) == "f" for cell in chosen)
        number, answer, reason = (_text(cell) for cell in chosen)
        yield _Cells(name, row, number, answer, reason, formula)


def _cell(cells: Any, place: int) -> Any:
    return cells[place] if place < len(cells) else None


def _text(cell: Any) -> str:
    value = getattr(cell, "value", None)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "" if value is None else str(value).strip()


def _must_be_harmless(path: Path) -> None:
    """Bound what reading can cost before a parser sees the file."""
    if not path.is_file():
        raise _unreadable("does not exist", path)
    if path.stat().st_size > MAX_BYTES:
        raise _unreadable(f"is larger than {MAX_BYTES} bytes", path)
    try:
        with ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > MAX_MEMBERS or sum(entry.file_size for entry in entries) > MAX_UNPACKED_BYTES:
                raise _unreadable("unpacks to too much", path)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    _must_be_plain(archive, entry.filename, path)
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise _unreadable("is not a readable workbook", path) from error


def _must_be_plain(archive: ZipFile, name: str, path: Path) -> None:
    """No document type declaration (entities), no encoding that could hide one."""
    tail = b""
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            if b"<!DOCTYPE" in tail + block or b"<!ENTITY" in tail + block or b"\0" in block:
                raise _unreadable("holds a document type declaration", path)
            tail = block[-16:]


def _unreadable(fault: str, path: Path) -> UsageError:
    return UsageError("BAD_ANSWER_FILE", f"无法读取答复文件：{path.name}", f"{path.name} {fault}", str(path))
