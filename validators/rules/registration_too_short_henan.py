"""TIM-022: registration or issue of documents lasts less than 4 working days from the notice (RSN-CON-031)."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

SHORTEST = 4  # working days

RULE = Rule(
    id="TIM-022",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.LEGALITY,
    message_zh="自公告发布（{start}）至文件发放结束（{end}）不足4个工作日",
    message_en="less than 4 working days from the notice ({start}) to the end of issue ({end})",
    expected_zh="报名或文件发放时间自公告发布之日起不少于4个工作日，请核对",
    legal_source="河南省实施招标投标法办法第22条（现行效力须核对）",
    roles={"start": FieldType.DATETIME, "issue": FieldType.DATETIME, "end": FieldType.DATETIME},
    bindings=({"start": "NOTICE_SEND_TIME", "issue": "DOC_GET_START_TIME", "end": "DOC_GET_END_TIME"},),
    at="end",
    passes=lambda sight: pl.when(sight["issue"] < sight["end"]).then(sight.working_days("start", "end") >= SHORTEST),
    trades=frozenset({"engineering"}),
    passing=(
        {"start": "20260302090000", "issue": "20260303090000", "end": "20260306170000"},
        {"start": "20260213090000", "issue": "20260214090000", "end": "20260228170000"},
        {"start": None, "issue": "20260303090000", "end": "20260305170000"},
        {"start": "20260302090000", "issue": "20260303090000", "end": "20260302170000"},
    ),
    failing=(
        {"start": "20260302090000", "issue": "20260303090000", "end": "20260305170000"},
        {"start": "20260214090000", "issue": "20260214090000", "end": "20260224170000"},
    ),
)
