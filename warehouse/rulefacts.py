"""What rules across datasets look at (跨数据集规则的取数): current records of tender projects that a load touched."""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl
from psycopg import Connection, sql

from exchange_hub.core.records import DATA_KEY
from warehouse.reading import text_pages
from warehouse.shapecache import known_shapes
from warehouse.shapes import Column, Shape
from warehouse.timeline import current
from warehouse.views import SPEC_TEXT

# Fields by which the records of one affair belong together, in the order of preference: a tender project of
# construction, a project of government procurement, of property rights.
SCOPES = ("TENDER_PROJECT_CODE", "PURCHASE_PROJECT_CODE", "PROJECT_CODE")
_TENDERS = "TENDER_PROJECT"
_PROJECTS = "PROJECT"  # dataset whose records belong to all tender projects of their project
# Where a record stands; needed to name it in a finding.
PLACE: dict[str, pl.DataType] = {
    "_version_no": pl.Int64(),
    "_batch_id": pl.Int64(),
    "_file": pl.String(),
    "_row": pl.Int64(),
    "_scope": pl.String(),
}


def touched(conn: Connection, load_ids: Sequence[int], datasets: Iterable[str]) -> dict[int, list[str]]:
    """By load the codes (see SCOPES) of the records that it wrote, as they are and as they were before; sorted.

    A record of PROJECT touches all tender projects of that project.
    """
    shapes = {shape.dataset: shape for shape in known_shapes(conn)}
    found: dict[int, set[str]] = {load_id: set() for load_id in load_ids}
    for dataset in datasets:
        shape = shapes.get(dataset)
        field = None if shape is None else _scope_field(shape)
        if shape is None or field is None:
            continue
        codes = _codes(conn, shape, field, load_ids)
        if dataset == _PROJECTS and _TENDERS in shapes:
            codes = _tenders_of(conn, shapes[_TENDERS], codes)
        for load_id, code in codes:
            found[load_id].add(code)
    return {load_id: sorted(codes) for load_id, codes in found.items()}


def current_records(
    conn: Connection, wanted: Mapping[str, Sequence[str]], scopes: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Current, not withdrawn records of these affairs.

    Args:
        wanted: fields by dataset.

    Returns:
        By dataset: DATA_KEY and the fields as text, written as the spec does, and the columns of PLACE. Datasets
        without a table are left out.
    """
    shapes = {shape.dataset: shape for shape in known_shapes(conn)}
    frames = {}
    for dataset, fields in wanted.items():
        shape = shapes.get(dataset)
        columns = [] if shape is None else [column for column in shape.columns if column.name in fields]
        if shape is not None and _scope_field(shape) is not None and len(columns) == len(fields):
            frames[dataset] = _read(conn, shape, columns, _owner(shape), scopes)
    return frames


def _scope_field(shape: Shape) -> str | None:
    return next((name for name in SCOPES if shape.column(name) is not None), None)


def _codes(conn: Connection, shape: Shape, field: str, load_ids: Sequence[int]) -> set[tuple[int, str]]:
    """Load and value of a field in the versions that these loads wrote and in those just before."""
    rows = conn.execute(
        sql.SQL(
            "SELECT w.load_id, w.{field} FROM {table} w WHERE w.load_id = ANY(%(loads)s)"
            " UNION SELECT w.load_id, b.{field} FROM {table} w JOIN {table} b ON b.data_key = w.data_key"
            " AND b.version_no = w.version_no - 1 WHERE w.load_id = ANY(%(loads)s)"
        ).format(field=sql.Identifier(field), table=_table(shape)),
        {"loads": list(load_ids)},
    )
    return {(row[0], row[1]) for row in rows if row[1]}


def _tenders_of(conn: Connection, tenders: Shape, projects: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Load and tender project, of load and project."""
    rows = conn.execute(
        sql.SQL(
            "SELECT DISTINCT p.load_id, w.{} FROM unnest(%s::bigint[], %s::text[]) AS p (load_id, code)"
            ' JOIN {} w ON w."PROJECT_CODE" = p.code'
        ).format(sql.Identifier(SCOPES[0]), _table(tenders)),
        ([load_id for load_id, _ in projects], [code for _, code in projects]),
    )
    return {(row[0], row[1]) for row in rows if row[1]}


def _owner(shape: Shape) -> tuple[sql.Composable, sql.Composable]:
    """The code that a record `w` belongs to, and the join that tells it where the record names only its project."""
    if shape.dataset != _PROJECTS:
        return sql.SQL("w.{}").format(sql.Identifier(_scope_field(shape) or "")), sql.SQL("")
    join = sql.SQL(
        ' JOIN (SELECT DISTINCT "PROJECT_CODE", "TENDER_PROJECT_CODE" FROM hub.wh_tender_project) t'
        ' ON t."PROJECT_CODE" = w."PROJECT_CODE"'
    )
    return sql.SQL('t."TENDER_PROJECT_CODE"'), join


def _read(
    conn: Connection,
    shape: Shape,
    columns: Sequence[Column],
    owner: tuple[sql.Composable, sql.Composable],
    scopes: Sequence[str],
) -> pl.DataFrame:
    scope, join = owner
    fields = [sql.SQL(SPEC_TEXT[c.type]).format(sql.SQL("w.{}").format(sql.Identifier(c.name))) for c in columns]
    place = [sql.SQL(text) for text in ("w.version_no", "w.batch_id", "w.source_file", "w.source_row")]
    query = sql.SQL("SELECT {listed} FROM {table} w{join} WHERE {scope} = ANY ({scopes}) AND {current}").format(
        listed=sql.SQL(", ").join([sql.SQL("w.data_key"), *fields, *place, scope]),
        table=_table(shape),
        join=join,
        scope=scope,
        scopes=sql.Literal(list(scopes)),
        current=current(shape),
    )
    names = [DATA_KEY, *(column.name for column in columns), *PLACE]
    pages = [page.frame.select(page.plain(name) for name in names) for page in text_pages(conn, query, names)]
    text = pl.concat([pl.DataFrame(schema=dict.fromkeys(names, pl.String)), *pages])
    return text.with_columns(pl.col(name).cast(kind) for name, kind in PLACE.items())


def _table(shape: Shape) -> sql.Identifier:
    return sql.Identifier("hub", shape.table)
