"""Stores for validation without a warehouse: nothing, or frames in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from exchange_hub.core.records import DATA_KEY

_CURRENT = {DATA_KEY: pl.String, "record_hash": pl.String, "is_deleted": pl.Boolean, "platform_code": pl.String}
_HOLDERS = {"value": pl.String, DATA_KEY: pl.String}


class NothingStored:
    """A store with nothing in it: for `hub check`, where no service runs."""

    def current(self, dataset: str, keys: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
        """No rows, the columns of `core.ports.StoredRecords.current`."""
        return pl.DataFrame(schema={**_CURRENT, **dict.fromkeys(fields, pl.String)})

    def holders(self, dataset: str, field: str, values: pl.Series) -> pl.DataFrame:
        """No rows of (value, DATA_KEY)."""
        return pl.DataFrame(schema=_HOLDERS)

    def twins(self, dataset: str, values: pl.DataFrame) -> pl.DataFrame:
        """No rows of the columns of `values` and DATA_KEY."""
        return pl.DataFrame(schema=dict.fromkeys((*values.columns, DATA_KEY), pl.String))


@dataclass(frozen=True, slots=True)
class FramesStored:
    """A store over frames in memory, one a dataset.

    A frame has DATA_KEY, record_hash, is_deleted, platform_code and the dataset's fields as text.
    """

    frames: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def current(self, dataset: str, keys: pl.Series, fields: Sequence[str]) -> pl.DataFrame:
        """Rows of the keys that are there; see `core.ports.StoredRecords.current`."""
        frame = self.frames.get(dataset)
        if frame is None:
            return NothingStored().current(dataset, keys, fields)
        found = frame.filter(pl.col(DATA_KEY).is_in(keys.implode()))
        return found.select([*_CURRENT, *(name for name in fields if name not in _CURRENT)])

    def holders(self, dataset: str, field: str, values: pl.Series) -> pl.DataFrame:
        """Not withdrawn records with one of the values; see `core.ports.StoredRecords.holders`."""
        frame = self.frames.get(dataset)
        if frame is None:
            return NothingStored().holders(dataset, field, values)
        living = frame.filter(~pl.col("is_deleted") & pl.col(field).is_in(values.implode()))
        return living.select(pl.col(field).alias("value"), pl.col(DATA_KEY))

    def twins(self, dataset: str, values: pl.DataFrame) -> pl.DataFrame:
        """Not withdrawn records with one of the rows; see `core.ports.StoredRecords.twins`."""
        frame = self.frames.get(dataset)
        if frame is None:
            return NothingStored().twins(dataset, values)
        living = frame.filter(~pl.col("is_deleted")).select(*values.columns, DATA_KEY)
        return living.join(values, on=values.columns, how="semi")
