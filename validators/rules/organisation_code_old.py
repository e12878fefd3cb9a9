"""IDN-007: an old organisation code (组织机构代码, 9 characters) stands where a credit code belongs."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import org_code
from validators.rule import Rule, on_identifier
from validators.samples import text_field

RULE = Rule(
    id="IDN-007",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”是旧的9位组织机构代码",
    message_en='{field} "{value}" is an old organisation code of 9 characters',
    expected_zh="请改用18位统一社会信用代码；历史数据请确认无误",
    legal_source="GB 32100-2015；GB 11714",
    fields=on_identifier("social_credit_code"),
    passes=lambda sight: sight.each(lambda part: ~org_code(part)),
    sample_field=text_field("TENDERER_CODE", identifier="social_credit_code"),
    passing=({"value": "91350100M000100Y43"}, {"value": None}),
    failing=({"value": "M000100Y4"}, {"value": "M000100Y-4"}),
)
