"""Row factories for the warehouse: small batches of typed records, as validation hands them over."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import polars as pl
import psycopg
import pytest

from contracts.loader import load_release
from contracts.model import DatasetContract, FieldType
from exchange_hub.core.canonical import hash_records
from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.records import (
    FINDING_COLUMNS,
    DatasetResult,
    Manifest,
    ReceivedBatch,
    Validation,
)
from warehouse.batches import BatchRow, record_received
from warehouse.connection import connect

PLATFORM = "91410100MA00000000"
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)
TYPES: dict[FieldType, pl.DataType] = {
    FieldType.STRING: pl.String(),
    FieldType.TEXT: pl.String(),
    FieldType.INTEGER: pl.Int64(),
    FieldType.DECIMAL: pl.Decimal(38, 6),
    FieldType.DATETIME: pl.Datetime("us", "Asia/Shanghai"),
    FieldType.DATE: pl.Date(),
    FieldType.BOOLEAN: pl.Boolean(),
}
VALUES: dict[FieldType, Any] = {
    FieldType.STRING: "某项目",
    FieldType.TEXT: 'a "quoted"\nline, \\ and ü',
    FieldType.INTEGER: 7,
    FieldType.DECIMAL: Decimal("1234567.5"),
    FieldType.DATETIME: datetime(2026, 11, 2, 9, 30, tzinfo=SHANGHAI),
    FieldType.DATE: datetime(2026, 11, 2, tzinfo=SHANGHAI).date(),
    FieldType.BOOLEAN: True,
}


def key(number: int) -> str:
    """A DATA_KEY of 22 characters."""
    return f"4101PR01{number:014d}"


@dataclass
class Make:
    """Factories; each call gives something new unless told otherwise."""

    conn: psycopg.Connection
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    version: str = "2.0.0"  # contract release

    def received(self, **changes: Any) -> ReceivedBatch:
        number = next(self.numbers)
        digest = hashlib.sha256(str(number).encode()).hexdigest()
        made = ReceivedBatch(PLATFORM, f"B-{number}", digest, digest, f"s3://raw/{number}", 10, NOON, "sftp")
        return replace(made, **changes)

    def batch(self, corrects: Sequence[str] = (), **changes: Any) -> BatchRow:
        received = self.received(**changes)
        manifest = Manifest("1", received.platform_code, received.batch_no, self.version, NOON, (), tuple(corrects))
        return record_received(self.conn, received, manifest).batch

    def accepted(self, dataset: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
        """Typed records; a row needs DATA_KEY, everything else has a default. `_`-names and fields may be given."""
        contract = load_release(self.version).datasets[dataset]
        made = [self._record(contract, n, row) for n, row in enumerate(rows, 1)]
        schema = {
            "DATA_KEY": pl.String(),
            "DATA_TYPE": pl.String(),
            **{f.name: TYPES[f.type] for f in contract.fields},
            "_file": pl.String(),
            "_row": pl.Int64(),
            "_attachments": pl.String(),
        }
        frame = pl.DataFrame(made, schema=schema)
        return frame.with_columns(hash_records(frame, contract.field_names))

    def known(self, dataset: str, row: Mapping[str, Any]) -> dict[str, Any]:
        """The part of a row that the dataset has fields for."""
        names = {*load_release(self.version).datasets[dataset].field_names, "DATA_KEY"}
        return {name: value for name, value in row.items() if name in names}

    def _record(self, contract: DatasetContract, number: int, row: Mapping[str, Any]) -> dict[str, Any]:
        blank = row.get("DATA_TYPE") == "3"
        fields = {f.name: None if blank else VALUES[f.type] for f in contract.fields}
        place = {"_file": f"data/{contract.dataset}.csv", "_row": number, "_attachments": None}
        return {"DATA_TYPE": "1", **fields, **place, **row}

    def text(self, dataset: str, rows: Sequence[Mapping[str, str | None]]) -> pl.DataFrame:
        """Records as sent: every field text, null where not given."""
        contract = load_release(self.version).datasets[dataset]
        schema = dict.fromkeys(["DATA_KEY", "DATA_TYPE", *contract.field_names, "_file"], pl.String())
        made = [{"DATA_TYPE": "1", "_file": f"data/{dataset}.csv", "_row": n, **row} for n, row in enumerate(rows, 101)]
        extra = {name: pl.String() for row in rows for name in row if name not in schema and name != "_row"}
        return pl.DataFrame(made, schema={**schema, "_row": pl.Int64(), "_attachments": pl.String(), **extra})

    def held(self, dataset: str, rows: Sequence[Mapping[str, str | None]], waits: Sequence[str]) -> pl.DataFrame:
        """Held records as sent, all waiting for [dataset, field, value]."""
        return self.text(dataset, rows).with_columns(pl.lit(json.dumps([list(waits)])).alias("_waits_for"))

    def result(
        self,
        dataset: str,
        accepted: Sequence[Mapping[str, Any]] = (),
        rejected: Sequence[Mapping[str, str | None]] = (),
        held: Sequence[Mapping[str, str | None]] = (),
        waits: Sequence[str] = ("PROJECT", "PROJECT_CODE", "P-1"),
    ) -> DatasetResult:
        received = len(accepted) + len(rejected) + len(held)
        frames = (self.accepted(dataset, accepted), self.text(dataset, rejected), self.held(dataset, held, waits))
        return DatasetResult(dataset, received, *frames, flagged=0)

    def validation(self, *results: DatasetResult, findings: Sequence[Mapping[str, Any]] = ()) -> Validation:
        schema = {name: pl.String() if kind == "String" else pl.Int64() for name, kind in FINDING_COLUMNS}
        default = {
            "dataset": "PROJECT",
            "file": "data/PROJECT.csv",
            "row": 101,
            "data_key": None,
            "field": "PROJECT_NAME",
            "rule_id": "PRS-001",
            "rule_version": 1,
            "severity": "reject",
            "dimension": "completeness",
            "value": None,
            "message_zh": "必填项为空",
            "message_en": "required field is empty",
            "expected_zh": "必填",
        }
        frame = pl.DataFrame([{**default, **row} for row in findings], schema=schema)
        return Validation(self.version, {result.dataset: result for result in results}, frame)


@pytest.fixture
def conn(postgres_url: str) -> Iterator[psycopg.Connection]:
    """A connection whose transaction is rolled back at the end: every test starts with an empty warehouse."""
    connection = connect(postgres_url)
    try:
        yield connection
    finally:
        connection.rollback()
        connection.close()


@pytest.fixture
def make(conn: psycopg.Connection) -> Make:
    """Factories on the test's connection."""
    return Make(conn)


@pytest.fixture
def committed(new_database: Callable[..., str], hub_template: str) -> Iterator[Make]:
    """Factories on a database of the test's own, for tests that commit."""
    connection = connect(new_database(hub_template))
    try:
        yield Make(connection)
    finally:
        connection.close()


@pytest.fixture
def later() -> Callable[[int], datetime]:
    """Instants after noon, in minutes."""
    return lambda minutes: NOON + timedelta(minutes=minutes)


@pytest.fixture(scope="session")
def make_for() -> Callable[[psycopg.Connection], Make]:
    """Factories on any connection."""
    return Make
