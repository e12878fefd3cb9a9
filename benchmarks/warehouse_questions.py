"""Questions of an auditor's login (row security on) over many stored versions, and what a load costs then.

Run: .venv/bin/python -m benchmarks.warehouse_questions [VERSIONS] [DATASETS]
Wanted at 10,000,000 versions and 120 datasets: point questions p95 <= 50 ms, timeline p95 <= 100 ms; load cost per
record at 10,000,000 stored <= 1.3 of that at 100,000.
"""

import random
import statistics
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

from benchmarks.warehouse_place import DATASET, PLATFORM, START, Cost, connection, load_batch, measured, rows, warehouse
from exchange_hub.core.platforms import Channel, Platform
from warehouse import access
from warehouse.access import Group, Scope
from warehouse.platforms import record_platforms
from warehouse.questions import AS_OF, CHANGES, PROJECT_GAPS, TIMELINE

PROBE, ASKED = 100_000, 300
SESSION = 30  # questions of one connection
NOWHERE = Channel("none", None)
CARD = Platform(
    PLATFORM, "41990001", "中心", "centre", "410100", ("engineering",), "9.0.0", NOWHERE, NOWHERE, 60, 60, ""
)


def main(wanted: int, datasets: int) -> None:
    """Print the costs."""
    with warehouse(datasets - 1) as url, connection(url) as conn:
        record_platforms(conn, [CARD], START)
        load_batch(conn, 0, rows(0, PROBE))
        few = _probe(conn, 1, PROBE)
        for first in range(PROBE * 2, wanted, PROBE):
            _copy(conn, first)
            print(f"{first + PROBE:>12,} stored", file=sys.stderr, flush=True)
        many = _probe(conn, 2, wanted)
        print(f"load of {PROBE:,} at {PROBE:,} stored     {few}")
        print(f"load of {PROBE:,} at {wanted:,} stored {many}   {many.wall / few.wall:.2f} of that"
              f" (CPU {many.cpu / few.cpu:.2f}); wanted 1.30")  # fmt: skip
        conn.execute("ANALYZE hub.wh_bench")
        conn.commit()
        access.make_login(conn, "bench_auditor", Group.AUDITOR, "secret")
        access.grant_scope(conn, "bench_auditor", Scope("410000", "engineering"), "基准", START)
        conn.commit()
        _ask(url, wanted)


def _copy(conn: psycopg.Connection, first: int) -> None:
    """Versions with keys first… as those of the first load: rows, indexes and codes as if loaded, without a seal."""
    changed = {
        "data_key": "left(data_key, 8) || lpad(n::text, 14, '0')",
        "TENDER_PROJECT_CODE": "'E4101' || lpad((n / 40)::text, 15, '0')",
        "BID_SECTION_CODE": "'E4101' || lpad(n::text, 18, '0')",
    }
    named = conn.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'hub' AND table_name = 'wh_bench'"
        " ORDER BY ordinal_position"
    ).fetchall()
    columns = sql.SQL(", ").join(sql.SQL(changed.get(name, f'"{name}"')) for (name,) in named)
    conn.execute(
        sql.SQL(
            "INSERT INTO hub.wh_bench SELECT {} FROM hub.wh_bench w CROSS JOIN LATERAL"
            " (SELECT right(w.data_key, 14)::bigint + %s AS n) k WHERE w.data_key < %s ORDER BY w.data_key"
        ).format(columns),
        (first, f"4101BE01{PROBE:014d}"),
    )
    conn.commit()


def _probe(conn: psycopg.Connection, number: int, first: int) -> Cost:
    """Cost of a load of new keys."""
    frame = rows(first, PROBE)
    with measured() as cost:
        load_batch(conn, number, frame)
    return cost


def _ask(url: str, wanted: int) -> None:
    parts = urlsplit(url)
    login = f"postgresql://bench_auditor:secret@{parts.hostname}:{parts.port}{parts.path}"
    chance = random.Random(7)
    at = START + timedelta(days=300)
    for question in (AS_OF, CHANGES, TIMELINE, PROJECT_GAPS):
        times, first = [], []
        for number in range(ASKED):
            if number % SESSION == 0:
                conn = psycopg.connect(login, autocommit=True)
            place = chance.randrange(wanted)
            given = {
                "dataset": DATASET, "data_key": f"4101BE01{place:014d}", "at": at,
                "tender_project_code": f"E4101{place // 40:015d}",
            }  # fmt: skip
            begun = time.perf_counter()
            found = conn.execute(question.sql.encode(), given).fetchall()
            (times if number % SESSION else first).append(time.perf_counter() - begun)
            assert found or question is PROJECT_GAPS, (question.name, given)
            if number % SESSION == SESSION - 1:
                conn.close()
        cuts, limit = _percentiles([*times, *first]), 50 if question in (AS_OF, CHANGES) else 100
        print(f"{question.name:<9} p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms; wanted {limit};"
              f" the first of a session p50 {_percentiles(first)[49]:.1f} ms")  # fmt: skip


def _percentiles(seconds: list[float]) -> list[float]:
    return [cut * 1000 for cut in statistics.quantiles(seconds, n=100)]


if __name__ == "__main__":
    main(*(int(n) for n in sys.argv[1:3]) if len(sys.argv) > 2 else (10_000_000, 120))
