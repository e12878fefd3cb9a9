"""TIM-009: tender documents are issued for 4 days: 5 only if the first day is counted."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.periods import days
from validators.rule import Rule
from validators.rules.issue_too_short import LEGAL_DAYS

RULE = Rule(
    id="TIM-009",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="招标文件（资格预审文件）发售期为4日（不含首日）：{start} 至 {end}",
    message_en="documents are issued for 4 days, the first not counted: {start} to {end}",
    expected_zh="发售期不得少于5日，首日不计入；请核对起止时间",
    legal_source="招标投标法实施条例第16条；民法典第201条",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
    at="end",
    passes=lambda sight: days(sight) != LEGAL_DAYS - 1,
    passing=(
        {"start": "20260302090000", "end": "20260307080000"},
        {"start": "20260302090000", "end": "20260305170000"},
        {"start": None, "end": "20260305170000"},
    ),
    failing=({"start": "20260302090000", "end": "20260306170000"},),
)
