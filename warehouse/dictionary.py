"""The data dictionary (数据字典): every view an auditor may read, with its columns, from the database itself.

The views are made from the contracts, so this says what is there now; the questions are `warehouse.questions`.
"""

from collections.abc import Sequence

from psycopg import Connection

from warehouse.questions import QUESTIONS

COLUMNS = """
    SELECT n.nspname, c.relname, coalesce(obj_description(c.oid, 'pg_class'), ''), a.attname,
           format_type(a.atttypid, a.atttypmod), coalesce(col_description(c.oid, a.attnum), '')
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE n.nspname = ANY(%s) AND c.relkind = 'v' ORDER BY n.nspname, c.relname, a.attnum
"""
HEAD = (
    "# 数据字典 Data dictionary\n\n"
    "Written by `hub audit dictionary`, from the comments of the views. Do not edit.\n"
    "Columns are only ever added. Times are instants with zone; personal values are masked unless granted.\n"
)


def dictionary(conn: Connection, schemas: Sequence[str] = ("audit", "exchange")) -> str:
    """Markdown of all views of these schemas: one table of columns each."""
    parts = [HEAD]
    last: tuple[str, str] | None = None
    for schema, view, about, name, kind, comment in conn.execute(COLUMNS, (list(schemas),)).fetchall():
        if (schema, view) != last:
            parts.append(f"\n## `{schema}.{view}`\n\n{about}\n\n| 列 column | 类型 type | 说明 |\n| --- | --- | --- |")
            last = schema, view
        parts.append(f"| `{name}` | {kind} | {comment.replace('|', '/')} |")
    return "\n".join(parts) + "\n"


def question_page() -> str:
    """Markdown of the questions: what is asked, by which command, and the SQL."""
    parts = [
        "# 审计问题 Questions of auditors\n",
        "Each is asked by a command of `hub audit`, or in SQL by any login, which sees its own regions and trades",
        "only. Written from `warehouse/questions.py`; do not edit.",
    ]
    for question in QUESTIONS:
        given = ", ".join(f"`:{name}` {example}" for name, example in question.parameters.items())
        shown = question.sql
        for name in question.parameters:
            shown = shown.replace(f"%({name})s", f":{name}")
        parts += [
            f"\n## {question.title_zh} {question.title_en}\n",
            f"`{question.command}`; given: {given}\n",
            f"```sql\n{shown};\n```",
        ]
    return "\n".join(parts) + "\n"
