"""Validation of one batch: every fault of every record in one pass, then the split three ways (校验)."""

from collections.abc import Iterable, Mapping

import polars as pl

from contracts.model import Release
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import WAITS_FOR, DatasetResult, Severity, Validation
from validators.facts import with_facts
from validators.findings import SCHEMA, findings_of
from validators.outcome import Batch, Split, split
from validators.plan import Check, Surroundings, broken, checks_of, layers, rule_fault
from validators.prepare import Prepared, accepted_columns, prepare
from validators.rule import Context

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
    batch = {name: prepare(frames[name], release.datasets[name]) for name in release.datasets if name in frames}
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
    base = with_facts(prepared, stored)
    checks = checks_of(prepared.contract, release, prepared.unknown)
    texts = (name.removeprefix("text:") for name in base.columns if name.startswith("text:"))
    facts = frozenset(name for name in base.columns if name.startswith("fact:"))
    around = Surroundings(frozenset(texts), facts, release.code_lists, context)
    parts: list[list[pl.Series]] = [[] for _ in checks]
    for offset in range(0, max(base.height, 1), CHUNK_ROWS):
        masks = _masks(base.slice(offset, CHUNK_ROWS), checks, around)
        for check, found in zip(checks, parts, strict=True):
            found.append(masks[check.name].arg_true() + offset)
    return base, [(check, pl.concat(found)) for check, found in zip(checks, parts, strict=True)]


def _masks(rows: pl.DataFrame, checks: tuple[Check, ...], around: Surroundings) -> pl.DataFrame:
    """One boolean column a check, true where a row breaks it: the whole contract in one fused plan.

    Raises:
        ConfigurationError: a rule fails by itself; names the rule.
    """
    lazy, earlier = rows.lazy(), tuple[Check, ...]()
    for layer in layers(checks):
        lazy = lazy.with_columns(broken(check, earlier, around).alias(check.name) for check in layer)
        earlier += layer
    try:
        return lazy.select(check.name for check in checks).collect()
    except pl.exceptions.PolarsError:
        _find_culprit(rows, checks, around)
        raise


def _find_culprit(rows: pl.DataFrame, checks: tuple[Check, ...], around: Surroundings) -> None:
    for check in checks:
        try:
            rows.select(broken(check, (), around))
        except pl.exceptions.PolarsError as error:
            raise rule_fault(check.rule, error) from error


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
