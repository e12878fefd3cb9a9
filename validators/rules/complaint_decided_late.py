"""TIM-026: a complaint is decided more than 30 working days after it was taken up (RSN-ALL-023)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule
from validators.workdays import working_days

LONGEST = 30  # working days; a legal maximum has no tolerance


RULE = Rule(
    id="TIM-026",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.TIMELINESS,
    message_zh="投诉处理决定（{end}）距受理（{start}）超过30个工作日",
    message_en="the complaint is decided ({end}) more than 30 working days after it was taken up ({start})",
    expected_zh="应自受理投诉之日起30个工作日内作出处理决定；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第61条；政府采购法第56条",
    roles={"start": FieldType.DATE, "end": FieldType.DATETIME},
    bindings=({"start": "ACCEPT_DATE", "end": "HANDLE_DATE"},),
    at="end",
    passes=lambda sight: working_days(sight["start"], sight["end"].dt.date(), sight.calendar) <= LONGEST,
    since=date(2012, 2, 1),
    dated_by="start",
    passing=(
        {"start": "20260302", "end": "20260414100000"},
        {"start": "20260302", "end": None},
    ),
    failing=(
        {"start": "20260302", "end": "20260415100000"},
        {"start": "20260302", "end": "20260801100000"},
    ),
)
