"""REF-003: the same DATA_KEY stands in the batch more than once with different content.

All of them are rejected, since the order of records means nothing. The same content twice is harmless.
"""

from exchange_hub.core.records import DATA_KEY, Dimension, Severity, Stage
from validators.rule import Over, Rule, on_name
from validators.samples import text_field

RULE = Rule(
    id="REF-003",
    version=1,
    stage=Stage.REFERENCES,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="本批中数据主键“{value}”重复出现且内容不同",
    message_en='DATA_KEY "{value}" stands in this batch more than once with different content',
    expected_zh="同一批中一个数据主键只报送一次；若为两条记录，请使用不同的主键",
    legal_source="逻辑；豫公管办〔2018〕28号第九条（准确性）",
    over=Over.ENVELOPE,
    fields=on_name(DATA_KEY),
    passes=lambda sight: ~sight.fact("conflict"),
    key_rule=True,
    fixed=True,
    sample_field=text_field(DATA_KEY),
    passing=({"value": "7201500000000000000001", "fact:conflict": False},),
    failing=({"value": "7201500000000000000001", "fact:conflict": True},),
)
