"""Names of the trading platforms, copied from their cards so that views and reports can show them (交易平台)."""

from collections.abc import Iterable
from datetime import datetime

from psycopg import Connection

from exchange_hub.core.platforms import Platform


def record_platforms(conn: Connection, platforms: Iterable[Platform], at: datetime) -> None:
    """Copy the cards; a row that says the same already is not touched, and none is ever removed."""
    conn.cursor().executemany(
        "INSERT INTO hub.platform AS p (code, short_code, name_zh, name_en, region, trades, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (code) DO UPDATE SET short_code = excluded.short_code,"
        " name_zh = excluded.name_zh, name_en = excluded.name_en, region = excluded.region, trades = excluded.trades,"
        " updated_at = excluded.updated_at WHERE (p.short_code, p.name_zh, p.name_en, p.region, p.trades)"
        " IS DISTINCT FROM (excluded.short_code, excluded.name_zh, excluded.name_en, excluded.region, excluded.trades)",
        [(p.code, p.short_code, p.name_zh, p.name_en, p.region, list(p.trades), at) for p in platforms],
    )
