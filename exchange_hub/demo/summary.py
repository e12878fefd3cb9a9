"""The demonstration's last word: what came, what became of it, which notices, where to look."""

from collections.abc import Sequence

from exchange_hub.core.settings import settings
from exchange_hub.embedded import stack
from exchange_hub.flows.context import Hub

BATCHES = (
    "SELECT batch_no, verdict, received, accepted, rejected, held, coalesce(refusal_zh, '') FROM audit.batch"
    " WHERE batch_no = ANY(%s) ORDER BY batch_no"
)
NOTICES = (
    "SELECT notice_no, state, due_date, items, items_open, evidence FROM audit.notice WHERE batch_no = ANY(%s)"
    " ORDER BY notice_no"
)


def print_summary(hub: Hub, batch_nos: Sequence[str]) -> None:
    """Print batches, notices and addresses."""
    with hub.database() as conn:
        batches = conn.execute(BATCHES, (list(batch_nos),)).fetchall()
        notices = conn.execute(NOTICES, (list(batch_nos),)).fetchall()
    print("\n批次 batches")
    for number, verdict, received, accepted, rejected, held, refusal in batches:
        split = f"收到 {received} = 接收 {accepted} + 退回 {rejected} + 待父级 {held}"
        print(f"  {number:<26} {verdict:<20} {split}  {refusal}")
    print("\n反馈通知 notices")
    for number, state, due, items, opened, evidence in notices:
        print(f"  {number}  {state}  截止 due {due}  未办结 open {opened}/{items}\n      {evidence}")
    status = stack.status()
    print("\n去哪里看 where to look")
    print(f"  Airflow: {settings().airflow_url}（用户 user admin，密码见 password in {status.airflow_password_file}）")
    if portal_url := settings().portal_url:
        print(f"  门户与接口 portal and API: {portal_url}（接口说明 description: {portal_url}/api/v1/openapi.json）")
    print("  hub notices · hub notice NO --html FILE --xlsx FILE")
    if psql := status.psql:
        place = f"-h {psql['host']} -p {psql['port']} -U {psql['user']} {psql['dbname']}"
        print(f"  PGPASSFILE={psql['passfile']} psql {place}")
    print("  SELECT stage, dataset, data_key, occurred_at FROM audit.project_timeline ORDER BY occurred_at LIMIT 20;\n")
