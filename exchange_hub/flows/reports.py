"""Reports from validations: what is said about a batch, counted in full, listed up to a limit."""

from typing import TYPE_CHECKING

from exchange_hub.core.records import Counts, DatasetResult, Finding, RefusalInfo, Report, Validation, Verdict

if TYPE_CHECKING:
    import polars as pl

    from exchange_hub.core.errors import Refusal


def report_of(
    platform_code: str, batch_no: str, validation: Validation, *, listed: int, reminders: tuple[str, ...] = ()
) -> Report:
    """The report of a validated batch.

    Args:
        listed: findings listed at most; all are counted in `findings_total` and `rules`.
    """
    datasets = tuple((name, counts_of(result)) for name, result in validation.datasets.items())
    total = sum((counts for _, counts in datasets), Counts())
    return Report(
        platform_code=platform_code,
        batch_no=batch_no,
        contract_version=validation.contract_version,
        verdict=total.verdict(),
        counts=total,
        datasets=datasets,
        rules=_rules(validation.findings),
        findings=findings_of(validation.findings.head(listed)),
        findings_total=validation.findings.height,
        reminders=reminders,
    )


def refused_report(platform_code: str, batch_no: str, contract_version: str, refusal: "Refusal") -> Report:
    """The report of a package that was refused as a whole: nothing received, the cause named."""
    return Report(
        platform_code=platform_code,
        batch_no=batch_no,
        contract_version=contract_version,
        verdict=Verdict.REFUSED,
        counts=Counts(),
        refusal=RefusalInfo(refusal.code, refusal.message_zh, refusal.message_en, refusal.where),
    )


def counts_of(result: DatasetResult) -> Counts:
    """Counts of one dataset; received = accepted + rejected + held."""
    return Counts(
        received=result.received,
        accepted=result.accepted.height,
        rejected=result.rejected.height,
        held=result.held.height,
        flagged=result.flagged,
    )


def findings_of(frame: "pl.DataFrame") -> tuple[Finding, ...]:
    """Rows of a findings frame as dataclasses, in order."""
    return tuple(Finding(**row) for row in frame.iter_rows(named=True))


def _rules(findings: "pl.DataFrame") -> tuple[tuple[str, str, int], ...]:
    import polars as pl

    counted = findings.group_by("rule_id", "severity").agg(pl.len().alias("count"))
    ordered = counted.sort("count", "rule_id", descending=[True, False])
    return tuple((row[0], row[1], row[2]) for row in ordered.iter_rows())
