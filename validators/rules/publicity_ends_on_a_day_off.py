"""TIM-021: the last day of a publicity is a day off, so it runs to the next working day (RSN-ALL-024)."""

from datetime import date

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule, on_name
from validators.samples import typed_field
from validators.workdays import is_working_day

RULE = Rule(
    id="TIM-021",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="公示最后一日（{value}）是法定休假日",
    message_en="the last day of the publicity ({value}) is a day off",
    expected_zh="公示期最后一日为法定休假日的，应顺延到休假日结束的次日",
    legal_source="民法典第203条",
    fields=on_name("PUBLICITY_END_TIME"),
    named_as="end",
    passes=lambda sight: is_working_day(sight[VALUE], sight.calendar),
    since=date(2021, 1, 1),
    sample_field=typed_field("PUBLICITY_END_TIME", FieldType.DATETIME),
    passing=(
        {"value": "20260214180000"},
        {"value": "20260224180000"},
        {"value": "20200125180000"},
        {"value": "20990101180000"},
        {"value": None},
        {"value": "20260109235959"},
    ),
    failing=(
        {"value": "20260216180000"},
        {"value": "20260110180000"},
    ),
)
