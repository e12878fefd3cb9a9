"""The view `audit.project_timeline`: one row per current record of a project, one per section it names.

The column tender_project_code has the project in its trade (`warehouse.projects`): of a procurement the purchase
project, of land and mining the unified deal code.
"""

from collections.abc import Sequence

from psycopg import sql

from contracts.model import FieldType
from warehouse.projects import project_field, section_field
from warehouse.shapes import Shape
from warehouse.tables import scope

# Columns in order: name, type, Chinese.
COLUMNS = (
    ("tender_project_code", "text", "招标项目编号（采购项目编号、挂牌项目编号、统一交易标识码） project in its trade"),
    ("bid_section_code", "text", "标段（包）编号 section; empty: the project as a whole"),
    ("stage", "text", "交易环节 stage of the trade"),
    ("dataset", "text", "数据集英文名 dataset"),
    ("data_key", "text", "数据主键 DATA_KEY"),
    ("occurred_at", "timestamptz", "发生时间 when the event happened"),
    ("recorded_at", "timestamptz", "入库时间 since when the hub holds it"),
    ("platform_code", "text", "平台标识码 sender"),
    ("project_code", "text", "项目编号 project"),
    ("version_no", "integer", "版本号 number of the current version"),
)
CURRENT = (
    "w.operation <> '3' AND NOT EXISTS"
    " (SELECT FROM {table} n WHERE n.data_key = w.data_key AND n.version_no > w.version_no)"
)


def current(shape: Shape) -> sql.Composed:
    """Condition: `w` is the newest version of a record, and no withdrawal. An anti-join over the primary key."""
    return sql.SQL(CURRENT).format(table=sql.Identifier("hub", shape.table))


def timeline_branch(shape: Shape, shapes: Sequence[Shape]) -> sql.Composed:
    """One dataset's part of the timeline."""
    tender, project, joins = _owner(shape, shapes)
    section, split = _section(shape)
    return sql.SQL(
        "SELECT {tender}, {section}, {stage}::text, {dataset}::text, w.data_key, {occurred}, w.recorded_at,"
        " w.platform_code, {project}, w.version_no FROM {table} w{joins}{split} WHERE {current} AND {scope}"
    ).format(
        tender=tender,
        section=section,
        stage=sql.Literal(shape.stage),
        dataset=sql.Literal(shape.dataset),
        occurred=occurred(shape),
        project=project,
        table=sql.Identifier("hub", shape.table),
        joins=joins,
        split=split,
        current=current(shape),
        scope=scope(shape, "w.platform_code"),
    )


def _owner(shape: Shape, shapes: Sequence[Shape]) -> tuple[sql.Composable, sql.Composable, sql.Composable]:
    """The project of a record in its trade, its PROJECT_CODE, and the join that finds the one from the other."""
    has_project = shape.column("PROJECT_CODE")
    project = sql.SQL('w."PROJECT_CODE"' if has_project else "NULL::text")
    own = project_field(shape.trade, shape.names)
    if own is not None:
        return sql.SQL("w.{}").format(sql.Identifier(own)), project, sql.SQL("")
    known = next((s for s in shapes if s.dataset == "TENDER_PROJECT" and s.column("PROJECT_CODE")), None)
    if not has_project or known is None:
        return sql.SQL("NULL::text"), project, sql.SQL("")
    # A project belongs to the timeline of each of its tender projects.
    join = sql.SQL(
        ' LEFT JOIN {table} t ON t."PROJECT_CODE" = w."PROJECT_CODE" AND t.operation <> \'3\' AND NOT EXISTS'
        " (SELECT FROM {table} m WHERE m.data_key = t.data_key AND m.version_no > t.version_no)"
    ).format(table=sql.Identifier("hub", known.table))
    return sql.SQL('t."TENDER_PROJECT_CODE"'), project, join


def _section(shape: Shape) -> tuple[sql.Composable, sql.Composable]:
    name = section_field(shape.names)
    column = shape.column(name) if name else None
    if column is None:
        return sql.SQL("NULL::text"), sql.SQL("")
    value = sql.SQL("w.{}").format(sql.Identifier(column.name))
    if column.separator is None and column.name != "BID_SECTION_CODES":
        return value, sql.SQL("")
    split = sql.SQL(
        " LEFT JOIN LATERAL (SELECT DISTINCT btrim(part) AS code"
        " FROM unnest(string_to_array({}, {})) part WHERE btrim(part) <> '') c ON true"
    ).format(value, sql.Literal(column.separator or ";"))
    return sql.SQL("c.code"), split


def occurred(shape: Shape, *, end_of_day: bool = False) -> sql.Composable:
    """When the event of record `w` happened; a day counts from its beginning, or from its end."""
    column = shape.column(shape.occurred_at) if shape.occurred_at else None
    if column is None or column.type not in (FieldType.DATETIME, FieldType.DATE):
        return sql.SQL("NULL::timestamptz")
    name = sql.SQL("w.{}").format(sql.Identifier(column.name))
    if column.type is FieldType.DATE:
        day = sql.SQL("({} + 1)" if end_of_day else "{}").format(name)
        return sql.SQL("{}::timestamp AT TIME ZONE 'Asia/Shanghai'").format(day)
    return name
