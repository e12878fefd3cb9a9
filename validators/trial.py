"""Try a rule on one example row: for rule authors, the tests over all rules, and the documentation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import polars as pl

from contracts.model import Field, FieldType
from exchange_hub.core.clock import SHANGHAI
from validators.checks import text_column, typed_column
from validators.parse import DTYPES, present, typed
from validators.rule import RECEIVED_COLUMN, SENDER_COLUMN, VALUE, Rule, Sight
from validators.samples import SENDER, text_field

RECEIVED_AT = datetime(2026, 6, 30, 12, tzinfo=SHANGHAI)  # when the examples are received
MEMBERS = frozenset({"attachments/a.pdf"})  # what their package holds


def holds_for(rule: Rule, row: Mapping[str, Any]) -> bool | None:
    """Does the rule hold for the row? None: not applicable.

    Args:
        row: text by role (`value` in field rules), by name of a sibling column, and facts as `fact:<name>`.
    """
    fields = _fields(rule)
    facts = {name: value for name, value in row.items() if name.startswith("fact:")}
    siblings = [text_field(name) for name in row if name not in fields and name not in facts]
    texts = {field.name: row.get(role) for role, field in fields.items()}
    texts |= {field.name: row[field.name] for field in siblings}
    frame = pl.DataFrame({name: pl.Series([value], dtype=pl.String) for name, value in texts.items()})
    ready = (
        frame.select(present(pl.col(name)).alias(text_column(name)) for name in texts)
        .with_columns(
            typed(pl.col(text_column(field.name)), field.type).alias(typed_column(field.name))
            for field in (*fields.values(), *siblings)
        )
        .with_columns(
            pl.lit(SENDER).alias(SENDER_COLUMN),
            pl.lit(RECEIVED_AT, dtype=DTYPES[FieldType.DATETIME]).alias(RECEIVED_COLUMN),
            *(pl.lit(value).alias(name) for name, value in facts.items()),
        )
    )
    sight = Sight(fields, frozenset(texts), frozenset(facts), rule.sample_lists, MEMBERS, text_column, typed_column)
    answer = ready.select(rule.holds(sight).alias("holds"))["holds"][0]
    return None if answer is None else bool(answer)


def _fields(rule: Rule) -> dict[str, Field]:
    if rule.is_field_rule:
        return {VALUE: rule.sample_field or text_field("VALUE")}
    return {
        role: Field(name=role.upper(), label_zh=role, type=role_type, required=False)
        for role, role_type in rule.roles.items()
    }
