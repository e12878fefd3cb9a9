"""A dataset's records made ready: text with blanks as null, typed values, record hash."""

from dataclasses import dataclass
from functools import lru_cache

import polars as pl

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.canonical import as_text, hash_texts, joined
from exchange_hub.core.records import (
    ATTACHMENTS,
    DATA_KEY,
    DATA_TYPE,
    ENVELOPE,
    FILE,
    RECORD_HASH,
    REPEATED,
    ROW,
    WAITS_FOR,
    Operation,
)
from validators.checks import DELETED, text_column
from validators.parse import DTYPES, present, typed

ENVELOPE_TEXTS = (DATA_KEY, DATA_TYPE, ATTACHMENTS, REPEATED)
_WRITTEN_ONE_WAY = frozenset({FieldType.DATETIME, FieldType.DATE, FieldType.BOOLEAN})
_TEXTS = (*ENVELOPE_TEXTS, FILE)


@dataclass(frozen=True, slots=True)
class Prepared:
    """One dataset of a batch.

    `received` is the frame as it came, with absent columns added as null. `base` has, for each row of it, the text
    columns (`text:<field>`), the typed columns (`<field>`), `_deleted` and `_record_hash`. In deletions every typed
    value is null: they carry a key and nothing else. `unknown` names columns that the contract does not have.
    """

    contract: DatasetContract
    received: pl.DataFrame
    base: pl.DataFrame
    unknown: tuple[str, ...]


def prepare(frame: pl.DataFrame, contract: DatasetContract) -> Prepared:
    """Complete, blank and parse a frame of text.

    Args:
        frame: one row a record, every column text except `_row`; columns may be missing or unknown.
        contract: of the dataset.
    """
    received = completed(frame, contract)
    unknown = unknown_columns(frame, contract)
    fields = tuple((field.name, field.type) for field in contract.fields)
    lazy = received.lazy().select(
        *text_expressions((*ENVELOPE_TEXTS, *contract.field_names)),
        # As literals: a column that the sender named "*" or "^x$" would be taken for a pattern.
        *(present(pl.lit(received.get_column(name))).alias(text_column(name)) for name in unknown),
    )
    typed_rows = lazy.with_columns(deleted()).with_columns(value_expressions(fields))
    base = typed_rows.collect()
    return Prepared(contract, received, base.with_columns(hash_texts(_canonical(base, fields))), unknown)


def _canonical(base: pl.DataFrame, fields: tuple[tuple[str, FieldType], ...]) -> pl.Series:
    """Canonical text of each record; what has one way of being written only is taken as it was sent."""
    texts = []
    for name, kind in fields:
        text = as_text(name, DTYPES[kind])
        if kind in _WRITTEN_ONE_WAY:
            text = pl.when(pl.col(name).is_not_null()).then(pl.col(text_column(name)))
        texts.append(text.alias(name))
    return joined(base.select(texts))


def unknown_columns(frame: pl.DataFrame, contract: DatasetContract) -> tuple[str, ...]:
    """Columns that the contract does not have."""
    known = {*contract.field_names, *ENVELOPE, REPEATED, RECORD_HASH, WAITS_FOR}
    return tuple(name for name in frame.columns if name not in known)


def deleted() -> pl.Expr:
    """`_deleted`: is the record a deletion? Reads the text column of DATA_TYPE."""
    return (pl.col(text_column(DATA_TYPE)) == Operation.DELETE.value).fill_null(False).alias(DELETED)


@lru_cache(maxsize=512)
def text_expressions(names: tuple[str, ...]) -> list[pl.Expr]:
    """The text columns `text:<name>`: as sent, blank is null."""
    return [present(pl.col(name)).alias(text_column(name)) for name in names]


@lru_cache(maxsize=512)
def value_expressions(fields: tuple[tuple[str, FieldType], ...]) -> list[pl.Expr]:
    """The typed columns, from (name, type) each; read the text columns and `_deleted`."""
    typing = ((name, typed(pl.col(text_column(name)), field_type)) for name, field_type in fields)
    return [pl.when(~pl.col(DELETED)).then(value).alias(name) for name, value in typing]


def completed(frame: pl.DataFrame, contract: DatasetContract) -> pl.DataFrame:
    """All columns there, all text but `_row`; a missing `_row` is counted from 1."""
    schema = frame.schema
    absent = [name for name in (*_TEXTS, *contract.field_names) if name not in schema]
    odd = [name for name, dtype in schema.items() if name != ROW and dtype != pl.String]
    if not absent and not odd and schema.get(ROW) == pl.Int64:
        return frame
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in absent)
    if ROW not in schema:
        frame = frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW))
    return frame.with_columns(pl.col(ROW).cast(pl.Int64), *(frame.get_column(name).cast(pl.String) for name in odd))


def accepted_columns(contract: DatasetContract) -> list[str]:
    """Columns of an accepted frame, in order."""
    return [*ENVELOPE, *contract.field_names, RECORD_HASH]


def accepted_schema(contract: DatasetContract) -> dict[str, pl.DataType]:
    """Types of an accepted frame."""
    envelope: dict[str, pl.DataType] = {name: pl.Int64() if name == ROW else pl.String() for name in ENVELOPE}
    fields = {field.name: DTYPES[field.type] for field in contract.fields}
    return {**envelope, **fields, RECORD_HASH: pl.String()}
