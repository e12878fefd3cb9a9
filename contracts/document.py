"""A contract for the terminal: a text table, Chinese first, English beside it. The site is `contracts.publish`."""

from contracts import wording
from contracts.model import DatasetContract


def show(contract: DatasetContract) -> str:
    """The dataset as a Markdown text: a head and a table with one row a field, in the order of the spec."""
    head = [
        f"# {contract.label_zh} {contract.dataset}",
        "",
        f"- 版本 version: {contract.version}",
        f"- 数据编号 data number: {contract.data_no or '—'}",
        f"- 阶段 stage: {wording.stage(contract)}",
        f"- 业务主键 natural key: {'、'.join(contract.natural_key)}",
        f"- 上级 parents: {wording.parents(contract) or '—'}",
        f"- 发生时间 occurred at: {contract.occurred_at or '—'}",
        f"- 规则 rules: {'、'.join(wording.rule_uses(contract)) or '—'}",
        f"- 文件 file: {contract.path}",
        "",
    ]
    table = [
        "| 名称 | 字段 field | 类型 type | 长度 length | 必填 required | 代码集 code list | 其他 other |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    rows = [
        (
            field.label_zh,
            field.name,
            wording.TYPES[field.type],
            wording.length(field),
            "是 yes" if field.required else "否 no",
            field.code_list or "",
            wording.rules(field),
        )
        for field in contract.fields
    ]
    return "\n".join([*head, *table, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)]) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
