"""Held records whose parent never came: the findings with which they are rejected (等待期满)."""

import json

import polars as pl

from contracts.model import DatasetContract
from exchange_hub.core.records import DATA_KEY, FILE, ROW, WAITS_FOR
from validators.findings import SCHEMA
from validators.registry import rule

_FAULT = "REF-002"


def expired_findings(held: pl.DataFrame, contract: DatasetContract) -> pl.DataFrame:
    """One REF-002 finding for each reference that held records still wait for.

    Args:
        held: rows with DATA_KEY, _file, _row and _waits_for, as `DatasetResult.held` has them.
        contract: of their dataset.

    Returns:
        Rows of FINDING_COLUMNS, in the order of `held`.
    """
    parent_rule = rule(_FAULT)
    found = []
    for record in held.select(FILE, ROW, DATA_KEY, WAITS_FOR).iter_rows(named=True):
        for dataset, parent_field, value in json.loads(record[WAITS_FOR] or "[]"):
            field = _referring_field(contract, dataset, parent_field)
            words = {"dataset": dataset, "field": field or parent_field, "value": value}
            found.append(
                {
                    "dataset": contract.dataset,
                    "file": record[FILE] or "",
                    "row": record[ROW],
                    "data_key": record[DATA_KEY],
                    "field": field,
                    "rule_id": parent_rule.id,
                    "rule_version": parent_rule.version,
                    "severity": parent_rule.severity.value,
                    "dimension": parent_rule.dimension.value,
                    "value": value,
                    "message_zh": parent_rule.message_zh.format(**words),
                    "message_en": parent_rule.message_en.format(**words),
                    "expected_zh": parent_rule.expected_zh,
                }
            )
    return pl.DataFrame(found, schema=SCHEMA)


def _referring_field(contract: DatasetContract, dataset: str, parent_field: str) -> str | None:
    matching = (p.field for p in contract.parents if (p.dataset, p.parent_field) == (dataset, parent_field))
    return next(matching, None)
