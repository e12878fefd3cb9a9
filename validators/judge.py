"""Records of one dataset judged: every check asked, then the split three ways."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import polars as pl

from contracts.model import FieldType, Release
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import ATTACHMENTS, WAITS_FOR, DatasetResult, Severity
from validators.checks import DELETED, Check, text_column
from validators.evaluate import attachment_hits, evaluate, surroundings
from validators.facts import with_facts
from validators.hits import Hits, settled, with_severity
from validators.keys import Keys
from validators.outcome import Split
from validators.parse import DTYPES
from validators.plan import Plan
from validators.prepare import Prepared, accepted_columns
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN, Context
from validators.stacked import Ready


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


def judge(ready: Ready, keys: Keys, release: Release, stored: StoredRecords, context: Context) -> Judged:
    """Every check over every record.

    Args:
        keys: what all records of the dataset in the batch say about each other, these among them.
    """
    prepared, plan = ready.prepared, ready.plan
    known = with_facts(prepared, keys, stored)
    rows = known.hstack(
        [same.new_from_index(0, known.height) for same in same_for_all(context.platform_code, context.received_at)]
    )
    hits = evaluate(rows, plan) if ready.hits is None else ready.hits | evaluate(rows, plan, plan.together)
    if context.members is not None and rows[text_column(ATTACHMENTS)].null_count() < rows.height:
        around = surroundings(prepared.contract, prepared.unknown, release, context.calendar, context.members)
        hits = hits | attachment_hits(rows, plan, around)
    return Judged(prepared, rows, plan, settled(hits, plan, rows[DELETED]))


@lru_cache(maxsize=8)
def same_for_all(platform_code: str, received_at: datetime) -> tuple[pl.Series, pl.Series]:
    return (
        pl.Series(SENDER_COLUMN, [platform_code], dtype=pl.String),
        pl.Series(RECEIVED_COLUMN, [received_at], dtype=DTYPES[FieldType.DATETIME]),
    )


def result_of(judged: Judged, decided: Split) -> DatasetResult:
    """The records three ways."""
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
