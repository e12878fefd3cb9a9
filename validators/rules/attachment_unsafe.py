"""STR-005: an attachment's path is unsafe or leads to no file of the package."""

import polars as pl

from exchange_hub.core.records import ATTACHMENTS, Dimension, Severity, Stage
from validators.rule import Over, Rule, Sight, on_name
from validators.samples import text_field

_SOURCE = pl.List(pl.Struct({"BINARY_CONTENT": pl.String, "IS_DELETE": pl.String}))
_UNSAFE = r"^[/\\]|^[A-Za-z]:|(^|[/\\])\.\.([/\\]|$)|\\|[\x00-\x1f]"


def passes(sight: Sight) -> pl.Expr:
    """Every attachment that is not deleted has a safe relative path, and lies in the package where that is known."""
    row = pl.element().struct
    path = row.field("BINARY_CONTENT").fill_null("")
    good = (path != "") & ~path.str.contains(_UNSAFE)
    members = sight.members
    if members is not None:
        good &= path.is_in(sorted(members))
    withdrawn = (row.field("IS_DELETE") == "1").fill_null(False)
    return sight.text().str.json_decode(_SOURCE).list.eval(withdrawn | good).list.all()


RULE = Rule(
    id="STR-005",
    version=1,
    stage=Stage.STRUCTURE,
    severity=Severity.REJECT,
    dimension=Dimension.COMPLETENESS,
    message_zh="附件路径不安全，或附件不在数据包中：{value}",
    message_en="an attachment's path is unsafe or not in the package: {value}",
    expected_zh="附件路径应为数据包内的相对路径（不含 ..），且文件须随包报送，如 attachments/a.pdf",
    legal_source="豫公管办〔2018〕28号第七条（完整性）",
    over=Over.ENVELOPE,
    fields=on_name(ATTACHMENTS),
    passes=passes,
    sample_field=text_field(ATTACHMENTS),
    passing=(
        {"value": None},
        {"value": "[]"},
        {"value": '[{"FILE_NAME": "a", "BINARY_CONTENT": "attachments/a.pdf"}]'},
        {"value": '[{"BINARY_CONTENT": "", "IS_DELETE": "1"}]'},
    ),
    failing=(
        {"value": '[{"BINARY_CONTENT": "../a.pdf"}]'},
        {"value": '[{"BINARY_CONTENT": "/etc/passwd"}]'},
        {"value": '[{"BINARY_CONTENT": "C:\\\\a.pdf"}]'},
        {"value": '[{"FILE_NAME": "a"}]'},
        {"value": '[{"BINARY_CONTENT": "attachments/none.pdf"}]'},
    ),
)
