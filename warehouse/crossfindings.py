"""Findings of rules across datasets (跨数据集发现): what stands, what is new, what is gone after a load."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from psycopg import Connection, sql

from warehouse.copying import copy_frame

# Columns by which a finding is the same as one that stands already.
SAME = ("scope", "dataset", "data_key", "version_no", "field", "rule_id", "rule_version", "severity", "message_zh")
COLUMNS = pl.Schema(
    {
        "scope": pl.String(),
        "batch_id": pl.Int64(),
        "dataset": pl.String(),
        "data_key": pl.String(),
        "version_no": pl.Int32(),
        "file": pl.String(),
        "row": pl.Int64(),
        "field": pl.String(),
        "rule_id": pl.String(),
        "rule_version": pl.Int32(),
        "severity": pl.String(),
        "dimension": pl.String(),
        "value": pl.String(),
        "message_zh": pl.String(),
        "message_en": pl.String(),
        "expected_zh": pl.String(),
    }
)


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the rules: after which load, by which release, calendar and rule versions, over what, when."""

    load_id: int
    contract_version: str
    calendar_version: str
    rules: Mapping[str, int]
    scopes: Sequence[str]
    flagged: int  # records of the load with a query of these rules and none of their own
    ran_at: datetime


def lock(conn: Connection) -> None:
    """Let no other run look or write until the transaction ends; taken after the loader's locks."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:cross', 42))")


def record(conn: Connection, runs: Sequence[tuple[Run, pl.DataFrame]]) -> list[tuple[int, int]]:
    """Book runs: findings that are new are opened, findings that no longer stand are closed, the others stay.

    The same run a second time changes nothing. The caller owns the transaction and holds the lock.

    Args:
        runs: each with all that stands now about its scopes: COLUMNS. No scope is in two of them.

    Returns:
        How many each opened and closed.
    """
    standing = _standing(conn, [scope for run, _ in runs for scope in run.scopes])
    return [_record(conn, run, found, standing.filter(pl.col("scope").is_in(list(run.scopes)))) for run, found in runs]


def _record(conn: Connection, run: Run, found: pl.DataFrame, standing: pl.DataFrame) -> tuple[int, int]:
    same = list(SAME)
    fresh = found.select(*COLUMNS).cast(COLUMNS).unique(same, maintain_order=True)
    opened = fresh.join(standing, on=same, how="anti", nulls_equal=True)
    closed = standing.join(fresh, on=same, how="anti", nulls_equal=True)
    run_id = _book(conn, run, opened.height, closed.height)
    if run_id is None:
        return 0, 0
    copy_frame(
        conn, sql.Identifier("hub", "cross_finding"), opened.with_columns(pl.lit(run_id, pl.Int64).alias("run_id"))
    )
    if closed.height:
        conn.execute(
            "UPDATE hub.cross_finding SET closed_run_id = %s WHERE id = ANY(%s::bigint[])",
            (run_id, closed["id"].to_list()),
        )
    return opened.height, closed.height


def _book(conn: Connection, run: Run, opened: int, closed: int) -> int | None:
    row = conn.execute(
        "INSERT INTO hub.cross_run (load_id, contract_version, calendar_version, rules, scopes, opened, closed,"
        " flagged, ran_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (load_id) DO NOTHING RETURNING id",
        (
            run.load_id,
            run.contract_version,
            run.calendar_version,
            json.dumps(dict(run.rules)),
            len(run.scopes),
            opened,
            closed,
            run.flagged,
            run.ran_at,
        ),
    ).fetchone()
    return None if row is None else int(row[0])


def _standing(conn: Connection, scopes: Sequence[str]) -> pl.DataFrame:
    rows = conn.execute(
        "SELECT id, scope, dataset, data_key, version_no, field, rule_id, rule_version, severity, message_zh"
        " FROM hub.cross_finding WHERE scope = ANY(%s::text[]) AND closed_run_id IS NULL",
        (list(scopes),),
    ).fetchall()
    return pl.DataFrame(rows, schema={"id": pl.Int64, **{name: COLUMNS[name] for name in SAME}}, orient="row")


def set_flagged(conn: Connection, batch_id: int, flagged: int) -> None:
    """Accepted records of a batch with a query or an alert, those of rules across datasets included."""
    conn.execute("UPDATE hub.batch SET flagged = %s WHERE id = %s AND flagged <> %s", (flagged, batch_id, flagged))
