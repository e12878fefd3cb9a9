"""The view `audit.recording` over the dataset RECORDING (音视频记录引用)."""

from psycopg import sql

from warehouse.shapes import Shape

# Column, type and expression over the current version `w`; each needs the field named beside it.
COLUMNS: tuple[tuple[str, str, str, str], ...] = (
    ("recording_code", "text", 'w."RECORDING_CODE"', "RECORDING_CODE"),
    ("tender_project_code", "text", 'w."TENDER_PROJECT_CODE"', "TENDER_PROJECT_CODE"),
    ("bid_section_code", "text", 'w."BID_SECTION_CODES"', "BID_SECTION_CODES"),
    (
        "stage",
        "text",
        "CASE w.\"SESSION_KIND\" WHEN '1' THEN 'bid_receipt' WHEN '2' THEN 'expert_draw' WHEN '3' THEN 'opening'"
        " WHEN '4' THEN 'evaluation' WHEN '5' THEN 'resumed_session' WHEN '6' THEN 'dispute_mediation'"
        ' ELSE w."SESSION_KIND" END',
        "SESSION_KIND",
    ),
    ("uri", "text", 'w."URL"', "URL"),
    (
        "sha256",
        "text",
        "CASE WHEN w.\"HASH_VALUE\" ~* '^[0-9a-f]{64}$' AND w.\"HASH_ALGORITHM\" = 'SHA-256'"
        ' THEN lower(w."HASH_VALUE") END',
        "HASH_VALUE",
    ),
    ("started_at", "timestamptz", 'w."RECORD_START_TIME"', "RECORD_START_TIME"),
    ("ended_at", "timestamptz", 'w."RECORD_END_TIME"', "RECORD_END_TIME"),
    # References are checked for form only; nothing has looked at the media yet.
    ("check_state", "text", "'unchecked'::text", ""),
    ("data_key", "text", "w.data_key", ""),
    ("platform_code", "text", "w.platform_code", ""),
    ("recorded_at", "timestamptz", "w.recorded_at", ""),
)


def recording_view(shape: Shape | None) -> sql.Composed:
    """CREATE VIEW for the current recordings; a view without rows where no release has the dataset."""
    listed = sql.SQL(", ").join(_column(shape, *column) for column in COLUMNS)
    if shape is None:
        return sql.SQL("CREATE OR REPLACE VIEW audit.recording AS SELECT {} WHERE false").format(listed)
    return sql.SQL(
        "CREATE OR REPLACE VIEW audit.recording AS SELECT {listed} FROM {table} w WHERE w.operation <> '3'"
        " AND NOT EXISTS (SELECT FROM {table} n WHERE n.data_key = w.data_key AND n.version_no > w.version_no)"
    ).format(listed=listed, table=sql.Identifier("hub", shape.table))


def _column(shape: Shape | None, name: str, kind: str, expression: str, needs: str) -> sql.Composed:
    there = shape is not None and (not needs or shape.column(needs) is not None)
    text = expression if there else f"NULL::{kind}"
    return sql.SQL("{} AS {}").format(sql.SQL(text), sql.Identifier(name))
