"""Accounts of persons (账号): one account one person, graded by region and trade (Art. 12)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from psycopg import Connection
from psycopg.rows import class_row

COLUMNS: LiteralString = (
    "id, login, person, kind, is_admin, platform_code, region, trades, password_hash, password_set_at, must_change,"
    " failures, locked_until, totp_secret, totp_since, totp_step, created_at, created_by, signed_in_at, disabled_at"
)


@dataclass(frozen=True, slots=True)
class Account:
    """One row of hub.account. `kind` is platform, office or hub."""

    id: int
    login: str
    person: str
    kind: str
    is_admin: bool
    platform_code: str | None
    region: str | None
    trades: list[str]
    password_hash: str
    password_set_at: datetime
    must_change: bool
    failures: int
    locked_until: datetime | None
    totp_secret: bytes | None
    totp_since: datetime | None
    totp_step: int
    created_at: datetime
    created_by: str
    signed_in_at: datetime | None
    disabled_at: datetime | None

    def locked(self, now: datetime) -> bool:
        """Whether it is locked at that instant."""
        return self.locked_until is not None and now < self.locked_until


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What an account is made of."""

    login: str
    person: str
    kind: str
    is_admin: bool = False
    platform_code: str | None = None
    region: str | None = None
    trades: tuple[str, ...] = ()


def insert(conn: Connection, new: NewAccount, password_hash: str, actor: str, at: datetime) -> bool:
    """Make an account whose person must choose a password first; returns whether the login was free."""
    scope = (new.kind, new.is_admin, new.platform_code, new.region, list(new.trades))
    row = conn.execute(
        "INSERT INTO hub.account (login, person, kind, is_admin, platform_code, region, trades, password_hash,"
        " password_set_at, created_at, created_by) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT (login) DO NOTHING RETURNING id",
        (new.login, new.person, *scope, password_hash, at, at, actor),
    ).fetchone()
    if row is not None:
        _remember(conn, int(row[0]), password_hash, at)
    return row is not None


def find(conn: Connection, login: str) -> Account | None:
    """The account of that login."""
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(f"SELECT {COLUMNS} FROM hub.account WHERE login = %s", (login,)).fetchone()  # noqa: S608


def get(conn: Connection, account_id: int) -> Account | None:
    """The account of that number."""
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(f"SELECT {COLUMNS} FROM hub.account WHERE id = %s", (account_id,)).fetchone()  # noqa: S608


def list_accounts(conn: Connection, kind: str | None = None, unit: str | None = None) -> list[Account]:
    """Accounts of one unit (platform code or region) or of all, by login."""
    with conn.cursor(row_factory=class_row(Account)) as cursor:
        return cursor.execute(
            f"SELECT {COLUMNS} FROM hub.account WHERE (%(kind)s::text IS NULL OR kind = %(kind)s)"  # noqa: S608
            " AND (%(unit)s::text IS NULL OR coalesce(platform_code, region) = %(unit)s) ORDER BY login",
            {"kind": kind, "unit": unit},
        ).fetchall()


def any_account(conn: Connection) -> bool:
    """Whether there is any account yet."""
    return conn.execute("SELECT FROM hub.account LIMIT 1").fetchone() is not None


def set_password(conn: Connection, account_id: int, password_hash: str, at: datetime, *, must_change: bool) -> None:
    """Change the password; the account is unlocked."""
    conn.execute(
        "UPDATE hub.account SET password_hash = %s, password_set_at = %s, must_change = %s, failures = 0,"
        " locked_until = NULL WHERE id = %s",
        (password_hash, at, must_change, account_id),
    )
    _remember(conn, account_id, password_hash, at)


def earlier_passwords(conn: Connection, account_id: int, most: int) -> list[str]:
    """Hashes of the newest passwords, the present one first."""
    rows = conn.execute(
        "SELECT password_hash FROM hub.account_password WHERE account_id = %s ORDER BY set_at DESC LIMIT %s",
        (account_id, most),
    )
    return [str(row[0]) for row in rows]


def note_failure(conn: Connection, account_id: int, at: datetime, most: int, lock: timedelta) -> bool:
    """Count a failed sign-in; returns whether the account is locked now."""
    row = conn.execute(
        "UPDATE hub.account SET failures = CASE WHEN failures + 1 >= %(most)s THEN 0 ELSE failures + 1 END,"
        " locked_until = CASE WHEN failures + 1 >= %(most)s THEN %(until)s ELSE locked_until END"
        " WHERE id = %(id)s RETURNING locked_until",
        {"most": most, "until": at + lock, "id": account_id},
    ).fetchone()
    return bool(row and row[0] is not None and row[0] > at)


def note_sign_in(conn: Connection, account_id: int, at: datetime) -> None:
    """A person is in: failures are forgotten."""
    conn.execute(
        "UPDATE hub.account SET failures = 0, locked_until = NULL, signed_in_at = %s WHERE id = %s", (at, account_id)
    )


def set_totp(conn: Connection, account_id: int, secret: bytes | None, since: datetime | None) -> None:
    """Set, confirm (`since`) or drop (None, None) the second factor."""
    conn.execute("UPDATE hub.account SET totp_secret = %s, totp_since = %s WHERE id = %s", (secret, since, account_id))


def use_step(conn: Connection, account_id: int, step: int) -> bool:
    """Use a time step of the second factor; returns whether it was not used yet."""
    changed = conn.execute(
        "UPDATE hub.account SET totp_step = %s WHERE id = %s AND totp_step < %s", (step, account_id, step)
    )
    return changed.rowcount == 1


def set_disabled(conn: Connection, account_id: int, at: datetime | None) -> None:
    """Disable an account, or (None) let it in again."""
    conn.execute("UPDATE hub.account SET disabled_at = %s WHERE id = %s", (at, account_id))


def _remember(conn: Connection, account_id: int, password_hash: str, at: datetime) -> None:
    conn.execute("INSERT INTO hub.account_password VALUES (%s, %s, %s)", (account_id, at, password_hash))
