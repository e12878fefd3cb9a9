"""STR-004: a field that the contract does not have; kept in the raw bytes, not loaded."""

from exchange_hub.core.masking import mask
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Over, Rule
from validators.samples import text_field

RULE = Rule(
    id="STR-004",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="字段 {field} 不在本版数据规范中，未入库",
    message_en="field {field} is not part of this contract release and was not loaded",
    expected_zh="请核对字段名的拼写，或改用数据规范中的字段",
    legal_source="豫公管办〔2018〕28号第九条（规范性）",
    over=Over.UNKNOWN,
    fields=lambda candidate, lists: True,
    passes=lambda sight: sight.text().is_null(),
    shows=lambda value: mask(value) or "",  # what it holds is not known: perhaps personal data
    sample_field=text_field("PROJEKT_CODE"),
    passing=({"value": None}, {"value": " "}),
    failing=({"value": "E4101002105250001"},),
)
