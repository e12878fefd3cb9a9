"""Reading a package the way its sender writes: the spec's own format, or the dialect that its card names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from contracts.model import Release
from exchange_hub.core.platforms import Platform
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Operation, Validation
from ingest.dialect import load_dialect, relaxed
from ingest.package import OpenPackage
from ingest.read import read_frames
from ingest.readmessages import read_messages
from ingest.translate import Origin
from validators.engine import Context, validate


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """A package as frames, the release as it holds for its sender, and where its records come from."""

    frames: Mapping[str, pl.DataFrame]
    release: Release
    origin: Origin | None = None


def read_batch(package: OpenPackage, release: Release, platform: Platform | None) -> ReadBatch:
    """Read all records of a package.

    Args:
        platform: the sender's card, None where it is not known.

    Raises:
        Refusal: the package cannot be read.
        ConfigurationError: the platform's dialect is wrong.
    """
    if platform is None or platform.dialect is None:
        return ReadBatch(read_frames(package, release), release)
    frames, origin = read_messages(package, release, load_dialect(platform.dialect))
    return ReadBatch(frames, origin.release, origin)


def release_of(release: Release, platform: Platform | None) -> Release:
    """The release as it holds for a platform."""
    if platform is None or platform.dialect is None:
        return release
    return relaxed(release, load_dialect(platform.dialect))


def validate_read(batch: ReadBatch, stored: StoredRecords, context: Context) -> Validation:
    """Validate what was read; findings are in the sender's own words."""
    origin = batch.origin
    if origin is None:
        return validate(batch.frames, batch.release, stored, context)
    frames = {
        name: _with_operations(frame, name, stored) if name in origin.messages else frame
        for name, frame in batch.frames.items()
    }
    validation = validate(frames, batch.release, stored, context)
    return replace(validation, findings=origin.speak(validation.findings))


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
