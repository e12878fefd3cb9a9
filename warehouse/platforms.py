"""Names of the trading platforms, copied from their cards so that views and reports can show them (交易平台)."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from exchange_hub.core.platforms import Platform

LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('hub:platforms', 42))"
KNOWN = "SELECT code, short_code, name_zh, name_en, region, trades FROM hub.platform WHERE code = ANY(%s)"
COPY = (
    "INSERT INTO hub.platform (code, short_code, name_zh, name_en, region, trades, updated_at, known_since)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (code) DO UPDATE SET short_code = excluded.short_code,"
    " name_zh = excluded.name_zh, name_en = excluded.name_en, region = excluded.region, trades = excluded.trades,"
    " updated_at = excluded.updated_at"
)


def record_platforms(conn: Connection, platforms: Iterable[Platform], at: datetime) -> None:
    """Copy the cards; a row that says the same already is not touched, and none is ever removed.

    Only a change takes the lock: two writers of one new card would meet on its short code, which is unique too.
    """
    cards = [(p.code, p.short_code, p.name_zh, p.name_en, p.region, list(p.trades)) for p in platforms]
    known = conn.execute(KNOWN, ([card[0] for card in cards],)).fetchall()
    changed = [(*card, at, at) for card in cards if card not in known]
    if changed:
        conn.execute(LOCK)
        conn.cursor().executemany(COPY, changed)
