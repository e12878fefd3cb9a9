"""Gaps of recordings go back to their platform (音视频缺口): told once, closed when the recording arrives (Art. 10)."""

from collections.abc import Iterable
from datetime import datetime

import psycopg

from exchange_hub.core.clock import in_shanghai
from exchange_hub.core.notices import ItemState
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from exchange_hub.flows.notify import deliver
from exchange_hub.flows.settling import settle
from feedback.notice import notice_number
from feedback.recording_gaps import RecordingGap, gap_notice
from feedback.states import closable
from warehouse import notice_links, notices, recording_gaps
from warehouse.notice_links import Settled
from warehouse.notices import Source
from warehouse.recording_gaps import Gap, Told


def review_recordings(hub: Hub, now: datetime) -> dict[str, str]:
    """Tell every platform of gaps that it was not told of yet, close what is put right, deliver the notices.

    A second run at once changes nothing. One platform's trouble does not keep the others waiting: each is committed by
    itself.

    Returns:
        Number of the new notice by platform.
    """
    issued: dict[str, str] = {}
    for code in sorted(hub.platforms):
        with hub.database() as conn:
            number = _review(conn, hub.platforms[code], now)
            conn.commit()
        if number is not None:
            issued[code] = number
            deliver(hub, number, now)
    return issued


def close_arrived(hub: Hub, platform_code: str, datasets: Iterable[str], now: datetime) -> None:
    """Close what a load has put right; nothing is told anew. Costs nothing where the platform has no open gap.

    Args:
        datasets: those of which the load accepted records.
    """
    with hub.database() as conn:
        if not recording_gaps.brought(conn, sorted(set(datasets))):
            return
        recording_gaps.lock(conn, platform_code)
        told = recording_gaps.told(conn, platform_code)
        if told:
            _close(conn, platform_code, told, recording_gaps.found(conn, platform_code, now), now)
        conn.commit()


def _review(conn: psycopg.Connection, platform: Platform, now: datetime) -> str | None:
    recording_gaps.lock(conn, platform.code)
    gaps = recording_gaps.found(conn, platform.code, now)
    told = recording_gaps.told(conn, platform.code)
    _close(conn, platform.code, told, gaps, now)
    known = {item.natural_key for item in told}
    fresh = [gap for gap in gaps if gap.key not in known]
    batch = recording_gaps.newest_batch(conn, platform.code) if fresh else None
    if batch is None:
        return None
    year = in_shanghai(now).year
    number = notice_number(platform.short_code, year, notices.number_for(conn, platform.short_code, year))
    items = [RecordingGap(g.key, g.gap, g.bid_section_code, g.stage, g.recording_code, g.dataset) for g in fresh]
    notice = gap_notice(platform, number, (batch.batch_no, batch.contract_version), items, now)
    notices.insert(conn, notice, Source(batch.batch_id, reviewed_at=now))
    return number


def _close(conn: psycopg.Connection, platform_code: str, told: list[Told], gaps: list[Gap], now: datetime) -> None:
    """Close items whose gap is gone, by the batch that brought the recording."""
    still = {gap.key for gap in gaps}
    gone = [item for item in told if item.natural_key not in still]
    if not gone:
        return
    sections = {item.natural_key.split("|")[1] for item in gone}
    by_section = recording_gaps.bringing_batch(conn, platform_code, sorted(sections))
    newest = recording_gaps.newest_batch(conn, platform_code)
    groups: dict[str, list[Settled]] = {}
    for item in gone:
        batch_no = by_section.get(item.natural_key.split("|")[1], newest.batch_no if newest else "")
        groups.setdefault(batch_no, []).append(Settled(item.notice_no, item.item_no, ItemState.CORRECTED))
    for batch_no, settled in groups.items():
        settle(conn, notice_links.close(conn, settled, closable(), batch_no, now), now)
