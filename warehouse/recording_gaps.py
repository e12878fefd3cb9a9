"""Gaps of recordings and the notice items that tell of them (音视频缺口)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

from warehouse.questions import RECORDING_GAPS, ask

# Items in these states were put right: the same gap, should it come again, is told anew.
RIGHTED = ("corrected", "withdrawn", "revoked_by_hub")


@dataclass(frozen=True, slots=True)
class Gap:
    """One row of the question RECORDING_GAPS. `stage` is opening or evaluation, or the kind of session as sent."""

    platform_code: str
    bid_section_code: str
    stage: str
    recording_code: str | None
    gap: str
    gap_zh: str
    since: datetime | None
    dataset: str  # where its trade has recordings

    @property
    def key(self) -> str:
        """What it is known by on a notice."""
        return "|".join((self.gap, self.bid_section_code, self.stage, self.recording_code or ""))


@dataclass(frozen=True, slots=True)
class Told:
    """An item that tells of a gap."""

    notice_no: str
    item_no: int
    natural_key: str
    state: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The batch after which a platform's recordings are reviewed."""

    batch_id: int
    batch_no: str
    contract_version: str


def found(conn: Connection, platform_code: str, at: datetime) -> list[Gap]:
    """Gaps of a platform at an instant, each once."""
    rows = ask(conn, RECORDING_GAPS, at=at, platform_code=platform_code)
    gaps = [Gap(**row) for row in rows]
    return list({gap.key: gap for gap in gaps}.values())


def told(conn: Connection, platform_code: str) -> list[Told]:
    """What a platform was told of and has not put right yet: explained or confirmed items, too."""
    with conn.cursor(row_factory=class_row(Told)) as cursor:
        return cursor.execute(
            "SELECT i.notice_no, i.item_no, i.natural_key, i.state FROM hub.notice n JOIN hub.notice_item i"
            " USING (notice_no) WHERE n.platform_code = %s AND n.reviewed_at IS NOT NULL AND i.child_no IS NULL"
            " AND NOT i.state = ANY(%s) ORDER BY i.notice_no, i.item_no",
            (platform_code, list(RIGHTED)),
        ).fetchall()


def newest_batch(conn: Connection, platform_code: str) -> Newest | None:
    """The newest loaded batch of a platform."""
    with conn.cursor(row_factory=class_row(Newest)) as cursor:
        return cursor.execute(
            "SELECT id AS batch_id, batch_no, contract_version FROM hub.batch"
            " WHERE platform_code = %s AND state = 'loaded' ORDER BY id DESC LIMIT 1",
            (platform_code,),
        ).fetchone()


def bringing_batch(conn: Connection, platform_code: str, sections: Sequence[str]) -> dict[str, str]:
    """For each of these sections the batch that brought its newest recording."""
    rows = conn.execute(
        "SELECT DISTINCT ON (s.code) s.code, r.batch_no FROM unnest(%s::text[]) s (code) JOIN audit.recording r"
        " ON s.code = r.tender_project_code"
        " OR s.code = ANY (string_to_array(replace(r.bid_section_code, ' ', ''), ';'))"
        " WHERE r.platform_code = %s ORDER BY s.code, r.recorded_at DESC",
        (list(sections), platform_code),
    ).fetchall()
    return {str(code): str(batch_no) for code, batch_no in rows}


def brought(conn: Connection, datasets: Sequence[str]) -> bool:
    """Whether one of these datasets holds recordings."""
    found = conn.execute("SELECT 1 FROM hub.dataset WHERE stage = 'recording' AND dataset = ANY(%s)", (list(datasets),))
    return found.fetchone() is not None


def lock(conn: Connection, platform_code: str) -> None:
    """One review of a platform's recordings at a time, until the transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:gaps:' || %s, 42))", (platform_code,))
