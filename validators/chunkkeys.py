"""What the records of a dataset say about each other, of more records than fit into memory.

The chunks are gone through twice: first a 64-bit hash of each key and code is kept, 8 bytes a record; then only the
records whose hash came twice are looked at, exactly as `validators.keys` looks at all. A hash that two values share
only means that both are looked at.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import polars as pl

from contracts.model import DatasetContract
from exchange_hub.core.records import DATA_KEY, RECORD_HASH
from validators.checks import DELETED, text_column
from validators.keys import KEY, Keys, belongings, keys_of
from validators.parse import present
from validators.prepare import prepare

Chunks = Callable[[], Iterator[pl.DataFrame]]  # the records of a dataset from the first on, each time it is called
_Hashes = np.ndarray[Any, np.dtype[np.uint64]]


def keys_in_chunks(chunks: Chunks, contract: DatasetContract) -> Keys:
    """As `keys_of` of all the chunks at once."""
    groups = list(dict.fromkeys([(DATA_KEY,), *belongings(contract).values()]))
    again = [_again(chunks, fields) for fields in groups]
    if not any(hashes.size for hashes in again):
        return Keys()
    columns = dict.fromkeys((KEY, DELETED, RECORD_HASH, *(text_column(name) for fields in groups for name in fields)))
    suspects = [
        compact(prepare(some, contract).base.select(*columns))
        for chunk in chunks()
        if (some := chunk.filter(_any_of(chunk, groups, again))).height
    ]
    return keys_of(contract, pl.concat(suspects))


def compact(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts of its own: a few rows of a large frame would keep all its texts in memory."""
    made = pl.from_arrow(frame.to_arrow(compat_level=pl.CompatLevel.oldest()), schema=frame.schema)
    if not isinstance(made, pl.DataFrame):
        raise TypeError(f"expected a frame, not {type(made)}")
    return made


def _again(chunks: Chunks, fields: tuple[str, ...]) -> _Hashes:
    """Hashes that several records have, in order."""
    hashes = [_hashes(chunk, fields).drop_nulls().to_numpy() for chunk in chunks()]
    found = np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64)
    del hashes
    found.sort()
    return np.unique(found[1:][found[1:] == found[:-1]])


def _hashes(chunk: pl.DataFrame, fields: tuple[str, ...]) -> pl.Series:
    """One number a record; null where one of the fields is empty."""
    if not set(fields) <= set(chunk.columns):
        return pl.Series([None], dtype=pl.UInt64).new_from_index(0, chunk.height)
    value = pl.concat_str([present(pl.col(name)) for name in fields], separator="\x1f")
    return chunk.select(pl.when(value.is_not_null()).then(value.hash())).to_series()


def _any_of(chunk: pl.DataFrame, groups: list[tuple[str, ...]], again: list[_Hashes]) -> pl.Series:
    mask = np.zeros(chunk.height, dtype=np.bool_)
    for fields, hashes in zip(groups, again, strict=True):
        if hashes.size:
            mine = _hashes(chunk, fields)
            numbers = mine.fill_null(0).to_numpy()
            places = np.minimum(np.searchsorted(hashes, numbers), hashes.size - 1)
            mask |= (hashes[places] == numbers) & mine.is_not_null().to_numpy()
    return pl.Series(mask)
