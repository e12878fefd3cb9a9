"""CND-003: the opening is said to be postponed, but the new time is missing."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-003",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="已标明延期开标，但未填写新的“{label}”（{field}）",
    message_en="the opening is postponed, but {field} is empty",
    expected_zh="延期开标（IS_POSTPONE=1）时应填写新的开标时间，格式 yyyyMMddHHmmss",
    legal_source="公共资源交易平台系统数据规范：是否延期开标",
    roles={"postponed": FieldType.BOOLEAN, "time": FieldType.DATETIME},
    bindings=({"postponed": "IS_POSTPONE", "time": "BID_OPEN_TIME"},),
    at="time",
    passes=lambda sight: ~sight["postponed"] | sight["time"].is_not_null(),
    passing=({"postponed": "1", "time": "20260105093000"}, {"postponed": "0", "time": None}, {"postponed": None}),
    failing=({"postponed": "1", "time": None},),
)
