"""Would the tables of versions gain from partitions? One table beside 24 monthly partitions, the same rows and keys.

Run: .venv/bin/python -m benchmarks.warehouse_partitions [ROWS]
The primary key of a partitioned table must hold the column that it is partitioned by, so a record is looked for in
every partition. docs/decisions/0005-one-table-a-dataset.md has the figures.
"""

import statistics
import sys
import time

import psycopg
from psycopg import sql

from benchmarks.warehouse_place import connection, measured, warehouse

NEW, ASKED, MONTHS = 50_000, 200, 24
BODY = "data_key text NOT NULL, version_no integer NOT NULL, recorded_at timestamptz NOT NULL, payload text NOT NULL"
MONTH = "timestamptz '2025-01-01 00:00+08' + make_interval(months => {})"
NEWEST = (
    "SELECT count(v.version_no) FROM generate_series(%s::bigint, %s::bigint) n LEFT JOIN LATERAL"
    " (SELECT w.version_no FROM {} w WHERE w.data_key = lpad(n::text, 22, '0') ORDER BY w.version_no DESC LIMIT 1) v"
    " ON true"
)


def main(number: int) -> None:
    """Print the costs of both."""
    with warehouse() as url, connection(url) as conn:
        for name in ("one", "parts"):
            _make(conn, name)
            table = sql.Identifier("public", name)
            _fill(conn, table, 0, number)
            conn.execute(sql.SQL("ANALYZE {}").format(table))
            conn.commit()
            with measured() as load:
                _fill(conn, table, number, number + NEW)
            with measured() as newest:
                conn.execute(sql.SQL(NEWEST).format(table), (0, NEW)).fetchone()  # type: ignore[arg-type]
            print(f"{name:<6} load of {NEW:,} more {load}   newest version of {NEW:,} {newest}   {_one(conn, table)}")


def _make(conn: psycopg.Connection, name: str) -> None:
    table = sql.Identifier("public", name)
    if name == "one":
        conn.execute(sql.SQL(f"CREATE TABLE {{}} ({BODY}, PRIMARY KEY (data_key, version_no))").format(table))
        return
    key = "PRIMARY KEY (data_key, version_no, recorded_at)"
    conn.execute(sql.SQL(f"CREATE TABLE {{}} ({BODY}, {key}) PARTITION BY RANGE (recorded_at)").format(table))
    for month in range(MONTHS):
        bounds = conn.execute(f"SELECT {MONTH.format(month)}, {MONTH.format(month + 1)}".encode()).fetchone() or ()
        conn.execute(
            sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({})").format(
                sql.Identifier("public", f"{name}_{month}"), table, *map(sql.Literal, bounds)
            )
        )


def _fill(conn: psycopg.Connection, table: sql.Identifier, first: int, end: int) -> None:
    """Versions of records first…end, spread over the months in the order of time; the end is the last month."""
    month = f"least({MONTHS - 1}, n * {MONTHS} / greatest(%(rows)s, 1))::integer"
    conn.execute(
        sql.SQL(
            "INSERT INTO {} SELECT lpad(n::text, 22, '0'), 1,"
            f" {MONTH.format(month)}, repeat('x', 700) FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) n"
        ).format(table),
        {"first": first, "end": end, "rows": end if first == 0 else first},
    )
    conn.commit()


def _one(conn: psycopg.Connection, table: sql.Identifier) -> str:
    """Latency of the newest version of one record."""
    query = sql.SQL("SELECT version_no FROM {} WHERE data_key = {} ORDER BY version_no DESC LIMIT 1")
    times = []
    for number in range(ASKED):
        begun = time.perf_counter()
        conn.execute(query.format(table, sql.Literal(f"{number * 997:022d}"))).fetchall()
        times.append((time.perf_counter() - begun) * 1000)
    return f"one record p50 {statistics.median(times):.2f} ms"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
