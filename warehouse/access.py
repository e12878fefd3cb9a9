"""Who may see what (权限): logins in group roles, scopes by region and trade, personal data by logged grant (Art. 12).

A login sees nothing until it has a scope. Nobody but the owner writes. What a login asks is written to the server's
log, where the login cannot switch it off.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import psycopg
from psycopg import Connection, sql
from psycopg.rows import dict_row

from exchange_hub.core.errors import ConfigurationError, UsageError

OWN = "HUB_LOGIN"  # comment on a role: made by us


class Group(StrEnum):
    """Group roles."""

    AUDITOR = "auditor"  # 审计人员: everything within the scope
    SUPERVISOR = "supervisor"  # 行业监管部门
    OFFICE = "office"  # 地方公管办
    PLATFORM = "platform"  # 交易平台: its own platform only
    ENGINEER = "engineer"  # 数据工程师: what arrived and failed, no current data, never personal data

    @property
    def role(self) -> str:
        """Role in PostgreSQL."""
        return f"hub_{self.value}"


GROUPS = sql.SQL(", ").join(sql.Identifier(group.role) for group in Group)
# What a role that may only read could still do to others: temporary tables, large objects, locks, waiting.
HARMFUL = (
    *("lo_create(oid)", "lo_creat(integer)", "lo_from_bytea(oid, bytea)", "lo_put(oid, bigint, bytea)"),
    *("lowrite(integer, bytea)", "lo_unlink(oid)", "pg_sleep(double precision)", "pg_sleep_for(interval)"),
    *("pg_sleep_until(timestamp with time zone)", "pg_advisory_lock(bigint)", "pg_advisory_xact_lock(bigint)"),
    *("pg_advisory_lock(integer, integer)", "pg_advisory_xact_lock(integer, integer)", "pg_try_advisory_lock(bigint)"),
    *("pg_notify(text, text)",),
)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a login may see: a region with all below it (* all), a trade (* all), or one platform."""

    region: str = "*"
    trade: str = "*"
    platform_code: str | None = None


def grant_views(conn: Connection) -> None:
    """Let the groups read the views, and nobody else anything; close what a reader could still do harm with.

    Functions of the server itself can be closed by its superuser only: the embedded stack does it when it makes the
    database, elsewhere the operator runs `closing_statements`.
    """
    conn.execute(
        sql.SQL(
            "GRANT SELECT ON ALL TABLES IN SCHEMA audit TO {all};"
            "GRANT SELECT ON ALL TABLES IN SCHEMA exchange TO hub_auditor, hub_supervisor, hub_office, hub_platform"
        ).format(all=GROUPS)
    )
    close_database(conn)


def close_database(conn: Connection) -> None:
    """Only named roles may connect; only the owner may make temporary tables. Not copied with a template."""
    name = sql.Identifier(conn.info.dbname)
    conn.execute(
        sql.SQL("REVOKE TEMPORARY, CONNECT ON DATABASE {} FROM PUBLIC; GRANT CONNECT ON DATABASE {} TO {}").format(
            name, name, GROUPS
        )
    )


def closing_statements(owner: str) -> list[sql.Composed]:
    """What a superuser runs once per database: functions that a reader needs not, and the right to log queries."""
    made = []
    for function in HARMFUL:
        name = sql.SQL(f"FUNCTION pg_catalog.{function}")
        made.append(sql.SQL("REVOKE EXECUTE ON {} FROM PUBLIC").format(name))
        made.append(sql.SQL("GRANT EXECUTE ON {} TO {}").format(name, sql.Identifier(owner)))
    made.append(sql.SQL("GRANT SET ON PARAMETER log_statement TO {}").format(sql.Identifier(owner)))
    made.append(sql.SQL("GRANT pg_read_all_settings TO {}").format(sql.Identifier(owner)))  # where the log lies
    return made


def make_login(conn: Connection, login: str, group: Group, password: str) -> None:
    """Make a login of a group, or give one of ours another group and password. Its queries are logged from now on.

    Raises:
        UsageError: the name belongs to a role that was not made here.
        ConfigurationError: this database's owner may not switch on the logging.
    """
    name = sql.Identifier(login)
    known = conn.execute("SELECT shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname = %s", (login,))
    row = known.fetchone()
    if row is not None and row[0] != OWN:
        raise UsageError("NOT_OURS", f"角色 {login} 不是本系统的登录账号", f"{login} is a role that was not made here")
    if row is None:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(name))
        conn.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(name, sql.Literal(OWN)))
    conn.execute(sql.SQL("REVOKE {} FROM {}").format(GROUPS, name))
    conn.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group.role), name))
    conn.execute(sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(name, sql.Literal(password)))
    try:
        with conn.transaction():
            conn.execute(sql.SQL("ALTER ROLE {} SET log_statement = 'all'").format(name))
    except psycopg.errors.InsufficientPrivilege as error:
        raise ConfigurationError(
            "NO_QUERY_LOG",
            "无权设置查询日志；请由数据库管理员执行 GRANT SET ON PARAMETER log_statement TO 库主",
            "the owner may not switch on the query log: a superuser must GRANT SET ON PARAMETER log_statement to it",
        ) from error
    for setting, value in (("statement_timeout", "5min"), ("idle_in_transaction_session_timeout", "10min")):
        conn.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(name, sql.Identifier(setting), sql.Literal(value)))
    conn.execute(sql.SQL("ALTER ROLE {} SET default_transaction_read_only = on").format(name))


def close_login(conn: Connection, login: str, reason: str, at: datetime) -> None:
    """Take everything from a login and let it connect no more; what it was granted stays on record.

    Raises:
        UsageError: it is no login of ours.
    """
    _group_of(conn, login)
    revoke(conn, login, reason, at)
    conn.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(login)))


def grant_scope(
    conn: Connection, login: str, scope: Scope, reason: str, at: datetime, until: datetime | None = None
) -> None:
    """Let a login see a scope.

    Raises:
        UsageError: no such login, no such platform, or a platform's login without its platform.
    """
    if _group_of(conn, login) is Group.PLATFORM and scope.platform_code is None:
        raise UsageError("NEEDS_PLATFORM", "平台账号必须指定平台", "a platform's login needs its platform", login)
    known = conn.execute("SELECT 1 FROM hub.platform WHERE code = %s", (scope.platform_code,)).fetchone()
    if scope.platform_code is not None and known is None:
        code = scope.platform_code
        raise UsageError("UNKNOWN_PLATFORM", f"没有平台 {code}", f"no platform {code}", code)
    conn.execute(
        "INSERT INTO hub.scope_grant (login, region, trade, platform_code, reason, granted_at, valid_until)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        (login, scope.region, scope.trade, scope.platform_code, reason, at, until),
    )


def grant_personal(conn: Connection, login: str, reason: str, at: datetime, until: datetime) -> None:
    """Let a login see personal values unmasked until an instant, for a reason that goes on record.

    Raises:
        UsageError: no such login, or an engineer's or a platform's.
    """
    group = _group_of(conn, login)
    if group in (Group.ENGINEER, Group.PLATFORM):
        raise UsageError(
            "NOT_FOR_GROUP",
            f"{group} 账号不得查看未脱敏的个人信息",
            f"logins of group {group} never see personal values",
            login,
        )
    conn.execute(
        "INSERT INTO hub.personal_grant (login, reason, granted_at, valid_until) VALUES (%s, %s, %s, %s)",
        (login, reason, at, until),
    )


def revoke(conn: Connection, login: str, reason: str, at: datetime, *, personal_only: bool = False) -> int:
    """End the grants of a login; returns how many ended."""
    ended = 0
    for table in ("personal_grant",) if personal_only else ("personal_grant", "scope_grant"):
        ended += conn.execute(
            sql.SQL(
                "UPDATE hub.{} SET revoked_at = %s, revoked_by = session_user, revoke_reason = %s"
                " WHERE login = %s AND revoked_at IS NULL"
            ).format(sql.Identifier(table)),
            (at, reason, login),
        ).rowcount
    return ended


def grants(conn: Connection) -> list[dict[str, Any]]:
    """All grants on record, newest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return cursor.execute("SELECT * FROM audit.access_grant ORDER BY granted_at DESC, login").fetchall()


def _group_of(conn: Connection, login: str) -> Group:
    row = conn.execute(
        "SELECT g.rolname FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid"
        " JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = %s"
        " AND shobj_description(r.oid, 'pg_authid') = %s AND g.rolname = ANY(%s)",
        (login, OWN, [group.role for group in Group]),
    ).fetchone()
    if row is None:
        raise UsageError("NO_LOGIN", f"没有登录账号 {login}", f"there is no login {login}", login)
    return Group(row[0].removeprefix("hub_"))
