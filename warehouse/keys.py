"""API keys of platforms (接口密钥): only the hash of a secret is kept."""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import class_row

COLUMNS = "key_id, platform_code, label, created_at, created_by, expires_at, revoked_at, revoked_by, used_at"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret."""

    key_id: str
    platform_code: str
    label: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None
    used_at: datetime | None

    def usable(self, now: datetime) -> bool:
        """Whether it opens anything at that instant."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def insert(conn: Connection, key: ApiKey, secret_hash: bytes) -> None:
    """Keep a new key."""
    conn.execute(
        "INSERT INTO hub.api_key (key_id, platform_code, label, secret_hash, created_at, created_by, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (key.key_id, key.platform_code, key.label, secret_hash, key.created_at, key.created_by, key.expires_at),
    )


def find(conn: Connection, key_id: str) -> tuple[ApiKey, bytes] | None:
    """The key of that public part, and the hash of its secret."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        key = cursor.execute(f"SELECT {COLUMNS} FROM hub.api_key WHERE key_id = %s", (key_id,)).fetchone()  # noqa: S608
    row = conn.execute("SELECT secret_hash FROM hub.api_key WHERE key_id = %s", (key_id,)).fetchone()
    return (key, bytes(row[0])) if key and row else None


def list_keys(conn: Connection, platform_code: str | None = None) -> list[ApiKey]:
    """Keys of one platform or of all, oldest first."""
    with conn.cursor(row_factory=class_row(ApiKey)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM hub.api_key WHERE (%s::text IS NULL OR platform_code = %s)"  # noqa: S608
            " ORDER BY platform_code, created_at, key_id",
            (platform_code, platform_code),
        ).fetchall()


def revoke(conn: Connection, key_id: str, actor: str, at: datetime) -> bool:
    """Revoke a key; returns whether it was still in force."""
    changed = conn.execute(
        "UPDATE hub.api_key SET revoked_at = %s, revoked_by = %s WHERE key_id = %s AND revoked_at IS NULL",
        (at, actor, key_id),
    )
    return changed.rowcount == 1


def note_use(conn: Connection, key_id: str, at: datetime) -> None:
    """Remember that it was used, at most once an hour."""
    conn.execute(
        "UPDATE hub.api_key SET used_at = %(at)s WHERE key_id = %(key)s"
        " AND (used_at IS NULL OR used_at < %(at)s - interval '1 hour')",
        {"at": at, "key": key_id},
    )
