"""Views generated from the contracts: `exchange.<dataset>` and those of schema audit over all datasets.

Every view is replaced in place, columns are only added at the end, so that what others built on them goes on.
"""

from collections.abc import Sequence

from psycopg import Connection, sql

from contracts.model import FieldType
from warehouse.recording import recording_view
from warehouse.shapes import Column, Shape

OPERATIONS = "CASE w.operation WHEN '1' THEN 'insert' WHEN '2' THEN 'update' ELSE 'delete' END"
# The newest version of a record, and it is no withdrawal. An anti-join over the primary key: cheap for few records.
CURRENT = (
    "w.operation <> '3' AND NOT EXISTS"
    " (SELECT FROM {table} n WHERE n.data_key = w.data_key AND n.version_no > w.version_no)"
)
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
PAIRS = 40  # name and value pairs of one jsonb_build_object call: a function takes at most 100 arguments

RECORD_COLUMNS = (
    "dataset text, data_key text, version_no integer, operation text, recorded_at timestamptz,"
    " superseded_at timestamptz, is_current boolean, is_deleted boolean, platform_code text, batch_no text,"
    " source_file text, source_row bigint, contract_version text, record_hash text, payload jsonb,"
    " attachments jsonb, load_id bigint"
)
TIMELINE_COLUMNS = (
    "tender_project_code text, bid_section_code text, stage text, dataset text, data_key text,"
    " occurred_at timestamptz, recorded_at timestamptz, platform_code text, project_code text, version_no integer"
)


def definition(shapes: Sequence[Shape]) -> str:
    """The statements as text, for the fingerprint."""
    return "\n".join(statement.as_string(None) for statement in _statements(shapes))


def create(conn: Connection, shapes: Sequence[Shape]) -> None:
    """Create or replace all generated views with their comments, and let the auditors read them."""
    for statement in _statements(shapes):
        conn.execute(statement)
    conn.execute("GRANT SELECT ON ALL TABLES IN SCHEMA audit, exchange TO hub_auditor")


def _statements(shapes: Sequence[Shape]) -> list[sql.Composed]:
    made: list[sql.Composed] = []
    for shape in shapes:
        made += [_exchange(shape), *_exchange_comments(shape)]
    made.append(_union("record", RECORD_COLUMNS, [_record(shape) for shape in shapes]))
    made.append(_union("project_timeline", TIMELINE_COLUMNS, [_timeline(shape, shapes) for shape in shapes]))
    made.append(recording_view(next((shape for shape in shapes if shape.dataset == "RECORDING"), None)))
    return made


def _union(view: str, columns: str, branches: Sequence[sql.Composable]) -> sql.Composed:
    """The view over all branches; an empty typed branch first, so that it exists without any dataset."""
    typed = [column.strip().rsplit(" ", 1) for column in columns.split(",")]
    nothing = sql.SQL(", ").join(sql.SQL("NULL::{} AS {}").format(sql.SQL(kind), sql.SQL(name)) for name, kind in typed)
    empty = sql.SQL("SELECT {} WHERE false").format(nothing)
    body = sql.SQL("\nUNION ALL\n").join([empty, *branches])
    return sql.SQL("CREATE OR REPLACE VIEW audit.{} AS\n{}").format(sql.SQL(view), body)


def _table(shape: Shape) -> sql.Identifier:
    return sql.Identifier("hub", shape.table)


def _exchange(shape: Shape) -> sql.Composed:
    fields = [
        sql.SQL("w.{} AS {}").format(sql.Identifier(c.name), sql.Identifier(c.name.lower()))
        for c in shape.columns
        if c.name != "DATA_KEY"
    ]
    return sql.SQL(
        "CREATE OR REPLACE VIEW exchange.{view} AS SELECT w.data_key, w.version_no AS hub_version_no,"
        " w.recorded_at AS hub_recorded_at, b.batch_no AS hub_batch_no, w.platform_code AS hub_platform_code,"
        " w.source_file AS hub_source_file, w.source_row AS hub_source_row,"
        " w.contract_version AS hub_contract_version, encode(w.record_hash, 'hex') AS hub_record_hash, {fields}"
        " FROM {table} w JOIN hub.batch b ON b.id = w.batch_id WHERE {current}"
    ).format(
        view=sql.Identifier(shape.dataset.lower()),
        fields=sql.SQL(", ").join(fields),
        table=_table(shape),
        current=sql.SQL(CURRENT).format(table=_table(shape)),
    )


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
        " LEFT JOIN {table} s ON s.data_key = w.data_key AND s.version_no = w.version_no + 1"
    ).format(
        dataset=sql.Literal(shape.dataset),
        operation=sql.SQL(OPERATIONS),
        payload=_payload(shape.columns),
        table=_table(shape),
    )


def _payload(columns: Sequence[Column]) -> sql.Composable:
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


def _spec_text(column: Column) -> sql.Composed:
    name = sql.SQL("w.{}").format(sql.Identifier(column.name))
    return sql.SQL(SPEC_TEXT[column.type]).format(name)


def _timeline(shape: Shape, shapes: Sequence[Shape]) -> sql.Composed:
    """One row per current record; where it names several sections, one per section."""
    tender, project, joins = _owner(shape, shapes)
    section, split = _section(shape)
    return sql.SQL(
        "SELECT {tender}, {section}, {stage}::text, {dataset}::text, w.data_key, {occurred}, w.recorded_at,"
        " w.platform_code, {project}, w.version_no FROM {table} w{joins}{split} WHERE {current}"
    ).format(
        tender=tender,
        section=section,
        stage=sql.Literal(shape.stage),
        dataset=sql.Literal(shape.dataset),
        occurred=_occurred(shape),
        project=project,
        table=_table(shape),
        joins=joins,
        split=split,
        current=sql.SQL(CURRENT).format(table=_table(shape)),
    )


def _owner(shape: Shape, shapes: Sequence[Shape]) -> tuple[sql.Composable, sql.Composable, sql.Composable]:
    """Tender project and project of a record, and the join that finds the one from the other."""
    tender, project, nothing = sql.SQL('w."TENDER_PROJECT_CODE"'), sql.SQL('w."PROJECT_CODE"'), sql.SQL("NULL::text")
    has_tender, has_project = shape.column("TENDER_PROJECT_CODE"), shape.column("PROJECT_CODE")
    if has_tender:
        return tender, project if has_project else nothing, sql.SQL("")
    known = next((s for s in shapes if s.dataset == "TENDER_PROJECT" and s.column("PROJECT_CODE")), None)
    if not has_project or known is None:
        return nothing, project if has_project else nothing, sql.SQL("")
    # A project belongs to the timeline of each of its tender projects.
    join = sql.SQL(
        ' LEFT JOIN {table} t ON t."PROJECT_CODE" = w."PROJECT_CODE" AND t.operation <> \'3\' AND NOT EXISTS'
        " (SELECT FROM {table} m WHERE m.data_key = t.data_key AND m.version_no > t.version_no)"
    ).format(table=_table(known))
    return sql.SQL('t."TENDER_PROJECT_CODE"'), project, join


def _section(shape: Shape) -> tuple[sql.Composable, sql.Composable]:
    if shape.column("BID_SECTION_CODE"):
        return sql.SQL('w."BID_SECTION_CODE"'), sql.SQL("")
    several = shape.column("BID_SECTION_CODES")
    if several is None:
        return sql.SQL("NULL::text"), sql.SQL("")
    split = sql.SQL(
        " LEFT JOIN LATERAL (SELECT DISTINCT btrim(part) AS code"
        " FROM unnest(string_to_array(w.\"BID_SECTION_CODES\", {})) part WHERE btrim(part) <> '') c ON true"
    ).format(sql.Literal(several.separator or ";"))
    return sql.SQL("c.code"), split


def _occurred(shape: Shape) -> sql.Composable:
    column = shape.column(shape.occurred_at) if shape.occurred_at else None
    if column is None or column.type not in (FieldType.DATETIME, FieldType.DATE):
        return sql.SQL("NULL::timestamptz")
    name = sql.SQL("w.{}").format(sql.Identifier(column.name))
    if column.type is FieldType.DATE:
        return sql.SQL("{}::timestamp AT TIME ZONE 'Asia/Shanghai'").format(name)
    return name
