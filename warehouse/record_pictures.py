"""Pictures of one record (图示) as SVG: what became of it, and what proves a version of it."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from exchange_hub.core.clock import in_shanghai

WIDTH, ROW, TOP = 820, 24, 40
FONT = "font-family='sans-serif' font-size='12'"
BLUE, RED, AMBER, GREY = "#1f6feb", "#b42318", "#b54708", "#555"
OPERATIONS = {"insert": "新增 insert", "update": "修改 update", "delete": "撤回 delete"}
LONGEST = 36  # characters of a value that are shown
SHOWN = 3  # changed fields of a version that are listed
Line = tuple[Any, str, str, Sequence[str]]  # instant, colour, text, smaller lines below


def history_picture(history: Mapping[str, Any]) -> str:
    """SVG of a record's course: rejections, notices, versions with what they changed, in order of time.

    Args:
        history: document of `hub audit record`, personal values masked.
    """
    lines = sorted(_lines(history), key=lambda line: line[0])
    title = f"{history['dataset']} {history['data_key']} {history['dataset_zh']}"
    parts, y = [], TOP + ROW // 2
    for at, colour, text, below in lines:
        parts.append(f"<circle cx='150' cy='{y - 4}' r='5' fill='{colour}'/>")
        parts.append(f"<text x='10' y='{y}' fill='{GREY}'>{in_shanghai(at):%Y-%m-%d %H:%M}</text>")
        parts.append(f"<text x='168' y='{y}' fill='{colour}'>{escape(text)}</text>")
        y += ROW
        for small in below:
            parts.append(f"<text x='184' y='{y - 4}' font-size='11'>{escape(small)}</text>")
            y += ROW - 6
    line = f"<line x1='150' x2='150' y1='{TOP}' y2='{y - ROW}' stroke='#ddd'/>"
    return _svg(title, y, [line, *parts])


def provenance_picture(version: Mapping[str, Any], proof: Mapping[str, Any]) -> str:
    """SVG of what stands behind one version: sender, package, file and row, release, hash, leaf, root, chain.

    Args:
        version: row of the history.
        proof: document of `hub audit prove`; may be without the record's text.
    """
    first, last = proof["links"][0], proof["head"]
    steps = (
        ("报送 sent by", f"平台 {version['platform_code']}  批次 {version['batch_no']}"),
        ("数据包 package", f"SHA-256 {first['package_sha256'][:24]}…"),
        ("出处 place in it", f"{version['source_file']} 第{version['source_row']}行"),
        ("校验 validated by", f"规范 contract release {version['contract_version']}"),
        ("入库 recorded", f"版本 {version['version_no']}  {in_shanghai(version['recorded_at']):%Y-%m-%d %H:%M:%S}"),
        ("记录散列 record hash", f"{proof['record_hash'][:24]}…"),
        ("叶 leaf", f"{proof['leaf'][:24]}…"),
        ("默克尔根 Merkle root", f"{proof['root'][:24]}…  经 {len(proof['path'])} 个邻值 by as many neighbours"),
        ("存证链 chain", f"第 {proof['seq']} 环 link  →  链首 head {last['seq']}: {last['chain'][:24]}…"),
    )
    parts = []
    for place, (name, text) in enumerate(steps):
        y = TOP + place * (ROW + 14)
        parts.append(f"<rect x='10' y='{y}' width='{WIDTH - 20}' height='{ROW + 2}' fill='#f6f8fa' stroke='#ddd'/>")
        parts.append(f"<text x='20' y='{y + 17}' font-weight='bold'>{escape(name)}</text>")
        parts.append(f"<text x='210' y='{y + 17}' fill='{BLUE}'>{escape(text)}</text>")
        if place:
            parts.append(f"<text x='100' y='{y - 2}' fill='{GREY}'>↓</text>")
    title = f"{proof['dataset']} {proof['data_key']} 版本 {proof['version_no']}"
    return _svg(title, TOP + len(steps) * (ROW + 14), parts)


def _lines(history: Mapping[str, Any]) -> Iterator[Line]:
    for one in history["findings"]:
        said = f"{one['severity']} {one['rule_id']} {one['field'] or ''}：{one['message_zh']}"
        yield one["found_at"], RED if one["severity"] == "reject" else AMBER, f"批次 {one['batch_no']}  {said}", ()
    for one in history["notices"]:
        done = f"，由批次 {one['corrected_batch_no']} 更正" if one["corrected_batch_no"] else ""
        text = f"反馈通知 {one['notice_no']} 第{one['item_no']}条，截止 {one['due_date'] or '—'}{done}"
        yield one["issued_at"], AMBER, text, ()
    for version in history["versions"]:
        text = f"版本 {version['version_no']} {OPERATIONS[version['operation']]}  批次 {version['batch_no']}"
        changed = [f"{name}: {_short(a)} → {_short(b)}" for name, (a, b) in version["changes"].items()]
        more = [f"…另 {len(changed) - SHOWN} 项 more"] if len(changed) > SHOWN else []
        yield version["recorded_at"], BLUE, text, (*changed[:SHOWN], *more)


def _short(value: str | None) -> str:
    """A value as it fits: beginning and end of a long one."""
    if not value:
        return "（空）"
    return value if len(value) <= LONGEST else f"{value[: LONGEST // 3]}…{value[-(LONGEST // 2) :]}"


def _svg(title: str, height: int, parts: Sequence[str]) -> str:
    return "\n".join([
        f"<svg xmlns='http://www.w3.org/2000/svg' width='{WIDTH}' height='{height + 10}' {FONT}>",
        f"<title>{escape(title)}</title><rect width='100%' height='100%' fill='#fff'/>",
        f"<text x='10' y='20' font-weight='bold'>{escape(title)}</text>",
        *parts,
        "</svg>",
        "",
    ])  # fmt: skip
