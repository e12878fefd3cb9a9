"""Time of the portal's pages with 1,000 notices and 1,000,000 items, and of a small upload until its report.

Run: python benchmarks/portal_pages.py [notices] [items a notice]

Starts a stack of its own in a temporary folder (PostgreSQL, S3, portal), fills it by SQL, asks every page 40 times
over HTTP as a centre and as an office, and prints p50, p95 and the ratio of p95 to the limit of 150 ms; then hands in
50-record packages and prints the seconds until the report against the limit of 2 s.
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import httpx

from exchange_hub.core.clock import system_now
from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from exchange_hub.flows.accounts import change_password, create_account
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.keys import create_key
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack
from warehouse import accounts
from warehouse.accounts import NewAccount

NANYANG = "12411300MA3DEM035H"
PASSWORD = "Yellow-River-2026"  # noqa: S105 -- of this benchmark's own accounts
LIMIT_MS, UPLOAD_LIMIT = 150.0, 2.0
ROUNDS = 40
FILL = """
INSERT INTO hub.batch (platform_code, batch_no, state, verdict, received, accepted, rejected, held, flagged, channel,
    sha256, content_digest, raw_uri, size_bytes, contract_version, received_at, settled_at)
SELECT %(platform)s, 'bench-' || n, 'loaded', 'partially_accepted', 2 * %(items)s, %(items)s, %(items)s, 0, 0, 'http',
    repeat('0', 64), 'd' || n, 'none', 1000, '2.0.0', now() - n * interval '1 hour', now()
FROM generate_series(1, %(notices)s) n;
INSERT INTO hub.notice (notice_no, platform_code, platform_name_zh, batch_id, batch_no, contract_version, state, items,
    items_open, received, accepted, rejected, held, flagged, reminders, issued_at, closed_at)
SELECT 'FK-41130001-2026-' || lpad(n::text, 6, '0'), %(platform)s, '南阳市公共资源交易中心', b.id, b.batch_no, '2.0.0',
    CASE WHEN n %% 4 = 0 THEN 'closed' WHEN n %% 4 = 1 THEN 'overdue' ELSE 'delivered' END, %(items)s,
    CASE WHEN n %% 4 = 0 THEN 0 ELSE %(items)s END, 2 * %(items)s, %(items)s, %(items)s, 0, 0, '{}', b.received_at,
    CASE WHEN n %% 4 = 0 THEN now() END
FROM generate_series(1, %(notices)s) n JOIN hub.batch b ON b.batch_no = 'bench-' || n;
INSERT INTO hub.notice_counter VALUES ('41130001', 2026, %(notices)s);
INSERT INTO hub.notice_item (notice_no, item_no, dataset, data_key, natural_key, label, state, file, "row", findings)
SELECT 'FK-41130001-2026-' || lpad(n::text, 6, '0'), i, 'SECTION', lpad((n * 1000000 + i)::text, 22, '0'), 'A' || i,
    '某道路工程第' || i || '标段',
    CASE WHEN n %% 4 = 0 THEN 'corrected' WHEN i %% 5000 = 7 THEN 'objected' ELSE 'open' END, 'data/SECTION.csv', i,
    jsonb_build_array(jsonb_build_object('dataset', 'SECTION', 'file', 'data/SECTION.csv', 'row', i, 'data_key', '',
        'field', 'BID_SECTION_CODE', 'rule_id', 'IDN-00' || i %% 9, 'rule_version', 1, 'severity', 'reject',
        'dimension', 'accuracy', 'value', 'A41' || i, 'message_zh', '标段编号格式不正确',
        'message_en', 'malformed section code', 'expected_zh', '应为23位'))
FROM generate_series(1, %(notices)s) n, generate_series(1, %(items)s) i;
INSERT INTO hub.notice_deadline
SELECT notice_no, 1, issued_at, issued_at::date + 7, (issued_at::date + 8)::timestamptz,
    ARRAY[issued_at::date + 1], false, 'bench', 'bench', 'bench', 'receipt', issued_at FROM hub.notice;
INSERT INTO hub.notice_event (notice_no, to_state, actor, reason, at)
SELECT notice_no, 'issued', 'hub', 'issued', issued_at FROM hub.notice;
"""


def main(notices: int, items: int) -> None:
    """Fill, ask, print."""
    folder = Path(tempfile.mkdtemp(prefix="hub-bench-"))
    os.environ["HUB_HOME"] = str(folder / "home")
    try:
        stack.up(["postgres", "s3", "portal"], lambda _: None)
        hub = open_hub()
        begun = time.perf_counter()
        fill(hub, notices, items)
        print(f"{notices:,} notices, {notices * items:,} items filled in {time.perf_counter() - begun:.0f} s\n")
        number = f"FK-41130001-2026-{notices // 2 + 1:06d}"
        ask(visitor(hub, "centre", NewAccount("centre", "李明", "platform", platform_code=NANYANG)), number, "")
        ask(visitor(hub, "office", NewAccount("office", "王楚", "office", region="410000")), number, "/objections")
        upload(hub)
    finally:
        stack.down(lambda _: None, delete=True)
        shutil.rmtree(folder)


def fill(hub: Hub, notices: int, items: int) -> None:
    """Notices and items by SQL."""
    with hub.database() as conn:
        for statement in FILL.split(";\n"):
            if statement.strip():
                conn.execute(statement.encode(), {"platform": NANYANG, "notices": notices, "items": items})
        conn.commit()
        conn.autocommit = True
        conn.execute("VACUUM ANALYZE hub.notice_item, hub.notice, hub.batch, hub.notice_deadline, hub.notice_event")


def visitor(hub: Hub, login: str, new: NewAccount) -> httpx.Client:
    """A client with a session."""
    now = system_now()
    first = create_account(hub, new, "bench", now)
    with hub.database() as conn:
        account = accounts.find(conn, login)
    assert account is not None
    change_password(hub, account, first, PASSWORD, now + timedelta(seconds=1))
    client = httpx.Client(base_url=settings().portal_url or "", trust_env=False, timeout=60)
    client.post("/sign-in", data={"login": login, "password": PASSWORD})
    return client


def ask(client: httpx.Client, number: str, more: str) -> None:
    """Every page so many times."""
    for path in filter(None, (
        "/", "/notices", "/notices?state=overdue", f"/notices?after={number}", f"/notices/{number}",
        f"/notices/{number}?rule=IDN-003&state=open", f"/notices/{number}?after=900", "/batches", "/calendar", more,
    )):  # fmt: skip
        client.get(path).raise_for_status()
        times = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            client.get(path).raise_for_status()
            times.append((time.perf_counter() - begun) * 1000)
        p95 = statistics.quantiles(times, n=20)[-1]
        verdict = "ok" if p95 <= LIMIT_MS else "OVER"
        median = statistics.median(times)
        print(f"{path:<58} p50 {median:6.1f} ms  p95 {p95:6.1f} ms  {p95 / LIMIT_MS:5.2f} of limit {verdict}")


def upload(hub: Hub) -> None:
    """Packages of about 50 records, from the first byte sent until the report is there."""
    _, key = create_key(hub, NANYANG, "bench", "bench", system_now())
    client = httpx.Client(base_url=settings().portal_url or "", headers={"X-API-Key": key}, trust_env=False, timeout=60)
    times = []
    with tempfile.TemporaryDirectory() as folder:
        for n in range(12):
            place = Path(folder) / f"p{n}"
            write_package(place, SampleOptions(platform=NANYANG, seed=900 + n, batch_no=f"upload-{n}", faults=5.0))
            content = pack(place, place.with_suffix(".tar.gz")).read_bytes()
            begun = time.perf_counter()
            address = client.post("/api/v1/batches", content=content).headers["location"]
            while (batch := client.get(address).json())["report"] is None:
                if batch["progress"] == "failed" or time.perf_counter() - begun > 60:
                    sys.exit(f"{address}: {batch['progress']}, no report; see the portal's log")
                time.sleep(0.02)
            times.append(time.perf_counter() - begun)
    records = batch["report"]["counts"]["received"]
    worst = max(times[1:])
    print(f"\nupload of {records} records until its report: median {statistics.median(times):.2f} s, worst of "
          f"{len(times) - 1} {worst:.2f} s (first {times[0]:.2f} s)  {worst / UPLOAD_LIMIT:.2f} of limit")  # fmt: skip


if __name__ == "__main__":
    main(*(int(value) for value in (sys.argv[1:] or ("1000", "1000"))))
