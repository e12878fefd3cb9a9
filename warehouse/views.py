"""Views generated from the contracts: `exchange.<dataset>` and those of schema audit over all datasets.

Every view is replaced in place, columns are only added at the end, so that what others built on them goes on. Each
shows a login only the rows of its scope (`tables.scope`), and personal values masked unless it may see them.
"""

from collections.abc import Sequence

from psycopg import Connection, sql

from contracts.model import FieldType
from warehouse import lookups, timeline
from warehouse.access import GROUPS
from warehouse.recording import COLUMNS as RECORDING_COLUMNS
from warehouse.recording import recording_view
from warehouse.shapes import Column, Shape
from warehouse.tables import index_name, scope
from warehouse.timeline import current, timeline_branch

Columns = Sequence[tuple[str, str, str]]  # name, type, Chinese

OPERATIONS = "CASE w.operation WHEN '1' THEN 'insert' WHEN '2' THEN 'update' ELSE 'delete' END"
# Values as the spec writes them.
SPEC_TEXT = {
    FieldType.STRING: "{}",
    FieldType.TEXT: "{}",
    FieldType.INTEGER: "{}::text",
    FieldType.DECIMAL: "trim_scale({})::text",
    FieldType.DATETIME: "to_char({} AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDDHH24MISS')",
    FieldType.DATE: "to_char({}, 'YYYYMMDD')",
    FieldType.BOOLEAN: "({}::integer)::text",
}
HUB_COMMENTS = (
    ("data_key", "数据主键 DATA_KEY"),
    ("hub_version_no", "版本号 number of the current version"),
    ("hub_recorded_at", "入库时间 since when the hub holds it"),
    ("hub_batch_no", "批次号 batch that brought it"),
    ("hub_platform_code", "报送平台 sender"),
    ("hub_source_file", "数据文件 file inside the package"),
    ("hub_source_row", "记录序号 number of the record in its file"),
    ("hub_contract_version", "规范版本 contract release"),
    ("hub_record_hash", "记录散列 SHA-256 of the canonical text"),
)
# As hub.mask does; a function of its own is looked up by who asks, and readers may not look into schema hub.
MASKED = (
    "CASE WHEN open THEN {value} WHEN length({value}) <= 5"
    " THEN left({value}, 1) || repeat('*', greatest(length({value}) - 1, 1))"
    " ELSE left({value}, 3) || repeat('*', length({value}) - 5) || right({value}, 2) END"
)
PAIRS = 40  # name and value pairs of one jsonb_build_object call: a function takes at most 100 arguments

RECORD_COLUMNS: Columns = (
    ("dataset", "text", "数据集英文名 dataset"),
    ("data_key", "text", "数据主键 DATA_KEY"),
    ("version_no", "integer", "版本号 number of the version, from 1"),
    ("operation", "text", "操作 insert 新增, update 更新, delete 撤回"),
    ("recorded_at", "timestamptz", "入库时间 since when the hub holds this version"),
    ("superseded_at", "timestamptz", "替换时间 since when the next version holds; empty: still current"),
    ("is_current", "boolean", "现行 whether this is the newest version"),
    ("is_deleted", "boolean", "已撤回 whether this version withdraws the record"),
    ("platform_code", "text", "平台标识码 sender"),
    ("batch_no", "text", "批次号 batch that brought it"),
    ("source_file", "text", "数据文件 file inside the package"),
    ("source_row", "bigint", "记录序号 number of the record in its file, from 1"),
    ("contract_version", "text", "规范版本 contract release it was validated against"),
    ("record_hash", "text", "记录散列 SHA-256 of the canonical text"),
    ("payload", "jsonb", "内容 names and values as the spec writes them; personal values masked unless granted"),
    ("attachments", "jsonb", "附件 SOURCE rows of the record"),
    ("load_id", "bigint", "入库事件 load event that wrote it"),
)


def definition(shapes: Sequence[Shape]) -> str:
    """The statements as text, for the fingerprint."""
    return "\n".join(statement.as_string(None) for statement in _statements(shapes))


def create(conn: Connection, shapes: Sequence[Shape]) -> None:
    """Create or replace all generated views with their comments."""
    conn.execute(sql.SQL(";\n").join(_statements(shapes)))


def _statements(shapes: Sequence[Shape]) -> list[sql.Composed]:
    made: list[sql.Composed] = []
    for shape in shapes:
        made += [*_payload(shape), _exchange(shape), *_exchange_comments(shape)]
        made += _part(lookups.versions(shape), RECORD_COLUMNS, _record(shape), shape)
        made += _part(lookups.events(shape), timeline.COLUMNS, timeline_branch(shape, shapes), shape)
    about = "记录版本 one row per version of a record"
    made += _union("record", about, RECORD_COLUMNS, [lookups.versions(shape) for shape in shapes])
    about = "项目时间线 one row per event of a project"
    made += _union("project_timeline", about, timeline.COLUMNS, [lookups.events(shape) for shape in shapes])
    made += [*lookups.record_of(shapes), *lookups.timeline_of(shapes)]
    made.append(recording_view(shapes))
    made += _comments("recording", "音视频引用 one row per audio/video reference", RECORDING_COLUMNS)
    return made


def _part(view: sql.Identifier, columns: Columns, body: sql.Composable, shape: Shape) -> list[sql.Composed]:
    """One dataset's part of a view over all datasets."""
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns)
    about = sql.Literal(f"{shape.label_zh} part of the audit views")
    made = [
        sql.SQL("CREATE OR REPLACE VIEW {} ({}) WITH (security_barrier) AS {}").format(view, names, body),
        sql.SQL("COMMENT ON VIEW {} IS {}").format(view, about),
    ]
    for name, _, comment in columns:
        place = sql.SQL("{}.{}").format(view, sql.Identifier(name))
        made.append(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(comment)))
    return made


def _union(view: str, about: str, columns: Columns, parts: Sequence[sql.Identifier]) -> list[sql.Composed]:
    """The view over all parts; an empty typed branch first, so that it exists without any dataset."""
    nothing = sql.SQL(", ").join(
        sql.SQL("NULL::{} AS {}").format(sql.SQL(kind), sql.SQL(name)) for name, kind, _ in columns
    )
    empty = sql.SQL("SELECT {} WHERE false").format(nothing)
    names = sql.SQL(", ").join(sql.Identifier(name) for name, _, _ in columns)
    listed = [sql.SQL("SELECT {} FROM {}").format(names, part) for part in parts]
    body = sql.SQL("\nUNION ALL\n").join([empty, *listed])
    made = sql.SQL("CREATE OR REPLACE VIEW audit.{} WITH (security_barrier) AS\n{}").format(sql.SQL(view), body)
    return [made, *_comments(view, about, columns)]


def _comments(view: str, about: str, columns: Sequence[tuple[str, ...]]) -> list[sql.Composed]:
    said = [sql.SQL("COMMENT ON VIEW {} IS {}").format(sql.Identifier("audit", view), sql.Literal(about))]
    for column in columns:
        place = sql.Identifier("audit", view, column[0])
        said.append(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(column[-1])))
    return said


def _table(shape: Shape) -> sql.Identifier:
    return sql.Identifier("hub", shape.table)


def _exchange(shape: Shape) -> sql.Composed:
    fields = [
        sql.SQL("{} AS {}").format(_shown(c), sql.Identifier(c.name.lower()))
        for c in shape.columns
        if c.name != "DATA_KEY"
    ]
    return sql.SQL(
        "CREATE OR REPLACE VIEW exchange.{view} WITH (security_barrier) AS"
        " SELECT w.data_key, w.version_no AS hub_version_no,"
        " w.recorded_at AS hub_recorded_at, b.batch_no AS hub_batch_no, w.platform_code AS hub_platform_code,"
        " w.source_file AS hub_source_file, w.source_row AS hub_source_row,"
        " w.contract_version AS hub_contract_version, encode(w.record_hash, 'hex') AS hub_record_hash, {fields}"
        " FROM {table} w JOIN hub.batch b ON b.id = w.batch_id WHERE {current} AND {scope}"
    ).format(
        view=sql.Identifier(shape.dataset.lower()),
        fields=sql.SQL(", ").join(fields),
        table=_table(shape),
        current=current(shape),
        scope=scope(shape, "w.platform_code"),
    )


def _shown(column: Column) -> sql.Composable:
    """A field; a personal one masked, or left out where it is no text, unless the login may see it."""
    value = sql.SQL("w.{}").format(sql.Identifier(column.name))
    if not column.masked:
        return value
    hidden = sql.SQL("hub.mask({})").format(value) if column.sql_type == "text" else sql.SQL("NULL")
    return sql.SQL("CASE WHEN (SELECT hub.sees_personal()) THEN {} ELSE {} END").format(value, hidden)


def _exchange_comments(shape: Shape) -> list[sql.Composed]:
    view = sql.Identifier("exchange", shape.dataset.lower())
    about = f"{shape.label_zh}（现行有效记录） current records of {shape.dataset}, not withdrawn"
    said = [sql.SQL("COMMENT ON VIEW {} IS {}").format(view, sql.Literal(about))]
    named = [*HUB_COMMENTS, *((c.name.lower(), c.label_zh) for c in shape.columns if c.name != "DATA_KEY")]
    for name, comment in named:
        place = sql.Identifier("exchange", shape.dataset.lower(), name)
        said.append(sql.SQL("COMMENT ON COLUMN {} IS {}").format(place, sql.Literal(comment)))
    return said


def _record(shape: Shape) -> sql.Composed:
    return sql.SQL(
        "SELECT {dataset}::text, w.data_key, w.version_no, {operation}, w.recorded_at, s.recorded_at,"
        " s.data_key IS NULL, w.operation = '3', w.platform_code, b.batch_no, w.source_file, w.source_row,"
        " w.contract_version, encode(w.record_hash, 'hex'), {payload}, w.attachments, w.load_id"
        " FROM {table} w JOIN hub.batch b ON b.id = w.batch_id"
        " LEFT JOIN {table} s ON s.data_key = w.data_key AND s.version_no = w.version_no + 1 WHERE {scope}"
    ).format(
        dataset=sql.Literal(shape.dataset),
        operation=sql.SQL(OPERATIONS),
        payload=sql.SQL("{}(w, (SELECT hub.sees_personal()))").format(_payload_name(shape)),
        table=_table(shape),
        scope=scope(shape, "w.platform_code"),
    )


def _payload_name(shape: Shape) -> sql.Identifier:
    return sql.Identifier("hub", index_name(shape.table, "payload").removesuffix("_idx"))


def _payload(shape: Shape) -> list[sql.Composed]:
    """The function that makes a version's payload. Kept out of the view: a query over all datasets is planned with
    each of them, and forty expressions a dataset cost more than the answer."""
    kinds = sql.SQL("{} ({}, boolean)").format(_payload_name(shape), _table(shape))
    return [
        sql.SQL(
            "CREATE OR REPLACE FUNCTION {name} (w {table}, open boolean) RETURNS jsonb STABLE PARALLEL SAFE"
            " LANGUAGE plpgsql AS {body}"
        ).format(
            name=_payload_name(shape),
            table=_table(shape),
            body=sql.Literal(f"BEGIN RETURN {_spec_json(shape.columns).as_string(None)}; END"),
        ),
        sql.SQL("COMMENT ON FUNCTION {} IS {}").format(
            kinds, sql.Literal(f"{shape.label_zh} 内容 payload of a version")
        ),
        sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(kinds),
        sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(kinds, GROUPS),
    ]


def _spec_json(columns: Sequence[Column]) -> sql.Composed:
    """jsonb of the spec's names and values in the spec's own form; null fields are left out."""
    parts = [
        sql.SQL("jsonb_build_object({})").format(
            sql.SQL(", ").join(
                sql.SQL("{}, {}").format(sql.Literal(column.name), _spec_text(column))
                for column in columns[start : start + PAIRS]
            )
        )
        for start in range(0, len(columns), PAIRS)
    ]
    return sql.SQL("jsonb_strip_nulls({})").format(sql.SQL(" || ").join(parts))


def _spec_text(column: Column) -> sql.Composable:
    value = sql.SQL(SPEC_TEXT[column.type]).format(sql.SQL("w.{}").format(sql.Identifier(column.name)))
    if not column.masked:
        return value
    return sql.SQL(MASKED).format(value=value)
