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

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, RECORD_HASH, Operation
from validators.plan import DELETED, text_column
from validators.prepare import Prepared

KEY = text_column(DATA_KEY)
TYPE = text_column(DATA_TYPE)
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


def immutable_fields(contract: DatasetContract) -> tuple[str, ...]:
    """Fields that an update may not change."""
    return tuple(one.name for one in contract.fields if one.immutable)


def fact_names(contract: DatasetContract) -> frozenset[str]:
    """Columns that `with_facts` adds."""
    names = ["conflict", "known", "owner", "stored_differs"]
    names += [f"stored:{name}" for name in immutable_fields(contract)]
    names += [f"holder:{name}" for name in belongings(contract)]
    return frozenset(f"fact:{name}" for name in names)


def keys_of(contract: DatasetContract, base: pl.DataFrame) -> Keys:
    """What the rows say about each other; `base` holds all rows of the dataset."""
    shared = {name: _shared(_holdings(base, fields), fields) for name, fields in belongings(contract).items()}
    return Keys(_conflicting(base), {name: found for name, found in shared.items() if found.height})


def _conflicting(base: pl.DataFrame) -> pl.Series:
    """Same key, different content (a deletion differs from everything else)."""
    keys = base[KEY]
    if keys.n_unique() >= keys.len() - max(keys.null_count() - 1, 0):
        return Keys().conflicting
    content = pl.concat_str(pl.col(DELETED).cast(pl.String), pl.col(RECORD_HASH))
    again = base.filter(pl.col(KEY).is_duplicated() & pl.col(KEY).is_not_null())
    return again.group_by(KEY).agg(content.n_unique().alias("contents")).filter(pl.col("contents") > 1)[KEY]


def _holdings(base: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Values of the fields and the key of each record that holds them all, deletions left out."""
    texts = [pl.col(text_column(name)).alias(name) for name in fields]
    held = base.lazy().select(*texts, pl.col(KEY), DELETED).filter(~pl.col(DELETED))
    return held.drop(DELETED).drop_nulls().collect()


def _shared(holdings: pl.DataFrame, fields: tuple[str, ...]) -> pl.DataFrame:
    """Values held by several keys, with the smallest and the greatest of these."""
    values = holdings.get_columns()[: len(fields)]
    different = values[0].n_unique() if len(values) == 1 else pl.struct(values, eager=True).n_unique()
    if different == holdings.height:
        return holdings.clear().with_columns(pl.col(KEY).alias("least"), pl.col(KEY).alias("most")).drop(KEY)
    bounds = holdings.group_by(fields).agg(pl.col(KEY).min().alias("least"), pl.col(KEY).max().alias("most"))
    return bounds.filter(pl.col("least") != pl.col("most"))


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
    holdings = _holdings(base, fields)
    if name == DATA_KEY:
        kept = stored.twins(contract.dataset, holdings.select(fields).unique(maintain_order=True))
    else:
        kept = stored.holders(contract.dataset, name, _different(holdings[name])).rename({"value": name})
    if kept.is_empty() and name not in keys.shared:
        return _same(None, pl.String, base.height).alias(fact)
    pairs = [kept.select(*fields, pl.col(DATA_KEY).alias(KEY)), holdings]
    if name in keys.shared:
        pairs += [keys.shared[name].select(*fields, pl.col(which).alias(KEY)) for which in ("least", "most")]
    bounds = _shared(pl.concat(pairs).unique(), fields)
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
