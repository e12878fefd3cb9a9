"""CND-010: a list of sections and the list of their unified trading identifiers differ in number."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-010",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}（{deals}）的个数与标段（包）编号（{sections}）的个数不等",
    message_en="the number of identifiers in {field} is not that of the sections",
    expected_zh="每个标段（包）对应一个统一交易标识码，个数和次序应一致，以半角分号分隔",
    legal_source="公共资源交易平台系统数据规范：统一交易标识码（标段唯一）",
    roles={"sections": FieldType.TEXT, "deals": FieldType.TEXT},
    bindings=(
        {"sections": "BID_SECTION_CODES", "deals": "UNIFIED_DEAL_CODES"},
        {"sections": "BID_SECTION_CODES", "deals": "UNIFIED_DEAL_CODE"},
    ),
    at="deals",
    passes=lambda sight: (
        sight["sections"].str.count_matches(";", literal=True) == sight["deals"].str.count_matches(";", literal=True)
    ),
    passing=(
        {"sections": "A;B", "deals": "C;D"},
        {"sections": "A", "deals": "C"},
        {"sections": "A;B", "deals": None},
    ),
    failing=(
        {"sections": "A;B", "deals": "C"},
        {"sections": "A", "deals": "C;D"},
    ),
)
