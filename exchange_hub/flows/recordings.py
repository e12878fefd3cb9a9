"""Recordings reconciled with sessions, and the media behind them looked at (音视频核对)."""

from datetime import datetime
from typing import Any

from exchange_hub.flows.context import Hub
from ingest.recordings.media import Expected, check_medium
from warehouse import mediachecks
from warehouse.questions import RECORDING_GAPS, ask


def recording_gaps(hub: Hub, at: datetime, platform_code: str | None) -> list[dict[str, Any]]:
    """Sessions without their recording, windows, durations, addresses and loops that are not as they should be."""
    with hub.database() as conn:
        return ask(conn, RECORDING_GAPS, at=at, platform_code=platform_code)


def check_media(hub: Hub, at: datetime, hosts: frozenset[str], limit: int, *, whole: bool) -> list[dict[str, Any]]:
    """Look at media that nothing has looked at yet; each outcome is kept at once.

    Args:
        hosts: hosts that may be asked.
        whole: read each medium to its end and prove its hash.
    """
    with hub.database() as conn:
        waiting = mediachecks.due(conn, limit)
        conn.rollback()
        told = []
        for row in waiting:
            seconds, size = row["duration_seconds"], row["byte_size"]
            expected = Expected(
                None if seconds is None else float(seconds), size, row["hash_algorithm"], row["hash_value"]
            )
            found = check_medium(row["uri"], expected, hosts=hosts, whole=whole)
            medium = row["dataset"], row["data_key"], row["version_no"]
            outcome = mediachecks.Outcome(found.state, found.problems, found.bytes_read)
            mediachecks.record(conn, medium, outcome, at)
            conn.commit()
            told.append({"recording_code": row["recording_code"], "state": found.state, "problems": found.problems})
    return told
