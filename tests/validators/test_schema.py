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
from validators.fused import RowSchema
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


def _cases(schema: pa.DataFrameSchema, frame: pl.DataFrame) -> set[tuple[object, ...]]:
    try:
        schema.validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return set(errors.failure_cases.select("failure_case", "column", "check", "check_number", "index").iter_rows())
    return set()


def test_fused_and_plain_evaluation_raise_the_same_failures(bench: Any) -> None:
    chance = random.Random(6)
    empty = dict.fromkeys(bench.release.datasets["PROJECT"].field_names)
    rows = [
        empty | bench.row("PROJECT", number, **{name: chance.choice(pool) for name, pool in VALUES.items()})
        for number in range(1, 31)
    ]
    schema = schema_of(bench.release.datasets["PROJECT"], bench.release, bench.sender, bench.received_at)
    frame = bench.frame(rows)

    assert _cases(schema, frame) == _cases(schema.plain(), frame) != set()


BUILT_IN = {
    "a": pa.Column(pl.String, [pa.Check.str_matches("^x"), pa.Check.str_length(1, 3)], nullable=True),
    "b": pa.Column(pl.Int64, [pa.Check.in_range(0, 5), pa.Check.isin([1, 2, 9])], unique=True),
    "c": pa.Column(
        pl.Int64,
        [
            pa.Check(lambda d: d.lazyframe.select(pl.col(d.key) > pl.col("b")), name="above_b", ignore_na=False),
            pa.Check(lambda value: value % 2 == 0, element_wise=True, name="even"),
            pa.Check(lambda d: d.lazyframe.select(pl.col(d.key).sum() < 100), name="whole"),
        ],
        nullable=True,
    ),
}


def test_any_pandera_schema_may_be_fused() -> None:
    frame = pl.DataFrame({"a": ["x1", "y", None, "xxxx"], "b": [1, 1, 9, 7], "c": [2, 1, None, 9]})
    row_checks = [pa.Check(lambda d: d.lazyframe.select(pl.col("a").is_not_null()), name="a_there")]
    fused = RowSchema(BUILT_IN, checks=row_checks)

    found = _cases(fused, frame)

    def without_rows(cases: set[tuple[object, ...]]) -> set[tuple[object, ...]]:
        return {case[1:] for case in cases}

    assert without_rows(found) == without_rows(_cases(fused.plain(), frame))
    assert {case[2] for case in found} >= {"above_b", "even", "a_there", "field_uniqueness"}


def test_what_is_not_about_rows_is_left_to_pandera() -> None:
    schema = RowSchema(BUILT_IN)

    with pytest.raises(pandera.errors.SchemaErrors, match="column 'c' not in dataframe"):
        schema.validate(pl.DataFrame({"a": ["x"], "b": [1]}), lazy=True)


@pytest.mark.parametrize("heavy", ["pandera", "pandas", "sqlalchemy"])
def test_engine_does_not_load_heavy_libraries(heavy: str) -> None:
    code = f"import sys, validators.engine, validators.lookups; sys.exit({heavy!r} in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
