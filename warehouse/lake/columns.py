"""Columns of a dataset's table in the lake: the names of `exchange.<dataset>`, with the whole history beside them."""

from psycopg import sql
from pyiceberg.schema import Schema
from pyiceberg.types import (
    BooleanType,
    DateType,
    DecimalType,
    IcebergType,
    LongType,
    NestedField,
    StringType,
    TimestamptzType,
)

from contracts.model import FieldType
from warehouse.shapes import Column, Shape
from warehouse.views import OPERATIONS

MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
# name, type, SQL, Chinese and English; the names are those of the views where these have them
HEADER: tuple[tuple[str, FieldType, str, str], ...] = (
    ("data_key", FieldType.STRING, "w.data_key", "数据主键 DATA_KEY"),
    ("hub_version_no", FieldType.INTEGER, "w.version_no", "版本号 number of the version, from 1"),
    ("hub_operation", FieldType.STRING, OPERATIONS, "操作 insert 新增, update 更新, delete 撤回"),
    (
        "hub_recorded_at",
        FieldType.DATETIME,
        MICROSECONDS.format("w.recorded_at"),
        "入库时间 since when the hub holds this version",
    ),
    ("hub_batch_no", FieldType.STRING, "b.batch_no", "批次号 batch that brought it"),
    ("hub_platform_code", FieldType.STRING, "w.platform_code", "报送平台 sender"),
    ("hub_source_file", FieldType.STRING, "w.source_file", "数据文件 file inside the package"),
    ("hub_source_row", FieldType.INTEGER, "w.source_row", "记录序号 number of the record in its file"),
    ("hub_contract_version", FieldType.STRING, "w.contract_version", "规范版本 contract release"),
    ("hub_record_hash", FieldType.STRING, "encode(w.record_hash, 'hex')", "记录散列 SHA-256 of the canonical text"),
    ("hub_attachments", FieldType.STRING, "w.attachments::text", "附件 SOURCE rows of the record, JSON"),
    ("hub_load_seq", FieldType.INTEGER, "p.seq", "链上序号 place of the load in the chain of evidence"),
)
ICEBERG: dict[FieldType, IcebergType] = {
    FieldType.STRING: StringType(),
    FieldType.TEXT: StringType(),
    FieldType.INTEGER: LongType(),
    FieldType.DECIMAL: DecimalType(38, 6),
    FieldType.DATETIME: TimestamptzType(),
    FieldType.DATE: DateType(),
    FieldType.BOOLEAN: BooleanType(),
}


def named(shape: Shape) -> list[tuple[str, FieldType]]:
    """Name and type of every column, in order."""
    return [(name, kind) for name, kind, _, _ in HEADER] + [(c.name.lower(), c.type) for c in _fields(shape)]


def schema(shape: Shape) -> Schema:
    """Iceberg schema of a dataset's table; every column may be empty but `data_key`."""
    told = [(name, kind, about) for name, kind, _, about in HEADER]
    told += [(c.name.lower(), c.type, c.label_zh) for c in _fields(shape)]
    return Schema(
        *(
            NestedField(number, name, ICEBERG[kind], required=False, doc=about)
            for number, (name, kind, about) in enumerate(told, 1)
        )
    )


def selected(shape: Shape) -> sql.Composed:
    """What is selected for these columns from the dataset's table `w`, its batch `b` and its proof `p`."""
    parts: list[sql.Composable] = [sql.SQL(text) for _, _, text, _ in HEADER]
    return sql.SQL(", ").join([*parts, *(_value(column) for column in _fields(shape))])


def masked(shape: Shape) -> str:
    """Names of the columns whose values are masked, as one text."""
    return ",".join(sorted(column.name.lower() for column in shape.columns if column.masked))


def _fields(shape: Shape) -> list[Column]:
    return [column for column in shape.columns if column.name != "DATA_KEY"]


def _value(column: Column) -> sql.Composable:
    """A field; a personal one as a login sees it that was granted nothing more (`warehouse.views`)."""
    value = sql.SQL("w.{}").format(sql.Identifier(column.name))
    if column.masked:
        return sql.SQL("hub.mask({})").format(value) if column.sql_type == "text" else sql.SQL("NULL")
    return sql.SQL(MICROSECONDS).format(value) if column.type is FieldType.DATETIME else value
