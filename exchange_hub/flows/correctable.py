"""From a check to the rows that a person corrects: the faulty records, personal values masked.

Masked, since a workbook is passed on from desk to desk. A cell that still says what it said stands for the value as
sent, which `hub correct` takes from the package itself: nobody needs to see a number to correct another field.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from contracts.model import MASKED_IN_FINDINGS, DatasetContract, Field, Release
from contracts.publish.workbook import hint
from exchange_hub.core.correctable import (
    CELL_LENGTH,
    MOST_RECORDS,
    Correctable,
    CorrectionSheet,
    FaultyRecord,
    SheetColumn,
)
from exchange_hub.core.masking import mask_personal
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, FILE, REPEATED, ROW, Severity
from feedback.wording import visible
from validators.personal import masked

_ENVELOPE = {DATA_KEY: ("数据主键", "22位字母或数字"), DATA_TYPE: ("数据操作类型", "1 新增，2 修改，3 撤回")}
_PLACE = ("dataset", "file", "row")
_CORRECTABLE = (Severity.REJECT.value, Severity.QUERY.value)  # an alert is no fault of the data


def correctable(
    package: str, digest: str, frames: Mapping[str, pl.DataFrame], release: Release, findings: pl.DataFrame
) -> Correctable:
    """The faulty records of a package as sheets.

    Args:
        package: its file name; `digest` its content digest.
        frames: as read, one a dataset.
        findings: all of them (FINDING_COLUMNS).
    """
    wanted = _wanted(findings)
    places = wanted.select(_PLACE).unique(maintain_order=True)
    taken = places.head(MOST_RECORDS)
    sheets = []
    for dataset, frame in frames.items():
        mine = taken.filter(pl.col("dataset") == dataset)
        if mine.height:
            faults = wanted.filter(pl.col("dataset") == dataset).join(mine, on=["dataset", "file", "row"], how="semi")
            sheets.append(_sheet(frame, release, dataset, faults))
    return Correctable(package, digest, tuple(sheets), places.height - taken.height)


def faulty_places(findings: pl.DataFrame) -> pl.DataFrame:
    """Where the records stand (dataset, file, row) that `correctable` takes."""
    return _wanted(findings).select(_PLACE).unique(maintain_order=True).head(MOST_RECORDS)


def _wanted(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.filter(pl.col("severity").is_in(_CORRECTABLE) & pl.col("row").is_not_null())


def shown_as(values: pl.Series, field: Field | None) -> list[str | None]:
    """Values of a column as a workbook shows them; `field` None for a column that the contract does not have."""
    if field is not None and field.personal in MASKED_IN_FINDINGS:
        hidden = [mask_personal(value, field.personal) for value in values]
    else:
        hidden = masked(values).to_list()
    return [None if value is None else visible(value, CELL_LENGTH) for value in hidden]


def field_names(frame: pl.DataFrame) -> list[str]:
    """Columns of a frame as read that are a sender's: the envelope, the fields, and what the contract does not know."""
    return [name for name in frame.columns if not name.startswith("_")]


def _sheet(frame: pl.DataFrame, release: Release, dataset: str, faults: pl.DataFrame) -> CorrectionSheet:
    contract = release.datasets[dataset]
    wrong = set(faults["field"])
    if frame[REPEATED].is_not_null().any():
        wrong |= set(frame[REPEATED].drop_nulls())
    names = sorted(field_names(frame), key=lambda name: name not in wrong and name not in _ENVELOPE)
    columns = [_column(name, contract, release) for name in names]
    places = faults.select(pl.col("file").alias(FILE), pl.col("row").alias(ROW)).unique()
    rows = frame.join(places, on=[FILE, ROW], how="semi", maintain_order="left")
    shown = [shown_as(rows[name], _field(contract, name)) for name in names]
    told = _told(faults)
    records = [
        _record(place, cells, names, told[place])
        for place, *cells in zip(rows.select(FILE, ROW).rows(), *shown, strict=True)
    ]
    return CorrectionSheet(dataset, columns, records)


def _record(
    place: tuple[str, int], cells: list[str | None], names: list[str], told: list[tuple[str | None, str]]
) -> FaultyRecord:
    faults: dict[int, str] = {}
    for field, words in told:
        if field in names:
            at = names.index(field)
            faults[at] = f"{faults[at]}\n{words}" if at in faults else words
    return FaultyRecord(place[0], place[1], cells, faults, "\n".join(words for _, words in told))


def _told(faults: pl.DataFrame) -> dict[tuple[str, int], list[tuple[str | None, str]]]:
    """By file and row: field and what is said of it."""
    found: dict[tuple[str, int], list[tuple[str | None, str]]] = {}
    chosen = faults.select("file", "row", "field", "rule_id", "message_zh", "expected_zh")
    for file, row, field, rule_id, message, expected in chosen.iter_rows():
        words = f"{message}。{expected}（{rule_id}）" if expected else f"{message}（{rule_id}）"
        found.setdefault((file, row), []).append((field, words))
    return found


def _column(name: str, contract: DatasetContract, release: Release) -> SheetColumn:
    if name in _ENVELOPE:
        return SheetColumn(name, *_ENVELOPE[name])
    field = _field(contract, name)
    if field is None:
        return SheetColumn(name, "规范中没有的字段", "请清空本列或改为规范字段名")
    return SheetColumn(name, field.label_zh, hint(field, release.code_lists.get(field.code_list or "")))


def _field(contract: DatasetContract, name: str) -> Field | None:
    return contract.field(name) if name in contract.field_names else None


def rows_of(frame: pl.DataFrame) -> Iterator[tuple[tuple[str, int], int]]:
    """(file, row) and place in the frame of each record."""
    return ((place, number) for number, place in enumerate(frame.select(FILE, ROW).iter_rows()))
