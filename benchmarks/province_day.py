"""A province's day in ten minutes: 150 platforms, 20,000 records, 24 hours at 144 times the pace; is anything late?

Late is a package that is not settled, its notice delivered, before its platform would exchange again: 30 minutes, here
12.5 seconds. Folders take the place of the platforms' servers. Two processes call what Airflow's tasks call, without
Airflow (its 0.3 CPU s a task cannot be compressed: at the real pace 150 platforms every 30 minutes need 0.1 of a core).

Run: python benchmarks/province_day.py [minutes] [platforms] [records]
"""

import json
import multiprocessing
import os
import random
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import yaml

from exchange_hub.core.check_digits import uscc_check
from exchange_hub.core.clock import system_now
from exchange_hub.core.platforms import Platform
from exchange_hub.core.settings import settings
from exchange_hub.demo.packages import REJECTED_FAULTS
from exchange_hub.embedded import stack
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package
from ingest.package import pack
from ingest.registry import load_platforms

DAY_MINUTES = 24 * 60
EXCHANGE_MINUTES = 30
RECORDS_OF_A_PACKAGE = 66  # one tender project, about
AT_WORK = 0.85  # share of packages sent between 08:30 and 18:00
FAULTY = 0.05  # share of packages with faults
WORKERS = 2
CITIES = 17  # of the province (省辖市): 410100 to 411700
LOOK_SECONDS = 4.0  # each platform is looked at about so often, three times as often as the day needs
SETTLED = (
    "SELECT b.batch_no, b.received_at, b.settled_at, b.received, max(r.recorded_at) FROM audit.batch b"
    " LEFT JOIN audit.notice n ON n.batch_no = b.batch_no LEFT JOIN audit.notice_receipt r USING (notice_no)"
    " WHERE b.verdict IS NOT NULL AND (n.notice_no IS NULL OR r.notice_no IS NOT NULL) GROUP BY 1, 2, 3, 4"
)


def main(minutes: float = 10.0, platforms: int = 150, records: int = 20_000) -> None:
    """Make the day's packages, live through the day, print what was late."""
    with tempfile.TemporaryDirectory(prefix="hub-day-") as folder:
        place = Path(folder)
        place.chmod(0o755)
        os.environ.update(HUB_HOME=str(place / "home"), HUB_PLATFORMS_DIR=str(_cards(place, platforms)))
        stack.up(("postgres", "s3"), lambda _: None)
        try:
            day = _packages(place, records // RECORDS_OF_A_PACKAGE)
            _report(_live(day, minutes * 60), minutes * 60 / (DAY_MINUTES * 60))
        finally:
            stack.down(lambda _: None)


def _cards(place: Path, count: int) -> Path:
    cards = place / "cards"
    cards.mkdir()
    for number in range(count):
        region = f"41{number % CITIES + 1:02d}00"
        first17 = f"12{region}MA3D{number:04d}A"
        drop = place / "platforms" / str(number)
        drop.mkdir(parents=True)
        os.environ[f"HUB_CONN_DAY_{number}"] = json.dumps({"path": str(drop)})
        card = {
            "code": first17 + uscc_check(first17),
            "short_code": f"{region}{number // CITIES + 1:02d}",
            "name": {"zh": f"平台{number}", "en": f"platform {number}"},
            "region": region,
            "trades": ["engineering"],
            "contract_version": "2.0.0",
            "transport": {
                "kind": "folder",
                "connection": f"day_{number}",
                "options": {"path": "drop", "ready": "renamed"},
            },
            "delivery": {"kind": "folder", "connection": f"day_{number}", "options": {"path": "inbox"}},
            "exchange": {"minutes": EXCHANGE_MINUTES, "max_lag_minutes": DAY_MINUTES},
            "contact": "benchmark",
            "caveats": ["made by a benchmark"],
            "documentation": "docs/how-to/add-a-platform.md",
        }
        (cards / f"p{number}.yaml").write_text(yaml.safe_dump(card, allow_unicode=True), "utf-8")
    return cards


def _packages(place: Path, count: int) -> list[tuple[float, Platform, Path, str]]:
    """(moment as a share of the day, platform, archive, batch number), by moment."""
    rng = random.Random(1)
    cards = list(load_platforms(settings().platforms_dir).values())
    day = []
    for number in range(count):
        platform = cards[number % len(cards)]
        hour = rng.uniform(8.5, 18.0) if rng.random() < AT_WORK else rng.uniform(0.0, 24.0)
        faults = 6.0 if rng.random() < FAULTY else 0.0
        options = SampleOptions(
            platform.code, 1, number, "xml", faults=faults, fault_names=REJECTED_FAULTS, batch_no=f"day-{number:04d}"
        )
        source = place / "made" / str(number)
        write_package(source, options)
        day.append((hour / 24, platform, pack(source, place / "made" / f"{number}.tar.gz"), options.batch))
    return sorted(day, key=lambda entry: entry[0])


def _work(platforms: "multiprocessing.SimpleQueue[str]", pause: float) -> None:
    """Take the platform whose turn it is, as any free slot does, and put it back at the end.

    The process keeps its connection, as it keeps its imports: it stands for tasks whose start is left out.
    """
    from exchange_hub.flows.connections import keeping
    from exchange_hub.flows.context import open_hub
    from exchange_hub.flows.discovery import discover_groups
    from exchange_hub.flows.groups import STAGES, run_stage

    hub = keeping(open_hub())
    while True:
        code = platforms.get()
        for group in discover_groups(hub, hub.platform(code), system_now()):
            for stage in STAGES:
                group = run_stage(stage, group, system_now())  # noqa: PLW2901 the group goes on, changed
        platforms.put(code)
        time.sleep(pause)


def _live(day: list[tuple[float, Platform, Path, str]], seconds: float) -> list[float]:
    """Send each package at its moment; seconds from sending to the end of each."""
    from ingest.transports.opening import open_transport

    codes = sorted({platform.code for _, platform, _, _ in day})
    waiting: multiprocessing.SimpleQueue[str] = multiprocessing.SimpleQueue()
    for code in codes:
        waiting.put(code)
    pause = LOOK_SECONDS * WORKERS / len(codes)
    crew = [multiprocessing.Process(target=_work, args=(waiting, pause), daemon=True) for _ in range(WORKERS)]
    for worker in crew:
        worker.start()
    time.sleep(5)  # their imports are not the day's
    begun, sent = time.monotonic(), {}
    for moment, platform, path, number in day:
        time.sleep(max(0.0, begun + moment * seconds - time.monotonic()))
        open_transport(platform).submit(path)
        sent[number] = system_now()
    ends: dict[str, timedelta] = {}
    until = time.monotonic() + 120
    while len(ends) < len(sent) and time.monotonic() < until:
        time.sleep(1)
        with psycopg.connect(settings().database()) as conn:
            rows = conn.execute(SETTLED).fetchall()
        ends = {number: max(settled, notified or settled) - sent[number] for number, _, settled, _, notified in rows}
        received = sum(row[3] for row in rows)
    for worker in crew:
        worker.kill()
    print(f"{len(sent)} packages, {len(ends)} ended, {received:,} records")
    return sorted(end.total_seconds() for end in ends.values()) + [float("inf")] * (len(sent) - len(ends))


def _report(delays: list[float], pace: float) -> None:
    limit = EXCHANGE_MINUTES * 60 * pace
    late = sum(delay > limit for delay in delays)
    middle, most, last = (delays[int(len(delays) * share)] for share in (0.5, 0.95, 0.9999))
    print(f"sent to ended: median {middle:.2f} s, p95 {most:.2f} s, last {last:.2f} s; limit {limit:.1f} s")
    print(f"late: {late} of {len(delays)}")


if __name__ == "__main__":
    main(*(kind(value) for kind, value in zip((float, int, int), sys.argv[1:], strict=False)))
