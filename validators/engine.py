"""Validation of one batch: every fault of every record in one pass, then the split three ways (校验)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import polars as pl

from contracts.model import FieldType, Release
from contracts.ordering import in_order
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import ATTACHMENTS, WAITS_FOR, DatasetResult, Severity, Validation
from validators.checks import DELETED, Check, text_column
from validators.evaluate import attachment_hits, evaluate, plan_of, surroundings
from validators.facts import with_facts
from validators.findings import SCHEMA, findings_of
from validators.hits import Hits, settled, with_severity
from validators.keys import keys_of
from validators.outcome import Batch, Split, split
from validators.parse import DTYPES
from validators.plan import Plan
from validators.prepare import Prepared, accepted_columns, prepare
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN, Context
from validators.stacked import STACKED_ROWS, Ready, make_ready

__all__ = ["Context", "validate"]


def validate(
    frames: Mapping[str, pl.DataFrame], release: Release, stored: StoredRecords, context: Context
) -> Validation:
    """Validate all datasets of a batch.

    Args:
        frames: by dataset, one row a record, text columns by the contract's names besides DATA_KEY, DATA_TYPE, _file,
            _row and _attachments; absent columns count as empty, unknown ones are reported.
        release: the contract release that the batch names.
        stored: what the warehouse has.
        context: sender, time of receipt, members of the package.

    Returns:
        The split of every dataset (received = accepted + rejected + held) and all findings, ordered by dataset of the
        release, file, row, stage, field and rule.

    Raises:
        ConfigurationError: a dataset that the release does not have, or a rule that itself fails.
    """
    for name in frames:
        if name not in release.datasets:
            raise ConfigurationError(
                "UNKNOWN_DATASET", f"数据规范中没有数据集 {name}", f"the release has no dataset {name}", name
            )
    present = {name: frames[name] for name in in_order(release.datasets, frames)}
    judged = {name: _judge(ready, release, stored, context) for name, ready in _ready(present, release, context)}
    batch = Batch(
        {name: one.prepared for name, one in judged.items()},
        {name: one.with_severity(Severity.REJECT) for name, one in judged.items()},
        stored,
        context.assume_parents,
    )
    splits = split(batch, release)
    findings = [
        findings_of(one.prepared, one.rows, one.failures, release.code_lists) for one in judged.values() if one.hits
    ]
    return Validation(
        contract_version=release.version,
        datasets={name: _result(one, splits[name]) for name, one in judged.items()},
        findings=pl.concat([pl.DataFrame(schema=SCHEMA), *findings]),
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """A dataset and what breaks which check; `rows` is the prepared frame with facts."""

    prepared: Prepared
    rows: pl.DataFrame
    plan: Plan
    hits: Hits

    @property
    def failures(self) -> list[tuple[Check, pl.Series]]:
        """Each broken check with the rows that break it."""
        return [(self.plan.checks[number], pl.Series(rows)) for number, rows in sorted(self.hits.items())]

    def with_severity(self, *severities: Severity) -> pl.Series:
        """Row mask: does the record break a check of one of these severities?"""
        return with_severity(self.hits, self.plan.checks, frozenset(severities), self.rows.height)


def _ready(frames: Mapping[str, pl.DataFrame], release: Release, context: Context) -> Iterator[tuple[str, Ready]]:
    if sum(frame.height for frame in frames.values()) <= STACKED_ROWS:
        yield from make_ready(
            frames, release, context, _same_for_all(context.platform_code, context.received_at)
        ).items()
        return
    for name, frame in frames.items():
        prepared = prepare(frame, release.datasets[name])
        yield name, Ready(prepared, plan_of(prepared.contract, prepared.unknown, release, context), None)


def _judge(ready: Ready, release: Release, stored: StoredRecords, context: Context) -> Judged:
    """Every check over every record of a dataset."""
    prepared, plan = ready.prepared, ready.plan
    known = with_facts(prepared, keys_of(prepared.contract, prepared.base), stored)
    rows = known.hstack(
        [same.new_from_index(0, known.height) for same in _same_for_all(context.platform_code, context.received_at)]
    )
    hits = evaluate(rows, plan) if ready.hits is None else ready.hits | evaluate(rows, plan, plan.together)
    if context.members is not None and rows[text_column(ATTACHMENTS)].null_count() < rows.height:
        around = surroundings(prepared.contract, prepared.unknown, release, context.calendar, context.members)
        hits = hits | attachment_hits(rows, plan, around)
    return Judged(prepared, rows, plan, settled(hits, plan, rows[DELETED]))


@lru_cache(maxsize=8)
def _same_for_all(platform_code: str, received_at: datetime) -> tuple[pl.Series, pl.Series]:
    return (
        pl.Series(SENDER_COLUMN, [platform_code], dtype=pl.String),
        pl.Series(RECEIVED_COLUMN, [received_at], dtype=DTYPES[FieldType.DATETIME]),
    )


def _result(judged: Judged, decided: Split) -> DatasetResult:
    prepared = judged.prepared
    received, base = prepared.received, prepared.base
    flagged = decided.accepted & judged.with_severity(Severity.QUERY, Severity.ALERT)
    names = accepted_columns(prepared.contract)
    whole = pl.DataFrame([(base if name in base.columns else received).get_column(name) for name in names])
    return DatasetResult(
        dataset=prepared.contract.dataset,
        received=received.height,
        accepted=_those(whole, decided.accepted),
        rejected=_those(received, decided.rejected),
        held=_those(received.hstack([decided.waits_for.alias(WAITS_FOR)]), decided.held),
        flagged=int(flagged.sum()),
    )


def _those(frame: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """The rows that are true; nothing is copied where that is all of them or none."""
    if mask.all():
        return frame
    return frame.filter(mask) if mask.any() else frame.clear()
