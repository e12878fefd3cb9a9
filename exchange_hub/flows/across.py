"""Rules across datasets as findings (跨数据集规则的结果): of the load, which judges stored records, and of `hub check`.

A dry run judges the accepted records of its package among themselves. What it tells is what a load would tell the
sender: queries. Alerts are for the supervisors, in `hub check` as in notices.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from contracts.model import Release
from exchange_hub.core.calendar import Calendar
from exchange_hub.core.records import (
    DATA_KEY,
    DATA_TYPE,
    FILE,
    PLACE,
    ROW,
    Operation,
    Severity,
    Validation,
)
from validators.cross import cross_findings, needed
from validators.findings import SCHEMA

MOST_RECORDS = 1_000_000  # of the datasets that such rules read: some hundred MB


def placed(found: pl.DataFrame, records: Mapping[str, pl.DataFrame], place: Sequence[str]) -> pl.DataFrame:
    """Findings of `validators.cross` with the columns `place` of their record, once for each row that it has."""
    places = [
        frame.select(pl.lit(dataset).alias("dataset"), pl.col(DATA_KEY).alias("data_key"), *place)
        for dataset, frame in records.items()
    ]
    return found.join(pl.concat(places), on=["dataset", "data_key"], maintain_order="left_right")


def as_findings(told: pl.DataFrame) -> pl.DataFrame:
    """Placed findings, with file and row, as a validation has them; each once."""
    return told.select(pl.col(name).cast(kind) for name, kind in SCHEMA.items()).unique(maintain_order=True)


class Gathered:
    """The accepted records of a package as far as rules across datasets read them, gathered as they are validated."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._needed = needed(release)
        self._parts: dict[str, list[pl.DataFrame]] = {}
        self._rows = 0

    @property
    def too_many(self) -> bool:
        """Are they more than memory should hold? Then none is kept."""
        return self._rows > MOST_RECORDS

    def take(self, part: Validation) -> None:
        """Take what a validation, of the package or of a chunk, accepted; deletions are left out."""
        for name, result in part.datasets.items():
            if name in self._needed and not self.too_many:
                kept = result.accepted.filter(pl.col(DATA_TYPE) != Operation.DELETE.value)
                self._parts.setdefault(name, []).append(kept.select(DATA_KEY, *PLACE, *self._needed[name]))
                self._rows += kept.height
        if self.too_many:
            self._parts.clear()

    def queries(self, calendar: Calendar) -> pl.DataFrame:
        """What they ask about each other, as a validation has its findings.

        Raises:
            ConfigurationError: a rule that itself fails; names the rule.
        """
        # A repeat with the same content is harmless: each key once.
        whole = {name: pl.concat(parts) for name, parts in self._parts.items()}
        records = {name: one.unique(DATA_KEY, keep="first", maintain_order=True) for name, one in whole.items()}
        found = cross_findings(records, self._release, calendar).filter(pl.col("severity") == Severity.QUERY.value)
        if found.is_empty():
            return pl.DataFrame(schema=SCHEMA)
        told = placed(found, records, PLACE).rename({FILE: "file", ROW: "row"})
        return as_findings(told.with_columns(pl.col("file").fill_null("")))
