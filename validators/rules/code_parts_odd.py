"""IDN-017: the region or the date inside a project code is none."""

import polars as pl

from exchange_hub.core.records import Dimension, Severity, Stage
from validators.parse import as_date
from validators.rule import Rule, on_identifier
from validators.samples import text_field

# First two digits of GB/T 2260: provinces, autonomous regions, municipalities, special administrative regions.
_PROVINCES = "1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12]"


def _region(part: pl.Expr) -> pl.Expr:
    return pl.when(part.str.len_chars() >= 13).then(part.str.contains(f"^.({_PROVINCES})[0-9]{{4}}"))


def _dated(part: pl.Expr) -> pl.Expr:
    digits = part.str.slice(7, 6)
    return ~digits.str.contains("^[0-9]{6}$") | as_date(pl.lit("20") + digits).is_not_null()


RULE = Rule(
    id="IDN-017",
    version=1,
    stage=Stage.IDENTIFIERS,
    severity=Severity.QUERY,
    dimension=Dimension.ACCURACY,
    message_zh="{label}“{value}”中的行政区划（第2-7位）或日期（第8-13位）不存在",
    message_en='the region (characters 2-7) or the date (8-13) inside {field} "{value}" does not exist',
    expected_zh="第2-7位应为存在的省级以下行政区划代码（如 410100），第8-13位应为日期 yyMMdd（如 260105）",
    legal_source="公共资源交易平台系统数据规范：编号规则",
    fields=on_identifier("project_code", "tender_project_code", "section_code"),
    passes=lambda sight: sight.each(lambda part: _region(part) & _dated(part)),
    sample_field=text_field("PROJECT_CODE", identifier="project_code"),
    passing=(
        {"value": "E4101002105250001"},
        {"value": "E4190012402290001001"},
        {"value": None},
        {"value": "abc"},
    ),
    failing=(
        {"value": "E0001002105250001"},
        {"value": "E9901002105250001"},
        {"value": "E4101002102300001"},
        {"value": "E4101002113250001"},
    ),
)
