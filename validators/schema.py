"""A data contract as a `pandera.polars.DataFrameSchema`, to take out and use alone.

Frames are text, as the readers make them. Each rule is a pandera Check of the field that it names, whose function
selects the rule's own polars expression. The schema is a `validators.fused.RowSchema`: all its checks are evaluated in
one query; `schema.plain()` is the same for pandera's own evaluation. pandera is imported here and there only: that
takes more than a second.

Rules on keys and codes that ask the store or the whole batch are left out. A row fails here exactly if the engine
finds a fault of the other rules in it.
"""

from collections.abc import Callable
from datetime import datetime

import pandera.polars as pa
import polars as pl

from contracts.model import DatasetContract, FieldType, Release
from exchange_hub.core.records import DATA_KEY, DATA_TYPE, Severity, Stage
from validators.checks import DELETED, Check, checks_of
from validators.fused import RowSchema
from validators.parse import DTYPES
from validators.plan import Surroundings, holds
from validators.prepare import deleted, text_expressions, value_expressions
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN

Step = Callable[[pl.LazyFrame], pl.LazyFrame]


def schema_of(
    contract: DatasetContract,
    release: Release,
    sender: str,
    received_at: datetime,
    severities: frozenset[Severity] = frozenset(Severity),
) -> RowSchema:
    """The pandera schema of one dataset of a release.

    Args:
        sender: platform code against which PLATFORM_CODE is checked.
        received_at: when the frame was received; events that have happened may not lie later.
        severities: rules of these severities become checks.

    Returns:
        A schema over text columns, all of which must be there (null where absent). Validate a DataFrame
        (`schema.validate(frame, lazy=True)`): pandera checks no data in a LazyFrame. Further columns are let through.
    """
    names = (DATA_KEY, DATA_TYPE, *contract.field_names)
    around = Surroundings(frozenset(names), frozenset(), release.code_lists, None, occurred_at=contract.occurred_at)
    ready = _ready(contract, sender, received_at)
    by_field: dict[str, list[pa.Check]] = {name: [] for name in names}
    for check in checks_of(contract, release):
        if check.severity in severities and check.field.name in by_field and _judges_alone(check):
            by_field[check.field.name].append(_as_pandera(check, around, ready))
    columns = {name: pa.Column(pl.String, found, nullable=True) for name, found in by_field.items()}
    return RowSchema(columns, name=f"{contract.dataset} {contract.version}", strict=False)


def _judges_alone(check: Check) -> bool:
    """Can the rule be judged by the record alone? Field rules of the reference stage ask the batch or the store."""
    return check.rule.stage is not Stage.REFERENCES or not check.rule.is_field_rule


def _ready(contract: DatasetContract, sender: str, received_at: datetime) -> Step:
    """Adds the columns that rules look at: text with blanks as null, typed values, sender, time of receipt."""
    texts = text_expressions((DATA_KEY, DATA_TYPE, *contract.field_names))
    values = value_expressions(tuple((field.name, field.type) for field in contract.fields))
    known = [
        pl.lit(sender).alias(SENDER_COLUMN),
        pl.lit(received_at, dtype=DTYPES[FieldType.DATETIME]).alias(RECEIVED_COLUMN),
        deleted(),
    ]
    return lambda lazy: lazy.with_columns(texts).with_columns(known).with_columns(values)


def _as_pandera(check: Check, around: Surroundings, ready: Step) -> pa.Check:
    """An ordinary pandera Check, named by the rule's id, that selects the rule's expression."""
    expression = holds(check, around).fill_null(True)
    if not check.rule.key_rule:
        expression = expression | pl.col(DELETED)

    def passes(data: pa.PolarsData) -> pl.LazyFrame:
        return ready(data.lazyframe).select(expression.alias(check.rule.id))

    return pa.Check(passes, name=check.rule.id, error=f"{check.rule.id} {check.field.name}")
