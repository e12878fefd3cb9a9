"""TIM-003: the notice is notice after the issue of documents has started."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="TIM-003",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="公告发布时间（{notice}）晚于文件开始获取时间（{start}）",
    message_en="the notice ({notice}) is later than the start of document issue ({start})",
    expected_zh="公告发布时间不应晚于文件开始获取时间",
    legal_source="逻辑顺序；招标投标法第16、24条",
    roles={"notice": FieldType.DATETIME, "start": FieldType.DATETIME},
    bindings=({"notice": "NOTICE_SEND_TIME", "start": "DOC_GET_START_TIME"},),
    at="notice",
    passes=lambda sight: sight["notice"] <= sight["start"],
    passing=({"notice": "20260105090000", "start": "20260105090000"}, {"notice": None, "start": None}),
    failing=({"notice": "20260105090001", "start": "20260105090000"},),
)
