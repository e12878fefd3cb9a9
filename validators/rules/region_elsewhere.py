"""IDN-019: the region of a project is not in Henan (河南)."""

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.identifiers import FORMS, matches
from validators.rule import Rule
from validators.samples import text_field

# Fields that tell where a project lies or is traded; where a company is registered says nothing of the kind.
PLACES = ("REGION_CODE", "TRA_PLACE_CODE", "PROJECT_REGION_CODE")


RULE = Rule(
    id="IDN-019",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”不属于河南省（41开头）",
    message_en='{field} "{value}" is not in Henan (41...)',
    expected_zh="应填项目所在地的行政区划代码（河南省为41开头，省级项目填410000），不是交易平台或企业的所在地",
    legal_source="GB/T 2260；安徽省关于进一步提高统计工作质量的通知（项目所属行政区划填写规则，参照）",
    fields=lambda candidate, _: candidate.identifier == "region_code" and candidate.name in PLACES,
    named_as="region",
    passes=lambda sight: sight.each(lambda part: ~matches(part, FORMS["region_code"]) | part.str.starts_with("41")),
    sample_field=text_field("REGION_CODE", identifier="region_code"),
    passing=(
        {"value": "410000"},
        {"value": "419001"},
        {"value": None},
    ),
    failing=(
        {"value": "110000"},
        {"value": "350100"},
    ),
)
