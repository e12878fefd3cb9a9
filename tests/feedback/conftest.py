"""Rows and notices for the feedback tests: small factories with valid defaults."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl
import pytest

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.notices import Notice
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.records import FINDING_COLUMNS, Counts, RefusalInfo
from feedback.calendar import published_calendar
from feedback.labels import REJECTED_SCHEMA
from feedback.notice import BatchOutcome, build

KEY = "SAMPLE0000000000000001"
NOW = datetime(2026, 11, 24, 10, 15, tzinfo=SHANGHAI)

Make = Callable[..., Any]


@pytest.fixture
def platform() -> Platform:
    """A trading platform that receives notices in a folder."""
    channel = Channel("folder", None, {"path": "inbox"})
    return Platform(
        "91410100MA00000000", "41010001", "郑州示范交易中心", "Zhengzhou demo centre", "410100",
        ("A",), "2.0.0", channel, channel, 60, 120, "技术负责人",
    )  # fmt: skip


@pytest.fixture
def finding() -> Make:
    """One row of a findings frame."""

    def make(**changes: Any) -> dict[str, Any]:
        row = {
            "dataset": "SECTION", "file": "data/SECTION.csv", "row": 1, "data_key": KEY, "field": "BID_SECTION_CODE",
            "rule_id": "IDN-003", "rule_version": 1, "severity": "reject", "dimension": "accuracy", "value": "A41",
            "message_zh": "标段编号不符合编码规则", "message_en": "not a section code", "expected_zh": "23 位标段编号",
        }  # fmt: skip
        assert changes.keys() <= row.keys()
        return row | changes

    return make


@pytest.fixture
def outcome(platform: Platform) -> Make:
    """A batch whose findings are given; every place with a reject finding is a rejected record."""

    def make(*findings: dict[str, Any], label: str = "某道路工程一标段", **changes: Any) -> BatchOutcome:
        frame = pl.DataFrame(
            list(findings), schema={n: pl.Int64 if t == "Int64" else pl.String for n, t in FINDING_COLUMNS}
        )
        places = frame.filter(pl.col("severity") == "reject").unique(["dataset", "file", "row"], maintain_order=True)
        rejected = places.select(
            "dataset", "file", "row", "data_key", natural_key=pl.lit("A41"), label=pl.lit(label)
        ).cast(REJECTED_SCHEMA)
        counts = Counts(10, 10 - rejected.height, rejected.height, 0, 0)
        values: dict[str, Any] = {"findings": frame, "rejected": rejected, "counts": counts} | changes
        return BatchOutcome(platform, "20261124-000001", "2.0.0", **values)

    return make


@pytest.fixture
def notice(outcome: Make, finding: Make) -> Make:
    """A notice about the findings given; without any, one rejected section."""

    def make(*findings: dict[str, Any], issued_at: datetime = NOW, **changes: Any) -> Notice:
        facts = outcome(*(findings or (finding(),)), **changes)
        return build(facts, "FK-41010001-2026-000012", issued_at, published_calendar())

    return make


@pytest.fixture
def refused(platform: Platform) -> Notice:
    """A notice about a batch refused as a whole."""
    refusal = RefusalInfo("BAD_HASH", "文件校验值不符", "the hash of a file differs", "data/SECTION.csv")
    facts = BatchOutcome(platform, "20261124-000002", "2.0.0", Counts(), refusal=refusal)
    return build(facts, "FK-41010001-2026-000013", NOW, published_calendar())


@pytest.fixture
def labels() -> dict[tuple[str, str], str]:
    """Chinese names of the fields used in these tests."""
    return {
        ("SECTION", ""): "标段（包）",
        ("SECTION", "BID_SECTION_CODE"): "标段（包）编号",
        ("SECTION", "BID_SECTION_NAME"): "标段（包）名称",
    }
