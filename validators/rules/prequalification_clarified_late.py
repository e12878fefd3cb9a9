"""TIM-031: a clarification of prequalification documents comes less than 3 days before the deadline (RSN-CON-005)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.lawperiod import days
from validators.rule import Rule

SHORTEST = 3  # days


RULE = Rule(
    id="TIM-031",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="资格预审文件的澄清修改（{start}）距申请文件递交截止（{end}）不足3日",
    message_en="the clarification of prequalification ({start}) comes less than 3 days before the deadline ({end})",
    expected_zh="影响申请文件编制的澄清修改应在递交截止3日前发出，不足的应顺延截止时间；不影响编制的请确认",
    legal_source="招标投标法实施条例第21条（是否影响编制数据中未载明，故只作存疑）",
    roles={"start": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "TENDER_SUBMIT_TIME", "end": "DOC_SUBMIT_END_TIME"},),
    at="start",
    passes=lambda sight: days(sight) >= SHORTEST,
    trades=frozenset({"engineering"}),
    since=date(2012, 2, 1),
    dated_by="start",
    passing=(
        {"start": "20260302090000", "end": "20260305090000"},
        {"start": "20260302090000", "end": None},
        {"start": "20260306090000", "end": "20260305090000"},
    ),
    failing=({"start": "20260302090000", "end": "20260304170000"},),
)
