"""Connections to the warehouse."""

import psycopg
from psycopg.conninfo import conninfo_to_dict

from exchange_hub.core.errors import ConfigurationError, ServiceError


def connect(url: str) -> psycopg.Connection:
    """Open a connection; the caller owns it and its transactions (autocommit is off).

    Instants are read in Asia/Shanghai.

    Args:
        url: libpq URL or keyword string.

    Raises:
        ServiceError: the database does not answer or refuses the login. The text names host, port and database,
            never the user's secret.
        ConfigurationError: not a connection string.
    """
    place = _place(url)
    try:
        return psycopg.connect(url, application_name="exchange-hub", options="-c TimeZone=Asia/Shanghai")
    except psycopg.OperationalError as error:
        raise ServiceError(
            "DATABASE_UNREACHABLE",
            f"无法连接数据库（{place}），请确认服务已启动、地址和账号正确",
            f"cannot connect to the database at {place}: is it up, and are address and login right?",
            place,
        ) from error


def _place(url: str) -> str:
    """Host, port and database of a connection string, for messages."""
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError:  # its text may quote the password: not chained
        raise ConfigurationError(
            "BAD_DATABASE_URL", "数据库连接串无法识别", "not a connection string: HUB_DATABASE_URL"
        ) from None
    host, port, name = parts.get("host") or "localhost", parts.get("port") or 5432, parts.get("dbname") or ""
    return f"{host}:{port}/{name}"
