"""TIM-002: the bid deadline is before (or at) the start of document issue."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-002",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="投标文件递交截止时间（{deadline}）不晚于文件开始获取时间（{start}）",
    message_en="the bid deadline ({deadline}) is no later than the start of document issue ({start})",
    expected_zh="投标文件递交截止时间应晚于文件开始获取时间",
    legal_source="逻辑顺序；招标投标法第24条",
    roles={"start": FieldType.DATETIME, "deadline": FieldType.DATETIME},
    bindings=({"start": "DOC_GET_START_TIME", "deadline": "BID_DOC_REFER_END_TIME"},),
    at="deadline",
    passes=lambda sight: sight["start"] < sight["deadline"],
    passing=({"start": "20260105090000", "deadline": "20260126090000"}, {"start": None, "deadline": "20260126090000"}),
    failing=({"start": "20260126090000", "deadline": "20260105090000"},),
)
