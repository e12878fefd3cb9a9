"""Validation of a batch that does not fit into memory, chunk by chunk; it finds what `validators.engine` finds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import polars as pl

from contracts.model import DatasetContract, Release
from contracts.ordering import in_order
from exchange_hub.core.ports import StoredRecords
from exchange_hub.core.records import DATA_TYPE, DatasetResult, Severity, Validation
from validators.chunkkeys import Chunks, compact, keys_in_chunks
from validators.engine import ready_frames, refuse_unknown
from validators.findings import SCHEMA, findings_of
from validators.judge import judge, result_of
from validators.keys import Keys
from validators.outcome import Decision, Family, parents_first, split
from validators.prepare import deleted, text_expressions
from validators.rule import Context

_WAYS = ("accepted", "rejected", "held")


def validate_chunks(
    chunks: Mapping[str, Chunks], release: Release, stored: StoredRecords, context: Context
) -> Iterator[Validation]:
    """Validate all datasets of a batch, parents before children; arguments as in `validators.engine.validate`.

    Args:
        chunks: by dataset, a call that gives its records from the first on, frames with the same columns each. They
            are gone through several times; memory holds one chunk, and of the whole batch 8 bytes a record for each
            key while they are compared, the records whose keys came twice, and the codes that children refer to.

    Returns:
        One validation a chunk: what became of its records, and their findings.

    Raises:
        ConfigurationError: as `validate`.
    """
    refuse_unknown(chunks, release)
    family = Family(release.datasets[name] for name in chunks)
    if context.assume_parents:
        for name, frames in chunks.items():
            _send(family, release.datasets[name], frames)
    by = Decision(family, stored, context.assume_parents)
    for name in parents_first(release, chunks):
        contract = release.datasets[name]
        keys = keys_in_chunks(chunks[name], contract)
        # A map keeps no chunk while it reads the next one.
        yield from map(partial(_validated, contract=contract, release=release, keys=keys, by=by, context=context),
                       chunks[name]())  # fmt: skip


def together(parts: Iterable[Validation], release: Release, kept: Sequence[str] | None = None) -> Validation:
    """Validations of all chunks as the one of the batch.

    Args:
        kept: columns that are kept of the records, of which a batch may have more than fit into memory; all by default.
    """
    results: dict[str, list[DatasetResult]] = {}
    findings: dict[str, list[pl.DataFrame]] = {}
    for part in parts:
        for name in part.datasets:
            results.setdefault(name, []).append(_only(part.datasets[name], kept))
            findings.setdefault(name, []).append(compact(part.findings))
        del part  # else its records would lie beside those of the next one
    names = in_order(release.datasets, results)
    ordered = [
        pl.concat(findings.pop(name)).sort("file", "row", nulls_last=True, maintain_order=True) for name in names
    ]
    return Validation(
        contract_version=release.version,
        datasets={name: _sum(name, results[name]) for name in names},
        findings=pl.concat([pl.DataFrame(schema=SCHEMA), *ordered]),
    )


def _send(family: Family, contract: DatasetContract, chunks: Chunks) -> None:
    """Note the codes that children refer to."""
    fields = family.fields(contract.dataset)
    if fields:
        for frame in chunks():
            family.send(contract.dataset, frame.select(*text_expressions((DATA_TYPE, *fields))).with_columns(deleted()))


def _validated(
    frame: pl.DataFrame, contract: DatasetContract, release: Release, keys: Keys, by: Decision, context: Context
) -> Validation:
    _, ready = next(ready_frames({contract.dataset: frame}, release, context))
    prepared, judged = ready.prepared, judge(ready, keys, release, by.stored, context)
    decided = split(prepared, judged.with_severity(Severity.REJECT), by)
    by.family.accept(contract.dataset, prepared.base, decided.accepted)
    findings = findings_of(prepared, judged.rows, judged.failures, release.code_lists)
    return Validation(release.version, {contract.dataset: result_of(judged, decided)}, findings)


def _only(result: DatasetResult, columns: Sequence[str] | None) -> DatasetResult:
    if columns is None:
        return result
    return replace(result, **{which: getattr(result, which).select(columns) for which in _WAYS})


def _sum(name: str, parts: list[DatasetResult]) -> DatasetResult:
    frames = {which: pl.concat([getattr(part, which) for part in parts]) for which in _WAYS}
    received, flagged = sum(part.received for part in parts), sum(part.flagged for part in parts)
    return DatasetResult(dataset=name, received=received, flagged=flagged, **frames)
