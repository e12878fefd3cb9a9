"""TIM-005: an event that has happened lies later than the receipt of the batch (10 minutes of clock error allowed)."""

from datetime import timedelta

import polars as pl

from contracts.model import Field, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule, Sight
from validators.samples import typed_field

TOLERANCE = timedelta(minutes=10)
# Times of what has happened when the record is sent; deadlines and planned times are not among them.
HAPPENED = (
    "CREATE_TIME",
    "DATA_TIMESTAMP",
    "NOTICE_SEND_TIME",
    "BID_OPENING_TIME",
    "CHECKIN_TIME",
    "EXPERT_CHECK_IN_TIME",
    "MARGIN_RECEIVE_TIME",
    "PUBLICITY_REFER_TIME",
    "CONTRACT_SIGN_TIME",
    "SUBMIT_TIME",
    "RECORD_START_TIME",
    "RECORD_END_TIME",
)


def passes(sight: Sight) -> pl.Expr:
    """Not later than receipt plus the tolerance."""
    return sight[VALUE] <= sight.received_at + TOLERANCE


def _applies(candidate: Field, lists: object) -> bool:
    return candidate.type is FieldType.DATETIME and candidate.name in HAPPENED


RULE = Rule(
    id="TIM-005",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.TIMELINESS,
    message_zh="{label}（{value}）晚于平台接收时间",
    message_en="{field} ({value}) is later than the receipt of the batch",
    expected_zh="已发生事件的时间不应晚于报送时间（允许10分钟时钟误差）",
    legal_source="逻辑顺序；豫公管办〔2018〕28号第九条（准确性、时效性）",
    fields=_applies,
    named_as="event",
    passes=passes,
    sample_field=typed_field("CREATE_TIME", FieldType.DATETIME),
    passing=({"value": "20260630120000"}, {"value": "20260630121000"}, {"value": None}),  # received 2026-06-30 12:00
    failing=({"value": "20260630121001"}, {"value": "20990101000000"}),
)
