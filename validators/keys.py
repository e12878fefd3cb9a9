"""What the records of a batch say about each other: keys with two contents, codes and natural keys under two keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import DATA_KEY, RECORD_HASH
from validators.checks import DELETED, text_column

KEY = text_column(DATA_KEY)
FEW = 5_000  # values up to which Python is quicker than a query


@dataclass(frozen=True, slots=True)
class Keys:
    """What the records of one dataset of a batch say about each other. Small: most batches have nothing of it.

    `conflicting`: DATA_KEYs that stand there with different content. `shared`: by what belongs to one record (see
    `belongings`), the values that several DATA_KEYs have, each with the smallest (`least`) and the greatest (`most`).
    """

    conflicting: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    shared: Mapping[str, pl.DataFrame] = field(default_factory=dict)


def belongings(contract: DatasetContract) -> dict[str, tuple[str, ...]]:
    """What belongs to one record only: each unique field, and under DATA_KEY the fields of the natural key."""
    key = business_key(contract)
    return {one.name: (one.name,) for one in contract.fields if one.unique} | ({DATA_KEY: key} if key else {})


def business_key(contract: DatasetContract) -> tuple[str, ...]:
    """Fields of the natural key of a dataset; none where a unique field says the same, or a value has no one text."""
    fields = [contract.field(name) for name in contract.natural_key if name in contract.field_names]
    one_text = all(one.type not in (FieldType.DECIMAL, FieldType.BOOLEAN) for one in fields)
    return tuple(one.name for one in fields) if one_text and not any(one.unique for one in fields) else ()


def keys_of(contract: DatasetContract, base: pl.DataFrame) -> Keys:
    """What the rows say about each other; `base` holds all rows of the dataset."""
    shared = {name: shared_values(holdings_of(base, fields), fields) for name, fields in belongings(contract).items()}
    return Keys(_conflicting(base), {name: found for name, found in shared.items() if found.height})


def _conflicting(base: pl.DataFrame) -> pl.Series:
    """Same key, different content (a deletion differs from everything else)."""
    keys = base[KEY]
    if keys.n_unique() >= keys.len() - max(keys.null_count() - 1, 0):
        return Keys().conflicting
    content = pl.concat_str(pl.col(DELETED).cast(pl.String), pl.col(RECORD_HASH))
    again = base.filter(pl.col(KEY).is_duplicated() & pl.col(KEY).is_not_null())
    return again.group_by(KEY).agg(content.n_unique().alias("contents")).filter(pl.col("contents") > 1)[KEY]


def holdings_of(base: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Values of the fields and the key of each record that holds them all, deletions left out."""
    if base.height <= FEW:
        return _few_holdings(base, fields)
    texts = [pl.col(text_column(name)).alias(name) for name in fields]
    held = base.lazy().select(*texts, pl.col(KEY), DELETED).filter(~pl.col(DELETED))
    return held.drop(DELETED).drop_nulls().collect()


def _few_holdings(base: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    columns = [base.get_column(name).to_list() for name in (*map(text_column, fields), KEY)]
    gone = base.get_column(DELETED).to_list()
    held = [row for row, out in zip(zip(*columns, strict=True), gone, strict=True) if not out and None not in row]
    values = zip(*held, strict=True) if held else ((),) * len(columns)
    return pl.DataFrame(
        [pl.Series(name, column, dtype=pl.String) for name, column in zip((*fields, KEY), values, strict=True)]
    )


def shared_values(holdings: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Values held by several keys, with the smallest and the greatest of these."""
    values = holdings.get_columns()[: len(fields)]
    different = values[0].n_unique() if len(values) == 1 else pl.struct(values, eager=True).n_unique()
    if different == holdings.height:
        return holdings.clear().with_columns(pl.col(KEY).alias("least"), pl.col(KEY).alias("most")).drop(KEY)
    bounds = holdings.group_by(fields).agg(pl.col(KEY).min().alias("least"), pl.col(KEY).max().alias("most"))
    return bounds.filter(pl.col("least") != pl.col("most"))
