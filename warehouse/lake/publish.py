"""Publishing: what was loaded since the last time goes into the lake, one commit a table, and nothing twice.

The chain of evidence is the order of publication: a load's place in it is given when it commits, without gaps. Each
table's properties say up to which place it holds everything, written in the very commit that adds the rows.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
from psycopg import Connection, sql
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchTableError
from pyiceberg.schema import Schema
from pyiceberg.table import Table
from pyiceberg.types import LongType, NestedField, StringType, TimestamptzType

from exchange_hub.core.clock import iso
from warehouse.lake.catalogue import NAMESPACE
from warehouse.lake.columns import masked, schema
from warehouse.lake.rows import new_versions
from warehouse.shapes import Shape, read_shapes

logger = logging.getLogger(__name__)

THROUGH = "exchange-hub.through-seq"  # property: place in the chain up to which the table holds everything
MASKED = "exchange-hub.masked"  # property: its masked columns
PUBLICATION = "hub.publication"
_PUBLICATION = Schema(
    NestedField(1, "through_seq", LongType(), doc="链上序号 every table holds all loads up to this place in the chain"),
    NestedField(2, "platform_code", StringType(), doc="平台 sender of the last batch"),
    NestedField(3, "batch_no", StringType(), doc="批次号 the last batch"),
    NestedField(4, "versions", LongType(), doc="版本数 versions published this time"),
    NestedField(5, "published_at", TimestamptzType(), doc="发布时间 when it was published"),
)


@dataclass(frozen=True, slots=True)
class Reached:
    """How far the warehouse is: the newest place in the chain, and the batch whose load stands there."""

    seq: int
    platform_code: str
    batch_no: str


@dataclass(frozen=True, slots=True)
class Published:
    """What one publication did: `versions` written in all, by dataset in `tables`; `anew` were thrown away first."""

    through_seq: int
    versions: int
    tables: dict[str, int]
    anew: tuple[str, ...]


def publish(conn: Connection, catalogue: SqlCatalog, now: datetime) -> Published:
    """Bring the lake up to the newest load. Again without new loads: nothing is written.

    A second publication at the same moment waits for the first, then has nothing to do. Cut short, the next one goes
    on where it stopped: each table holds a publication's rows all or not at all.

    A table whose columns are masked otherwise than the contracts now ask is thrown away with all its files and
    published anew: old snapshots would go on to show what is personal now.

    Args:
        conn: its transaction is used up: the caller ends it afterwards.
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('hub:lake', 42))")
    reached = _reached(conn)
    catalogue.create_namespace_if_not_exists(NAMESPACE)
    catalogue.create_namespace_if_not_exists(PUBLICATION.split(".", maxsplit=1)[0])
    written: dict[str, int] = {}
    anew = []
    for shape, found in published(conn, catalogue):
        table = found
        if table is not None and table.properties.get(MASKED) != masked(shape):
            catalogue.purge_table(table.name())
            anew.append(shape.dataset)
            table = None
        if reached is not None and _behind(conn, shape, table, reached.seq):
            written[shape.dataset] = _append(conn, catalogue, shape, table, (reached, now))
    if reached is None:
        return Published(0, 0, {}, tuple(anew))
    versions = sum(written.values())
    _record(catalogue, reached, versions, now)
    logger.info("lake published through load %s: %s versions of %s datasets", reached.seq, versions, len(written))
    return Published(reached.seq, versions, written, tuple(anew))


def published(conn: Connection, catalogue: SqlCatalog) -> Iterator[tuple[Shape, Table | None]]:
    """Every dataset with its table, if it was ever published."""
    known = {name for _, name in catalogue.list_tables(NAMESPACE)}
    for shape in read_shapes(conn):
        name = shape.dataset.lower()
        yield shape, catalogue.load_table(f"{NAMESPACE}.{name}") if name in known else None


def find(catalogue: SqlCatalog, name: str) -> Table | None:
    """A table of the lake by its full name, if there is one."""
    try:
        return catalogue.load_table(name)
    except NoSuchTableError:
        return None


def through(table: Table | None) -> int:
    """Place in the chain up to which a table holds everything; 0 where there is no table."""
    return int(table.properties.get(THROUGH, 0)) if table is not None else 0


def _reached(conn: Connection) -> Reached | None:
    row = conn.execute(
        "SELECT p.seq, b.platform_code, b.batch_no FROM hub.load_proof p JOIN hub.load l ON l.id = p.load_id"
        " JOIN hub.batch b ON b.id = l.batch_id ORDER BY p.seq DESC LIMIT 1"
    ).fetchone()
    return Reached(*row) if row else None


def _behind(conn: Connection, shape: Shape, table: Table | None, seq: int) -> bool:
    """Whether the warehouse holds versions of the dataset, up to `seq`, that the table has not."""
    query = sql.SQL("SELECT FROM hub.{} LIMIT 1").format(sql.Identifier(shape.table))
    if table is not None:
        query = sql.SQL(
            "SELECT FROM hub.load_proof p JOIN hub.load_leaf l ON l.load_id = p.load_id"
            " WHERE p.seq > {} AND p.seq <= {} AND l.dataset = {} LIMIT 1"
        ).format(through(table), seq, shape.dataset)
    return conn.execute(query).rowcount > 0


def _append(
    conn: Connection, catalogue: SqlCatalog, shape: Shape, table: Table | None, moment: tuple[Reached, datetime]
) -> int:
    """Add the missing versions in one commit; returns how many."""
    reached, now = moment
    after = through(table)
    made = table or catalogue.create_table(
        f"{NAMESPACE}.{shape.dataset.lower()}",
        schema(shape),
        properties={"format-version": "2", "comment": shape.label_zh, MASKED: masked(shape)},
    )
    counted = _Counting(new_versions(conn, shape, after, reached.seq))
    with made.transaction() as transaction:
        with transaction.update_schema() as change:
            change.union_by_name(schema(shape))
        transaction.append(counted.reader(), snapshot_properties=_told(reached, now))
        transaction.set_properties({THROUGH: str(reached.seq)})
    return counted.rows


def _told(reached: Reached, now: datetime) -> dict[str, str]:
    """What a snapshot says of itself: up to which load and batch it holds everything."""
    return {
        THROUGH: str(reached.seq),
        "exchange-hub.through-batch": f"{reached.platform_code}/{reached.batch_no}",
        "exchange-hub.published-at": iso(now),
    }


def _record(catalogue: SqlCatalog, reached: Reached, versions: int, now: datetime) -> None:
    """Say that every table is there up to this load; last of all, and only when it is news."""
    table = find(catalogue, PUBLICATION) or catalogue.create_table(PUBLICATION, _PUBLICATION)
    if through(table) >= reached.seq:
        return
    row = {
        "through_seq": reached.seq,
        "platform_code": reached.platform_code,
        "batch_no": reached.batch_no,
        "versions": versions,
        "published_at": now,
    }
    with table.transaction() as transaction:
        transaction.append(
            pa.Table.from_pylist([row], schema=table.schema().as_arrow()), snapshot_properties=_told(reached, now)
        )
        transaction.set_properties({THROUGH: str(reached.seq)})


class _Counting:
    """Counts the rows that go through a reader."""

    def __init__(self, source: pa.RecordBatchReader) -> None:
        self.rows = 0
        self._source = source

    def reader(self) -> pa.RecordBatchReader:
        return pa.RecordBatchReader.from_batches(self._source.schema, self._counted())

    def _counted(self) -> Iterator[pa.RecordBatch]:
        for batch in self._source:
            self.rows += batch.num_rows
            yield batch
