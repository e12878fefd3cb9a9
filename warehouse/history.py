"""The history of one record (记录溯源): its versions, what was found, which notices it stood on, whether it waited."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

VERSIONS = (
    "SELECT version_no, operation, recorded_at, superseded_at, is_current, is_deleted, platform_code, batch_no,"
    " source_file, source_row, contract_version, record_hash, payload FROM audit.record_of(%s, %s)"
    " ORDER BY version_no"
)
FINDINGS = (
    "SELECT found_at, platform_code, batch_no, source_file, source_row, field, rule_id, rule_version, severity,"
    " dimension, value, message_zh FROM audit.finding WHERE dataset = %s AND data_key = %s ORDER BY found_at, rule_id"
)
NOTICES = (
    "SELECT i.notice_no, n.batch_no, n.issued_at, n.received_at, n.due_date, n.state AS notice_state, i.item_no,"
    " i.state, i.answer, i.answered_at, i.corrected_batch_no FROM audit.notice_item i JOIN audit.notice n"
    " ON n.notice_no = i.notice_no WHERE i.dataset = %s AND i.data_key = %s ORDER BY n.issued_at, i.item_no"
)
WAITS = (
    "SELECT platform_code, batch_no, source_file, source_row, state, waits_for, since, settled_at, settled_by"
    " FROM audit.held WHERE dataset = %s AND data_key = %s ORDER BY since"
)


@dataclass(frozen=True, slots=True)
class History:
    """Rows of the audit views about one record, oldest first; all empty where nothing is known of it."""

    versions: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    waits: list[dict[str, Any]]

    @property
    def known(self) -> bool:
        """Whether the hub ever saw this record."""
        return bool(self.versions or self.findings or self.notices or self.waits)


def read_history(conn: Connection, dataset: str, data_key: str) -> History:
    """All that the audit views say about a record."""
    with conn.cursor(row_factory=dict_row) as cursor:
        found = [
            cursor.execute(statement, (dataset, data_key)).fetchall()
            for statement in (VERSIONS, FINDINGS, NOTICES, WAITS)
        ]
    return History(*found)


def platforms_of(conn: Connection, batch_no: str) -> list[str]:
    """Codes of the platforms that sent a batch of that number."""
    rows = conn.execute("SELECT platform_code FROM hub.batch WHERE batch_no = %s ORDER BY platform_code", (batch_no,))
    return [row[0] for row in rows]
