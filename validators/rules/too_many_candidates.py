"""AMT-009: a winning candidate is ranked below the third place (RSN-CON-017)."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule, on_name
from validators.samples import typed_field

MOST = 3

RULE = Rule(
    id="AMT-009",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.ALERT,
    dimension=Dimension.LEGALITY,
    message_zh="中标候选人排名为第 {value} 名，多于3名",
    message_en="a winning candidate of rank {value}, beyond the third",
    expected_zh="评标委员会推荐的中标候选人不超过3个；评定分离试点等数据属实的照常入库，并提示行政监督部门",
    legal_source="招标投标法实施条例第53条；河南省实施招标投标法办法第45条",
    fields=on_name("WIN_CANDIDATE_ORDER"),
    passes=lambda sight: sight[VALUE] <= MOST,
    trades=frozenset({"engineering"}),
    sample_field=typed_field("WIN_CANDIDATE_ORDER", FieldType.INTEGER),
    passing=(
        {"value": "1"},
        {"value": "3"},
        {"value": None},
    ),
    failing=({"value": "4"},),
)
