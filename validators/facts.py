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

from contracts.model import DatasetContract
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, RECORD_HASH, Operation
from validators.checks import DELETED, text_column
from validators.keys import FEW, KEY, Keys, belongings, holdings_of, shared_values
from validators.prepare import Prepared

TYPE = text_column(DATA_TYPE)


def immutable_fields(contract: DatasetContract) -> tuple[str, ...]:
    """Fields that an update may not change."""
    return tuple(one.name for one in contract.fields if one.immutable)


def fact_names(contract: DatasetContract) -> frozenset[str]:
    """Columns that `with_facts` adds."""
    names = ["conflict", "known", "owner", "stored_differs"]
    names += [f"stored:{name}" for name in immutable_fields(contract)]
    names += [f"holder:{name}" for name in belongings(contract)]
    return frozenset(f"fact:{name}" for name in names)


def with_facts(prepared: Prepared, keys: Keys, stored: StoredRecords) -> pl.DataFrame:
    """The base frame with its fact columns; one question to the store for the keys, one per unique field."""
    base, contract = prepared.base, prepared.contract
    known = _stored(base, contract, stored)
    holders = [_holder(base, contract, name, keys, stored) for name in belongings(contract)]
    if keys.conflicting.len():
        conflict = base[KEY].is_in(keys.conflicting.implode()).fill_null(False)
    else:
        conflict = _same(False, pl.Boolean, base.height)
    return base.hstack([conflict.alias("fact:conflict"), *known, *holders])


def _stored(base: pl.DataFrame, contract: DatasetContract, stored: StoredRecords) -> list[pl.Series]:
    immutable, height = immutable_fields(contract), base.height
    current = stored.current(contract.dataset, _different(base[KEY]), immutable)
    if current.is_empty():
        nothing = {"fact:owner": pl.String, "fact:stored_differs": pl.Boolean}
        nothing |= {f"fact:stored:{name}": pl.String for name in immutable}
        unknown = _same(False, pl.Boolean, height).alias("fact:known")
        return [unknown, *(_same(None, dtype, height).alias(name) for name, dtype in nothing.items())]
    answer = current.select(
        pl.col(DATA_KEY).alias(KEY),
        pl.lit(True).alias("fact:known"),
        pl.col("platform_code").alias("fact:owner"),
        pl.col("is_deleted").alias("was_deleted"),
        pl.col("record_hash").alias("was_hash"),
        *(pl.col(name).alias(f"fact:stored:{name}") for name in immutable),
    )
    joined = base.select(KEY, TYPE, RECORD_HASH).join(answer, on=KEY, how="left", maintain_order="left")
    updates = (pl.col(TYPE) == Operation.UPDATE.value).fill_null(False)
    return joined.select(
        pl.col("fact:known").fill_null(False),
        "fact:owner",
        (~pl.col("was_deleted") & (pl.col("was_hash") != pl.col(RECORD_HASH))).alias("fact:stored_differs"),
        *(pl.when(updates).then(pl.col(f"fact:stored:{name}")).alias(f"fact:stored:{name}") for name in immutable),
    ).get_columns()


def _holder(base: pl.DataFrame, contract: DatasetContract, name: str, keys: Keys, stored: StoredRecords) -> pl.Series:
    """Per record the smallest other DATA_KEY with the same values; null where there is none, or a part is empty."""
    fields, fact = belongings(contract)[name], f"fact:holder:{name}"
    holdings = holdings_of(base, fields)
    if name == DATA_KEY:
        kept = stored.twins(contract.dataset, holdings.select(fields).unique(maintain_order=True))
    else:
        kept = stored.holders(contract.dataset, name, _different(holdings[name])).rename({"value": name})
    if kept.is_empty() and name not in keys.shared:
        return _same(None, pl.String, base.height).alias(fact)
    pairs = [kept.select(*fields, pl.col(DATA_KEY).alias(KEY)), holdings]
    if name in keys.shared:
        pairs += [keys.shared[name].select(*fields, pl.col(which).alias(KEY)) for which in ("least", "most")]
    bounds = shared_values(pl.concat(pairs).unique(), fields)
    held = (pl.when(~pl.col(DELETED)).then(pl.col(text_column(one))).alias(one) for one in fields)
    mine = base.select(*held, pl.col(KEY).alias("mine"))
    told = mine.join(bounds, on=fields, how="left", maintain_order="left")
    other = pl.when(pl.col("mine") != pl.col("least")).then("least").when(pl.col("mine").is_not_null()).then("most")
    return told.select(other.alias(fact)).to_series()


def _different(values: pl.Series) -> pl.Series:
    """The different values, in order; no null."""
    if values.len() <= FEW:
        return pl.Series([value for value in dict.fromkeys(values.to_list()) if value is not None], dtype=pl.String)
    return values.drop_nulls().unique(maintain_order=True)


def _same(value: object, dtype: type[pl.DataType], height: int) -> pl.Series:
    return pl.Series([value], dtype=dtype).new_from_index(0, height)
