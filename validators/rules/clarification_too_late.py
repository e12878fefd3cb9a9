"""TIM-030: a clarification comes less than 15 days before the deadline (RSN-CON-004)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.lawperiod import days
from validators.rule import Rule

SHORTEST = 15  # days


RULE = Rule(
    id="TIM-030",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="澄清修改（{start}）距投标截止（{end}）不足15日",
    message_en="the clarification ({start}) comes less than 15 days before the deadline ({end})",
    expected_zh="影响投标文件编制的澄清修改应在投标截止15日前发出，不足的应顺延截止时间；不影响编制的请确认",
    legal_source="招标投标法第23条；招标投标法实施条例第21条（是否影响编制数据中未载明，故只作存疑）",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "CLARIFY_TIME", "end": "BID_DOC_REFER_END_TIME"},),
    at="start",
    passes=lambda sight: days(sight) >= SHORTEST,
    trades=frozenset({"engineering"}),
    since=date(2000, 1, 1),
    dated_by="start",
    passing=(
        {"start": "20260302090000", "end": "20260317090000"},
        {"start": "20260302090000", "end": None},
        {"start": "20260318090000", "end": "20260317090000"},
    ),
    failing=({"start": "20260302090000", "end": "20260316170000"},),
)
