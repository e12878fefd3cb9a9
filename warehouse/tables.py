"""Append-only tables of the datasets: `hub.wh_<dataset>`, one row per version of a record.

Header columns are lower case, the spec's fields keep their exact upper-case names, so the two never collide.
"""

import hashlib
from collections.abc import Sequence

from psycopg import Connection, sql

from warehouse.shapes import Column, Shape

# Header of every dataset table: name, type, comment.
HEADER: tuple[tuple[str, str, str], ...] = (
    ("data_key", "text NOT NULL", "数据主键 DATA_KEY"),
    ("version_no", "integer NOT NULL", "版本号 number of the version, from 1"),
    ("operation", "text NOT NULL", "操作 DATA_TYPE: 1 新增, 2 更新, 3 撤回"),
    ("platform_code", "text NOT NULL", "报送平台 sender"),
    ("batch_id", "bigint NOT NULL", "批次 batch"),
    ("load_id", "bigint NOT NULL", "入库事件 load event that wrote the version"),
    ("source_file", "text NOT NULL", "数据文件 file inside the package"),
    ("source_row", "bigint NOT NULL", "记录序号 number of the record in its file, from 1"),
    ("contract_version", "text NOT NULL", "规范版本 contract release it was validated against"),
    ("record_hash", "bytea NOT NULL", "记录散列 SHA-256 of the canonical text"),
    ("recorded_at", "timestamptz NOT NULL", "入库时间 since when the hub holds this version"),
    ("attachments", "jsonb", "附件 SOURCE rows of the record"),
)


def definition(shapes: Sequence[Shape]) -> str:
    """The statements as text, for the fingerprint."""
    return "\n".join(s.as_string(None) for shape in shapes for s in (_create(shape), *_rest(shape)))


def create(conn: Connection, shapes: Sequence[Shape]) -> None:
    """Create missing tables, add missing columns and indexes, renew comments. No table or column is dropped."""
    present: dict[str, set[str]] = {}
    for table, column in conn.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'hub'"
    ):
        present.setdefault(table, set()).add(column)
    for shape in shapes:
        there = present.get(shape.table)
        missing = [_add_column(shape, c) for c in shape.columns if c.name not in there] if there else []
        conn.execute(sql.SQL(";\n").join([_create(shape), *missing, *_rest(shape)]))


def _rest(shape: Shape) -> list[sql.Composed]:
    return [*_indexes(shape), *_superseded(shape), _guard(shape), *_row_security(shape), *_comments(shape)]


def index_name(table: str, suffix: str) -> str:
    """Name of an index, within PostgreSQL's 63 bytes."""
    name = f"{table}_{suffix}_idx"
    if len(name) <= 63:
        return name
    return f"{name[:50]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}_idx"


def _create(shape: Shape) -> sql.Composed:
    header = [sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind, _ in HEADER]
    fields = [_typed(column) for column in shape.columns]
    return sql.SQL("CREATE TABLE IF NOT EXISTS {table} ({columns}, PRIMARY KEY (data_key, version_no))").format(
        table=_table(shape), columns=sql.SQL(", ").join([*header, *fields])
    )


def _typed(column: Column) -> sql.Composed:
    return sql.SQL("{} {}").format(sql.Identifier(column.name), sql.SQL(column.sql_type))


def _add_column(shape: Shape, column: Column) -> sql.Composed:
    return sql.SQL("ALTER TABLE {} ADD COLUMN {}").format(_table(shape), _typed(column))


def _indexes(shape: Shape) -> list[sql.Composed]:
    # Versions of one load lie together, since loads of a dataset come one after the other: a block index is enough.
    wanted = {"load_id": ("load_id", "brin", "warehouse.reading: versions written by one load")}
    for name in shape.lookups:
        wanted[name.lower()] = (
            name,
            "btree",
            "warehouse.stored.holders, held.candidates, audit.project_timeline: by code",
        )
    statements = []
    for suffix, (column, method, comment) in wanted.items():
        name = index_name(shape.table, suffix)
        create_index = sql.SQL("CREATE INDEX IF NOT EXISTS {} ON {} USING {} ({})")
        listed = sql.Identifier(column)
        statements.append(create_index.format(sql.Identifier(name), _table(shape), sql.SQL(method), listed))
        say = sql.SQL("COMMENT ON INDEX {} IS {}").format(sql.Identifier("hub", name), sql.Literal(comment))
        statements.append(say)
    return statements


def _superseded(shape: Shape) -> list[sql.Composed]:
    """What release 0.1.0 of the hub made and every version paid for: a foreign key, checks, an index.

    Together they cost more than the rest of a load. The loader alone writes these tables, and the seal shows whatever
    else is done to them.
    """
    names = ("load_id_batch_id_fkey", "version_no_check", "operation_check", "record_hash_check")
    dropped = sql.SQL(", ").join(
        sql.SQL("DROP CONSTRAINT IF EXISTS {}").format(sql.Identifier(f"{shape.table}_{name}")) for name in names
    )
    return [
        sql.SQL("ALTER TABLE {} {}").format(_table(shape), dropped),
        sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier("hub", index_name(shape.table, "load"))),
    ]


def _row_security(shape: Shape) -> list[sql.Composed]:
    """The scope of the views once more on the table itself, should somebody grant it. The owner is not bound by it."""
    table = _table(shape)
    policy = sql.SQL("CREATE POLICY scope ON {} FOR SELECT USING ({})").format(table, scope(shape, "platform_code"))
    return [
        sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(table),
        sql.SQL("DROP POLICY IF EXISTS scope ON {}").format(table),
        policy,
    ]


def scope(shape: Shape, column: str) -> sql.Composed:
    """Condition: the login may see rows of this dataset whose sender stands in `column`. Asked once per query."""
    return sql.SQL("((SELECT hub.sees_all()) OR {} = ANY ((SELECT hub.my_platforms({}))::text[]))").format(
        sql.SQL(column), sql.Literal(shape.trade)
    )


def _guard(shape: Shape) -> sql.Composed:
    return sql.SQL(
        "CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {}"
        " FOR EACH STATEMENT EXECUTE FUNCTION hub.deny_change()"
    ).format(_table(shape))


def _comments(shape: Shape) -> list[sql.Composed]:
    said = [sql.SQL("COMMENT ON TABLE {} IS {}").format(_table(shape), sql.Literal(_about(shape)))]
    named = [(name, comment) for name, _, comment in HEADER]
    named += [(column.name, f"{column.label_zh} {column.name}") for column in shape.columns]
    for name, comment in named:
        place = sql.Identifier("hub", shape.table, name)
        said.append(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(comment)))
    return said


def _about(shape: Shape) -> str:
    return f"{shape.label_zh} every version of every {shape.dataset} record; append-only"


def _table(shape: Shape) -> sql.Identifier:
    return sql.Identifier("hub", shape.table)
