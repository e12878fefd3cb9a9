"""IDN-011: PLATFORM_CODE (交易系统标识码) is not that of the platform that sent the batch."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, on_name
from validators.samples import SENDER, text_field

RULE = Rule(
    id="IDN-011",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="交易系统标识码“{value}”与报送平台不一致",
    message_en='PLATFORM_CODE "{value}" is not the sender\'s',
    expected_zh="应为报送平台自己的交易系统标识码，与清单（manifest.json）中的 platform_code 相同",
    legal_source="公共资源交易平台系统数据规范：交易系统标识码",
    fields=on_name("PLATFORM_CODE"),
    passes=lambda sight: sight.text() == sight.sender,
    sample_field=text_field("PLATFORM_CODE"),
    passing=({"value": SENDER}, {"value": None}),
    failing=({"value": "91350100M000100Y43"},),
)
