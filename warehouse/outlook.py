"""Outlooks (前瞻): what a batch would have met under the next release, and stored records as text to ask that of.

An outlook is no finding: it stands in a table of its own and is replaced when a draft release changes.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl
from psycopg import Connection, sql
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from exchange_hub.core.records import DATA_KEY, DATA_TYPE, FILE, ROW, Operation
from warehouse.shapes import Shape
from warehouse.views import SPEC_TEXT

PAGE = 50_000  # records read at once


@dataclass(frozen=True, slots=True)
class Outlook:
    """How a batch fares under another release; received = passing + rejected + held.

    `newly_rejected` were accepted or held today. `rules` are {rule_id, severity, records, newly, message_zh}, where
    newly counts the newly rejected; `examples` are findings as documents, those of newly rejected records first,
    capped, personal values masked. `refusal` says why the batch could not be read at all.
    """

    release: str
    received: int
    passing: int
    rejected: int
    held: int
    newly_rejected: int
    rules: tuple[dict[str, Any], ...]
    examples: tuple[dict[str, Any], ...]
    refusal: str | None = None


def store(conn: Connection, batch_id: int, outlook: Outlook, at: datetime) -> None:
    """Keep an outlook; one that was made before for the same batch and release is replaced."""
    store_all(conn, [(batch_id, outlook)], at)


def store_all(conn: Connection, outlooks: Sequence[tuple[int, Outlook]], at: datetime) -> None:
    """As `store`, for several: batch and outlook of each."""
    conn.cursor().executemany(
        "INSERT INTO hub.outlook (batch_id, release, received, passing, rejected, held, newly_rejected, rules,"
        " examples, refusal, checked_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (batch_id, release) DO UPDATE SET received = excluded.received, passing = excluded.passing,"
        " rejected = excluded.rejected, held = excluded.held, newly_rejected = excluded.newly_rejected,"
        " rules = excluded.rules, examples = excluded.examples, refusal = excluded.refusal,"
        " checked_at = excluded.checked_at",
        [
            (
                batch_id,
                outlook.release,
                outlook.received,
                outlook.passing,
                outlook.rejected,
                outlook.held,
                outlook.newly_rejected,
                Jsonb(outlook.rules),
                Jsonb(outlook.examples),
                outlook.refusal,
                at,
            )
            for batch_id, outlook in outlooks
        ],
    )


def known(conn: Connection, batch_id: int, release: str) -> bool:
    """Was an outlook of that batch on that release made?"""
    row = conn.execute("SELECT 1 FROM hub.outlook WHERE batch_id = %s AND release = %s", (batch_id, release)).fetchone()
    return row is not None


def known_among(conn: Connection, batch_ids: Sequence[int], release: str) -> set[int]:
    """Those of the batches whose outlook on that release was made."""
    rows = conn.execute(
        "SELECT batch_id FROM hub.outlook WHERE batch_id = ANY(%s) AND release = %s", (list(batch_ids), release)
    )
    return {row[0] for row in rows}


def list_outlooks(
    conn: Connection, platform_code: str, limit: int = 20, release: str | None = None
) -> list[dict[str, Any]]:
    """Outlooks of a platform's batches, newest batch first: rows of audit.outlook with rules and examples.

    Args:
        release: only those on that release.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT o.*, b.received_at, h.rules, h.examples FROM audit.outlook o JOIN hub.batch b"
            " ON b.platform_code = o.platform_code AND b.batch_no = o.batch_no"
            " JOIN hub.outlook h ON h.batch_id = b.id AND h.release = o.next_release"
            " WHERE o.platform_code = %(platform)s AND (%(release)s::text IS NULL OR o.next_release = %(release)s)"
            " ORDER BY b.received_at DESC, b.id DESC LIMIT %(limit)s",
            {"platform": platform_code, "release": release, "limit": limit},
        )
        return list(cursor)


def summaries(conn: Connection, asked: Sequence[tuple[str, str]], last: int) -> dict[tuple[str, str], dict[str, Any]]:
    """The newest outlooks of platforms on releases, added up, by (platform, release); none where there are none.

    Args:
        asked: pairs of platform and release.
        last: how many outlooks of each are counted, the newest.

    Returns:
        {batches, received, passing, rejected, held, newly_rejected, refused}; refused are batches.
    """
    with conn.cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            "SELECT a.platform, a.release, count(*) AS batches, sum(o.received)::bigint AS received,"
            " sum(o.passing)::bigint AS passing, sum(o.rejected)::bigint AS rejected, sum(o.held)::bigint AS held,"
            " sum(o.newly_rejected)::bigint AS newly_rejected, count(o.refusal) AS refused"
            " FROM unnest(%s::text[], %s::text[]) a (platform, release) CROSS JOIN LATERAL"
            " (SELECT h.* FROM hub.batch b JOIN hub.outlook h ON h.batch_id = b.id AND h.release = a.release"
            " WHERE b.platform_code = a.platform ORDER BY b.id DESC LIMIT %s) o GROUP BY a.platform, a.release",
            ([code for code, _ in asked], [release for _, release in asked], last),
        )
        return {(row.pop("platform"), row.pop("release")): row for row in cursor}


def rejected_places(conn: Connection, batch_id: int) -> pl.DataFrame:
    """Where the rejected records of a batch stand: rows of (dataset, _file, _row)."""
    rows = conn.execute('SELECT dataset, file, "row" FROM hub.quarantine WHERE batch_id = %s', (batch_id,)).fetchall()
    return pl.DataFrame(rows, schema={"dataset": pl.String(), FILE: pl.String(), ROW: pl.Int64()}, orient="row")


def read_current(
    conn: Connection, shape: Shape, platform_code: str, fields: Sequence[str], page: int = PAGE
) -> Iterator[pl.DataFrame]:
    """A platform's current, not withdrawn records of a dataset as text in the spec's writing, in pages by key.

    Args:
        fields: fields to read; those that the table does not have are left out.

    Yields:
        Frames of DATA_KEY, DATA_TYPE (1), the fields, _file and _row as sent; none is empty.
    """
    names = [name for name in fields if shape.column(name) is not None]
    last = ""
    while True:
        content = _fetch(conn, shape, platform_code, names, (last, page))
        if not content:
            return
        columns = [DATA_KEY, FILE, ROW, *names]
        frame = pl.read_csv(io.BytesIO(content), has_header=False, new_columns=columns, infer_schema=False)
        yield frame.with_columns(
            pl.lit(Operation.INSERT.value).alias(DATA_TYPE), pl.col(ROW).cast(pl.Int64), pl.col(FILE).fill_null("")
        )
        last = str(frame[DATA_KEY][-1])


def _fetch(conn: Connection, shape: Shape, platform_code: str, names: Sequence[str], place: tuple[str, int]) -> bytes:
    texts = [
        sql.SQL(SPEC_TEXT[column.type]).format(sql.SQL("w.{}").format(sql.Identifier(name)))
        for name in names
        if (column := shape.column(name)) is not None
    ]
    table = sql.Identifier("hub", shape.table)
    query = sql.SQL(
        "COPY (SELECT {listed} FROM {table} w WHERE w.platform_code = {platform} AND w.operation <> '3'"
        " AND w.data_key > {key} AND NOT EXISTS (SELECT FROM {table} n WHERE n.data_key = w.data_key"
        " AND n.version_no > w.version_no) ORDER BY w.data_key LIMIT {page}) TO STDOUT (FORMAT csv)"
    ).format(
        listed=sql.SQL(", ").join([sql.SQL("w.data_key, w.source_file, w.source_row"), *texts]),
        table=table,
        platform=sql.Literal(platform_code),
        key=sql.Literal(place[0]),
        page=sql.Literal(place[1]),
    )
    with conn.cursor().copy(query) as copy:
        return b"".join(bytes(block) for block in copy)
