"""The reference page of all rules, generated from the registry: `python -m validators.document FILE`."""

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from exchange_hub.core.records import Stage
from validators.cross import all_cross_rules
from validators.crossrule import CrossRule
from validators.registry import all_rules
from validators.rule import Rule

_STAGES = {
    Stage.STRUCTURE: "结构 Structure",
    Stage.PRESENCE: "必填 Presence",
    Stage.VALUES: "取值 Values and code lists",
    Stage.IDENTIFIERS: "标识码 Identifiers",
    Stage.CONDITIONS: "字段间条件 Conditions between fields",
    Stage.REFERENCES: "引用 References and keys",
    Stage.REASONABLENESS: "合理性 Reasonableness",
}
_SEVERITIES = {"reject": "退回 reject", "query": "存疑 query", "alert": "合规预警 alert"}
_DIMENSIONS = {
    "legality": "合法性 legality",
    "completeness": "完整性 completeness",
    "accuracy": "准确性 accuracy",
    "timeliness": "时效性 timeliness",
    "consistency": "一致性 consistency",
    "reasonableness": "合理性 reasonableness",
}
_HEAD = """# 校验规则 Rules

本页由 `validators/rules/` 生成，请勿手改：`python -m validators.document docs/reference/rules.md`。
This page is generated from `validators/rules/`; do not edit it by hand.

退回（reject）的记录进入隔离区并列入反馈通知；存疑（query）和合规预警（alert）的记录照收并做标记。
A release of the contracts may change the severity of a rule. Braces stand for labels, values and examples.
"""
_CROSS_HEAD = """## 跨数据集 Across datasets

这些规则在入库后对同一招标项目的现行记录进行比较，只产生存疑或合规预警，从不退回；任何一条记录变化后重新判断，
不再成立的发现自动消除（始末见 `audit.cross_finding`）。文件在 `validators/crossrules/`。
Judged after every load over the current records of a tender project. They never reject. A finding goes when a later
record puts it right. A legal minimum missed by one day is a query, whatever the rule's severity.
"""


def rules_page(rules: Iterable[Rule]) -> str:
    """Markdown page of the rules, by stage and id."""
    ordered = sorted(rules, key=lambda rule: (rule.stage, rule.id))
    parts = [_HEAD, _overview(ordered)]
    for stage, title in _STAGES.items():
        found = [_section(rule) for rule in ordered if rule.stage is stage]
        parts += [f"## {title}\n", *found]
    return "\n".join(parts)


def cross_page(rules: Iterable[CrossRule]) -> str:
    """Markdown of the rules across datasets, by id: the second part of the page."""
    ordered = sorted(rules, key=lambda rule: rule.id)
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}) | {_SEVERITIES[rule.severity]} | {_cell(rule.message_zh)} |"
        for rule in ordered
    ]
    table = "\n".join(["| 编号 id | 严重程度 severity | 差错 fault |", "| --- | --- | --- |", *rows, ""])
    return "\n".join([_CROSS_HEAD, table, *(_cross_section(rule) for rule in ordered)])


def _cross_section(rule: CrossRule) -> str:
    read = "；".join(f"{source.dataset}（{'、'.join(source.fields.values())}）" for source in rule.sources.values())
    facts = [
        ("版本 version", str(rule.version)),
        ("严重程度 severity", _SEVERITIES[rule.severity]),
        ("维度 dimension", _DIMENSIONS[rule.dimension]),
        ("数据集及字段 datasets", read),
        ("指向 names", f"{rule.sources[rule.subject].dataset}.{rule.field}"),
        ("差错 fault", rule.message_zh),
        ("in English", rule.message_en),
        ("应为 expected", rule.expected_zh),
        ("依据 source", rule.legal_source),
        *([("自 since", f"{rule.since:%Y-%m-%d}（按事件日期 by the day of the event）")] if rule.since else []),
    ]
    rows = [f"| {name} | {_cell(text)} |" for name, text in facts]
    return "\n".join([f"### {rule.id}\n", "| | |", "| --- | --- |", *rows, ""])


def _overview(rules: Iterable[Rule]) -> str:
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}) | {_SEVERITIES[rule.severity]} | {_cell(rule.message_zh)} |"
        for rule in rules
    ]
    return "\n".join(["| 编号 id | 严重程度 severity | 差错 fault |", "| --- | --- | --- |", *rows, ""])


def _section(rule: Rule) -> str:
    facts = [
        ("版本 version", str(rule.version)),
        ("严重程度 severity", _SEVERITIES[rule.severity] + ("（不可改 fixed）" if rule.fixed else "")),
        ("维度 dimension", _DIMENSIONS[rule.dimension]),
        ("差错 fault", rule.message_zh),
        ("in English", rule.message_en),
        ("应为 expected", rule.expected_zh),
        ("依据 source", rule.legal_source),
        *([("交易类别 trades", "、".join(sorted(rule.trades)))] if rule.trades else []),
        *([("自 since", f"{rule.since:%Y-%m-%d}（按事件日期 by the day of the event）")] if rule.since else []),
        ("通过 passes", "；".join(_example(row) for row in rule.passing)),
        ("不通过 fails", "；".join(_example(row) for row in rule.failing)),
    ]
    columns = "；".join("、".join(f"{role} = {name}" for role, name in b.items()) for b in rule.bindings)
    if rule.binds is not None:
        columns = "；".join(text for text in (columns, (rule.binds.__doc__ or "").strip()) if text)
    if columns:
        facts.insert(3, ("字段 columns", columns))
    rows = [f"| {name} | {_cell(text)} |" for name, text in facts]
    return "\n".join([f"### {rule.id}\n", "| | |", "| --- | --- |", *rows, ""])


def _example(row: Mapping[str, Any]) -> str:
    shown = ", ".join(f"{name}: {value!r}" for name, value in row.items())
    return f"`{shown}`".replace("|", "\\|")


def _cell(text: str) -> str:
    return text.replace("\n", " ")


def main(path: str) -> None:
    """Write the page to `path`."""
    Path(path).write_text(f"{rules_page(all_rules())}\n{cross_page(all_cross_rules())}", "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
