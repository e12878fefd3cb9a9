"""Writers of data files, one class a format; rows in, a file with a count and a SHA-256 out (数据文件)."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol
from xml.sax.saxutils import escape

from exchange_hub.sample.vocabulary import Record

ROWS_IN_GROUP = 20_000  # rows of a parquet row group


class Writer(Protocol):
    """Takes records of one dataset, in any number of calls."""

    def write(self, records: Iterable[Record]) -> None:
        """Append records."""

    def close(self) -> str:
        """Finish the file; returns the SHA-256 of its bytes, lower-case hex."""


class _HashedFile:
    """A file that computes the SHA-256 of what is written to it."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb", buffering=1 << 20)
        self._digest = hashlib.sha256()
        self.closed = False  # asked by pyarrow

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    def tell(self) -> int:
        return self._file.tell()

    def close(self) -> None:
        self._file.close()
        self.closed = True

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class _TextWriter:
    """What the three text formats share: a hashed file that takes text."""

    def __init__(self, path: Path, encoding: str) -> None:
        self._raw = _HashedFile(path)
        self._encoding = encoding

    def _write_text(self, text: str) -> None:
        self._raw.write(text.encode(self._encoding))

    def close(self) -> str:
        self._raw.close()
        return self._raw.hexdigest()


class CsvWriter(_TextWriter):
    """CSV: header row, comma, quotes where needed, CR LF."""

    def __init__(self, path: Path, dataset: str, columns: Sequence[str], encoding: str) -> None:
        super().__init__(path, encoding)
        self._columns = tuple(columns)
        self._write_rows([self._columns])

    def write(self, records: Iterable[Record]) -> None:
        """Append records; null is an empty cell."""
        columns = self._columns
        self._write_rows([[record.get(name) for name in columns] for record in records])

    def _write_rows(self, rows: Sequence[Sequence[str | None]]) -> None:
        text = io.StringIO(newline="")
        csv.writer(text).writerows(rows)
        self._write_text(text.getvalue())


class JsonLinesWriter(_TextWriter):
    """JSON Lines: one object a line, nulls left out."""

    def __init__(self, path: Path, dataset: str, columns: Sequence[str], encoding: str) -> None:
        super().__init__(path, encoding)
        self._columns = tuple(columns)
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode

    def write(self, records: Iterable[Record]) -> None:
        """Append records, fields in the order of the contract."""
        columns, encode = self._columns, self._encode
        self._write_text(
            "".join(
                encode({name: record[name] for name in columns if record.get(name) is not None}) + "\n"
                for record in records
            )
        )


class XmlWriter(_TextWriter):
    """The record envelope of real exchanges, repeated in a BATCH element."""

    def __init__(self, path: Path, dataset: str, columns: Sequence[str], encoding: str) -> None:
        super().__init__(path, encoding)
        self._dataset = dataset
        self._fields = tuple(columns)[2:]
        self._write_text(f'<?xml version="1.0" encoding="{encoding}"?>\n<BATCH>\n')

    def write(self, records: Iterable[Record]) -> None:
        """Append records; null fields are left out."""
        self._write_text("".join(map(self._record, records)))

    def _record(self, record: Record) -> str:
        context = "".join(
            f"<{name}>{escape(value)}</{name}>" for name in self._fields if (value := record.get(name)) is not None
        )
        title = "".join(
            f"<{name}>{escape(value)}</{name}>"
            for name in ("DATA_TYPE", "DATA_KEY")
            if (value := record.get(name)) is not None
        )
        return (
            f"<RECORD><TITLE><DATA_EN>{self._dataset}</DATA_EN>{title}</TITLE><CONTEXT>{context}</CONTEXT></RECORD>\n"
        )

    def close(self) -> str:
        """Finish the file."""
        self._write_text("</BATCH>\n")
        return super().close()


class ParquetWriter:
    """Parquet: all columns text, as they would be sent in the other formats."""

    def __init__(self, path: Path, dataset: str, columns: Sequence[str], encoding: str) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._columns = tuple(columns)
        self._schema = pa.schema([(name, pa.string()) for name in self._columns])
        self._table = pa.Table
        self._raw = _HashedFile(path)
        self._file = pq.ParquetWriter(self._raw, self._schema, compression="zstd")
        self._waiting: list[Record] = []

    def write(self, records: Iterable[Record]) -> None:
        """Append records; a row group is written when enough wait."""
        self._waiting.extend(records)
        if len(self._waiting) >= ROWS_IN_GROUP:
            self._flush()

    def close(self) -> str:
        """Finish the file."""
        self._flush()
        self._file.close()
        self._raw.close()
        return self._raw.hexdigest()

    def _flush(self) -> None:
        if self._waiting:
            columns = {name: [record.get(name) for record in self._waiting] for name in self._columns}
            self._file.write_table(self._table.from_pydict(columns, schema=self._schema))
            self._waiting = []


_WRITERS: dict[str, Callable[[Path, str, Sequence[str], str], Writer]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "parquet": ParquetWriter,
    "xml": XmlWriter,
}


def open_writer(path: Path, dataset: str, columns: Sequence[str], form: str, encoding: str) -> Writer:
    """A writer of that format; the file is made at once."""
    return _WRITERS[form](path, dataset, columns, encoding)
