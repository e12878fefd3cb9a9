"""What became of a stream of packages, in a form that two runs can be compared in: no times, no running numbers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from exchange_hub.core.connections import connection
from exchange_hub.core.s3 import make_client
from exchange_hub.flows.audit import verify_evidence
from exchange_hub.flows.context import Hub

BATCHES = (
    "SELECT batch_no, state, verdict, received, accepted, rejected, held, flagged, refusal_code,"
    " reported_accepted, reported_rejected, reported_held FROM audit.batch"
)
RECORDS = "SELECT dataset, data_key, version_no, operation, batch_no, record_hash, is_current FROM audit.record"
FINDINGS = (
    "SELECT batch_no, dataset, data_key, source_file, source_row, field, rule_id, severity, found_by FROM audit.finding"
)
ITEMS = (
    "SELECT n.batch_no, i.dataset, i.data_key, i.source_row, i.state, i.corrected_batch_no"
    " FROM audit.notice_item i JOIN audit.notice n USING (notice_no)"
)
# A correction that lands before its notice went out closes it, and nothing needs to be sent: how often that happens is
# a matter of time, so that receipts of closed notices are not compared.
NOTICES = (
    "SELECT n.batch_no, n.state, n.items, n.refusal_code, CASE WHEN n.state <> 'closed' THEN"
    " (SELECT count(*) FROM audit.notice_receipt r WHERE r.notice_no = n.notice_no) END FROM audit.notice n"
)
RECEIPTS = (
    "SELECT n.notice_no, n.state, (SELECT count(*) FROM audit.notice_receipt r WHERE r.notice_no = n.notice_no)"
    " FROM audit.notice n"
)
UNDER_WAY = (
    "SELECT (SELECT count(*) FROM audit.batch WHERE batch_no = ANY(%(sent)s) AND verdict IS NOT NULL),"
    " (SELECT count(*) FROM audit.notice WHERE state = 'issued')"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Rows with how often each is there: a second copy of anything shows."""

    batches: Counter[tuple[Any, ...]]
    records: Counter[tuple[Any, ...]]
    findings: Counter[tuple[Any, ...]]
    notices: Counter[tuple[Any, ...]]
    items: Counter[tuple[Any, ...]]

    def differences(self, other: "Outcome") -> list[str]:
        """What one has and the other has not, a line each."""
        lines = []
        for field in fields(self):
            ours, theirs = getattr(self, field.name), getattr(other, field.name)
            lines += [f"{field.name}: only here {row}" for row in (ours - theirs)]
            lines += [f"{field.name}: only there {row}" for row in (theirs - ours)]
        return lines


def outcome(hub: Hub) -> Outcome:
    """Read it from the warehouse."""
    with hub.database() as conn:
        return Outcome(*(Counter(conn.execute(query)) for query in (BATCHES, RECORDS, FINDINGS, NOTICES, ITEMS)))


def ended(hub: Hub, batch_nos: list[str]) -> bool:
    """Whether all these batches are settled and every notice is delivered."""
    with hub.database() as conn:
        row = conn.execute(UNDER_WAY, {"sent": batch_nos}).fetchone()
    return row == (len(batch_nos), 0)


def broken(hub: Hub, home: Path, batch_nos: Iterable[str]) -> list[str]:
    """What must never be, whatever happened: a line each."""
    with hub.database() as conn:
        rows = conn.execute("SELECT batch_no, received, accepted, rejected, held FROM audit.batch").fetchall()
        notices = {str(number): (state, receipts) for number, state, receipts in conn.execute(RECEIPTS)}
    counted = Counter(row[0] for row in rows)
    lines = [f"batch {number}: {counted[number]} times" for number in batch_nos if counted[number] != 1]
    lines += [f"batch {row[0]}: {row[1]} received, not {row[2:]}" for row in rows if row[1] != sum(row[2:])]
    lines += [f"notice {number} never delivered" for number, (state, _) in notices.items() if state == "issued"]
    lines += [f"notice {number}: {receipts} receipts" for number, (_, receipts) in notices.items() if receipts > 1]
    lines += _inbox_faults(home, notices)
    result = verify_evidence(hub)
    return lines + [f"evidence: {difference}" for difference in result.differences]


def _inbox_faults(home: Path, notices: Mapping[str, tuple[str, int]]) -> list[str]:
    """Each notice lies in just one inbox, whole; nothing half-sent beside it. One closed without receipt need not."""
    folders = [home / "platforms" / name / "inbox" for name in ("zhengzhou", "nanyang")]
    lying = [path.name for folder in folders for path in folder.rglob("*") if path.is_file()]
    lying += _in_bucket()
    reports = Counter(name.removesuffix(".json") for name in lying if name.endswith(".json"))
    lines = []
    for number, (state, receipts) in notices.items():
        least = 0 if state == "closed" and not receipts else 1
        if not least <= reports[number] <= 1:
            lines.append(f"notice {number}, {state}: in {reports[number]} inboxes")
    lines += [f"unknown notice {number} in an inbox" for number in reports if number not in notices]
    return lines + [f"half-sent file {name}" for name in lying if name.endswith(".part")]


def _in_bucket() -> list[str]:
    link = connection("demo_luoyang_s3")
    client = make_client(f"{link.host}:{link.port}", link.user, link.secret, link.secure)
    found = client.list_objects("hub-inbox-luoyang", recursive=True)
    return [Path(str(entry.object_name)).name for entry in found]
