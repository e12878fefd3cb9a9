"""The demonstration's last word: what came, what became of it, which notices, whether it is proved, where to look."""

from collections.abc import Sequence
from pathlib import Path

from exchange_hub.core.records import Verdict
from exchange_hub.core.settings import home, settings
from exchange_hub.core.tables import table_lines
from exchange_hub.demo.packages import Parcel
from exchange_hub.embedded import stack
from exchange_hub.flows.audit import verify_evidence
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notices import write_notice_files

VERDICTS = {
    Verdict.ACCEPTED: "全部接收 accepted",
    Verdict.PARTIALLY_ACCEPTED: "部分接收 partly",
    Verdict.REJECTED: "全部退回 rejected",
    Verdict.REFUSED: "整批拒收 refused",
}
STATES = {
    "issued": "已发出 issued",
    "delivered": "已送达 delivered",
    "closed": "已办结 closed",
    "overdue": "超期 overdue",
}
BATCHES = (
    "SELECT batch_no, verdict, received, accepted, rejected, held, reported_held, refusal_zh FROM audit.batch"
    " WHERE batch_no = ANY(%s)"
)
NOTICES = (
    "SELECT notice_no, batch_no, state, due_date, items, items_open, evidence FROM audit.notice"
    " WHERE batch_no = ANY(%s) ORDER BY notice_no"
)
TIMELINE = (
    "SELECT stage, dataset, to_char(occurred_at, 'YYYY-MM-DD HH24:MI') FROM audit.project_timeline"
    " WHERE tender_project_code = (SELECT min(tender_project_code) FROM exchange.tender_project)"
    " ORDER BY occurred_at LIMIT 6"
)


def print_summary(hub: Hub, parcels: Sequence[Parcel], *, stay: bool) -> bool:
    """Print it; returns whether everything ended as it should."""
    print("\n━━ 四、结果 / 4. what came of it")
    good = _print_batches(hub, parcels)
    files = _print_notices(hub, [parcel.batch_no for parcel in parcels])
    proved = _print_evidence(hub)
    print("\n━━ 五、去哪里看 / 5. where to look")
    if not stay:
        print("  服务即将停止，数据保留：用 make up 再启动，make demo STAY=1 则演示后不停")
        print("  the stack stops now and keeps its data: make up starts it again, make demo STAY=1 leaves it running")
    for path in files:
        print(f"  反馈通知 notice, open in a browser or Excel: {path}")
    _print_addresses()
    return good and proved


def _print_batches(hub: Hub, parcels: Sequence[Parcel]) -> bool:
    with hub.database() as conn:
        found = conn.execute(BATCHES, ([parcel.batch_no for parcel in parcels],)).fetchall()
    by_number = {row[0]: row for row in found}
    rows, remarks = [], []
    for parcel in parcels:
        number, verdict, received, accepted, rejected, held, waited, refusal = by_number[parcel.batch_no]
        right = "✓" if verdict == parcel.expected else "✗"
        short_code = hub.platform(parcel.platform).short_code
        counts = (received, accepted, rejected, held)
        rows.append((right, number, short_code, VERDICTS[Verdict(verdict)], *counts))
        if refusal:
            remarks.append(f"{number} 拒收原因 refused because: {refusal}")
        if waited and not held:
            remarks.append(
                f"{number} 的 {waited} 条记录曾等待上级项目，项目到达后自动放行 / waited, released when it came"
            )
    head = ("", "批次 batch", "平台", "结论 verdict", "收到 received", "接收 accepted", "退回 rejected", "待父级 held")
    print("\n".join(f"  {line}" for line in table_lines(head, rows)))
    print("  收到 = 接收 + 退回 + 待父级 / received = accepted + rejected + held")
    print("\n".join(f"  · {remark}" for remark in remarks))
    return all(row[0] == "✓" for row in rows)


def _print_notices(hub: Hub, batch_nos: Sequence[str]) -> list[Path]:
    """The notices; returns copies of their files that stay when the stack is stopped."""
    with hub.database() as conn:
        found = conn.execute(NOTICES, (list(batch_nos),)).fetchall()
    files: list[Path] = []
    rows, places = [], []
    folder = home() / "demo"
    folder.mkdir(exist_ok=True)
    for number, batch_no, state, due, items, opened, evidence in found:
        due_text = f"{due} 24:00" if due else "—"
        rows.append((number, batch_no, STATES.get(state, state), due_text, f"{opened}/{items}"))
        places.append(f"{number} 送达位置 delivered to: {evidence or '—'}")
        copies = (folder / f"{number}.html", folder / f"{number}.xlsx")
        write_notice_files(hub, number, *copies)
        files += copies
    head = ("反馈通知 notice", "批次 batch", "状态 state", "截止（5个工作日）due", "未办结 open/items")
    print("\n" + "\n".join(f"  {line}" for line in table_lines(head, rows)))
    print("\n".join(f"  · {place}" for place in places))
    return files


def _print_evidence(hub: Hub) -> bool:
    result = verify_evidence(hub)
    said = "一致，无差异 nothing differs" if result.ok else f"{len(result.differences)} 处差异 differences"
    print(
        f"\n  存证核验 hub audit verify: {said}（入库事件 loads {result.loads}，记录版本 versions {result.versions}）"
    )
    with hub.database() as conn:
        rows = conn.execute(TIMELINE).fetchall()
    print("\n  一个招标项目的时间线（节选） timeline of one tender project, its beginning")
    print("\n".join(f"    {line}" for line in table_lines(("环节 stage", "数据集 dataset", "时间 occurred"), rows)))
    return result.ok


def _print_addresses() -> None:
    status = stack.status()
    print(f"  Airflow: {settings().airflow_url}（用户 user admin，密码见 password in {status.airflow_password_file}）")
    if portal_url := settings().portal_url:
        print(f"  门户与接口 portal and API: {portal_url}（接口说明 description: {portal_url}/api/v1/openapi.json）")
    print(
        "  命令 commands: .venv/bin/hub notices · hub held list · hub audit record SECTION DATA_KEY · hub audit verify"
    )
    if psql := status.psql:
        place = f"-h {psql['host']} -p {psql['port']} -U {psql['user']} {psql['dbname']}"
        query = "SELECT batch_no, verdict, received, accepted, rejected, held FROM audit.batch ORDER BY received_at"
        print(f'  SQL: PGPASSFILE={psql["passfile"]} {psql["program"]} {place} -c "{query}"')
