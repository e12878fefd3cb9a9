"""Quarantine, held records and findings of a load event, by COPY."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core import records
from exchange_hub.core.records import FINDING_COLUMNS, DatasetResult
from warehouse.copying import copy_frame, raw_json


def store_rejected(conn: Connection, batch_id: int, load_id: int, result: DatasetResult) -> None:
    """Put the rejected records of a dataset into the quarantine (隔离区), as they were sent."""
    if result.rejected.is_empty():
        return
    frame = _as_sent(result.dataset, result.rejected, batch_id, load_id)
    copy_frame(conn, sql.Identifier("hub", "quarantine"), frame, json=("raw", "attachments"))


def store_held(
    conn: Connection, batch_id: int, load_id: int, contract_version: str, result: DatasetResult, since: datetime
) -> None:
    """Put the held records of a dataset aside (暂存区), with what they wait for."""
    if result.held.is_empty():
        return
    frame = _as_sent(result.dataset, result.held, batch_id, load_id).with_columns(
        pl.lit(contract_version).alias("contract_version"),
        pl.lit(since).dt.cast_time_unit("us").alias("since"),
        result.held[records.WAITS_FOR].alias("waits_for"),
    )
    copy_frame(conn, sql.Identifier("hub", "held"), frame, json=("raw", "attachments", "waits_for"))


def store_findings(conn: Connection, batch_id: int, load_id: int, findings: pl.DataFrame) -> None:
    """Store every finding (columns: core.records.FINDING_COLUMNS), in the order of the frame."""
    store_all_findings(conn, [(batch_id, load_id, findings)])


def store_all_findings(conn: Connection, parts: Sequence[tuple[int, int, pl.DataFrame]]) -> None:
    """Store the findings of several loads: batch, load and frame of each."""
    frames = [_findings(*part) for part in parts if part[2].height]
    if frames:
        copy_frame(conn, sql.Identifier("hub", "finding"), pl.concat(frames))


def _findings(batch_id: int, load_id: int, findings: pl.DataFrame) -> pl.DataFrame:
    texts = [pl.col(name) for name, kind in FINDING_COLUMNS if kind == "String"]
    return findings.select(
        pl.lit(batch_id, dtype=pl.Int64).alias("batch_id"),
        pl.lit(load_id, dtype=pl.Int64).alias("load_id"),
        *(text.cast(pl.String).str.replace_all("\x00", "␀", literal=True) for text in texts),
        pl.col("row").cast(pl.Int64),
        pl.col("rule_version").cast(pl.Int32),
    )


def _as_sent(dataset: str, frame: pl.DataFrame, batch_id: int, load_id: int) -> pl.DataFrame:
    return frame.select(
        pl.lit(batch_id, dtype=pl.Int64).alias("batch_id"),
        pl.lit(load_id, dtype=pl.Int64).alias("load_id"),
        pl.lit(dataset).alias("dataset"),
        pl.col(records.FILE).alias("file"),
        pl.col(records.ROW).cast(pl.Int64).alias("row"),
        pl.col(records.DATA_KEY).cast(pl.String).str.replace_all("\x00", "␀", literal=True).alias("data_key"),
        pl.col(records.ATTACHMENTS).cast(pl.String).alias("attachments"),
    ).with_columns(raw_json(frame))
