"""Channels (传输通道): how each platform's channel has been doing, and what waits there. Working state, no evidence."""

from dataclasses import astuple, dataclass, field
from datetime import datetime

from psycopg import Connection
from psycopg.types.json import Jsonb

from exchange_hub.core.breaker import Health

HEALTH = (
    "SELECT failures, failed_at, error_zh, error_en, rests_until, worked_at FROM hub.channel WHERE platform_code = %s"
)
SAVE = (
    "UPDATE hub.channel SET (failures, failed_at, error_zh, error_en, rests_until, worked_at)"
    " = (%s, %s, %s, %s, %s, %s) WHERE platform_code = %s"
)
ALL = (
    "SELECT platform_code, looked_at, waiting_packages, waiting_bytes,"
    " failures, failed_at, error_zh, error_en, rests_until, worked_at FROM hub.channel ORDER BY platform_code"
)


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One platform's channel."""

    platform_code: str
    health: Health = field(default_factory=Health)
    looked_at: datetime | None = None  # when it was last listed
    waiting_packages: int = 0  # left at the source by that look
    waiting_bytes: int = 0


def lock(conn: Connection, platform_code: str) -> Health:
    """The channel's health, its row locked until the transaction ends."""
    conn.execute("INSERT INTO hub.channel (platform_code) VALUES (%s) ON CONFLICT DO NOTHING", (platform_code,))
    row = conn.execute(f"{HEALTH} FOR UPDATE", (platform_code,)).fetchone()
    return Health(*row) if row else Health()


def health_of(conn: Connection, platform_code: str) -> Health:
    """The channel's health as it is."""
    row = conn.execute(HEALTH, (platform_code,)).fetchone()
    return Health(*row) if row else Health()


def save(conn: Connection, platform_code: str, health: Health) -> None:
    """Keep the health of a channel that `lock` gave."""
    conn.execute(SAVE, (*astuple(health), platform_code))


def channels(conn: Connection) -> dict[str, ChannelRow]:
    """Every channel that was ever used, by platform."""
    return {row[0]: ChannelRow(row[0], Health(*row[4:]), *row[1:4]) for row in conn.execute(ALL)}


def last_look(conn: Connection, platform_code: str) -> dict[str, str]:
    """What the last look saw and left since it was not known to be whole: stamp by name."""
    row = conn.execute("SELECT seen FROM hub.channel WHERE platform_code = %s", (platform_code,)).fetchone()
    return dict(row[0]) if row else {}


def note_look(
    conn: Connection, platform_code: str, seen: dict[str, str], waiting: tuple[int, int], at: datetime
) -> None:
    """Remember a look: `seen` as `last_look` gives it, and how many packages and bytes it left at the source."""
    conn.execute(
        "INSERT INTO hub.channel (platform_code, seen, waiting_packages, waiting_bytes, looked_at)"
        " VALUES (%(code)s, %(seen)s, %(packages)s, %(bytes)s, %(at)s) ON CONFLICT (platform_code) DO UPDATE SET"
        " seen = excluded.seen, waiting_packages = excluded.waiting_packages, waiting_bytes = excluded.waiting_bytes,"
        " looked_at = excluded.looked_at",
        {"code": platform_code, "seen": Jsonb(seen), "packages": waiting[0], "bytes": waiting[1], "at": at},
    )


def received_since(conn: Connection, platform_code: str, channel: str, since: datetime) -> tuple[int, int]:
    """Packages and bytes that came by that channel since an instant; a repeat of a package came only once."""
    row = conn.execute(
        "SELECT count(*), coalesce(sum(size_bytes), 0)::bigint FROM hub.batch"
        " WHERE platform_code = %s AND channel = %s AND received_at >= %s",
        (platform_code, channel, since),
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)
