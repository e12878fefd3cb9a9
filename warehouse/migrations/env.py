"""Alembic environment: runs inside the caller's connection and transaction, under one advisory lock."""

from alembic import context
from sqlalchemy import text

connection = context.config.attributes["connection"]
# Two upgrades at once would collide: the second waits here and then finds nothing left to do.
connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('hub:upgrade', 42))"))
connection.execute(text("CREATE SCHEMA IF NOT EXISTS hub"))
context.configure(connection=connection, version_table_schema="hub", transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
