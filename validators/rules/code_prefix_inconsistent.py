"""REF-001: a code does not begin with the code it is made from (section, tender project, project)."""

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight


def passes(sight: Sight) -> pl.Expr:
    """The longer code, or each code of a list, begins with the shorter one."""
    codes = pl.lit(";") + sight["code"]
    return codes.str.count_matches(pl.lit(";") + sight["parent"], literal=True) == codes.str.count_matches(";")


RULE = Rule(
    id="REF-001",
    version=2,
    stage=Stage.REFERENCES,
    severity=Severity.QUERY,
    dimension=Dimension.CONSISTENCY,
    message_zh="{label}“{code}”不以其上级编号“{parent}”开头",
    message_en='{field} "{code}" does not begin with the code above it, "{parent}"',
    expected_zh="标段编号应以招标项目编号开头，招标项目编号应以项目编号开头",
    legal_source="公共资源交易平台系统数据规范：编号规则",
    roles={"parent": FieldType.STRING, "code": FieldType.STRING},
    bindings=(
        {"parent": "PROJECT_CODE", "code": "TENDER_PROJECT_CODE"},
        {"parent": "TENDER_PROJECT_CODE", "code": "BID_SECTION_CODE"},
        {"parent": "TENDER_PROJECT_CODE", "code": "BID_SECTION_CODES"},
    ),
    at="code",
    passes=passes,
    passing=(
        {"parent": "E4101002105250001", "code": "E4101002105250001001"},
        {"parent": "E4101002105250001", "code": "E4101002105250001001;E4101002105250001002"},
        {"parent": None, "code": "E4101002105250001001"},
    ),
    failing=(
        {"parent": "E4101002105250002", "code": "E4101002105250001001"},
        {"parent": "E4101002105250001", "code": "E4101002105250001001;E4101002105250002001"},
    ),
)
