"""Bring a database up to date: fixed tables by Alembic, then tables and views of the contracts' datasets."""

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import alembic.command
import psycopg
import sqlalchemy
from alembic.config import Config

from contracts.model import Release, ReleaseStatus
from warehouse import access, shapes, tables, views
from warehouse.connection import connect

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, releases: Sequence[Release]) -> None:
    """Make or widen everything the warehouse needs for these contract releases.

    Idempotent, safe when two run at once (an advisory lock), one transaction: all or nothing. Nothing is ever
    dropped: releases known from earlier calls keep their columns.

    Args:
        url: libpq URL of the database, as its owner.
        releases: contract releases, in any order. Drafts are left out: nothing is stored under them, they may change.

    Raises:
        ServiceError: the database cannot be reached.
        ConfigurationError: a release changed under records that were stored by it, or a field changed its type.
    """
    connect(url).close()  # says clearly why, where the database cannot be reached
    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: connect(url), poolclass=sqlalchemy.pool.NullPool
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        driver = cast("psycopg.Connection", connection.connection.driver_connection)
        for release in releases:
            if release.status is not ReleaseStatus.DRAFT:
                shapes.record_release(driver, release)
        known = shapes.read_shapes(driver)
        shapes.record_datasets(driver, known)
        wanted = shapes.fingerprint(known, (tables.definition(known), views.definition(known)))
        if shapes.stored_fingerprint(driver) != wanted:
            tables.create(driver, known)
            views.create(driver, known)
            access.grant_views(driver)
            shapes.store_fingerprint(driver, wanted)
