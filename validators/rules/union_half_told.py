"""CND-008: a consortium (联合体) has a name but no code, or a code but no name."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

RULE = Rule(
    id="CND-008",
    version=1,
    stage=Stage.CONDITIONS,
    severity=Severity.QUERY,
    dimension=Dimension.COMPLETENESS,
    message_zh="联合体名称与代码只填了其一：“{label}”（{field}）为空",
    message_en="a consortium is told by half: {field} is empty",
    expected_zh="联合体的名称和代码应同时填写；不是联合体的两项都留空",
    legal_source="公共资源交易平台系统数据规范：联合体",
    roles={"told": FieldType.STRING, "missing": FieldType.STRING},
    bindings=(
        {"told": "UNION_ENTERPRISE_NAME", "missing": "UNION_ORGAN_SET_CODE"},
        {"told": "UNION_ORGAN_SET_CODE", "missing": "UNION_ENTERPRISE_NAME"},
        {"told": "UNION_NAME", "missing": "UNION_CODE"},
        {"told": "UNION_CODE", "missing": "UNION_NAME"},
    ),
    at="missing",
    passes=lambda sight: sight["told"].is_null() | sight["missing"].is_not_null(),
    passing=(
        {"told": "甲与乙联合体", "missing": "91350100M000100Y43"},
        {"told": None, "missing": None},
        {"told": None, "missing": "甲"},
    ),
    failing=(
        {"told": "甲与乙联合体", "missing": None},
        {"told": "91350100M000100Y43", "missing": " "},
    ),
)
