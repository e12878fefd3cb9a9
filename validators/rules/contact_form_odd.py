"""IDN-012: an e-mail address, telephone number or web address does not look like one."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import FORMS, matches
from validators.rule import Rule, Sight, on_identifier
from validators.samples import text_field


def passes(sight: Sight) -> pl.Expr:
    """The value, or each of its parts, has the form."""
    return sight.each(lambda part: matches(part, FORMS[sight.field.identifier or ""]))


RULE = Rule(
    id="IDN-012",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”的格式可疑",
    message_en='{field} "{value}" does not look like an e-mail address, telephone number or web address',
    expected_zh="请核对：电子邮箱如 name@example.cn，电话如 0371-65500000，网址以 http:// 或 https:// 开头",
    legal_source="豫公管办〔2018〕28号第九条（准确性）",
    fields=on_identifier("email", "phone", "url"),
    passes=passes,
    sample_field=text_field("URL", identifier="url"),
    passing=({"value": "https://ggzy.example.cn/a?b=1"}, {"value": "http://10.0.0.1:8080"}, {"value": None}),
    failing=({"value": "ggzy.example.cn"}, {"value": "https://"}, {"value": "http://a b"}),
)
