"""CND-007: a bid is vetoed (IS_VETO = 1) without a reason."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-007",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="已否决投标，但“{label}”（{field}）没有写明理由",
    message_en="the bid is vetoed, but {field} gives no reason",
    expected_zh="否决投标（IS_VETO=1）时应写明否决的具体理由",
    legal_source="招标投标法实施条例第51条；公共资源交易平台系统数据规范：否决投标理由",
    roles={"veto": FieldType.BOOLEAN, "reason": FieldType.TEXT},
    bindings=({"veto": "IS_VETO", "reason": "VETO_REASON_DETAIL"},),
    at="reason",
    passes=lambda sight: ~sight["veto"] | sight.form("reason").str.contains(r"[^\s无/、。.-]").fill_null(False),
    passing=(
        {"veto": "1", "reason": "未按招标文件要求签字"},
        {"veto": "0", "reason": "无"},
        {"veto": None, "reason": None},
    ),
    failing=(
        {"veto": "1", "reason": "无"},
        {"veto": "1", "reason": None},
        {"veto": "1", "reason": "/"},
    ),
)
