"""Rules across datasets (跨数据集规则) over stored records of tender projects. Pure: frames in, findings out."""

import importlib
import pkgutil
from collections.abc import Iterable, Mapping
from functools import cache
from string import Formatter

import polars as pl

import validators.crossrules
from contracts.model import MASKED_IN_FINDINGS, DatasetContract, Field, Release
from exchange_hub.core.calendar import Calendar
from exchange_hub.core.errors import ConfigurationError
from exchange_hub.core.masking import mask_personal
from exchange_hub.core.records import DATA_KEY, Severity
from validators.crossrule import KEY, NEAR, CrossRule, Frames, Source
from validators.parse import DTYPES, typed
from validators.personal import masked
from validators.plan import RULE_FAULTS

# Columns of a frame of findings across datasets.
SCHEMA: dict[str, pl.DataType] = {
    "dataset": pl.String(),
    "data_key": pl.String(),
    "field": pl.String(),
    "rule_id": pl.String(),
    "rule_version": pl.Int64(),
    "severity": pl.String(),
    "dimension": pl.String(),
    "value": pl.String(),
    "message_zh": pl.String(),
    "message_en": pl.String(),
    "expected_zh": pl.String(),
}
_EMPTY = "（空）"


@cache
def all_cross_rules() -> tuple[CrossRule, ...]:
    """Every rule across datasets, by id: one file each in `validators.crossrules`.

    Raises:
        ConfigurationError: a file without RULE, or two rules with one id.
    """
    found: dict[str, CrossRule] = {}
    for module in pkgutil.iter_modules(validators.crossrules.__path__):
        rule = getattr(importlib.import_module(f"validators.crossrules.{module.name}"), "RULE", None)
        if not isinstance(rule, CrossRule) or rule.id in found:
            raise ConfigurationError(
                "RULE_MISSING",
                f"跨数据集规则文件 {module.name} 没有 RULE，或编号重复",
                f"rule file {module.name} defines no RULE, or one whose id is taken",
                f"validators/crossrules/{module.name}.py",
            )
        found[rule.id] = rule
    return tuple(found[rule_id] for rule_id in sorted(found))


def needed(release: Release) -> dict[str, tuple[str, ...]]:
    """Fields that the rules of a release read, by dataset, in the order of the contract."""
    wanted: dict[str, set[str]] = {}
    for rule in all_cross_rules():
        if rule.applies(release):
            for source in rule.sources.values():
                wanted.setdefault(source.dataset, set()).update(source.fields.values())
    return {
        dataset: tuple(name for name in release.datasets[dataset].field_names if name in names)
        for dataset, names in wanted.items()
    }


def cross_findings(records: Mapping[str, pl.DataFrame], release: Release, calendar: Calendar) -> pl.DataFrame:
    """Findings of all rules that apply to the release, as SCHEMA has them, ordered and each only once.

    Args:
        records: by dataset the current records of whole tender projects: DATA_KEY and the fields of `needed`, typed as
            the contract says; a dataset that is missing has no records.
        calendar: of working days.

    Raises:
        ConfigurationError: a rule that itself fails; names the rule.
    """
    found = [pl.DataFrame(schema=SCHEMA)]
    for rule in all_cross_rules():
        if rule.applies(release):
            try:
                found.append(findings_of(rule, records, release, calendar))
            except RULE_FAULTS as error:
                raise ConfigurationError(
                    "RULE_FAULT", f"规则 {rule.id} 自身出错", f"rule {rule.id} itself failed", rule.id
                ) from error
    return pl.concat(found).unique().sort("rule_id", "dataset", "data_key", "field", "message_zh")


def findings_of(
    rule: CrossRule, records: Mapping[str, pl.DataFrame], release: Release, calendar: Calendar
) -> pl.DataFrame:
    """Findings of one rule."""
    tables = {name: _table(source, records, release) for name, source in rule.sources.items()}
    broken = rule.broken(Frames(tables, calendar))
    if rule.since is not None:
        broken = broken.filter(pl.col(rule.dated_by).dt.date() >= rule.since)
    rows = broken.collect()
    if rows.is_empty():
        return pl.DataFrame(schema=SCHEMA)
    contract = release.datasets[rule.sources[rule.subject].dataset]
    return pl.DataFrame(
        {
            "dataset": contract.dataset,
            "data_key": rows[KEY],
            "field": rule.field,
            "rule_id": rule.id,
            "rule_version": rule.version,
            "severity": _severity(rule, rows),
            "dimension": rule.dimension.value,
            "value": _shown(_text(rows, rule.at), contract.field(rule.field)),
            "message_zh": _filled(rule.message_zh, rows),
            "message_en": _filled(rule.message_en, rows),
            "expected_zh": rule.expected_zh,
        },
        schema=SCHEMA,
    )


def _severity(rule: CrossRule, rows: pl.DataFrame) -> pl.Series:
    """The rule's own, but a query where a legal minimum is missed by one day only."""
    if NEAR not in rows.columns:
        return pl.repeat(rule.severity.value, rows.height, dtype=pl.String, eager=True)
    return rows.select(pl.when(NEAR).then(pl.lit(Severity.QUERY.value)).otherwise(pl.lit(rule.severity.value)))[
        "literal"
    ]


def _shown(values: pl.Series, field: Field) -> pl.Series:
    if field.personal not in MASKED_IN_FINDINGS:
        return masked(values)
    return pl.Series([mask_personal(value, field.personal) for value in values], dtype=pl.String)


def _table(source: Source, records: Mapping[str, pl.DataFrame], release: Release) -> pl.DataFrame:
    contract = release.datasets[source.dataset]
    frame = records.get(source.dataset)
    if frame is None:
        frame = pl.DataFrame(schema=_schema(contract))
    table = frame.select(pl.col(DATA_KEY).alias(KEY), *(pl.col(name).alias(w) for w, name in source.fields.items()))
    for word in source.each:
        separator = contract.field(source.fields[word]).separator
        if separator is not None:
            table = table.with_columns(pl.col(word).str.split(separator)).explode(word)
    return table


def _schema(contract: DatasetContract) -> dict[str, pl.DataType]:
    return {DATA_KEY: pl.String(), **{field.name: DTYPES[field.type] for field in contract.fields}}


def _filled(template: str, rows: pl.DataFrame) -> pl.Series:
    parts: list[pl.Expr] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            parts.append(pl.lit(literal))
        if name:
            parts.append(pl.lit(masked(_text(rows, name).fill_null(_EMPTY))))
    return pl.select(pl.concat_str([pl.repeat("", rows.height, dtype=pl.String), *parts])).to_series()


def _text(rows: pl.DataFrame, name: str) -> pl.Series:
    """A column as people read it: moments with separators, amounts without trailing zeros."""
    column = rows[name]
    if isinstance(column.dtype, pl.Datetime):
        return column.dt.strftime("%Y-%m-%d %H:%M:%S")
    if column.dtype == pl.Date:
        return column.dt.strftime("%Y-%m-%d")
    if column.dtype.is_decimal() or column.dtype.is_float():
        exact = column.cast(pl.Float64).round(2).cast(pl.Decimal(38, 2)).cast(pl.String)
        return exact.str.strip_suffix(".00")
    if column.dtype == pl.Boolean:
        return column.cast(pl.Int8).cast(pl.String)
    return column.cast(pl.String)


def typed_rows(rows: Iterable[Mapping[str, object]], source: Source, contract: DatasetContract) -> pl.DataFrame:
    """Example rows (words -> text) as stored records of a dataset, for rule authors and tests."""
    listed = list(rows)
    columns = {DATA_KEY: [row.get(KEY) for row in listed]}
    columns |= {name: [row.get(word) for row in listed] for word, name in source.fields.items()}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    types = {field.name: field.type for field in contract.fields}
    return frame.with_columns(typed(pl.col(name), types[name]).alias(name) for name in source.fields.values())
