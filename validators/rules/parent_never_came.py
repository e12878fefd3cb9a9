"""REF-002: the record's parent has not arrived within the grace period. Raised by `validators.expiry` only."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule
from validators.samples import text_field

RULE = Rule(
    id="REF-002",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="上级数据集 {dataset} 中没有“{value}”（{field}），等待期已满",
    message_en='dataset {dataset} has no record "{value}" ({field}), and the grace period is over',
    expected_zh="请先（或同批）报送上级记录，再报送本记录",
    legal_source="豫公管办〔2018〕28号第九条；公共资源交易平台系统数据规范（统一交易标识码贯穿全周期）",
    fields=lambda candidate, lists: False,
    passes=lambda sight: sight.fact("waiting_too_long").is_null() | ~sight.fact("waiting_too_long").cast(pl.Boolean),
    fixed=True,
    sample_field=text_field("TENDER_PROJECT_CODE"),
    passing=({"value": "E4101002105250001001"},),
    failing=({"value": "E4101002105250001001", "fact:waiting_too_long": True},),
)
