"""Several small batches of one sender validated in one go (合并校验): one frame a dataset, split again by batch.

A query costs the same for fifty records as for a thousand. The batches must not meet (`validators.interplay`): then
each comes out as if it had gone alone, findings in their order included.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from contracts.model import Release
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import FILE, ROW, DatasetResult, Severity, Validation
from validators.engine import Context, validate

MARK = 8  # characters before a file's name that tell the batch: the number, and a sign that no name begins with
KINDS = ("accepted", "rejected", "held")
Frames = Mapping[str, pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Together:
    """The validation of several batches, not yet split; `received` has the records of each batch by dataset."""

    whole: Validation
    received: Sequence[Mapping[str, int]]

    def split(self) -> list[Validation]:
        """The validation of each batch, in order."""
        findings = _split(self.whole.findings, "file")
        rows = {
            (name, kind): _split(getattr(result, kind), FILE)
            for name, result in self.whole.datasets.items()
            for kind in KINDS
        }
        return [self._part(number, findings.get(number), rows) for number in range(len(self.received))]

    def _part(
        self, number: int, findings: pl.DataFrame | None, rows: Mapping[tuple[str, str], Mapping[int, pl.DataFrame]]
    ) -> Validation:
        told = self.whole.findings.clear() if findings is None else findings
        datasets = {}
        for name, whole in self.whole.datasets.items():
            if name in self.received[number]:
                three = {kind: rows[name, kind].get(number, getattr(whole, kind).clear()) for kind in KINDS}
                flagged = _flagged(name, three["accepted"], told)
                datasets[name] = DatasetResult(name, self.received[number][name], flagged=flagged, **three)
        return Validation(self.whole.contract_version, datasets, told)


def validate_together(batches: Sequence[Frames], release: Release, stored: StoredRecords, context: Context) -> Together:
    """Validate batches that do not meet.

    Args:
        batches: as read; of one sender, received at one instant.
        context: what holds for all of them; there are no attachments to look for.

    Raises:
        ConfigurationError: as `validate`; it is not said in which batch.
    """
    received = [{name: frame.height for name, frame in frames.items()} for frames in batches]
    return Together(validate_marked(marked(batches), release, stored, context), received)


def validate_marked(frames: Frames, release: Release, stored: StoredRecords, context: Context) -> Validation:
    """As `validate_together`, from `marked` frames; not yet split.

    Raises:
        ConfigurationError: as `validate`.
    """
    return validate(frames, release, stored, context)


def marked(batches: Sequence[Frames]) -> dict[str, pl.DataFrame]:
    """The frames of all batches, one a dataset, whose `_file` tells the batch, too."""
    parts = [{name: _marked(frame, number) for name, frame in frames.items()} for number, frames in enumerate(batches)]
    names = dict.fromkeys(name for frames in parts for name in frames)
    return {name: pl.concat(frames[name] for frames in parts if name in frames) for name in names}


def _marked(frame: pl.DataFrame, number: int) -> pl.DataFrame:
    mark = f"{number:0{MARK - 1}d}\x1f"
    files = pl.Series(FILE, [mark + name for name in frame[FILE].to_list()], dtype=pl.String)
    return frame.clone().replace_column(frame.get_column_index(FILE), files)


def _split(frame: pl.DataFrame, column: str) -> dict[int, pl.DataFrame]:
    """The rows of each batch, in order, their files named as before."""
    if frame.is_empty():
        return {}
    text = pl.col(column)
    told = frame.with_columns(text.str.slice(0, MARK - 1).alias("\0mark"), text.str.slice(MARK).alias(column))
    groups = told.partition_by("\0mark", as_dict=True, maintain_order=True, include_key=False)
    return {int(str(mark)): rows for (mark,), rows in groups.items()}


def _flagged(name: str, accepted: pl.DataFrame, findings: pl.DataFrame) -> int:
    """Accepted records with a query or an alert."""
    if findings.is_empty() or accepted.is_empty():
        return 0
    suspicious = findings.filter((pl.col("dataset") == name) & (pl.col("severity") != Severity.REJECT.value))
    places = suspicious.select(pl.col("file").alias(FILE), pl.col("row").alias(ROW)).unique()
    return accepted.join(places, on=[FILE, ROW], how="semi").height
