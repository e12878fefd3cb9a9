"""Functions that answer about one record or one project (点查函数): `audit.record_of`, `audit.timeline_of`.

They return rows of `audit.record` and `audit.project_timeline`, by the same parts. A query on those views is planned
with every dataset, which takes longer than the answer; a function asks only the datasets that have something to say.
What a login may see is decided in the parts, by session_user, as in the views.
"""

from collections.abc import Sequence

from psycopg import sql

from warehouse.access import GROUPS
from warehouse.projects import project_field
from warehouse.shapes import Shape
from warehouse.tables import index_name


def versions(shape: Shape) -> sql.Identifier:
    """A dataset's part of `audit.record`."""
    return sql.Identifier("hub", _name(shape, "versions"))


def events(shape: Shape) -> sql.Identifier:
    """A dataset's part of `audit.project_timeline`."""
    return sql.Identifier("hub", _name(shape, "events"))


def _name(shape: Shape, suffix: str) -> str:
    return index_name(shape.table, suffix).removesuffix("_idx")


def record_of(shapes: Sequence[Shape]) -> list[sql.Composed]:
    """All versions of one record."""
    branches = [
        sql.SQL("WHEN {} THEN RETURN QUERY SELECT * FROM {} r WHERE r.data_key = $2;").format(
            sql.Literal(shape.dataset), versions(shape)
        )
        for shape in shapes
    ]
    body = sql.SQL("BEGIN CASE $1 {} ELSE NULL; END CASE; END").format(sql.SQL(" ").join(branches))
    if not shapes:
        body = sql.SQL("BEGIN END").format()
    about = "一条记录的全部版本 rows of audit.record of one record, without planning every dataset"
    return _function("record_of", ("of_dataset", "of_key"), "record", body, about)


def timeline_of(shapes: Sequence[Shape]) -> list[sql.Composed]:
    """All events of one project, by its code in its trade."""
    steps = [sql.SQL("DECLARE projects text[]; BEGIN").format()]
    owner = next((s for s in shapes if s.dataset == "TENDER_PROJECT" and s.column("PROJECT_CODE")), None)
    if owner is not None:
        steps.append(
            sql.SQL(
                'SELECT array_agg(DISTINCT w."PROJECT_CODE") INTO projects FROM {} w'
                ' WHERE w."TENDER_PROJECT_CODE" = $1;'
            ).format(sql.Identifier("hub", owner.table))
        )
    for shape in shapes:
        own = project_field(shape.trade, shape.names)
        if own is not None:
            found = sql.SQL("w.{} = $1").format(sql.Identifier(own))
        elif shape.column("PROJECT_CODE") and owner is not None:
            found = sql.SQL('w."PROJECT_CODE" = ANY (projects)').format()
        else:
            continue  # belongs to no project
        steps.append(
            sql.SQL(
                "IF EXISTS (SELECT FROM {table} w WHERE {found}) THEN"
                " RETURN QUERY SELECT * FROM {events} e WHERE e.tender_project_code = $1; END IF;"
            ).format(table=sql.Identifier("hub", shape.table), found=found, events=events(shape))
        )
    body = sql.SQL("{} END").format(sql.SQL("\n").join(steps))
    about = "一个项目的全过程 rows of audit.project_timeline of one project, without planning every dataset"
    return _function("timeline_of", ("of_tender_project",), "project_timeline", body, about)


def _function(name: str, arguments: Sequence[str], view: str, body: sql.Composed, about: str) -> list[sql.Composed]:
    kinds = sql.SQL("{} ({})").format(
        sql.Identifier("audit", name), sql.SQL(", ").join([sql.SQL("text")] * len(arguments))
    )
    return [
        sql.SQL(
            "CREATE OR REPLACE FUNCTION {name} ({arguments}) RETURNS SETOF {view} STABLE SECURITY DEFINER"
            " SET search_path = pg_catalog, pg_temp LANGUAGE plpgsql AS {body}"
        ).format(
            name=sql.Identifier("audit", name),
            arguments=sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(a)) for a in arguments),
            view=sql.Identifier("audit", view),
            body=sql.Literal(body.as_string(None)),
        ),
        sql.SQL("COMMENT ON FUNCTION {} IS {}").format(kinds, sql.Literal(about)),
        sql.SQL("REVOKE EXECUTE ON FUNCTION {} FROM PUBLIC").format(kinds),
        sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(kinds, GROUPS),
    ]
