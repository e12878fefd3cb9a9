"""LNK-003: an award is about ten thousand times the estimate of its section, or the inverse (RSN-ALL-008)."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity
from validators.amounts import in_yuan
from validators.crossparts import AWARD, SECTION, priced, slipped
from validators.crossrule import CrossRule, Frames


def broken(frames: Frames) -> pl.LazyFrame:
    """Awards near 1e4 or 1e-4 times their estimate."""
    estimate = in_yuan(pl.col("estimate"), pl.col("estimate_unit")).alias("estimate_yuan")
    sections = frames["section"].select("section", estimate).filter(pl.col("estimate_yuan") > 0)
    both = priced(frames["award"], "award_yuan").join(sections, on="section")
    return both.filter(slipped(pl.col("award_yuan") / pl.col("estimate_yuan")))


RULE = CrossRule(
    id="LNK-003",
    version=1,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="中标金额（{award_yuan}元）与标段合同估算价（{estimate_yuan}元）相差约一万倍，"
    "疑为元、万元填错，标段 {section}",
    message_en="the award ({award_yuan} yuan) is about 10 000 times off the estimate ({estimate_yuan}), {section}",
    expected_zh="请核对中标金额、估算价及各自的单位代码（0 元，1 万元）",
    legal_source="逻辑；福建省国有建设用地网上交易规则第30条（报价以万元为单位）说明两种单位并存",
    sources={"award": AWARD, "section": SECTION},
    subject="award",
    at="price",
    broken=broken,
    passing=(
        {
            "award": [{"key": "A", "section": "S1", "price": "980000", "unit": "0", "form": "1"}],
            "section": [{"key": "S", "section": "S1", "estimate": "100", "estimate_unit": "1"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "price": "98", "unit": "0", "form": "2"}],
            "section": [{"key": "S", "section": "S1", "estimate": "980000", "estimate_unit": "0"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "price": "2999", "unit": "0", "form": "1"}],
            "section": [{"key": "S", "section": "S1", "estimate": "1", "estimate_unit": "0"}],
        },
    ),
    failing=(
        {
            "award": [{"key": "A", "section": "S1", "price": "980000", "unit": "1", "form": "1"}],
            "section": [{"key": "S", "section": "S1", "estimate": "100", "estimate_unit": "1"}],
        },
        {
            "award": [{"key": "A", "section": "S1", "price": "98", "unit": "0", "form": "1"}],
            "section": [{"key": "S", "section": "S1", "estimate": "980000", "estimate_unit": "0"}],
        },
    ),
)
