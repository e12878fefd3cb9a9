"""CND-002: a fixed-asset project (RELATE_CODE = 1) without its investment project code."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

FIXED_ASSET = "1"  # code list RELATE_CODE

RULE = Rule(
    id="CND-002",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="固定资产类项目未填写投资项目统一代码",
    message_en="a fixed-asset project without an investment project code",
    expected_zh="固定资产类项目（RELATE_CODE=1）应填写24位投资项目统一代码，如 2020-410100-47-03-012345",
    legal_source="公共资源交易平台系统数据规范：投资项目统一代码",
    roles={"related": FieldType.STRING, "code": FieldType.STRING},
    bindings=({"related": "RELATE_CODE", "code": "INVEST_PROJECT_CODE"},),
    at="code",
    passes=lambda sight: (sight["related"] != FIXED_ASSET) | sight["code"].is_not_null(),
    passing=({"related": "1", "code": "2020-410100-47-03-012345"}, {"related": "0", "code": None}),
    failing=({"related": "1", "code": None},),
)
