"""TIM-025: a complaint is taken up more than 3 working days after it came (RSN-ALL-023)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

LONGEST = 3  # working days; a legal maximum has no tolerance


RULE = Rule(
    id="TIM-025",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.TIMELINESS,
    message_zh="投诉受理（{end}）距收到投诉（{start}）超过3个工作日",
    message_en="the complaint is taken up ({end}) more than 3 working days after it came ({start})",
    expected_zh="应自收到投诉之日起3个工作日内决定是否受理；数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第61条；濮阳市公共资源交易管理条例第32条",
    roles={"start": FieldType.DATE, "end": FieldType.DATE},
    bindings=({"start": "COMPLAINT_DATE", "end": "ACCEPT_DATE"},),
    at="end",
    passes=lambda sight: sight.working_days("start", "end") <= LONGEST,
    since=date(2012, 2, 1),
    dated_by="start",
    passing=(
        {"start": "20260302", "end": "20260305"},
        {"start": "20260302", "end": "20260302"},
        {"start": "20260212", "end": "20260224"},
        {"start": "20260302", "end": None},
    ),
    failing=({"start": "20260302", "end": "20260306"},),
)
