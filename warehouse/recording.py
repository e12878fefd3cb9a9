"""The view `audit.recording` over every dataset of stage recording (音视频记录引用), of whatever trade."""

from collections.abc import Sequence

from psycopg import sql

from warehouse.projects import project_field, section_field
from warehouse.shapes import Shape
from warehouse.tables import scope
from warehouse.timeline import current

STAGE = "recording"
PROJECT, SECTIONS = "{project}", "{sections}"  # fields that each trade names in its own way
SESSIONS = (
    "CASE w.{field} WHEN '1' THEN 'bid_receipt' WHEN '2' THEN 'expert_draw' WHEN '3' THEN 'opening'"
    " WHEN '4' THEN 'evaluation' WHEN '5' THEN 'resumed_session' WHEN '6' THEN 'dispute_mediation' ELSE w.{field} END"
)
SHA256 = "CASE WHEN w.{field} ~* '^[0-9a-f]{{64}}$' AND w.\"HASH_ALGORITHM\" = 'SHA-256' THEN lower(w.{field}) END"
CHECKED = (
    "coalesce((SELECT c.state FROM hub.recording_check c WHERE c.dataset = {dataset} AND c.data_key = w.data_key"
    " AND c.version_no = w.version_no ORDER BY c.id DESC LIMIT 1), 'unchecked')"
)
# Column, type, expression over the current version `w`, the field it needs, Chinese. Columns are only added at the end.
COLUMNS: tuple[tuple[str, str, str, str, str], ...] = (
    ("recording_code", "text", "w.{field}", "RECORDING_CODE", "录像编号 recording"),
    ("tender_project_code", "text", "w.{field}", PROJECT, "招标项目编号（采购项目编号） project in its trade"),
    ("bid_section_code", "text", "w.{field}", SECTIONS, "相关标段（包）编号 sections, as sent"),
    ("stage", "text", SESSIONS, "SESSION_KIND", "场次类别 session"),
    ("uri", "text", "w.{field}", "URL", "地址 where the recording is"),
    (
        *("sha256", "text", SHA256, "HASH_VALUE"),
        "散列 SHA-256 as registered; empty: registered by another algorithm, or not",
    ),
    ("started_at", "timestamptz", "w.{field}", "RECORD_START_TIME", "录制开始时间 start"),
    ("ended_at", "timestamptz", "w.{field}", "RECORD_END_TIME", "录制结束时间 end"),
    (
        *("check_state", "text", CHECKED, "URL"),
        "核查状态 unchecked, verified, consistent, differs, unreachable or not_allowed",
    ),
    ("data_key", "text", "w.data_key", "", "数据主键 DATA_KEY"),
    ("platform_code", "text", "w.platform_code", "", "平台标识码 sender"),
    ("recorded_at", "timestamptz", "w.recorded_at", "", "入库时间 since when the hub holds it"),
    ("dataset", "text", "{dataset}::text", "", "数据集英文名 dataset"),
    ("version_no", "integer", "w.version_no", "", "版本号 number of the current version"),
    ("batch_no", "text", "b.batch_no", "", "批次号 batch that brought it"),
    ("session_kind", "text", "w.{field}", "SESSION_KIND", "活动环节代码 kind of session, as sent"),
    ("reference_kind", "text", "w.{field}", "REFERENCE_KIND", "引用类别代码 kind of reference, as sent"),
    ("storage_kind", "text", "w.{field}", "STORAGE_KIND", "存储类别代码 kind of storage, as sent; 1: a loop"),
    ("duration_seconds", "numeric", "w.{field}", "DURATION_SECONDS", "时长（秒） length, s"),
    ("byte_size", "bigint", "w.{field}", "BYTE_SIZE", "字节数 size, bytes"),
    ("hash_algorithm", "text", "w.{field}", "HASH_ALGORITHM", "摘要算法 algorithm, as sent"),
    ("hash_value", "text", "w.{field}", "HASH_VALUE", "摘要值 hash, as sent"),
    ("uri_expires_at", "timestamptz", "w.{field}", "URL_EXPIRY_TIME", "地址失效时间 until when the address holds"),
)


def recording_view(shapes: Sequence[Shape]) -> sql.Composed:
    """CREATE VIEW for the current recordings; a view without rows where no release has such a dataset."""
    nothing = sql.SQL(", ").join(
        sql.SQL("NULL::{} AS {}").format(sql.SQL(kind), sql.Identifier(name)) for name, kind, *_ in COLUMNS
    )
    empty = sql.SQL("SELECT {} WHERE false").format(nothing)
    parts = [_branch(shape) for shape in shapes if shape.stage == STAGE]
    return sql.SQL("CREATE OR REPLACE VIEW audit.recording WITH (security_barrier) AS\n{}").format(
        sql.SQL("\nUNION ALL\n").join([empty, *parts])
    )


def _branch(shape: Shape) -> sql.Composed:
    return sql.SQL(
        "SELECT {listed} FROM {table} w JOIN hub.batch b ON b.id = w.batch_id WHERE {current} AND {scope}"
    ).format(
        listed=sql.SQL(", ").join(_column(shape, kind, text, needs) for _, kind, text, needs, _ in COLUMNS),
        table=sql.Identifier("hub", shape.table),
        current=current(shape),
        scope=scope(shape, "w.platform_code"),
    )


def _column(shape: Shape, kind: str, expression: str, needs: str) -> sql.Composed:
    names = shape.names
    field = {PROJECT: project_field(shape.trade, names), SECTIONS: section_field(names)}.get(needs, needs)
    if field is None or (field and field not in names):
        return sql.SQL("NULL::{}").format(sql.SQL(kind))
    return sql.SQL("({})::{}").format(
        sql.SQL(expression).format(field=sql.Identifier(field or "-"), dataset=sql.Literal(shape.dataset)),
        sql.SQL(kind),
    )
