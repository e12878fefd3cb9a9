"""Accounts: made, changed, disabled; and what each may reach by its grade (Art. 12: region and trade)."""

import re
from collections.abc import Mapping
from datetime import datetime

import psycopg

from exchange_hub.core.errors import UsageError
from exchange_hub.core.platforms import Platform
from exchange_hub.flows.context import Hub
from exchange_hub.flows.passwords import KEPT, first_password, hash_password, matches, must_be_good
from warehouse import accounts, actions, sessions
from warehouse.accounts import Account, NewAccount
from warehouse.actions import Action

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}")
KINDS = {"platform": "交易平台", "office": "监管部门", "hub": "枢纽"}
FIRST_ADMIN = "admin"


def reach_of(account: Account, platforms: Mapping[str, Platform]) -> tuple[str, ...]:
    """Codes of the platforms that this account may see.

    A platform's account sees its platform, an office's the platforms of its region (and the regions below) that have
    one of its trades, the hub's all.
    """
    if account.kind == "platform":
        return (account.platform_code or "",)
    if account.kind == "hub":
        return tuple(platforms)
    prefix = re.sub("(00)+$", "", account.region or "")
    trades = set(account.trades)
    return tuple(
        code
        for code, platform in platforms.items()
        if prefix and platform.region.startswith(prefix) and (not trades or trades & set(platform.trades))
    )


def may_manage(admin: Account, unit: NewAccount | Account) -> bool:
    """Whether this administrator may make or change accounts of that unit."""
    if not admin.is_admin:
        return False
    if admin.kind == "hub":
        return True
    return admin.kind == unit.kind and (admin.platform_code, admin.region) == (unit.platform_code, unit.region)


def create_account(hub: Hub, new: NewAccount, actor: str, now: datetime, address: str = "") -> str:
    """Make an account; its person chooses another password at the first sign-in.

    Returns:
        The first password, which cannot be shown again.

    Raises:
        UsageError: a wrong login, person or unit, or the login is taken.
    """
    _must_be_right(hub, new)
    with hub.database() as conn:
        password = _insert(conn, new, actor, now, address)
        conn.commit()
    return password


def ensure_first_admin(conn: psycopg.Connection, now: datetime) -> str | None:
    """Where there is no account yet, make the administrator of the hub; returns the password, to be shown once."""
    conn.execute("LOCK TABLE hub.account IN SHARE ROW EXCLUSIVE MODE")
    if accounts.any_account(conn):
        conn.rollback()
        return None
    password = _insert(conn, NewAccount(FIRST_ADMIN, "枢纽管理员", "hub", is_admin=True), "hub up", now, "")
    conn.commit()
    return password


def change_password(hub: Hub, account: Account, old: str, new: str, now: datetime, address: str = "") -> None:
    """The person's own change; every session of the account ends.

    Raises:
        UsageError: the old one is wrong, or the new one breaks the rules or was used before.
    """
    if not matches(old, account.password_hash):
        raise UsageError("WRONG_PASSWORD", "原口令不正确", "the present password is wrong")
    must_be_good(new, account.login)
    with hub.database() as conn:
        if any(matches(new, kept) for kept in accounts.earlier_passwords(conn, account.id, KEPT)):
            zh, en = f"不得使用最近 {KEPT} 次用过的口令", f"not one of the last {KEPT} passwords"
            raise UsageError("BAD_PASSWORD", zh, en)
        accounts.set_password(conn, account.id, hash_password(new), now, must_change=False)
        sessions.end_all(conn, account.id, now)
        actions.record(conn, Action(account.login, "account.password", account.login, address=address), now)
        conn.commit()


def reset_account(hub: Hub, login: str, actor: str, now: datetime, address: str = "") -> str:
    """An administrator's reset: new first password, unlocked, without second factor; sessions end.

    Raises:
        UsageError: no such account.
    """
    password = first_password()
    with hub.database() as conn:
        account = known(conn, login)
        accounts.set_password(conn, account.id, hash_password(password), now, must_change=True)
        accounts.set_totp(conn, account.id, None, None)
        sessions.end_all(conn, account.id, now)
        actions.record(conn, Action(actor, "account.reset", login, address=address), now)
        conn.commit()
    return password


def set_enabled(hub: Hub, login: str, enabled: bool, actor: str, now: datetime, address: str = "") -> None:
    """Disable an account and end its sessions, or let it in again.

    Raises:
        UsageError: no such account.
    """
    with hub.database() as conn:
        account = known(conn, login)
        accounts.set_disabled(conn, account.id, None if enabled else now)
        if not enabled:
            sessions.end_all(conn, account.id, now)
        action = "account.enable" if enabled else "account.disable"
        actions.record(conn, Action(actor, action, login, address=address), now)
        conn.commit()


def list_accounts(hub: Hub, kind: str | None = None, unit: str | None = None) -> list[Account]:
    """Accounts of one unit or of all."""
    with hub.database() as conn:
        return accounts.list_accounts(conn, kind, unit)


def known(conn: psycopg.Connection, login: str) -> Account:
    """The account of that login.

    Raises:
        UsageError: UNKNOWN_ACCOUNT.
    """
    account = accounts.find(conn, login)
    if account is None:
        raise UsageError("UNKNOWN_ACCOUNT", f"没有账号 {login}", f"no account {login}")
    return account


def _insert(conn: psycopg.Connection, new: NewAccount, actor: str, now: datetime, address: str) -> str:
    password = first_password()
    if not accounts.insert(conn, new, hash_password(password), actor, now):
        raise UsageError("LOGIN_TAKEN", f"登录名 {new.login} 已被使用", f"login {new.login} is taken")
    unit = new.platform_code or new.region or "hub"
    actions.record(conn, Action(actor, "account.create", f"{new.login} {new.kind} {unit}", address=address), now)
    return password


def _must_be_right(hub: Hub, new: NewAccount) -> None:
    trades = {trade for platform in hub.platforms.values() for trade in platform.trades}
    faults = (
        (
            not LOGIN.fullmatch(new.login),
            "登录名应为 2 至 40 个小写字母、数字或 . _ -",
            "a login has 2 to 40 lower-case letters, digits or . _ -",
        ),
        (
            not 1 <= len(new.person.strip()) <= 40 or not new.person.isprintable(),
            "须填写使用人姓名，最多 40 字",
            "the person's name is required, at most 40 characters",
        ),
        (new.kind not in KINDS, "单位类别应为 platform、office 或 hub", "kind is platform, office or hub"),
        (
            (new.kind == "platform") != (new.platform_code in hub.platforms),
            "平台账号须且只能对应一个已登记的平台",
            "a platform's account names a registered platform, no other does",
        ),
        (
            (new.kind == "office") != bool(re.fullmatch("[0-9]{6}", new.region or "")),
            "监管账号须且只能对应一个六位行政区划代码",
            "an office's account names a region of six digits, no other does",
        ),
        (not set(new.trades) <= trades, f"交易类别应为 {'、'.join(sorted(trades))}", f"trades: {sorted(trades)}"),
    )
    for wrong, zh, en in faults:
        if wrong:
            raise UsageError("BAD_ACCOUNT", zh, en)
