"""CND-011: a notice says how many sections it is for, and names another number."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-011",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}为 {number}，与所列标段（包）编号的个数不等（{sections}）",
    message_en="{field} is {number}, which is not the number of sections named",
    expected_zh="应等于“相关标段（包）编号”中以分号分隔的编号个数",
    legal_source="公共资源交易平台系统数据规范：公告标段（包）数量",
    roles={"number": FieldType.INTEGER, "sections": FieldType.TEXT},
    bindings=({"number": "NOTICE_BID_NUM", "sections": "BID_SECTION_CODES"},),
    at="number",
    passes=lambda sight: sight["number"] == sight["sections"].str.count_matches(";", literal=True) + 1,
    passing=(
        {"number": "1", "sections": "A"},
        {"number": "2", "sections": "A;B"},
        {"number": None, "sections": "A"},
        {"number": "1", "sections": None},
    ),
    failing=(
        {"number": "1", "sections": "A;B"},
        {"number": "0", "sections": "A"},
    ),
)
