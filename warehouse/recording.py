"""The view `audit.recording` over the dataset RECORDING (音视频记录引用)."""

from psycopg import sql

from warehouse.shapes import Shape
from warehouse.tables import scope
from warehouse.timeline import current

# Column, type, expression over the current version `w`, the field it needs, Chinese.
COLUMNS: tuple[tuple[str, str, str, str, str], ...] = (
    ("recording_code", "text", 'w."RECORDING_CODE"', "RECORDING_CODE", "录像编号 recording"),
    ("tender_project_code", "text", 'w."TENDER_PROJECT_CODE"', "TENDER_PROJECT_CODE", "招标项目编号 tender project"),
    ("bid_section_code", "text", 'w."BID_SECTION_CODES"', "BID_SECTION_CODES", "相关标段（包）编号 sections, as sent"),
    (
        "stage",
        "text",
        "CASE w.\"SESSION_KIND\" WHEN '1' THEN 'bid_receipt' WHEN '2' THEN 'expert_draw' WHEN '3' THEN 'opening'"
        " WHEN '4' THEN 'evaluation' WHEN '5' THEN 'resumed_session' WHEN '6' THEN 'dispute_mediation'"
        ' ELSE w."SESSION_KIND" END',
        "SESSION_KIND",
        "场次类别 session",
    ),
    ("uri", "text", 'w."URL"', "URL", "地址 where the recording is"),
    (
        "sha256",
        "text",
        "CASE WHEN w.\"HASH_VALUE\" ~* '^[0-9a-f]{64}$' AND w.\"HASH_ALGORITHM\" = 'SHA-256'"
        ' THEN lower(w."HASH_VALUE") END',
        "HASH_VALUE",
        "散列 SHA-256 as registered; empty: registered by another algorithm, or not",
    ),
    ("started_at", "timestamptz", 'w."RECORD_START_TIME"', "RECORD_START_TIME", "录制开始时间 start"),
    ("ended_at", "timestamptz", 'w."RECORD_END_TIME"', "RECORD_END_TIME", "录制结束时间 end"),
    (
        "check_state",
        "text",
        "coalesce((SELECT c.state FROM hub.recording_check c WHERE c.data_key = w.data_key"
        " AND c.version_no = w.version_no ORDER BY c.id DESC LIMIT 1), 'unchecked')",
        "URL",
        "核查状态 unchecked, verified, consistent, differs, unreachable or not_allowed",
    ),
    ("data_key", "text", "w.data_key", "", "数据主键 DATA_KEY"),
    ("platform_code", "text", "w.platform_code", "", "平台标识码 sender"),
    ("recorded_at", "timestamptz", "w.recorded_at", "", "入库时间 since when the hub holds it"),
)


def recording_view(shape: Shape | None) -> sql.Composed:
    """CREATE VIEW for the current recordings; a view without rows where no release has the dataset."""
    listed = sql.SQL(", ").join(_column(shape, *column[:4]) for column in COLUMNS)
    if shape is None:
        return sql.SQL("CREATE OR REPLACE VIEW audit.recording AS SELECT {} WHERE false").format(listed)
    return sql.SQL(
        "CREATE OR REPLACE VIEW audit.recording WITH (security_barrier) AS SELECT {listed} FROM {table} w"
        " WHERE {current} AND {scope}"
    ).format(
        listed=listed,
        table=sql.Identifier("hub", shape.table),
        current=current(shape),
        scope=scope(shape, "w.platform_code"),
    )


def _column(shape: Shape | None, name: str, kind: str, expression: str, needs: str) -> sql.Composed:
    there = shape is not None and (not needs or shape.column(needs) is not None)
    text = expression if there else f"NULL::{kind}"
    return sql.SQL("{} AS {}").format(sql.SQL(text), sql.Identifier(name))
