"""Logins of the warehouse: made, granted and revoked on record (数据库账号与授权)."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from exchange_hub.core.errors import UsageError
from exchange_hub.flows.context import Hub
from warehouse import access
from warehouse.access import Group, Scope


def make_login(hub: Hub, login: str, group: str) -> str:
    """Make a login of a group, or renew its password and group; returns the password, which is kept nowhere.

    Raises:
        UsageError: no such group, or the name is taken by a role that is not ours.
    """
    if group not in set(Group):
        raise UsageError(
            "UNKNOWN_GROUP", f"没有角色 {group}；可选 {'、'.join(Group)}", f"no group {group}: {', '.join(Group)}"
        )
    password = secrets.token_urlsafe(18)
    with hub.database() as conn:
        access.make_login(conn, login, Group(group), password)
        conn.commit()
    return password


def grant_scope(hub: Hub, login: str, scope: Scope, reason: str, now: datetime, until: datetime | None) -> None:
    """Let a login see a region and trade, or one platform."""
    with hub.database() as conn:
        access.grant_scope(conn, login, scope, reason, now, until)
        conn.commit()


def grant_personal(hub: Hub, login: str, reason: str, now: datetime, until: datetime) -> None:
    """Let a login see personal values unmasked for a while."""
    with hub.database() as conn:
        access.grant_personal(conn, login, reason, now, until)
        conn.commit()


def revoke(hub: Hub, login: str, reason: str, now: datetime, *, personal: bool, close: bool) -> None:
    """End the grants of a login, only those of personal values, or the login itself."""
    end: Callable[..., object] = access.close_login if close else access.revoke
    with hub.database() as conn:
        end(conn, login, reason, now, **({"personal_only": True} if personal and not close else {}))
        conn.commit()


def list_grants(hub: Hub) -> list[dict[str, Any]]:
    """All grants on record, newest first."""
    with hub.database() as conn:
        return access.grants(conn)
