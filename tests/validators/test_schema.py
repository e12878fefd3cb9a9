"""The pandera schema of a contract fails the rows that the engine finds faulty, and the light way stays light."""

import random
import subprocess
import sys
from typing import Any

import pandera.errors
import pandera.polars as pa
import polars as pl
import pytest

from contracts.loader import load_release
from exchange_hub.core.records import Severity
from validators.schema import schema_of

STORE_RULES = [f"REF-{number:03}" for number in range(2, 10)]
VALUES: dict[str, list[str | None]] = {
    "PROJECT_NAME": ["某某大桥工程", None, " ", "十三个字的名称就太长了一点点"],
    "REGION_CODE": ["410100", "41", None],
    "RELATE_CODE": ["0", "1", "7"],
    "LEGAL_CODE": ["91350100M000100Y43", "91350100M000100Y44", "-", "M000100Y4"],
    "CREATE_TIME": ["20260105093000", "2026", "20990101000000"],
    "PLATFORM_CODE": ["91410100MA00000007", "91350100M000100Y43"],
    "DATA_TYPE": ["1", "1", "3", "9"],
}


def _failing(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> set[int]:
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return set(errors.failure_cases["index"].to_list())
    return set()


@pytest.mark.parametrize("severities", [frozenset(Severity), frozenset({Severity.REJECT})], ids=["all", "reject"])
def test_pandera_and_the_engine_fail_the_same_rows(bench: Any, severities: frozenset[Severity]) -> None:
    chance = random.Random(5)
    empty = dict.fromkeys(bench.release.datasets["PROJECT"].field_names)
    rows = [
        empty | bench.row("PROJECT", number, **{name: chance.choice(pool) for name, pool in VALUES.items()})
        for number in range(1, 41)
    ]
    schema = schema_of(bench.release.datasets["PROJECT"], bench.release, bench.sender, bench.received_at, severities)

    failing = _failing(schema, bench.frame(rows))

    findings = bench.run({"PROJECT": rows}).findings.filter(
        ~pl.col("rule_id").is_in(STORE_RULES), pl.col("severity").is_in([one.value for one in severities])
    )
    assert 0 < len(failing) < 40
    assert failing == {row - 1 for row in findings["row"].to_list()}


def test_checks_are_pandera_checks_named_by_rule(bench: Any) -> None:
    release = load_release("2.0.0")

    schema = schema_of(release.datasets["PROJECT"], release, bench.sender, bench.received_at)

    assert list(schema.columns) == ["DATA_KEY", "DATA_TYPE", *release.datasets["PROJECT"].field_names]
    assert {check.name for check in schema.columns["PROJECT_CODE"].checks} >= {"PRS-001", "IDN-001"}


@pytest.mark.parametrize("heavy", ["pandera", "pandas", "sqlalchemy"])
def test_engine_does_not_load_heavy_libraries(heavy: str) -> None:
    code = f"import sys, validators.engine, validators.lookups; sys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
