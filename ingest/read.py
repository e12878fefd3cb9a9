"""A package's data files into one text frame a dataset."""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pathlib import Path

import numpy as np
import polars as pl

from contracts.model import Release
from contracts.ordering import in_order
from exchange_hub.core.errors import Refusal
from exchange_hub.core.records import ATTACHMENTS, DATA_KEY, DATA_TYPE, FILE, REPEATED, ROW, FileEntry
from ingest.manifest import NAME
from ingest.names import printable
from ingest.package import OpenPackage
from ingest.readers.spec import FileSpec

READERS = ("xml", "csv", "jsonl", "parquet", "xlsx")  # a module of ingest.readers each
Reader = Callable[[Path, FileSpec], Iterator[pl.DataFrame]]
OWN = (FILE, ROW, ATTACHMENTS, REPEATED)  # columns of ours, after the fields


def read_frames(package: OpenPackage, release: Release) -> dict[str, pl.DataFrame]:
    """All records of a package.

    Returns:
        One frame a dataset, in the release's order of datasets, one row a record in the order of the manifest's
        files: DATA_KEY, DATA_TYPE, every field of the contract (null where absent), unknown columns as sent, _file,
        _row (from 1 in its file), _attachments, _repeated (name of a field that came twice in the record, or null).
        All text but _row (Int64); no value is the null, never the empty text.

    Raises:
        Refusal: UNKNOWN_DATASET, EMPTY_FILE, RECORD_COUNT_MISMATCH, EMPTY_BATCH, or what a reader refuses.
    """
    check_datasets(package, release)
    parts: dict[str, list[pl.DataFrame]] = {}
    for entry in package.manifest.files:
        parts.setdefault(entry.dataset, []).append(read_entry(package.root, entry))
    frames = {name: assemble(parts[name], release, name) for name in in_order(release.datasets, parts)}
    refuse_empty(sum(frame.height for frame in frames.values()))
    return frames


def refuse_empty(records: int) -> None:
    """Refuse a package without a single record.

    Raises:
        Refusal: EMPTY_BATCH.
    """
    if not records:
        raise Refusal("EMPTY_BATCH", "包内没有任何记录", "the package holds no record", NAME)


def read_data_file(
    path: Path, dataset: str, format_: str, release: Release, encoding: str | None = None
) -> pl.DataFrame:
    """One bare data file, as `read_frames` gives its dataset; `_file` is the file's name.

    Raises:
        Refusal: as `file_chunks`.
    """
    chunks = file_chunks(path, dataset, format_, release, encoding)
    return assemble([pl.concat(chunks, how="diagonal")], release, dataset)


def check_datasets(package: OpenPackage, release: Release) -> None:
    """Refuse a package that names a dataset which the release does not have.

    Raises:
        Refusal: UNKNOWN_DATASET.
    """
    for number, entry in enumerate(package.manifest.files):
        check_dataset(entry.dataset, release, f"{NAME}#/files/{number}/dataset")


def check_dataset(dataset: str, release: Release, where: str) -> None:
    """Refuse a dataset that the release does not have.

    Raises:
        Refusal: UNKNOWN_DATASET.
    """
    if dataset not in release.datasets:
        raise Refusal(
            "UNKNOWN_DATASET",
            f"数据集 {printable(dataset)} 不在规范 {release.version} 中",
            f"dataset {printable(dataset)} is not in release {release.version}",
            where,
        )


def read_entry(root: Path, entry: FileEntry, reader: Reader | None = None) -> pl.DataFrame:
    """All records of a file of the manifest, with `_file` and `_row`; by the reader of its format unless one is given.

    Raises:
        Refusal: EMPTY_FILE, RECORD_COUNT_MISMATCH, or what the reader refuses.
    """
    return pl.concat(list(entry_chunks(root, entry, reader)), how="diagonal")


def entry_chunks(root: Path, entry: FileEntry, reader: Reader | None = None) -> Iterator[pl.DataFrame]:
    """The same piece by piece, never more records than the manifest says; at least one frame.

    Raises:
        Refusal: as `read_entry`, RECORD_COUNT_MISMATCH at the end of the file.
    """
    count = 0
    for chunk in _chunks(
        root / entry.path, FileSpec(entry.path, entry.dataset, entry.encoding), reader or _reader(entry.format)
    ):
        count += chunk.height
        if count <= entry.records:
            yield chunk
    if count != entry.records:
        raise Refusal(
            "RECORD_COUNT_MISMATCH",
            f"文件 {entry.path} 有 {count} 条记录，清单声明 {entry.records} 条",
            f"{entry.path} holds {count} records, the manifest says {entry.records}",
            entry.path,
        )


def file_chunks(
    path: Path, dataset: str, format_: str, release: Release, encoding: str | None = None
) -> Iterator[pl.DataFrame]:
    """One bare data file piece by piece; `_file` is its name.

    Raises:
        Refusal: UNKNOWN_DATASET, UNKNOWN_FORMAT, EMPTY_FILE, or what the reader refuses.
    """
    check_dataset(dataset, release, path.name)
    if format_ not in READERS:
        raise Refusal(
            "UNKNOWN_FORMAT",
            f"格式 {printable(format_)} 不支持，应为 {'、'.join(READERS)}",
            f"unknown format {printable(format_)}; use one of {', '.join(READERS)}",
            path.name,
        )
    yield from _chunks(path, FileSpec(path.name, dataset, encoding), _reader(format_))


def _chunks(path: Path, spec: FileSpec, reader: Reader) -> Iterator[pl.DataFrame]:
    """The reader's frames, with `_file` and `_row`; at least one."""
    if path.stat().st_size == 0:
        raise Refusal("EMPTY_FILE", f"文件 {spec.name} 是空的（0 字节）", f"{spec.name} is empty (0 bytes)", spec.name)
    before = 0
    for frame in reader(path, spec):
        last = before + frame.height
        name = pl.Series(FILE, [spec.name], dtype=pl.String).new_from_index(0, frame.height)
        yield frame.hstack([name, pl.Series(ROW, np.arange(before + 1, last + 1, dtype=np.int64))])
        before = last


def _reader(format_: str) -> Reader:
    """The reader of a format, imported when it is first needed: pyarrow alone costs a tenth of a second."""
    read: Reader = import_module(f"ingest.readers.{format_}").read
    return read


def assemble(parts: list[pl.DataFrame], release: Release, dataset: str) -> pl.DataFrame:
    """Frames of one dataset as one, with every column of the contract, then what is unknown, then our own."""
    frame = pl.concat(parts, how="diagonal")
    return arranged(frame, columns(frame.columns, release, dataset))


def columns(there: Iterable[str], release: Release, dataset: str) -> list[str]:
    """Names of every column of the contract, then of what is unknown, then our own."""
    known = [DATA_KEY, DATA_TYPE, *release.datasets[dataset].field_names]
    expected = {*known, *OWN}
    return [*known, *dict.fromkeys(name for name in there if name not in expected), *OWN]


def arranged(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """The columns of that name in that order, null where there is none; no name is taken for a pattern."""
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    there = set(frame.columns)
    return pl.DataFrame([frame.get_column(name) if name in there else nothing.alias(name) for name in names])
