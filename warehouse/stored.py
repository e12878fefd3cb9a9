"""What validation asks of the warehouse (core.ports.StoredRecords), answered by PostgreSQL."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core.records import DATA_KEY
from warehouse.shapecache import known_shapes
from warehouse.shapes import table_name
from warehouse.views import SPEC_TEXT

# NUL cannot be stored, so no stored value has it; PostgreSQL refuses it even in a question.
NUL = "\x00"


@dataclass(frozen=True, slots=True)
class PostgresStored:
    """Answers by what `conn` sees now. Each question is one statement, one index probe per key or value.

    A key that an earlier batch of the platform has brought, whose record still waits for its parent, is known: it has
    an owner, no content to compare with.

    Attributes:
        before: platform and internal number of the batch that asks; None: held records are not looked at.
    """

    conn: Connection
    before: tuple[str, int] | None = None

    def current(self, dataset: str, keys: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
        """Newest version of each stored DATA_KEY among `keys`; see core.ports."""
        schema = {
            DATA_KEY: pl.String(),
            "record_hash": pl.String(),
            "is_deleted": pl.Boolean(),
            "platform_code": pl.String(),
            **dict.fromkeys(fields, pl.String()),
        }
        wanted = sql.SQL("".join(", w.{}::text" for _ in fields)).format(*(sql.Identifier(name) for name in fields))
        rows = self.conn.execute(
            sql.SQL(
                "SELECT w.data_key, encode(w.record_hash, 'hex'), w.operation = '3', w.platform_code{wanted}"
                " FROM unnest(%s::text[]) AS k (data_key) CROSS JOIN LATERAL (SELECT * FROM {table} v"
                " WHERE v.data_key = k.data_key ORDER BY v.version_no DESC LIMIT 1) w"
            ).format(wanted=wanted, table=_table(dataset)),
            (_askable(keys),),
        ).fetchall()
        stored = pl.DataFrame(rows, schema=schema, orient="row")
        return pl.concat([stored, self._on_their_way(dataset, keys, stored)], how="diagonal")

    def _on_their_way(self, dataset: str, keys: pl.Series, stored: pl.DataFrame) -> pl.DataFrame:
        columns = {DATA_KEY: pl.String(), "is_deleted": pl.Boolean(), "platform_code": pl.String()}
        if self.before is None:
            return pl.DataFrame(schema=columns)
        platform_code, batch_id = self.before
        rows = self.conn.execute(
            "SELECT DISTINCT h.data_key, false, b.platform_code FROM hub.held h JOIN hub.batch b ON b.id = h.batch_id"
            " WHERE h.state = 'waiting' AND h.dataset = %s AND h.data_key = ANY(%s::text[]) AND h.batch_id < %s"
            " AND b.platform_code = %s",
            (dataset, _askable(keys), batch_id, platform_code),
        ).fetchall()
        return pl.DataFrame(rows, schema=columns, orient="row").join(stored, on=DATA_KEY, how="anti")

    def holders(self, dataset: str, field: str, values: pl.Series) -> pl.DataFrame:
        """Current, not withdrawn records whose `field` has one of `values`; see core.ports."""
        rows = self.conn.execute(
            sql.SQL(
                "SELECT w.{field}, w.data_key FROM {table} w WHERE w.{field} = ANY(%s::text[]) AND w.operation <> '3'"
                " AND NOT EXISTS (SELECT FROM {table} n WHERE n.data_key = w.data_key AND n.version_no > w.version_no)"
            ).format(field=sql.Identifier(field), table=_table(dataset)),
            (_askable(values),),
        ).fetchall()
        return pl.DataFrame(rows, schema={"value": pl.String(), DATA_KEY: pl.String()}, orient="row")

    def twins(self, dataset: str, values: pl.DataFrame) -> pl.DataFrame:
        """Current, not withdrawn records that have one of the rows of `values`; see core.ports."""
        schema = dict.fromkeys((*values.columns, DATA_KEY), pl.String())
        rows = [row for row in values.iter_rows() if not any(NUL in (part or NUL) for part in row)]
        if not rows:
            return pl.DataFrame(schema=schema)
        found = self.conn.execute(
            _twins_query(self.conn, dataset, values.columns), list(map(list, zip(*rows, strict=True)))
        )
        return pl.DataFrame(found.fetchall(), schema=schema, orient="row")


def _twins_query(conn: Connection, dataset: str, fields: Sequence[str]) -> sql.Composed:
    """One statement for all rows: the fields that are text are joined as they are, so that their indexes serve."""
    types = {c.name: c.type for shape in known_shapes(conn) if shape.dataset == dataset for c in shape.columns}
    asked = [sql.Identifier(f"k{number}") for number in range(len(fields))]
    texts = [sql.SQL(SPEC_TEXT[types[name]]).format(sql.SQL("w.{}").format(sql.Identifier(name))) for name in fields]
    return sql.SQL(
        "SELECT {asked}, w.data_key FROM unnest({arrays}) AS k ({asked}) JOIN {table} w ON {same}"
        " WHERE w.operation <> '3' AND NOT EXISTS"
        " (SELECT FROM {table} n WHERE n.data_key = w.data_key AND n.version_no > w.version_no)"
    ).format(
        asked=sql.SQL(", ").join(asked),
        arrays=sql.SQL(", ").join([sql.SQL("%s::text[]")] * len(fields)),
        table=_table(dataset),
        same=sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(text, name) for text, name in zip(texts, asked, strict=True)
        ),
    )


def _askable(values: pl.Series) -> list[str]:
    return [value for value in values.drop_nulls().unique().to_list() if NUL not in value]


def _table(dataset: str) -> sql.Identifier:
    return sql.Identifier("hub", table_name(dataset))
