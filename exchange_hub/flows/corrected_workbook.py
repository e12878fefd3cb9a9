"""A corrected workbook read back: which package it is of, and what was changed in it, cell by cell."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts.model import MASKED_IN_FINDINGS, DatasetContract
from contracts.publish.workbook import FIRST_ROW, sheet_name
from exchange_hub.core.correctable import FILE_COLUMN, IDENTITY_SHEET, ROW_COLUMN, SKIP, SKIP_COLUMN
from exchange_hub.core.errors import Refusal, UsageError
from exchange_hub.flows.correctable import field_names, rows_of, shown_as
from exchange_hub.flows.reading import ReadBatch
from ingest.readers import xlsx
from ingest.readers.spec import FileSpec

Place = tuple[str, int]  # file, number of the record in it


@dataclass(frozen=True, slots=True)
class Answer:
    """The rows of the workbook for one dataset: new values by place, None where the record is left out."""

    dataset: str
    records: Mapping[Place, Mapping[str, str | None] | None]


def identity_of(workbook: Path) -> dict[str, list[str]]:
    """What the hidden sheet says: package, content_digest, dataset (one for each sheet).

    Raises:
        UsageError: it is no workbook, or none with records to correct.
    """
    found: dict[str, list[str]] = {}
    spec = FileSpec(workbook.name, IDENTITY_SHEET)
    with _usable(workbook), xlsx.open_book(workbook, spec) as book:
        if IDENTITY_SHEET in book.sheetnames:
            for row in book[IDENTITY_SHEET].iter_rows(values_only=True):
                if len(row) > 1 and row[0] is not None and row[1] is not None:
                    found.setdefault(str(row[0]), []).append(str(row[1]))
    if not {"package", "content_digest"} <= found.keys() or Path(found["package"][0]).name != found["package"][0]:
        raise UsageError(
            "NO_CORRECTION_WORKBOOK",
            f"{workbook.name} 不是 hub check --xlsx 写出的、含更正表的工作簿：没有问题记录的报告、按其他省报文格式"
            "（方言）报送的平台的报告没有更正表，后者请在原系统中更正后重新导出",
            f"{workbook.name} is no workbook of `hub check --xlsx` with records to correct; messages of another "
            "province's format are corrected where they come from",
        )
    return found


@contextmanager
def _usable(workbook: Path) -> Iterator[None]:
    """A workbook that cannot be read is a wrong use of the command, no refused package."""
    if not workbook.is_file():
        raise UsageError("NO_SUCH_FILE", f"找不到文件：{workbook}", f"no such file: {workbook}")
    try:
        yield
    except Refusal as error:
        raise UsageError(error.code, error.message_zh, error.message_en, error.where) from error


def answer_of(workbook: Path, dataset: str, read: ReadBatch) -> Answer:
    """What was changed in the sheet of one dataset.

    Raises:
        UsageError: a row that leads nowhere, or a half-typed personal value; sheet and row named.
    """
    frame, contract = read.frames[dataset], read.release.datasets[dataset]
    places = dict(rows_of(frame))
    with _usable(workbook):
        spec = FileSpec(workbook.name, sheet_name(dataset))
        rows = [row for chunk in xlsx.read(workbook, spec) for row in chunk.iter_rows(named=True)]
    records: dict[Place, Mapping[str, str | None] | None] = {}
    for number, row in enumerate(rows, start=FIRST_ROW):
        place = _place(row, places, dataset, number)
        if place in records:
            raise _wrong(dataset, number, "同一条原记录出现两次", "the same record stands there twice")
        skipped = (row.get(SKIP_COLUMN) or "").strip() == SKIP
        records[place] = None if skipped else dict(_changes(row, frame[places[place]], contract, (dataset, number)))
    return Answer(dataset, records)


def _place(row: Mapping[str, str | None], places: Mapping[Place, int], dataset: str, number: int) -> Place:
    text = row.get(ROW_COLUMN) or ""
    place = (row.get(FILE_COLUMN) or "", int(text) if text.isdecimal() and len(text) < 10 else 0)
    if place not in places:
        raise _wrong(
            dataset,
            number,
            f"“{FILE_COLUMN}”“{ROW_COLUMN}”对不上原数据包；请勿改动这两列，也不要新增行（新记录请另行报送）",
            "file and row lead to no record of the package; leave these columns alone and add no rows",
        )
    return place


def _changes(
    row: Mapping[str, str | None], sent: pl.DataFrame, contract: DatasetContract, where: tuple[str, int]
) -> Iterator[tuple[str, str | None]]:
    """(field, new value) of every cell that no longer says what the workbook showed."""
    for name in field_names(sent):
        if name not in row:
            continue
        field = contract.field(name) if name in contract.field_names else None
        (shown,) = shown_as(sent[name], field)
        typed = row[name]
        if typed == shown or (typed or "").strip() == (shown or "").strip():
            continue
        if field is not None and field.personal in MASKED_IN_FINDINGS and "*" in (typed or ""):
            raise _wrong(
                *where,
                f"{field.label_zh}（{name}）含掩码符号 *：要改请填完整值，不改请恢复原样",
                f"{name} holds the sign of masking, *: type the whole value, or leave the cell as it was",
            )
        yield name, typed


def _wrong(dataset: str, number: int, zh: str, en: str) -> UsageError:
    place = f"{sheet_name(dataset)}!{number}"
    return UsageError("WRONG_ROW", f"工作表 {sheet_name(dataset)} 第 {number} 行：{zh}", f"row {number}: {en}", place)
