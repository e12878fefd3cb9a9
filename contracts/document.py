"""Contracts for people: a text table for the terminal, and HTML pages that open without a network.

Chinese first, English beside it; field names are the spec's.
"""

from pathlib import Path

from contracts import wording
from contracts.model import DatasetContract, Release
from contracts.pages import dataset_page, index_page, list_page


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


def write_docs(release: Release, folder: Path) -> None:
    """Write index.html, one page a dataset and one a code list into `folder` (made where it is missing).

    Pages hold no script and load nothing; the same release always gives the same bytes.

    Raises:
        OSError: the folder cannot be written.
    """
    (folder / "codelists").mkdir(parents=True, exist_ok=True)
    _write(folder / "index.html", index_page(release))
    for contract in release.datasets.values():
        _write(folder / f"{contract.dataset}.html", dataset_page(release, contract))
    for code_list in release.code_lists.values():
        _write(folder / "codelists" / f"{code_list.name}.html", list_page(release, code_list))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
