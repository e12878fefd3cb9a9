"""Which item of a notice is about which record: by DATA_KEY, or by business code where the DATA_KEY was unusable."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.model import Release
from exchange_hub.core.notices import ItemKey
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Operation, Validation
from feedback.labels import natural_key

_KEY = re.compile(r"[0-9A-Za-z]{22}")  # a usable DATA_KEY (rule STR-002)


@dataclass(frozen=True, slots=True)
class Match:
    """An item and the record that meets it."""

    item: ItemKey
    withdrawal: bool  # the record is a deletion (DATA_TYPE 3)


def accepted_matches(items: Sequence[ItemKey], validation: Validation, release: Release) -> Iterator[Match]:
    """Items whose record is among the accepted ones. Cost: one hash join a dataset that has items.

    Args:
        items: items that wait for a correction, of any dataset.
    """
    wanted: dict[str, list[ItemKey]] = {}
    for item in items:
        wanted.setdefault(item.dataset, []).append(item)
    for dataset, result in validation.datasets.items():
        if dataset in wanted and result.accepted.height:
            code = natural_key(result.accepted, release.datasets[dataset])
            came = result.accepted.select(DATA_KEY, code=code, gone=pl.col(DATA_TYPE) == Operation.DELETE.value)
            yield from _among(wanted[dataset], came)


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


def _among(items: Sequence[ItemKey], came: pl.DataFrame) -> Iterator[Match]:
    asked = pl.DataFrame(
        {
            "place": range(len(items)),
            DATA_KEY: [item.data_key for item in items],
            "code": [None if _usable(item) else item.natural_key for item in items],
        },
        schema={"place": pl.Int64, DATA_KEY: pl.String, "code": pl.String},
    )
    met = pl.concat([asked.join(came, on=name, how="inner").select("place", "gone") for name in (DATA_KEY, "code")])
    for place, gone in met.unique("place", keep="first", maintain_order=True).sort("place").iter_rows():
        yield Match(items[place], bool(gone))


def _usable(item: ItemKey) -> bool:
    return item.data_key is not None and _KEY.fullmatch(item.data_key) is not None
