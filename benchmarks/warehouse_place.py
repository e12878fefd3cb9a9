"""A warehouse of its own for the benchmarks: PostgreSQL of the embedded stack in a folder that is deleted afterwards,
and batches of a made-up dataset of 40 columns, about 800 bytes a row."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl
import psutil
import psycopg

from contracts.model import DatasetContract, Field, FieldType, Release, ReleaseStatus
from exchange_hub.core.canonical import hash_records
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.records import FINDING_COLUMNS, DatasetResult, Manifest, ReceivedBatch, Validation
from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from warehouse import batches, loader
from warehouse.connection import connect
from warehouse.loader import LoadResult
from warehouse.migrate import upgrade

DATASET, VERSION, PLATFORM = "BENCH", "9.0.0", "91410100MA00000000"
START = datetime(2026, 1, 1, tzinfo=SHANGHAI)
KINDS = (
    *[("TEXT", FieldType.STRING)] * 24,
    *[("AMOUNT", FieldType.DECIMAL)] * 4,
    *[("AT", FieldType.DATETIME)] * 4,
    *[("COUNT", FieldType.INTEGER)] * 3,
    *[("DAY", FieldType.DATE)] * 2,
    ("FLAG", FieldType.BOOLEAN),
)


def release(others_there: int = 0) -> Release:
    """A release with the one dataset: 40 columns, of which two are business codes and looked up.

    Args:
        others_there: so many more datasets, narrow and empty, since the views stand over all of them.
    """
    codes = [Field(name, "编号", FieldType.STRING, True) for name in ("TENDER_PROJECT_CODE", "BID_SECTION_CODE")]
    others = [Field(f"{name}_{n:02d}", f"字段{n}", kind, False) for n, (name, kind) in enumerate(KINDS, 1)]
    contract = DatasetContract(
        *(
            DATASET,
            VERSION,
            "基准数据集",
            "",
            "award",
            (*codes, *others),
            ("BID_SECTION_CODE",),
            (),
            (),
            "AT_29",
            "bench",
        ),
        domain="engineering",
    )
    more = {
        name: DatasetContract(
            *(name, VERSION, "其他数据集", "", "award", (*codes, *others[-20:]), (), (), (), "AT_29", "bench"),
            domain="engineering" if n % 2 else "land",
        )
        for n in range(others_there)
        for name in (f"OTHER_{n:03d}",)
    }
    datasets = {DATASET: contract, **more}
    return Release(VERSION, ReleaseStatus.ACTIVE, START.date(), None, None, None, (), datasets, {})


def rows(first: int, number: int, *, changed: float = 0.0, salt: str = "") -> pl.DataFrame:
    """Accepted records with keys first…; of a share `changed` one field differs from what other calls make."""
    n = pl.col("n")
    text = pl.format("投标文件内容-{}-{}", n * 7919 % 1_000_003, n % 97)
    made: list[pl.Expr] = [
        (pl.lit("E4101") + (n // 40).cast(pl.String).str.zfill(15)).alias("TENDER_PROJECT_CODE"),
        (pl.lit("E4101") + n.cast(pl.String).str.zfill(18)).alias("BID_SECTION_CODE"),
    ]
    instant = pl.lit(START).dt.offset_by(pl.format("{}s", n % 9_000_000)).dt.cast_time_unit("us")
    for place, (name, kind) in enumerate(KINDS, 1):
        value: pl.Expr = text + pl.lit(str(place))
        if kind is FieldType.DECIMAL:
            value = (n * place % 100_000_000 / 100).cast(pl.Decimal(38, 6))
        elif kind is FieldType.DATETIME:
            value = instant
        elif kind is FieldType.INTEGER:
            value = n * place % 1000
        elif kind is FieldType.DATE:
            value = instant.dt.date()
        elif kind is FieldType.BOOLEAN:
            value = n % 2 == 0
        made.append(value.alias(f"{name}_{place:02d}"))
    frame = pl.select(pl.int_range(first, first + number, dtype=pl.Int64).alias("n")).select(
        (pl.lit("4101BE01") + n.cast(pl.String).str.zfill(14)).alias("DATA_KEY"),
        pl.lit("1").alias("DATA_TYPE"),
        *made,
        pl.lit("data/BENCH.csv").alias("_file"),
        (n - first + 1).alias("_row"),
        pl.lit(None, dtype=pl.String).alias("_attachments"),
        (n % 1000 < changed * 1000).alias("_changed"),
    )
    other = pl.when("_changed").then(pl.col("TEXT_01") + salt + "改").otherwise(pl.col("TEXT_01"))
    frame = frame.with_columns(other.alias("TEXT_01")).drop("_changed")
    return frame.with_columns(hash_records(frame, release().datasets[DATASET].field_names))


@dataclass
class Cost:
    """Seconds on the clock, and of CPU in this process, its own and the database's."""

    wall: float = 0.0
    cpu: float = 0.0

    def __str__(self) -> str:
        return f"{self.wall:7.2f} s  ({self.cpu:6.2f} s of CPU)"


@contextmanager
def measured() -> Iterator[Cost]:
    """Cost of a block."""
    cost = Cost()
    begun, spent = time.perf_counter(), _cpu()
    yield cost
    cost.wall, cost.cpu = time.perf_counter() - begun, _cpu() - spent


def _cpu() -> float:
    """Seconds of this process, of the server's, and of those that they started and that have ended."""
    server = stack.status().service("postgres").pid
    total = sum(psutil.Process().cpu_times()[:4])
    for process in (psutil.Process(server), *psutil.Process(server).children()) if server else ():
        try:
            total += sum(process.cpu_times()[:4])
        except psutil.NoSuchProcess:
            continue
    return float(total)


@contextmanager
def warehouse(others_there: int = 0) -> Iterator[str]:
    """URL of an empty warehouse with the dataset (and others); its PostgreSQL ends with the block."""
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
        os.environ["HUB_HOME"] = f"{folder}/home"
        try:
            stack.up(["postgres"], lambda _: None)
            url = settings().database()
            upgrade(url, [release(others_there)])
            yield url
        finally:
            stack.down(lambda _: None, delete=True)
            del os.environ["HUB_HOME"]


def connection(url: str) -> psycopg.Connection:
    """A connection as the warehouse's owner."""
    return connect(url)


def load_batch(conn: psycopg.Connection, number: int, frame: pl.DataFrame) -> LoadResult:
    """Load a frame as one batch and commit."""
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    at = START + timedelta(days=200, minutes=number)
    received = ReceivedBatch(PLATFORM, f"B-{number}", digest, digest, f"s3://raw/{number}", 10, at, "sftp")
    batch = batches.record_received(conn, received, Manifest("1", PLATFORM, f"B-{number}", VERSION, at, ())).batch
    findings = pl.DataFrame(schema={n: pl.String() if k == "String" else pl.Int64() for n, k in FINDING_COLUMNS})
    nothing = frame.head(0).select("DATA_KEY", "_file", "_row", "_attachments")
    result = DatasetResult(DATASET, frame.height, frame, nothing, nothing.with_columns(_waits_for=pl.lit(None)), 0)
    done = loader.load(conn, batch, Validation(VERSION, {DATASET: result}, findings), at)
    conn.commit()
    return done
