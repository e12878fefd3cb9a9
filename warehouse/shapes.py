"""Shapes of the datasets: what the contract releases together say about tables, views and hashes.

The contracts are copied into `hub.contract_dataset` and `hub.contract_field`, so that evidence can be verified by
the database's own account of which fields, in which order, a stored record was hashed over.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from psycopg import Connection

from contracts.model import MASKED_CLASSES, DatasetContract, FieldType, Release
from exchange_hub.core.errors import ConfigurationError
from warehouse.projects import project_field

# Business codes by which every dataset is found, wherever it has them.
CODES = ("PROJECT_CODE", "TENDER_PROJECT_CODE", "BID_SECTION_CODE", "PURCHASE_PROJECT_CODE")

SQL_TYPES = {
    FieldType.STRING: "text",
    FieldType.TEXT: "text",
    FieldType.INTEGER: "bigint",
    FieldType.DECIMAL: "numeric(38,6)",
    FieldType.DATETIME: "timestamptz",
    FieldType.DATE: "date",
    FieldType.BOOLEAN: "boolean",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One field of a dataset as a column; the name is the spec's, upper case."""

    name: str
    type: FieldType
    label_zh: str
    separator: str | None
    personal: str | None = None  # class of personal data

    @property
    def masked(self) -> bool:
        """Whether its values are shown masked unless a login may see personal data."""
        return self.personal in MASKED_CLASSES

    @property
    def sql_type(self) -> str:
        """PostgreSQL type."""
        return SQL_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class Shape:
    """One dataset over all releases: columns in the order they appeared, names as the newest release has them."""

    dataset: str
    label_zh: str
    stage: str
    occurred_at: str | None
    lookups: tuple[str, ...]
    columns: tuple[Column, ...]
    trade: str = ""  # trade (交易类别); empty: common to all

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(column.name for column in self.columns)

    @property
    def table(self) -> str:
        """Name of its table in schema hub."""
        return table_name(self.dataset)

    def column(self, name: str) -> Column | None:
        """The column of that name, if any."""
        return next((column for column in self.columns if column.name == name), None)


def table_name(dataset: str) -> str:
    """Table of a dataset in schema hub."""
    return f"wh_{dataset.lower()}"


def version_order(version: str) -> tuple[int, ...]:
    """Sort key of a release number x.y.z."""
    return tuple(int(part) for part in version.split("."))


def lookup_fields(release: Release, contract: DatasetContract) -> list[str]:
    """Fields of a dataset that are looked up: codes, its project, unique fields, what other datasets refer to."""
    wanted = {p.parent_field for c in release.datasets.values() for p in c.parents if p.dataset == contract.dataset}
    wanted |= {*CODES, project_field(contract.domain, contract.field_names) or ""}
    return [
        f.name
        for f in contract.fields
        if (f.unique or f.name in wanted) and f.type is FieldType.STRING and f.separator is None
    ]


def record_release(conn: Connection, release: Release) -> None:
    """Copy a release into the contract tables.

    Raises:
        ConfigurationError: fields of a dataset changed after records were stored under this release.
    """
    for contract in release.datasets.values():
        wanted = [(i, f.name, f.type.value) for i, f in enumerate(contract.fields, 1)]
        key = (contract.dataset, release.version)
        stored = conn.execute(
            "SELECT position, field, type FROM hub.contract_field WHERE dataset = %s AND contract_version = %s"
            " ORDER BY position",
            key,
        ).fetchall()
        if stored and stored != wanted:
            _forget_unused(conn, contract, release.version)
        conn.execute(
            "INSERT INTO hub.contract_dataset (dataset, contract_version, label_zh, stage, occurred_at, lookup_fields,"
            " trade) VALUES (%s, %s, %s, %s, %s, %s, %s)"
            " ON CONFLICT (dataset, contract_version) DO UPDATE SET label_zh = excluded.label_zh,"
            " stage = excluded.stage, occurred_at = excluded.occurred_at, lookup_fields = excluded.lookup_fields,"
            " trade = excluded.trade",
            (
                *(*key, contract.label_zh, contract.stage, contract.occurred_at),
                *(lookup_fields(release, contract), contract.domain),
            ),
        )
        fields = [(f.name, f.type.value, f.label_zh, f.separator, f.personal) for f in contract.fields]
        conn.execute(
            "INSERT INTO hub.contract_field (dataset, contract_version, position, field, type, label_zh, separator,"
            " personal) SELECT %s, %s, f.n, f.field, f.type, f.label_zh, f.separator, f.personal"
            " FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])"
            " WITH ORDINALITY AS f (field, type, label_zh, separator, personal, n)"
            " ON CONFLICT (dataset, contract_version, position) DO UPDATE SET label_zh = excluded.label_zh,"
            " separator = excluded.separator, personal = excluded.personal",
            (*key, *([*values] for values in zip(*fields, strict=True))),
        )


def _forget_unused(conn: Connection, contract: DatasetContract, version: str) -> None:
    """Drop the copied fields of a release under which nothing of this dataset was stored yet."""
    used = conn.execute(
        "SELECT 1 FROM hub.load_leaf l JOIN hub.load o ON o.id = l.load_id JOIN hub.batch b ON b.id = o.batch_id"
        " WHERE l.dataset = %s AND b.contract_version = %s LIMIT 1",
        (contract.dataset, version),
    ).fetchone()
    if used:
        raise ConfigurationError(
            "CONTRACT_EDITED",
            f"规范 {version} 的数据集 {contract.dataset} 已有入库数据，字段不得再改；请发布新版本",
            f"records of {contract.dataset} are stored under release {version}: its fields may not change, "
            "publish a new release",
            contract.path,
        )
    conn.execute(
        "DELETE FROM hub.contract_field WHERE dataset = %s AND contract_version = %s", (contract.dataset, version)
    )


def read_shapes(conn: Connection) -> tuple[Shape, ...]:
    """Shapes of all datasets of all recorded releases, by name."""
    rows = conn.execute(
        "SELECT dataset, contract_version, label_zh, stage, occurred_at, lookup_fields, trade"
        " FROM hub.contract_dataset ORDER BY dataset"
    ).fetchall()
    fields = field_orders(conn)
    return tuple(_merge(list(group), fields) for _, group in groupby(rows, key=lambda row: row[0]))


def _merge(
    rows: list[tuple[str, str, str, str, str | None, list[str], str]], fields: dict[tuple[str, str], tuple[Column, ...]]
) -> Shape:
    rows.sort(key=lambda row: version_order(row[1]))
    columns: dict[str, Column] = {}
    lookups: dict[str, None] = {}
    for dataset, version, _, _, _, names, _ in rows:
        lookups.update(dict.fromkeys(names))
        for column in fields.get((dataset, version), ()):
            before = columns.get(column.name)
            if before is not None and before.sql_type != column.sql_type:
                raise ConfigurationError(
                    "FIELD_TYPE_CHANGED",
                    f"{dataset}.{column.name} 在版本 {version} 中类型改变，历史数据无法共用一列",
                    f"{dataset}.{column.name} changes its type in release {version}: give it a new name",
                )
            columns[column.name] = column
    dataset, _, label, stage, occurred_at, _, trade = rows[-1]
    return Shape(dataset, label, stage, occurred_at, tuple(lookups), tuple(columns.values()), trade)


def record_datasets(conn: Connection, shapes: Sequence[Shape]) -> None:
    """Copy each dataset once, as its newest release has it, into `hub.dataset`."""
    values = [(s.dataset, s.label_zh, s.stage, s.trade) for s in shapes]
    conn.cursor().executemany(
        "INSERT INTO hub.dataset VALUES (%s, %s, %s, %s) ON CONFLICT (dataset) DO UPDATE"
        " SET label_zh = excluded.label_zh, stage = excluded.stage, trade = excluded.trade",
        values,
    )


def dataset_trade(conn: Connection, dataset: str) -> str:
    """Trade (交易类别) of a dataset; empty where it is common to all or not known."""
    row = conn.execute("SELECT trade FROM hub.dataset WHERE dataset = %s", (dataset,)).fetchone()
    return str(row[0]) if row else ""


_FIELDS = "SELECT dataset, contract_version, field, type, label_zh, separator, personal FROM hub.contract_field"


def field_orders(conn: Connection) -> dict[tuple[str, str], tuple[Column, ...]]:
    """Fields of each (dataset, contract version) in the order of the contract."""
    return _grouped(conn.execute(f"{_FIELDS} ORDER BY dataset, contract_version, position"))


def field_order(conn: Connection, dataset: str, contract_version: str) -> tuple[Column, ...]:
    """Fields of one dataset in the order of its contract; none where the release does not have it."""
    rows = conn.execute(
        f"{_FIELDS} WHERE dataset = %s AND contract_version = %s ORDER BY position", (dataset, contract_version)
    )
    return _grouped(rows).get((dataset, contract_version), ())


def _grouped(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[str, str], tuple[Column, ...]]:
    orders: dict[tuple[str, str], list[Column]] = {}
    for dataset, version, name, kind, label, separator, personal in rows:
        orders.setdefault((dataset, version), []).append(Column(name, FieldType(kind), label, separator, personal))
    return {key: tuple(columns) for key, columns in orders.items()}


def fingerprint(shapes: Sequence[Shape], definitions: Sequence[str]) -> str:
    """SHA-256 over the shapes and the SQL made from them."""
    text = "\n".join([*(repr(shape) for shape in shapes), *definitions])
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def stored_fingerprint(conn: Connection) -> str | None:
    """Fingerprint of what the database was last generated from."""
    row = conn.execute("SELECT value FROM hub.schema_state WHERE name = 'datasets'").fetchone()
    return row[0] if row else None


def store_fingerprint(conn: Connection, value: str) -> None:
    """Remember what the database is now generated from."""
    conn.execute(
        "INSERT INTO hub.schema_state VALUES ('datasets', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (value,),
    )
