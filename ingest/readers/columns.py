"""Records field by field into columns of text."""

import polars as pl

from exchange_hub.core.records import ATTACHMENTS, REPEATED
from ingest.readers.spec import CHUNK, check_column, check_width


class ColumnBuilder:
    """Collects records whose fields come one by one, in any order and number.

    A field that comes twice in a record keeps its first value and is named in the column `_repeated`.
    """

    def __init__(self, name: str) -> None:
        self.rows = 0  # finished records of the present chunk
        self._name = name
        self._columns: dict[str, list[str | None]] = {}
        self._known: set[str] = set()
        self._repeated: dict[int, str] = {}
        self._attachments: dict[int, str] = {}

    def put(self, field: str, value: str | None) -> None:
        """A field of the record under way; the empty text counts as no value."""
        column = self._columns.get(field)
        if column is None:
            column = self._new(field)
        missing = self.rows - len(column)
        if missing < 0:
            self.mark_repeated(field)
            return
        if missing:
            column.extend([None] * missing)
        column.append(value or None)

    def mark_repeated(self, field: str) -> None:
        """The record under way has this field or node more than once."""
        self._repeated.setdefault(self.rows, field)

    def attach(self, text: str) -> None:
        """The attachments (JSON list) of the record under way."""
        self._attachments[self.rows] = text

    def get(self, field: str) -> str | None:
        """The field's value in the record under way."""
        column = self._columns.get(field)
        return column[self.rows] if column is not None and len(column) > self.rows else None

    def end_record(self) -> bool:
        """Finish the record under way; true when the chunk is full."""
        self.rows += 1
        return self.rows >= CHUNK

    def flush(self) -> pl.DataFrame:
        """The finished records as one frame of text, and a new start."""
        for column in self._columns.values():
            column.extend([None] * (self.rows - len(column)))
        series = [pl.Series(name, column, dtype=pl.String) for name, column in self._columns.items()]
        series.append(self._sparse(ATTACHMENTS, self._attachments))
        series.append(self._sparse(REPEATED, self._repeated))
        frame = pl.DataFrame(series)
        self._columns = {name: [] for name in self._columns}
        self._attachments, self._repeated, self.rows = {}, {}, 0
        return frame

    def _new(self, field: str) -> list[str | None]:
        check_column(field, self._name)
        check_width(len(self._columns) + 1, self._name)
        column = self._columns[field] = []
        return column

    def _sparse(self, name: str, values: dict[int, str]) -> pl.Series:
        if not values:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, self.rows)
        return pl.Series(name, [values.get(i) for i in range(self.rows)], dtype=pl.String)
