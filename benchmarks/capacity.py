"""What a record costs in CPU and bytes, and what that makes for a province and for the nation (容量测算).

Measures packages of sample records through the whole way of `hub ingest` and `hub lake publish` on the embedded
stack: CPU seconds of the command and of PostgreSQL and the store, bytes in the database, in the evidence bucket and in
the lake. The paper model multiplies. Run: .venv/bin/python -m benchmarks.capacity [RECORDS]
"""

import json
import math
import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from exchange_hub.core.clock import system_now
from exchange_hub.core.s3 import make_client
from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub, open_hub
from exchange_hub.flows.ingest import ingest
from exchange_hub.flows.lake import publish_lake
from exchange_hub.sample.options import SampleOptions
from exchange_hub.sample.write import write_package

PLATFORM = "12411300MA3DEM035H"
RECORDS_OF_A_PROJECT = 68  # about; the sample is counted, not guessed
BUSY = 0.6  # of a core's time in working hours is planned for; the rest is peaks and repairs
WORKING_SECONDS = 250 * 8 * 3600  # of a year
TASKS_OF_A_GROUP, TASK_CPU = 4, 0.33  # Airflow with Celery: measured CPU seconds a task start
PACKAGES_OF_A_GROUP = 100
VERSIONS, RECORD_OF_PACKAGE = 1.05, 130  # corrections add versions; records of an average package


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one record: CPU seconds of our process and of the servers, bytes where they stay."""

    cpu: float
    server_cpu: float
    publish_cpu: float
    database: float
    evidence: float
    lake: float


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in: records a year, platforms, records that are there already."""

    name: str
    platforms: int
    records: int
    backload: int


LOADS = (
    Load("省 province (150 platforms, 20,000 records a working day)", 150, 5_000_000, 200_000_000),
    Load("全国 nation (619 systems)", 619, 30_000_000, 200_000_000),
)


@contextmanager
def used(home: str) -> Iterator[list[float]]:
    """CPU seconds of this process and of the stack's servers while the block runs."""
    before = _own(), _servers(home)
    spent: list[float] = []
    yield spent
    spent += [_own() - before[0], _servers(home) - before[1]]


def _own() -> float:
    mine = resource.getrusage(resource.RUSAGE_SELF)
    return mine.ru_utime + mine.ru_stime


def _servers(home: str) -> float:
    """Of the stack's servers, of their children, and of children that have ended."""
    total = 0.0
    for path in (Path(home) / "pids").glob("*.json"):
        server = psutil.Process(json.loads(path.read_text("utf-8"))["pid"])
        total += sum(sum(process.cpu_times()[:4]) for process in (server, *server.children(recursive=True)))
    return total


def _bucket(hub: Hub, bucket: str) -> int:
    chosen = hub.settings
    assert chosen.s3_endpoint
    assert chosen.s3_access_key
    assert chosen.s3_secret_key
    keys = chosen.s3_access_key.get_secret_value(), chosen.s3_secret_key.get_secret_value()
    client = make_client(chosen.s3_endpoint, *keys, chosen.s3_secure)
    return sum(entry.size or 0 for entry in client.list_objects(bucket, recursive=True))


def _database(hub: Hub) -> int:
    with hub.database() as conn:
        row = conn.execute("SELECT pg_database_size(current_database())").fetchone()
    return int(row[0]) if row else 0


def measure(records: int) -> tuple[Cost, int]:
    """Costs of one record, from a package of about so many after one that warms everything up."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        home = os.environ["HUB_HOME"] = f"{folder}/home"
        sizes = (10, max(1, records // RECORDS_OF_A_PROJECT))
        made = [
            write_package(Path(folder) / f"p{number}", SampleOptions(PLATFORM, size, 42 + number, "xml"))
            for number, size in enumerate(sizes)
        ]
        counted = sum(entry.records for entry in made[1].files)
        stack.up(["postgres", "s3"], lambda _: None)
        try:
            hub = open_hub()
            ingest(hub, Path(folder) / "p0", system_now(), channel="cli")
            publish_lake(hub, system_now())
            before = _database(hub), _bucket(hub, "hub-evidence"), _bucket(hub, "hub-lake")
            with used(home) as spent:
                ingest(hub, Path(folder) / "p1", system_now(), channel="cli")
            with used(home) as published:
                publish_lake(hub, system_now())
            after = _database(hub), _bucket(hub, "hub-evidence"), _bucket(hub, "hub-lake")
        finally:
            stack.down(lambda _: None, delete=True)
    grown = [(late - early) / counted for early, late in zip(before, after, strict=True)]
    return Cost(spent[0] / counted, spent[1] / counted, sum(published) / counted, *grown), counted


def plan(cost: Cost, load: Load) -> dict[str, float]:
    """Cores of workers and of the database, and terabytes, after one year with the back-load; days of the back-load."""
    packages = load.records / RECORD_OF_PACKAGE
    tasks = packages / PACKAGES_OF_A_GROUP * TASKS_OF_A_GROUP + load.platforms * 48 * 365  # a look every half hour
    worker = load.records * cost.cpu + tasks * TASK_CPU
    kept = (load.records + load.backload) * VERSIONS / 1e12
    return {
        "worker_cores": worker / WORKING_SECONDS / BUSY,
        "database_cores": load.records * cost.server_cpu / WORKING_SECONDS / BUSY,
        "backload_core_days": load.backload * (cost.cpu + cost.server_cpu) / 86400 / BUSY,
        "database_tb": kept * cost.database,
        "evidence_tb": kept * cost.evidence,
        "lake_tb": kept * cost.lake,
    }


def main(records: int) -> None:
    """Measure, print, multiply."""
    cost, counted = measure(records)
    print(f"measured on {counted:,} records as xml, CPU in microseconds a record, bytes a record:")
    print(
        f"  hub {cost.cpu * 1e6:,.0f}  servers {cost.server_cpu * 1e6:,.0f}  publication {cost.publish_cpu * 1e6:,.0f}"
    )
    print(f"  database {cost.database:,.0f}  evidence {cost.evidence:,.0f}  lake {cost.lake:,.0f}")
    for load in LOADS:
        found = plan(cost, load)
        print(f"{load.name}, back-load of {load.backload:,}")
        for name, value in found.items():
            print(f"  {name:<20} {value:8.2f}" + (f"  (take {math.ceil(value)})" if name.endswith("cores") else ""))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
