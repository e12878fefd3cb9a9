"""Reading a package the way its sender writes: the spec's own format, or the dialect that its card names."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from contracts.model import Release
from exchange_hub.core.platforms import Platform
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, FILE, ROW, Operation, Validation
from ingest.dialect import load_dialect, relaxed
from ingest.package import OpenPackage
from ingest.read import read_frames
from ingest.readmessages import read_messages
from ingest.spool import Spool, spool_package
from ingest.translate import Origin
from validators.chunked import together, validate_chunks
from validators.chunkkeys import compact
from validators.engine import Context, validate

IN_MEMORY_RECORDS = 200_000  # beyond either, a package is read onto disk and validated chunk by chunk
IN_MEMORY_BYTES = 200 << 20


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A package as frames, the release as it holds for its sender, and where its records come from.

    A large one has its records in `spools`, in files, and no frames.
    """

    frames: Mapping[str, pl.DataFrame]
    release: Release
    origin: Origin | None = None
    spools: Mapping[str, Spool] = field(default_factory=dict)


def read_batch(
    package: OpenPackage, release: Release, platform: Platform | None, folder: Path | None = None
) -> ReadBatch:
    """Read all records of a package. In a dialect, which knows small messages only, they are read at once.

    Args:
        platform: the sender's card, None where it is not known.
        folder: does not exist yet; a large package is read into it and must be validated before it goes. Without one
            every package is read into memory.

    Raises:
        Refusal: the package cannot be read.
        ConfigurationError: the platform's dialect is wrong.
    """
    if platform is None or platform.dialect is None:
        if folder is not None and _is_large(package):
            return ReadBatch({}, release, spools=spool_package(package, release, folder))
        return ReadBatch(read_frames(package, release), release)
    frames, origin = read_messages(package, release, load_dialect(platform.dialect))
    return ReadBatch(frames, origin.release, origin)


def in_memory(batch: ReadBatch, places: pl.DataFrame) -> ReadBatch:
    """The batch with frames of records; of a large one only those at these places (dataset, file, row)."""
    if not batch.spools:
        return batch
    frames = {}
    for name, spool in batch.spools.items():
        there = places.filter(pl.col("dataset") == name).select(pl.col("file").alias(FILE), pl.col("row").alias(ROW))
        chunks = (frame.join(there, on=[FILE, ROW], how="semi", maintain_order="left") for frame in spool.chunks())
        frames[name] = pl.concat(compact(few) for few in chunks)
    return replace(batch, frames=frames, spools={})


def _is_large(package: OpenPackage) -> bool:
    """Does it hold too many records or bytes to have all in memory at once?"""
    files = package.manifest.files
    size = sum((package.root / one.path).stat().st_size for one in files)
    return sum(one.records for one in files) > IN_MEMORY_RECORDS or size > IN_MEMORY_BYTES


def release_of(release: Release, platform: Platform | None) -> Release:
    """The release as it holds for a platform."""
    if platform is None or platform.dialect is None:
        return release
    return relaxed(release, load_dialect(platform.dialect))


def validate_read(
    batch: ReadBatch,
    stored: StoredRecords,
    context: Context,
    kept: Sequence[str] | None = None,
    watch: Callable[[Validation], None] = lambda _: None,
) -> Validation:
    """Validate what was read; findings are in the sender's own words.

    Args:
        kept: columns that are kept of the records of a large batch; all by default.
        watch: is shown the validation, of a large batch that of each chunk with all columns.
    """
    origin = batch.origin
    if batch.spools:
        chunks = {name: spool.chunks for name, spool in batch.spools.items()}
        parts = validate_chunks(chunks, batch.release, stored, context)
        return together(_shown(parts, watch), batch.release, kept)
    if origin is None:
        validation = validate(batch.frames, batch.release, stored, context)
        watch(validation)
        return validation
    frames = {
        name: _with_operations(frame, name, stored) if name in origin.messages else frame
        for name, frame in batch.frames.items()
    }
    validation = validate(frames, batch.release, stored, context)
    watch(validation)
    return replace(validation, findings=origin.speak(validation.findings))


def _shown(parts: Iterable[Validation], watch: Callable[[Validation], None]) -> Iterator[Validation]:
    for part in parts:
        watch(part)
        yield part


def read_again(release: Release, platform: Platform | None) -> ReadBatch:
    """What was read once and kept aside: no frames yet, but the release and the words of its sender."""
    if platform is None or platform.dialect is None:
        return ReadBatch({}, release)
    dialect = load_dialect(platform.dialect)
    holds = relaxed(release, dialect)
    messages = {message.dataset: message for message in dialect.messages.values()}
    return ReadBatch({}, holds, Origin(dialect, holds, messages, {}))


def validate_again(
    batch: ReadBatch, frames: Mapping[str, pl.DataFrame], stored: StoredRecords, context: Context
) -> Validation:
    """Validate frames that were translated before; findings name the sender's elements, values stand as kept."""
    validation = validate(frames, batch.release, stored, context)
    if batch.origin is None:
        return validation
    return replace(validation, findings=batch.origin.speak(validation.findings))


def _with_operations(frame: pl.DataFrame, dataset: str, stored: StoredRecords) -> pl.DataFrame:
    """A message of a record that is stored replaces it: an update, since the dialect has no mark of its own."""
    keys = frame[DATA_KEY].drop_nulls().unique()
    known = stored.current(dataset, keys, ())[DATA_KEY]
    again = pl.col(DATA_KEY).is_in(known.implode()).fill_null(False)
    return frame.with_columns(
        pl.when(again).then(pl.lit(Operation.UPDATE.value)).otherwise(pl.col(DATA_TYPE)).alias(DATA_TYPE)
    )
