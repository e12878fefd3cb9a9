"""Rows into data files, without the care that a sender's software takes: any value goes in as it is."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

Row = Mapping[str, str | None]
Rows = list[dict[str, str | None]]


def names_of(rows: Rows) -> list[str]:
    """The columns, in the order in which they are met."""
    return list(dict.fromkeys(name for row in rows for name in row)) or ["DATA_KEY", "DATA_TYPE"]


def as_xml(rows: Rows, dataset: str) -> bytes:
    """The record envelope."""
    records = []
    for row in rows:
        title = "".join(_element(name, row.get(name)) for name in ("DATA_KEY", "DATA_TYPE"))
        context = "".join(_element(n, v) for n, v in row.items() if n not in ("DATA_KEY", "DATA_TYPE"))
        records.append(
            f"<RECORD><TITLE><DATA_EN>{dataset}</DATA_EN>{title}</TITLE><CONTEXT>{context}</CONTEXT></RECORD>"
        )
    text = '<?xml version="1.0" encoding="utf-8"?>\n<BATCH>\n' + "\n".join(records) + "\n</BATCH>\n"
    return text.encode("utf-8", "surrogatepass")


def _element(name: str, value: str | None) -> str:
    return "" if value is None else f"<{name}>{escape(value)}</{name}>"


def as_csv(rows: Rows, dataset: str) -> bytes:
    """A header row, then cells."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    names = names_of(rows)
    writer.writerow(names)
    writer.writerows([row.get(name) or "" for name in names] for row in rows)
    return out.getvalue().encode("utf-8", "surrogatepass")


def as_jsonl(rows: Rows, dataset: str) -> bytes:
    """An object a line."""
    lines = [json.dumps({k: v for k, v in row.items() if v is not None}) for row in rows]
    return "".join(f"{line}\n" for line in lines).encode("ascii")


def as_parquet(rows: Rows, dataset: str) -> bytes:
    """All columns text."""
    columns = {name: pa.array([_clean(row.get(name)) for row in rows], pa.string()) for name in names_of(rows)}
    return table_bytes(pa.table(columns))


def table_bytes(table: pa.Table) -> bytes:
    """An Arrow table as Parquet."""
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def as_xlsx(rows: Rows, dataset: str) -> bytes:
    """In the layout of our templates: names in row 1, records from row 4."""
    out, names = io.BytesIO(), names_of(rows)
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet(dataset[:31])
        for number, row in enumerate([dict(zip(names, names, strict=True)), {}, {}, *rows]):
            for place, name in enumerate(names):
                value = _clean(row.get(name))
                if value is not None and len(value) <= 32767:
                    sheet.write_string(number, place, value)
    return out.getvalue()


def _clean(value: str | None) -> str | None:
    return None if value is None else value.encode("utf-8", "replace").decode("utf-8")


RENDERERS: dict[str, Callable[[Rows, str], bytes]] = {
    "xml": as_xml,
    "csv": as_csv,
    "jsonl": as_jsonl,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
}
