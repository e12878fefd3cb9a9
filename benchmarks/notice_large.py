"""Time of a notice with many rejected records: build and all three files.

Run: python benchmarks/notice_large.py 100000
"""

import resource
import sys
import time
from datetime import datetime

import polars as pl

from exchange_hub.core.clock import SHANGHAI
from exchange_hub.core.platforms import Channel, Platform
from exchange_hub.core.records import Counts
from feedback.notice import BatchOutcome, build
from feedback.render import notice_files
from feedback.working_days import Calendar

PLATFORM = Platform(
    "91410100MA00000000", "41010001", "示范交易中心", "Demo centre", "410100", ("A",), "2.0.0",
    Channel("folder", None), Channel("folder", None), 60, 120, "技术负责人",
)  # fmt: skip


def outcome(records: int) -> BatchOutcome:
    """A batch with `records` rejected records: one finding each, and a second one for every second record."""
    place = pl.select(row=pl.int_range(1, records + 1)).with_columns(
        dataset=pl.lit("SECTION"),
        file=pl.lit("data/SECTION.csv"),
        data_key=pl.concat_str(pl.lit("0010501"), pl.col("row").cast(pl.String).str.zfill(15)),
    )
    rejected = place.with_columns(
        natural_key=pl.concat_str(pl.lit("A4101000001"), pl.col("row").cast(pl.String)),
        label=pl.concat_str(pl.lit("郑州市某道路工程第"), pl.col("row").cast(pl.String), pl.lit("标段")),
    )
    first = place.with_columns(
        field=pl.lit("BID_SECTION_CODE"),
        rule_id=pl.lit("IDN-003"),
        rule_version=pl.lit(1, dtype=pl.Int64),
        severity=pl.lit("reject"),
        dimension=pl.lit("accuracy"),
        value=pl.concat_str(pl.lit("=A41010000010010"), pl.col("row").cast(pl.String)),
        message_zh=pl.lit("标段（包）编号不符合编码规则：应为 23 位"),
        message_en=pl.lit("The section code does not have the form of 23 characters"),
        expected_zh=pl.lit("23 位标段（包）编号"),
    )
    second = first.filter(pl.col("row") % 2 == 0).with_columns(field=pl.lit("CURRENCY"), rule_id=pl.lit("VAL-009"))
    columns = ["dataset", "file", "row", "data_key", "natural_key", "label"]
    counts = Counts(records, 0, records, 0, 0)
    findings = pl.concat([first, second])
    return BatchOutcome(PLATFORM, "B-1", "2.0.0", counts, findings, rejected.select(columns))


def main() -> None:
    """Measure and print."""
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    facts = outcome(records)
    started = time.perf_counter()
    notice = build(facts, "FK-41010001-2026-000001", datetime(2026, 11, 24, 9, tzinfo=SHANGHAI), Calendar("library"))
    print(f"build          {time.perf_counter() - started:6.2f} s  {len(notice.items):,} items")
    for name, content in notice_files(notice, {}):
        print(f"{name[-5:]:14} {time.perf_counter() - started:6.2f} s  {len(content) / 1e6:.1f} MB")
    print(f"peak memory    {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
