"""Validation of one batch: every fault of every record in one pass, then the split three ways (校验)."""

from collections.abc import Iterable, Mapping
from itertools import chain

import polars as pl

from contracts.model import FieldType, Release
from contracts.ordering import in_order
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import ATTACHMENTS, WAITS_FOR, DatasetResult, Severity, Validation
from validators.evaluate import evaluate, plan_of
from validators.facts import with_facts
from validators.findings import SCHEMA, findings_of
from validators.outcome import Batch, Split, split
from validators.parse import DTYPES
from validators.plan import Check, text_column
from validators.prepare import Prepared, accepted_columns, prepare
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN, Context

__all__ = ["Context", "validate"]
CHUNK_ROWS = 200_000  # bounds the memory of the boolean columns


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
    batch = {name: prepare(frames[name], release.datasets[name]) for name in in_order(release.datasets, frames)}
    faults = {name: _faults(prepared, release, stored, context) for name, prepared in batch.items()}
    rejected = {name: _any(batch[name], faults[name][1], {Severity.REJECT}) for name in batch}
    splits = split(Batch(batch, rejected, stored, context.assume_parents), release)
    findings = [findings_of(batch[name], *faults[name], release.code_lists) for name in batch]
    return Validation(
        contract_version=release.version,
        datasets={name: _result(batch[name], faults[name][1], splits[name]) for name in batch},
        findings=pl.concat([pl.DataFrame(schema=SCHEMA), *findings]),
    )


def _faults(
    prepared: Prepared, release: Release, stored: StoredRecords, context: Context
) -> tuple[pl.DataFrame, list[tuple[Check, pl.Series]]]:
    """The rows with their facts, and the row numbers that break each check."""
    base = with_facts(prepared, stored).with_columns(
        pl.lit(context.platform_code).alias(SENDER_COLUMN),
        pl.lit(context.received_at, dtype=DTYPES[FieldType.DATETIME]).alias(RECEIVED_COLUMN),
    )
    attached = base[text_column(ATTACHMENTS)].null_count() < base.height
    plan = plan_of(prepared, base, release, context.members if attached else None, context)
    checks = [check for check, _ in chain(*plan)]
    found: dict[int, list[pl.Series]] = {}
    for offset in range(0, base.height, CHUNK_ROWS):
        masks = evaluate(base.slice(offset, CHUNK_ROWS), plan)
        hit = masks.select(pl.all().any()).row(0)
        for check, any_row in zip(checks, hit, strict=True):
            if any_row:
                found.setdefault(check.number, []).append(masks[check.name].arg_true() + offset)
    return base, [(check, pl.concat(found[check.number])) for check in checks if check.number in found]


def _any(prepared: Prepared, failures: Iterable[tuple[Check, pl.Series]], severities: set[Severity]) -> pl.Series:
    """Row mask: does the record break a check of one of these severities?"""
    broken_rows = [rows for check, rows in failures if check.severity in severities and rows.len()]
    numbers = pl.int_range(prepared.received.height, dtype=pl.UInt32, eager=True)
    if not broken_rows:
        return pl.repeat(False, numbers.len(), dtype=pl.Boolean, eager=True)
    return numbers.is_in(pl.concat(broken_rows).unique().implode())


def _result(prepared: Prepared, failures: list[tuple[Check, pl.Series]], decided: Split) -> DatasetResult:
    flagged = decided.accepted & _any(prepared, failures, {Severity.QUERY, Severity.ALERT})
    columns = accepted_columns(prepared.contract)
    whole = prepared.received.select(name for name in columns if name not in prepared.base.columns)
    accepted = pl.concat([whole, prepared.base], how="horizontal").select(columns).filter(decided.accepted)
    return DatasetResult(
        dataset=prepared.contract.dataset,
        received=prepared.received.height,
        accepted=accepted,
        rejected=prepared.received.filter(decided.rejected),
        held=prepared.received.with_columns(decided.waits_for.alias(WAITS_FOR)).filter(decided.held),
        flagged=int(flagged.sum()),
    )
