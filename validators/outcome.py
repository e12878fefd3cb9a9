"""Accepted, rejected or held: the split of each dataset, parents before children."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

import polars as pl

from contracts.model import DatasetContract, Field, Parent, Release
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.ports import StoredRecords
from validators.checks import DELETED, text_column
from validators.facts import FEW
from validators.prepare import Prepared


@dataclass(frozen=True, slots=True)
class Split:
    """Row by row of one dataset: rejected, held (never both), and what a held record waits for (JSON, else null)."""

    rejected: pl.Series
    held: pl.Series
    waits_for: pl.Series

    @property
    def accepted(self) -> pl.Series:
        """Neither rejected nor held."""
        return ~(self.rejected | self.held)


def parents_first(release: Release, names: Iterable[str]) -> tuple[str, ...]:
    """The named datasets of the release, each after its parents; only they and their ancestors are looked at.

    Raises:
        ConfigurationError: parents in a circle.
    """
    wanted = set(names)
    graph: dict[str, set[str]] = {}
    unseen = sorted(wanted)
    while unseen:
        name = unseen.pop()
        if name not in graph and name in release.datasets:
            graph[name] = {parent.dataset for parent in release.datasets[name].parents if parent.dataset != name}
            unseen += sorted(graph[name])
    try:
        return tuple(name for name in TopologicalSorter(graph).static_order() if name in wanted)
    except CycleError as error:
        raise ConfigurationError(
            "PARENTS_IN_A_CIRCLE", "数据集的上级关系成环", "parents of the datasets form a circle", str(error.args[1])
        ) from error


@dataclass(frozen=True, slots=True)
class Batch:
    """What the decision needs: the datasets, the row masks of rejection, and how parents are looked for."""

    datasets: Mapping[str, Prepared]
    rejected: Mapping[str, pl.Series]
    stored: StoredRecords
    assume_parents: bool


def split(batch: Batch, release: Release) -> dict[str, Split]:
    """Decide every record of the batch.

    A rejected record stays rejected. Else it is held where a parent is neither stored nor accepted in this batch; with
    `assume_parents` only where that parent stands in the batch. Deletions wait for nobody.
    """
    splits: dict[str, Split] = {}
    for dataset in parents_first(release, batch.datasets):
        splits[dataset] = _split_one(batch, dataset, splits)
    return splits


def _split_one(batch: Batch, dataset: str, splits: Mapping[str, Split]) -> Split:
    prepared, rejected = batch.datasets[dataset], batch.rejected[dataset]
    candidates = ~rejected & ~prepared.base[DELETED]
    found = [_waiting(prepared, candidates, parent, batch, splits) for parent in prepared.contract.parents]
    waits = [one for one in found if one is not None]
    if not waits:
        nobody = pl.Series([None], dtype=pl.String).new_from_index(0, rejected.len())
        return Split(rejected, pl.Series([False]).new_from_index(0, rejected.len()), nobody)
    lists = pl.concat(waits).group_by("index", maintain_order=True).agg(pl.struct("dataset", "field", "value"))
    texts = [
        json.dumps([[one["dataset"], one["field"], one["value"]] for one in found], ensure_ascii=False)
        for found in lists["dataset"].to_list()
    ]
    told = lists.select("index").with_columns(pl.Series("text", texts, dtype=pl.String))
    rows = pl.DataFrame({"index": pl.int_range(rejected.len(), dtype=pl.UInt32, eager=True)})
    waits_for = rows.join(told, on="index", how="left", maintain_order="left")["text"]
    return Split(rejected, waits_for.is_not_null(), waits_for)


def _waiting(
    prepared: Prepared, candidates: pl.Series, parent: Parent, batch: Batch, splits: Mapping[str, Split]
) -> pl.DataFrame | None:
    """(row index, parent dataset, parent field, value) of every reference that leads nowhere; None where all do."""
    wanted = _references(prepared.contract, prepared.base, parent, candidates)
    missing = _absent(wanted["value"], _accepted(batch, splits, parent))
    if batch.assume_parents and missing.len():
        missing = _common(missing, _in_batch(batch, parent))
    if missing.len():
        missing = _absent(missing, batch.stored.holders(parent.dataset, parent.parent_field, missing)["value"])
    if not missing.len():
        return None
    return wanted.filter(pl.col("value").is_in(missing.implode())).select(
        "index",
        pl.lit(parent.dataset).alias("dataset"),
        pl.lit(parent.parent_field).alias("field"),
        "value",
    )


def _references(contract: DatasetContract, base: pl.DataFrame, parent: Parent, candidates: pl.Series) -> pl.DataFrame:
    """Row index and value of each reference of the candidates; several a row where the field is a list."""
    field = contract.field(parent.field)
    if base.height <= FEW:
        return _few_references(field, base, candidates)
    value = pl.col(text_column(field.name))
    if field.not_applicable is not None:
        value = pl.when(value != field.not_applicable).then(value)
    parts = value.str.split(field.separator) if field.separator else pl.concat_list(value)
    rows = base.lazy().select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("index"), parts.alias("value"), pl.lit(candidates).alias("may")
    )
    several = rows.filter("may").drop("may").explode("value").drop_nulls("value")
    return several.unique(maintain_order=True).collect()


def _few_references(field: Field, base: pl.DataFrame, candidates: pl.Series) -> pl.DataFrame:
    texts = base[text_column(field.name)].to_list()
    found: dict[tuple[int, str], None] = {}
    for row, (may, text) in enumerate(zip(candidates.to_list(), texts, strict=True)):
        if may and text is not None and text != field.not_applicable:
            parts = text.split(field.separator) if field.separator else [text]
            found.update(dict.fromkeys((row, part) for part in parts))
    return pl.DataFrame(
        [
            pl.Series("index", [row for row, _ in found], dtype=pl.UInt32),
            pl.Series("value", [text for _, text in found], dtype=pl.String),
        ]
    )


def _absent(values: pl.Series, there: pl.Series) -> pl.Series:
    """The different values of the one that are not in the other, in order."""
    if values.len() + there.len() <= FEW:
        known = set(there.to_list())
        return pl.Series([value for value in dict.fromkeys(values.to_list()) if value not in known], dtype=pl.String)
    different = values.unique(maintain_order=True)
    return different.filter(~different.is_in(there.implode()))


def _common(values: pl.Series, there: pl.Series) -> pl.Series:
    """The values of the one that are in the other too."""
    return values.filter(values.is_in(there.implode()))


def _in_batch(batch: Batch, parent: Parent) -> pl.Series:
    """Values of the parent field in the batch, whatever became of the records; deletions left out."""
    if parent.dataset not in batch.datasets:
        return pl.Series([], dtype=pl.String)
    base = batch.datasets[parent.dataset].base
    return base[text_column(parent.parent_field)].filter(~base[DELETED])


def _accepted(batch: Batch, splits: Mapping[str, Split], parent: Parent) -> pl.Series:
    """Values of the parent field in records that this batch had accepted; deletions left out."""
    if parent.dataset not in splits:
        return pl.Series([], dtype=pl.String)
    base = batch.datasets[parent.dataset].base
    return base[text_column(parent.parent_field)].filter(splits[parent.dataset].accepted & ~base[DELETED])
