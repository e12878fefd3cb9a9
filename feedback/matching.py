"""Which item of a notice is about which record: by DATA_KEY, or by business code where the DATA_KEY was unusable."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.model import Release
from exchange_hub.core.notices import ItemKey
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Operation, Validation
from feedback.labels import natural_key

KEYS = {"dataset": pl.String, "data_key": pl.String, "natural_key": pl.String, "gone": pl.Boolean}
_KEY = re.compile(r"[0-9A-Za-z]{22}")  # a usable DATA_KEY (rule STR-002)


@dataclass(frozen=True, slots=True)
class Match:
    """An item and the record that meets it."""

    item: ItemKey
    withdrawal: bool  # the record is a deletion (DATA_TYPE 3)


def accepted_keys(validation: Validation, release: Release, datasets: Collection[str]) -> pl.DataFrame:
    """What accepted records are known by: dataset, data_key, natural_key, gone (a deletion, DATA_TYPE 3)."""
    frames = [
        validation.datasets[name].accepted.select(
            pl.lit(name).alias("dataset"),
            pl.col(DATA_KEY).alias("data_key"),
            natural_key(validation.datasets[name].accepted, release.datasets[name]).alias("natural_key"),
            (pl.col(DATA_TYPE) == Operation.DELETE.value).alias("gone"),
        )
        for name in datasets
    ]
    return pl.concat([pl.DataFrame(schema=KEYS), *frames])


def item_keys(items: Sequence[ItemKey]) -> pl.DataFrame:
    """What the records of items are known by, as `accepted_keys`."""
    rows = [(item.dataset, item.data_key, item.natural_key, False) for item in items]
    return pl.DataFrame(rows, schema=KEYS, orient="row")


def accepted_matches(items: Sequence[ItemKey], accepted: pl.DataFrame) -> Iterator[Match]:
    """Items whose record is among the accepted ones. Cost: two hash joins.

    Args:
        items: items that wait for a correction, of any dataset.
        accepted: as `accepted_keys` gives it.
    """
    rows = [(i.dataset, i.data_key, None if _usable(i) else i.natural_key, None) for i in items]
    asked = pl.DataFrame(rows, schema=KEYS, orient="row").drop("gone").with_row_index("place")
    met = pl.concat(
        [asked.join(accepted, on=["dataset", by]).select("place", "gone") for by in ("data_key", "natural_key")]
    )
    for place, gone in met.unique("place", keep="first", maintain_order=True).sort("place").iter_rows():
        yield Match(items[place], bool(gone))


def same_items(earlier: Iterable[ItemKey], later: Iterable[ItemKey]) -> Iterator[tuple[ItemKey, ItemKey]]:
    """Pairs of an earlier item and the later one about the same record."""
    by_key: dict[tuple[str, str], ItemKey] = {}
    by_code: dict[tuple[str, str], ItemKey] = {}
    for item in later:
        if item.data_key:
            by_key.setdefault((item.dataset, item.data_key), item)
        if item.natural_key:
            by_code.setdefault((item.dataset, item.natural_key), item)
    for item in earlier:
        found = by_key.get((item.dataset, item.data_key or ""))
        if found is None and not _usable(item):
            found = by_code.get((item.dataset, item.natural_key or ""))
        if found is not None:
            yield item, found


def _usable(item: ItemKey) -> bool:
    return item.data_key is not None and _KEY.fullmatch(item.data_key) is not None
