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
from validators.keys import FEW
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


Place = tuple[str, str]  # dataset, field


class Family:
    """Codes of a batch that records of it name as their parents' (上级), by dataset and field; deletions left out.

    Args:
        contracts: of the datasets of the batch.
    """

    def __init__(self, contracts: Iterable[DatasetContract]) -> None:
        batch = {contract.dataset: contract for contract in contracts}
        named = {(one.dataset, one.parent_field) for contract in batch.values() for one in contract.parents}
        self._fields = {name: [field for dataset, field in sorted(named) if dataset == name] for name in batch}
        self._accepted: dict[Place, list[pl.Series]] = {}
        self._sent: dict[Place, list[pl.Series]] = {}

    def fields(self, dataset: str) -> list[str]:
        """Fields of a dataset of the batch that children name."""
        return self._fields.get(dataset, [])

    def send(self, dataset: str, base: pl.DataFrame) -> None:
        """Note records as they came; `base` has the text columns of `fields` and `_deleted`."""
        self._note(self._sent, dataset, base, ~base[DELETED])

    def accept(self, dataset: str, base: pl.DataFrame, accepted: pl.Series) -> None:
        """Note which of them were accepted."""
        self._note(self._accepted, dataset, base, accepted & ~base[DELETED])

    def accepted(self, parent: Parent) -> pl.Series:
        """Values of the parent field in accepted records."""
        return self._values(self._accepted, parent)

    def sent(self, parent: Parent) -> pl.Series:
        """Values of the parent field in all records, whatever became of them."""
        return self._values(self._sent, parent)

    def _note(self, into: dict[Place, list[pl.Series]], dataset: str, base: pl.DataFrame, which: pl.Series) -> None:
        for field in self.fields(dataset):
            into.setdefault((dataset, field), []).append(base[text_column(field)].filter(which).drop_nulls())

    def _values(self, among: Mapping[Place, list[pl.Series]], parent: Parent) -> pl.Series:
        parts = among.get((parent.dataset, parent.parent_field))
        return pl.concat(parts, rechunk=False) if parts else pl.Series([], dtype=pl.String)


@dataclass(frozen=True, slots=True)
class Decision:
    """What the decision needs besides the records: the batch's own parents, the store, and whether to miss others."""

    family: Family
    stored: StoredRecords
    assume_parents: bool


def split(prepared: Prepared, rejected: pl.Series, by: Decision) -> Split:
    """Decide records of a dataset whose parents' datasets are decided.

    A rejected record stays rejected. Else it is held where a parent is neither stored nor accepted in this batch; with
    `assume_parents` only where that parent stands in the batch. Deletions wait for nobody.

    Args:
        rejected: row mask.
    """
    candidates = ~rejected & ~prepared.base[DELETED]
    found = [_waiting(prepared, candidates, parent, by) for parent in prepared.contract.parents]
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


def _waiting(prepared: Prepared, candidates: pl.Series, parent: Parent, by: Decision) -> pl.DataFrame | None:
    """(row index, parent dataset, parent field, value) of every reference that leads nowhere; None where all do."""
    wanted = _references(prepared.contract, prepared.base, parent, candidates)
    own = parent.dataset == prepared.contract.dataset  # no record of a dataset is decided before another of it
    missing = _absent(wanted["value"], pl.Series([], dtype=pl.String) if own else by.family.accepted(parent))
    if by.assume_parents and missing.len():
        missing = _common(missing, by.family.sent(parent))
    if missing.len():
        missing = _absent(missing, by.stored.holders(parent.dataset, parent.parent_field, missing)["value"])
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
    return different.filter(~different.is_in(_there(different, there).implode()))


def _common(values: pl.Series, there: pl.Series) -> pl.Series:
    """The values of the one that are in the other too."""
    return values.filter(values.is_in(_there(values, there).implode()))


def _there(values: pl.Series, there: pl.Series) -> pl.Series:
    """Those of the other that matter: a chunk's few values are kept in mind, not the many of a whole batch."""
    return there if there.len() <= values.len() else there.filter(there.is_in(values.implode()))
