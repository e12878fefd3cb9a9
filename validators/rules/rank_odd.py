"""AMT-005: the rank of a bid is not 1, 2, 3 and so on."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import VALUE, Rule, on_name
from validators.samples import typed_field

RULE = Rule(
    id="AMT-005",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.QUERY,
    dimension=Dimension.REASONABLENESS,
    message_zh="{label}“{value}”不是名次",
    message_en='{field} "{value}" is no rank',
    expected_zh="名次应为从 1 开始的整数；未参与排名的（如已否决）按实际填 0",
    legal_source="逻辑",
    fields=on_name("RANK"),
    passes=lambda sight: (sight[VALUE] >= 0) & (sight[VALUE] % 1 == 0),
    sample_field=typed_field("RANK", FieldType.DECIMAL),
    passing=(
        {"value": "1"},
        {"value": "0"},
        {"value": "2.0"},
        {"value": None},
    ),
    failing=(
        {"value": "1.5"},
        {"value": "-1"},
    ),
)
