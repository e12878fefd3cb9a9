"""Facts about keys and codes that no record knows by itself: who else has them, in the batch and in the store.

They become columns `fact:<name>`, one value a record, null where there is nothing to say:

    conflict         the DATA_KEY stands in the batch again with different content
    known            the DATA_KEY is stored (also when withdrawn)
    owner            platform that the stored key belongs to
    stored_differs   the stored, not withdrawn content is different
    stored:<field>   stored value of an immutable field (updates only)
    holder:<field>   another DATA_KEY that has the value of a unique field, stored or in the batch
    holder:DATA_KEY  another DATA_KEY that has the same natural key, stored or in the batch
"""

import polars as pl

from contracts.model import DatasetContract, Field, FieldType
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, RECORD_HASH, Operation
from validators.plan import DELETED, text_column
from validators.prepare import Prepared

KEY = text_column(DATA_KEY)
TYPE = text_column(DATA_TYPE)


def with_facts(prepared: Prepared, stored: StoredRecords) -> pl.DataFrame:
    """The base frame with its fact columns; one question to the store for the keys, one per unique field."""
    base = prepared.base
    base = base.with_columns(_conflict(base).alias("fact:conflict"))
    immutable = [field.name for field in prepared.contract.fields if field.immutable]
    base = _with_stored(base, prepared.contract.dataset, immutable, stored)
    for field in prepared.contract.fields:
        if field.unique:
            base = base.with_columns(_holder(base, prepared.contract.dataset, field, stored))
    key = business_key(prepared.contract)
    return base.with_columns(_twin(base, prepared.contract.dataset, key, stored)) if key else base


def business_key(contract: DatasetContract) -> tuple[str, ...]:
    """Fields of the natural key of a dataset; none where a unique field says the same, or a value has no one text."""
    fields = [contract.field(name) for name in contract.natural_key if name in contract.field_names]
    one_text = all(field.type not in (FieldType.DECIMAL, FieldType.BOOLEAN) for field in fields)
    return tuple(field.name for field in fields) if one_text and not any(field.unique for field in fields) else ()


def _conflict(base: pl.DataFrame) -> pl.Series:
    """Same key, different content (a deletion differs from everything else)."""
    again = base[KEY].is_duplicated() & base[KEY].is_not_null()
    if not again.any():
        return again
    content = pl.concat_str(pl.col(DELETED).cast(pl.String), pl.col(RECORD_HASH))
    several = base.filter(again).group_by(KEY).agg(content.n_unique().alias("contents")).filter(pl.col("contents") > 1)
    return again & base[KEY].is_in(several[KEY].implode())


def _with_stored(base: pl.DataFrame, dataset: str, immutable: list[str], stored: StoredRecords) -> pl.DataFrame:
    keys = base[KEY].drop_nulls().unique(maintain_order=True)
    current = stored.current(dataset, keys, immutable)
    answer = current.select(
        pl.col(DATA_KEY).alias(KEY),
        pl.lit(True).alias("fact:known"),
        pl.col("platform_code").alias("fact:owner"),
        pl.col("is_deleted").alias("was_deleted"),
        pl.col("record_hash").alias("was_hash"),
        *(pl.col(name).alias(f"fact:stored:{name}") for name in immutable),
    )
    joined = base.join(answer, on=KEY, how="left", maintain_order="left")
    updates = (pl.col(TYPE) == Operation.UPDATE.value).fill_null(False)
    return joined.with_columns(
        pl.col("fact:known").fill_null(False),
        (~pl.col("was_deleted") & (pl.col("was_hash") != pl.col(RECORD_HASH))).alias("fact:stored_differs"),
        *(pl.when(updates).then(pl.col(f"fact:stored:{name}")).alias(f"fact:stored:{name}") for name in immutable),
    ).drop("was_deleted", "was_hash")


def _holder(base: pl.DataFrame, dataset: str, field: Field, stored: StoredRecords) -> pl.Series:
    """Per record the smallest other DATA_KEY with the same value; null where there is none."""
    value = text_column(field.name)
    mine = base.select(pl.when(~pl.col(DELETED)).then(pl.col(value)).alias("value"), pl.col(KEY).alias("mine"))
    values = mine["value"].drop_nulls().unique(maintain_order=True)
    kept = stored.holders(dataset, field.name, values).select(pl.col("value"), pl.col(DATA_KEY).alias("mine"))
    pairs = pl.concat([kept, mine.drop_nulls()], how="vertical").unique()
    bounds = pairs.group_by("value").agg(pl.col("mine").min().alias("least"), pl.col("mine").max().alias("most"))
    told = mine.join(bounds.filter(pl.col("least") != pl.col("most")), on="value", how="left", maintain_order="left")
    other = pl.when(pl.col("mine") != pl.col("least")).then("least").when(pl.col("mine").is_not_null()).then("most")
    return told.select(other.alias(f"fact:holder:{field.name}")).to_series()


def _twin(base: pl.DataFrame, dataset: str, key: tuple[str, ...], stored: StoredRecords) -> pl.Series:
    """Per record the smallest other DATA_KEY with the same business key; null: none, or a part is empty."""
    columns = [pl.when(~pl.col(DELETED)).then(pl.col(text_column(name))).alias(name) for name in key]
    mine = base.select(*columns, pl.col(KEY).alias("mine"))
    whole = mine.drop_nulls()
    kept = stored.twins(dataset, whole.select(key).unique(maintain_order=True)).rename({DATA_KEY: "mine"})
    pairs = pl.concat([kept.select(*key, "mine"), whole], how="vertical").unique()
    bounds = pairs.group_by(key).agg(pl.col("mine").min().alias("least"), pl.col("mine").max().alias("most"))
    told = mine.join(bounds.filter(pl.col("least") != pl.col("most")), on=key, how="left", maintain_order="left")
    other = pl.when(pl.col("mine") != pl.col("least")).then("least").when(pl.col("mine").is_not_null()).then("most")
    return told.select(other.alias(f"fact:holder:{DATA_KEY}")).to_series()
