"""CND-001: the tender is organised by an agency, but its name, type or code is missing, or is the word for "none"."""

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule

BY_AGENCY = "2"  # code list TENDER_ORGANIZE_FORM

RULE = Rule(
    id="CND-001",
    version=2,
    stage=Stage.CONDITIONS,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="招标组织形式为委托招标，但“{label}”（{field}）为空或填“-”",
    message_en='the tender is organised by an agency, but {field} is empty or "-"',
    expected_zh="委托招标时应填写招标代理机构的名称、类别和代码，不得以“-”代替{example}",
    legal_source="招标投标法第12、13条；公共资源交易平台系统数据规范",
    roles={"form": FieldType.STRING, "agency": FieldType.STRING},
    bindings=(
        {"form": "TENDER_ORGANIZE_FORM", "agency": "TENDER_AGENCY_NAME"},
        {"form": "TENDER_ORGANIZE_FORM", "agency": "TENDER_AGENCY_CODE_TYPE"},
        {"form": "TENDER_ORGANIZE_FORM", "agency": "TENDER_AGENCY_CODE"},
    ),
    at="agency",
    passes=lambda sight: (sight["form"] != BY_AGENCY) | sight.form("agency").is_not_null(),
    passing=({"form": "2", "agency": "某某咨询"}, {"form": "1", "agency": None}, {"form": None, "agency": None}),
    failing=({"form": "2", "agency": None}, {"form": "2", "agency": " "}),
)
