"""CND-015: the number of a recording segment (分段) is not one of its segments."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-015",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}为 {number}，但分段总数为 {count}",
    message_en="{field} is {number} of {count}",
    expected_zh="分段序号应从 1 到分段总数",
    legal_source="逻辑；音视频记录引用（本平台自定）",
    roles={"number": FieldType.INTEGER, "count": FieldType.INTEGER},
    bindings=({"number": "SEGMENT_NO", "count": "SEGMENT_COUNT"},),
    at="number",
    passes=lambda sight: (sight["number"] >= 1) & (sight["number"] <= sight["count"]),
    passing=(
        {"number": "1", "count": "1"},
        {"number": "3", "count": "3"},
        {"number": None, "count": "3"},
    ),
    failing=(
        {"number": "4", "count": "3"},
        {"number": "0", "count": "1"},
    ),
)
