"""HTML pages of a release: plain, offline, every text escaped."""

from collections.abc import Iterable, Sequence
from html import escape

from contracts import wording
from contracts.model import CodeList, DatasetContract, Field, Release

_STYLE = """
body { font: 15px/1.6 "Noto Sans CJK SC", "Microsoft YaHei", sans-serif; margin: 2rem auto; max-width: 78rem;
  padding: 0 1rem; color: #1d2733; background: #fff; }
table { border-collapse: collapse; width: 100%; margin: 1rem 0; }
th, td { border: 1px solid #c9d2dc; padding: .35rem .6rem; text-align: left; vertical-align: top; }
th { background: #eef2f6; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
small { color: #55606c; }
"""


class _Raw(str):
    """Markup that is escaped already."""

    __slots__ = ()


def index_page(release: Release) -> str:
    """Entry page: the release, its datasets and its code lists."""
    dates = (
        ("生效 effective", release.effective_from),
        ("即将停用 deprecated", release.deprecated_from),
        ("停用 retired", release.retired_from),
    )
    datasets = [
        (
            _link(f"{contract.dataset}.html", contract.label_zh),
            _code(contract.dataset),
            contract.data_no or "—",
            wording.stage(contract),
            str(len(contract.fields)),
        )
        for contract in release.datasets.values()
    ]
    lists = [
        (_link(f"codelists/{found.name}.html", found.label_zh), _code(found.name), wording.STATES[found.state])
        for found in release.code_lists.values()
    ]
    return _page(
        f"数据规范 {release.version}",
        f"Data contracts, release {release.version}",
        _facts(
            [
                ("状态 status", wording.STATUSES[release.status]),
                *((name, day.isoformat()) for name, day in dates if day is not None),
                *([("替代版本 successor", release.successor)] if release.successor else []),
            ]
        ),
        "<h2>变更 Changes</h2><ul>" + "".join(f"<li>{escape(text)}</li>" for text in release.changes) + "</ul>",
        "<h2>数据集 Datasets</h2>",
        _table(("名称", "Dataset", "编号 number", "阶段 stage", "字段数 fields"), datasets),
        "<h2>代码集 Code lists</h2>",
        _table(("名称", "Code list", "状态 state"), lists),
    )


def dataset_page(release: Release, contract: DatasetContract) -> str:
    """Page of a dataset: what it is, its fields, its rules."""
    facts = [
        ("版本 version", release.version),
        ("数据编号 data number", contract.data_no or "—"),
        ("阶段 stage", wording.stage(contract)),
        ("业务主键 natural key", "、".join(contract.natural_key)),
        ("上级 parents", wording.parents(contract) or "—"),
        ("发生时间 occurred at", contract.occurred_at or "—"),
    ]
    heads = (
        "名称",
        "Field",
        "类型 type",
        "长度 length",
        "必填 required",
        "代码集 code list",
        "示例 example",
        "说明 notes",
    )
    return _page(
        f"{contract.label_zh} {contract.dataset}",
        f"Release {release.version}",
        '<p><a href="index.html">← 目录 index</a></p>',
        _facts(facts),
        "<h2>字段 Fields</h2>",
        _table(heads, [_field_row(field) for field in contract.fields]),
        "<h2>规则 Rules</h2><ul>",
        *(f"<li>{escape(text)}</li>" for text in wording.rule_uses(contract)),
        "</ul>",
    )


def list_page(release: Release, code_list: CodeList) -> str:
    """Page of a code list: state, form, source, values, and the fields that use it."""
    users = [
        _Raw(f'<a href="../{escape(name)}.html">{escape(name)}</a>.{escape(field.name)}')
        for name, contract in release.datasets.items()
        for field in contract.fields
        if field.code_list == code_list.name
    ]
    validity = "有效期 validity"
    rows = [(_code(code.code), code.label_zh, f"{code.since or ''} – {code.until or ''}") for code in code_list.codes]
    return _page(
        f"{code_list.label_zh} {code_list.name}",
        f"Code list, release {release.version}",
        '<p><a href="../index.html">← 目录 index</a></p>',
        _facts(
            [
                ("状态 state", wording.STATES[code_list.state]),
                ("形式 form", _code(code_list.pattern) if code_list.pattern else "—"),
                ("来源 source", code_list.source),
                ("可信度 confidence", code_list.confidence),
            ]
        ),
        _table(("代码 code", "含义 meaning", validity), rows),
        "<h2>使用处 Used by</h2><ul>" + "".join(f"<li>{user}</li>" for user in users) + "</ul>",
    )


def _field_row(field: Field) -> tuple[str, ...]:
    notes = [escape(text) for text in (wording.rules(field), field.note) if text]
    notes.append(f"<small>{escape(field.source)}</small>")
    link = _link(f"codelists/{field.code_list}.html", field.code_list) if field.code_list else ""
    return (
        field.label_zh,
        _code(field.name),
        wording.TYPES[field.type],
        wording.length(field),
        "是 yes" if field.required else "否 no",
        link,
        _code(field.example or ""),
        _Raw("<br>".join(notes)),
    )


def _page(title: str, subtitle: str, *parts: str) -> str:
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1><p>{escape(subtitle)}</p>\n" + "\n".join(parts) + "\n</body></html>\n"
    )


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    return _table((), facts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    head = "<tr>" + "".join(f"<th>{escape(text)}</th>" for text in heads) + "</tr>" if heads else ""
    body = "\n".join("<tr>" + "".join(f"<td>{_safe(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{head}\n{body}</table>"


def _safe(text: str) -> str:
    return text if isinstance(text, _Raw) else escape(text)


def _code(text: str) -> _Raw:
    return _Raw(f"<code>{escape(text)}</code>")


def _link(target: str, text: str) -> _Raw:
    return _Raw(f'<a href="{escape(target)}">{escape(text)}</a>')
