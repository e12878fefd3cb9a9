"""Where the lake is: its catalogue in the warehouse's own database (schema `lake`), its files in one bucket.

A table changes by one conditional update of its row in the catalogue, after all its files are written. So a reader
sees a publication's rows of a table all or not at all, and what a crash leaves behind are files that no table names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from psycopg.conninfo import conninfo_to_dict
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException

from exchange_hub.core.errors import ServiceError
from warehouse.connection import connect

NAME = "lake"  # of the catalogue: other engines name it too
NAMESPACE = "exchange"  # tables of the datasets
SCHEMA = "lake"  # in PostgreSQL


@dataclass(frozen=True, slots=True)
class LakePlace:
    """What is needed to read and write the lake."""

    database: str  # connection string of the warehouse
    endpoint: str  # host:port of the object store
    access_key: str
    secret_key: str
    bucket: str
    secure: bool = False

    def properties(self) -> dict[str, str]:
        """Properties of a catalogue as pyiceberg, and by the same names Spark and Trino, take them."""
        return {
            "uri": _uri(self.database),
            "warehouse": f"s3://{self.bucket}",
            "s3.endpoint": f"{'https' if self.secure else 'http'}://{self.endpoint}",
            "s3.access-key-id": self.access_key,
            "s3.secret-access-key": self.secret_key,
            "s3.region": "us-east-1",  # stores of one's own have none, the protocol wants one
            "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
        }


@contextmanager
def open_catalogue(place: LakePlace) -> Iterator[SqlCatalog]:
    """The catalogue, closed afterwards.

    Raises:
        ServiceError: database or object store do not answer, or somebody else changed a table at the same moment.
    """
    connect(place.database).close()  # says clearly why, where the database cannot be reached
    catalogue = SqlCatalog(NAME, **place.properties())
    try:
        yield catalogue
    except CommitFailedException as error:
        raise ServiceError(
            "LAKE_CHANGED",
            "数据湖中的表刚被其他程序修改，请重试",
            "another program changed a table: try again",
        ) from error
    except OSError as error:  # what pyarrow raises for every answer of the store
        raise ServiceError(
            "LAKE_UNREACHABLE",
            f"对象存储 {place.endpoint} 无法读写数据湖 {place.bucket}",
            f"the object store at {place.endpoint} does not take or give the files of {place.bucket}",
        ) from error
    finally:
        catalogue.close()


def _uri(database: str) -> str:
    """The connection string as SQLAlchemy takes it, every name looked up in schema `lake`."""
    parts: dict[str, Any] = dict(conninfo_to_dict(database))
    names = ("user", "password", "host", "port", "dbname")
    user, password, host, port, name = (parts.pop(key, None) for key in names)
    url = sqlalchemy.URL.create(
        "postgresql+psycopg",
        user,
        password,
        host,
        int(port) if port else None,
        name,
        {**{key: str(value) for key, value in parts.items()}, "options": f"-csearch_path={SCHEMA}"},
    )
    return url.render_as_string(hide_password=False)
