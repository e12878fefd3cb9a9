"""Validation of one batch: every fault of every record in one pass, then the split three ways (校验)."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from contracts.model import Release
from contracts.ordering import in_order
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import Severity, Validation
from validators.evaluate import plan_of
from validators.findings import SCHEMA, findings_of
from validators.judge import Judged, judge, result_of, same_for_all
from validators.keys import keys_of
from validators.outcome import Decision, Family, Split, parents_first, split
from validators.prepare import prepare
from validators.rule import Context
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
    refuse_unknown(frames, release)
    present = {name: frames[name] for name in in_order(release.datasets, frames)}
    judged = {
        name: judge(ready, keys_of(ready.prepared.contract, ready.prepared.base), release, stored, context)
        for name, ready in ready_frames(present, release, context)
    }
    family = Family(release.datasets[name] for name in present)
    splits = _splits(judged, release, Decision(family, stored, context.assume_parents))
    findings = [
        findings_of(one.prepared, one.rows, one.failures, release.code_lists) for one in judged.values() if one.hits
    ]
    return Validation(
        contract_version=release.version,
        datasets={name: result_of(one, splits[name]) for name, one in judged.items()},
        findings=pl.concat([pl.DataFrame(schema=SCHEMA), *findings]),
    )


def refuse_unknown(names: Iterable[str], release: Release) -> None:
    """Stop where a dataset is named that the release does not have.

    Raises:
        ConfigurationError: names the dataset.
    """
    for name in names:
        if name not in release.datasets:
            raise ConfigurationError(
                "UNKNOWN_DATASET", f"数据规范中没有数据集 {name}", f"the release has no dataset {name}", name
            )


def ready_frames(frames: Mapping[str, pl.DataFrame], release: Release, context: Context) -> Iterator[tuple[str, Ready]]:
    """The datasets made ready, in the way that is quick for so many records."""
    if sum(frame.height for frame in frames.values()) <= STACKED_ROWS:
        yield from make_ready(
            frames, release, context, same_for_all(context.platform_code, context.received_at)
        ).items()
        return
    for name, frame in frames.items():
        prepared = prepare(frame, release.datasets[name])
        yield name, Ready(prepared, plan_of(prepared.contract, prepared.unknown, release, context), None)


def _splits(judged: Mapping[str, Judged], release: Release, by: Decision) -> dict[str, Split]:
    """Every record of the batch decided, parents before children."""
    splits: dict[str, Split] = {}
    if by.assume_parents:
        for name, one in judged.items():
            by.family.send(name, one.prepared.base)
    for name in parents_first(release, judged):
        one = judged[name]
        splits[name] = split(one.prepared, one.with_severity(Severity.REJECT), by)
        by.family.accept(name, one.prepared.base, splits[name].accepted)
    return splits
