"""Rules across datasets after a load (入库后校验): judge the tender projects that it touched, book what stands.

Runs in the loader's transaction, under a lock of its own and before the load is sealed: two batches that contradict
each other never miss one another, and what is found is sealed with the load. A query about a record of this very batch
goes into its report and notice; alerts are for the supervisors, and what a load means for records of other batches is
in `audit.finding` only.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import polars as pl
import psycopg

from contracts.loader import load_release
from contracts.model import DatasetContract
from exchange_hub.core.records import DATA_TYPE, Operation, Severity, Validation
from exchange_hub.flows.across import as_findings, placed
from feedback.calendar import calendar_in_force
from validators.cross import all_cross_rules, cross_findings, needed
from validators.crosslinks import links_apart
from validators.parse import typed
from warehouse import crossfindings, loader, rulefacts
from warehouse.batches import BatchRow
from warehouse.crossfindings import COLUMNS, Run
from warehouse.together import Entangled

Loaded = tuple[BatchRow, Validation, int]  # with the number of the load event


@dataclass
class Judgement:
    """`after_load` for the loader to call before it seals; `validation` then holds the queries of these rules too."""

    conn: psycopg.Connection
    batch: BatchRow
    validation: Validation
    now: datetime

    def __call__(self, load_id: int) -> None:
        """Judge what this load event touched."""
        self.validation = after_load(self.conn, self.batch, self.validation, load_id, self.now)


@dataclass
class Judgements:
    """As `Judgement`, for loads that are made together."""

    conn: psycopg.Connection
    batches: Sequence[BatchRow]
    validations: Sequence[Validation]
    now: datetime

    def __call__(self, load_ids: Sequence[int]) -> None:
        """Judge what these load events touched."""
        loaded = list(zip(self.batches, self.validations, load_ids, strict=True))
        self.validations = after_loads(self.conn, loaded, self.now)


def after_load(
    conn: psycopg.Connection, batch: BatchRow, validation: Validation, load_id: int, now: datetime
) -> Validation:
    """Judge what a load touched; the caller commits.

    Returns:
        The validation with the queries about its own records added to its findings, and `flagged` counted anew.
    """
    return after_loads(conn, [(batch, validation, load_id)], now)[0]


def after_loads(conn: psycopg.Connection, loaded: Sequence[Loaded], now: datetime) -> list[Validation]:
    """As `after_load`, for loads of one release that were made together.

    Raises:
        Entangled: two of them touch the same tender project, or projects that a rule could take for one.
    """
    datasets = dict.fromkeys(name for _, validation, _ in loaded for name in validation.datasets)
    touched = rulefacts.touched(conn, [load_id for _, _, load_id in loaded], datasets)
    owner = {scope: load_id for load_id, scopes in touched.items() for scope in scopes}
    if len(owner) < sum(map(len, touched.values())):
        raise Entangled("one tender project in two batches")
    if not owner:
        return [validation for _, validation, _ in loaded]
    crossfindings.lock(conn)
    release = load_release(loaded[0][1].contract_version)
    texts = rulefacts.current_records(conn, needed(release), sorted(owner))
    records = {name: _typed(frame, release.datasets[name]) for name, frame in texts.items()}
    if len(loaded) > 1 and not links_apart(records, release, owner):
        raise Entangled("a rule could take two tender projects for one")
    calendar = calendar_in_force()
    found = _placed(cross_findings(records, release, calendar), records)
    rules = {rule.id: rule.version for rule in all_cross_rules() if rule.applies(release)}
    told, runs = [], []
    for batch, validation, load_id in loaded:
        scopes = touched[load_id]
        mine = found.filter(pl.col("scope").is_in(scopes))
        own = mine.filter((pl.col("batch_id") == batch.id) & (pl.col("severity") == Severity.QUERY.value))
        told.append(_with_queries(validation, own))
        more = loader.total(told[-1]).flagged - loader.total(validation).flagged
        if scopes:
            runs.append((Run(load_id, release.version, calendar.version, rules, scopes, more, now), mine))
    crossfindings.record(conn, runs)
    return told


def _typed(frame: pl.DataFrame, contract: DatasetContract) -> pl.DataFrame:
    names = [name for name in contract.field_names if name in frame.columns]
    return frame.with_columns(typed(pl.col(name), contract.field(name).type).alias(name) for name in names)


def _placed(found: pl.DataFrame, records: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Findings with the place of their record: a record of several tender projects has one for each."""
    if not records or found.is_empty():
        return pl.DataFrame(schema=COLUMNS)
    named = {"_version_no": "version_no", "_batch_id": "batch_id", "_file": "file", "_row": "row", "_scope": "scope"}
    return placed(found, records, list(rulefacts.PLACE)).rename(named).select(*COLUMNS)


def _with_queries(validation: Validation, own: pl.DataFrame) -> Validation:
    if own.is_empty():
        return validation
    findings = pl.concat([validation.findings, as_findings(own)])
    suspicious = findings.filter(pl.col("severity") != Severity.REJECT.value)
    datasets = {
        name: replace(result, flagged=_flagged(suspicious.filter(pl.col("dataset") == name), result.accepted))
        for name, result in validation.datasets.items()
    }
    return replace(validation, findings=findings, datasets=datasets)


def _flagged(suspicious: pl.DataFrame, accepted: pl.DataFrame) -> int:
    """Accepted records with a query or an alert, by file and row."""
    places = suspicious.select(pl.col("file"), pl.col("row")).unique()
    rows = accepted.filter(pl.col(DATA_TYPE) != Operation.DELETE.value).select(
        pl.col("_file").fill_null("").alias("file"), pl.col("_row").alias("row")
    )
    return rows.join(places, on=["file", "row"], how="semi").height
