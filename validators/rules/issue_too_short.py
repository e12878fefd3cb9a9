"""TIM-008: tender documents are issued for less than the legal 5 days, even counting the first one."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.periods import days
from validators.rule import Rule

LEGAL_DAYS = 5

RULE = Rule(
    id="TIM-008",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="招标文件（资格预审文件）发售期不足5日：{start} 至 {end}",
    message_en="documents are issued for less than 5 days: {start} to {end}",
    expected_zh="发售期不得少于5日；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第16条",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
    at="end",
    passes=lambda sight: days(sight) >= LEGAL_DAYS - 1,
    passing=(
        {"start": "20260302090000", "end": "20260306170000"},  # 4 days: TIM-009 asks
        {"start": "20260302090000", "end": "20260302080000"},  # wrong order: TIM-001
        {"start": "20260302090000", "end": None},
    ),
    failing=(
        {"start": "20260302090000", "end": "20260305170000"},
        {"start": "20260302090000", "end": "20260302170000"},
    ),
)
