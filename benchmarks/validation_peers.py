"""The engines that `validation.py` compares. All do the same: name the row, field, rule and value of every finding.

Each takes a frame of text and returns how many findings it named. Great Expectations has no check digits and no prefix
rule and matches forms in their place: it does less.
"""

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import polars as pl
from validation_rules import REQUIRED, RULES, expression

from exchange_hub.core.check_digits import person_id_check, uscc_check


def hand(frame: pl.DataFrame) -> int:
    """The plan as one writes it by hand: one query for all rules, then row and value of what each rule found."""
    found = [_EMPTY]
    masks = frame.lazy().select((~expression(rule)).alias(str(n)) for n, rule in enumerate(RULES)).collect()
    for number, (mask, (_, column, _)) in enumerate(zip(masks.get_columns(), RULES, strict=True)):
        if mask.any():
            found.append(_findings(mask.arg_true(), frame[column].filter(mask), column, f"rule_{number}"))
    return pl.concat(found).height


def ours(frame: pl.DataFrame) -> int:
    """A pandera schema as validators.fused evaluates it."""
    import pandera.errors
    import pandera.polars as pa

    from validators.fused import RowSchema

    checks: dict[str, list[pa.Check]] = {name: [] for name in frame.columns}
    for rule in RULES:
        if rule[0] not in ("required", "unique"):
            says = expression(rule)
            checks[rule[1]].append(pa.Check(lambda d, says=says: d.lazyframe.select(says), name=f"{rule[0]}:{rule[1]}"))
    columns = {
        name: pa.Column(pl.String, made, nullable=name not in REQUIRED, unique=name == "DATA_KEY")
        for name, made in checks.items()
    }
    try:
        RowSchema(columns).validate(frame, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return int(errors.failure_cases.height)
    return 0


def dataframely(frame: pl.DataFrame) -> int:
    """dataframely's filter with the same expressions.

    Its answer is the wrong rows with one column a rule (valid, invalid); row, field, rule and value of each finding are
    taken out of that, as whoever writes a report must.
    """
    import dataframely as dy

    body: dict[str, Any] = {
        name: dy.String(nullable=name not in REQUIRED, primary_key=name == "DATA_KEY") for name in frame.columns
    }
    columns = {"primary_key": "DATA_KEY"} | {f"{name}|nullability": name for name in REQUIRED}
    for number, rule in enumerate(RULES):
        if rule[0] not in ("required", "unique"):
            columns[f"rule_{number}"] = rule[1]
            body[f"rule_{number}"] = dy.rule()(lambda cls, rule=rule: expression(rule))
    _, failure = type("Records", (dy.Schema,), body).filter(frame)
    found, details = [_EMPTY.with_columns(pl.col("row").cast(pl.String))], failure.details()
    for name in failure.counts():
        wrong = details[name] == "invalid"
        key, value = (details[column].filter(wrong) for column in ("DATA_KEY", columns[name]))
        found.append(_findings(key, value, columns[name], name))
    return pl.concat(found).height


def _findings(row: pl.Series, value: pl.Series, field: str, rule: str) -> pl.DataFrame:
    same = (pl.Series(name, [text]).new_from_index(0, row.len()) for name, text in (("field", field), ("rule", rule)))
    return pl.DataFrame([row.alias("row"), value.alias("value"), *same])


_EMPTY = pl.DataFrame(schema={"row": pl.UInt32, "value": pl.String, "field": pl.String, "rule": pl.String})


def pandas(frame: pl.DataFrame) -> int:  # noqa: C901 -- one branch a kind of rule
    """pandera on pandas."""
    import pandas as pd
    import pandera.errors
    import pandera.pandas as pa

    def by_row(kind: str, form: str) -> Callable[[Any], Any]:
        matches, check = re.compile(form).match, {"uscc": uscc_check, "person": person_id_check}[kind]
        return lambda column: column.map(lambda code: bool(matches(code)) and check(code[:17]) == code[17])

    table = frame.to_pandas()
    checks: dict[str, list[pa.Check]] = {name: [] for name in table.columns}
    whole = []
    for rule in RULES:
        kind, name, more = rule
        if kind == "form":
            checks[name].append(pa.Check.str_matches(more))
        elif kind == "moment":
            checks[name].append(pa.Check(lambda s: pd.to_datetime(s, format="%Y%m%d%H%M%S", errors="coerce").notna()))
        elif kind in ("uscc", "person"):
            checks[name].append(pa.Check(by_row(kind, more)))
        elif kind == "length":
            checks[name].append(pa.Check.str_length(0, more))
        elif kind == "list":
            checks[name].append(pa.Check.isin(more))
        elif kind == "begins":
            pairs = lambda t, a=name, b=more: zip(t[a].fillna("x"), t[b].fillna(""), strict=True)  # noqa: E731
            whole.append(pa.Check(lambda t, p=pairs: pd.Series([x.startswith(y) for x, y in p(t)], index=t.index)))
        elif kind == "not_after":
            whole.append(pa.Check(lambda t, a=name, b=more: (t[a] <= t[b]) | t[a].isna() | t[b].isna()))
        elif kind == "with":
            whole.append(pa.Check(lambda t, a=name, b=more: t[a].isna() | t[b].notna()))
    columns = {
        name: pa.Column(None, made, nullable=name not in REQUIRED, unique=name == "DATA_KEY")
        for name, made in checks.items()
    }
    try:
        pa.DataFrameSchema(columns, checks=whole).validate(table, lazy=True)
    except pandera.errors.SchemaErrors as errors:
        return len(errors.failure_cases)
    return 0


def ge(frame: pl.DataFrame) -> int:
    """Great Expectations on pandas, complete results."""
    import great_expectations as gx
    from great_expectations import expectations as e

    context = gx.get_context(mode="ephemeral")
    batch = context.data_sources.add_pandas("p").add_dataframe_asset("a").add_batch_definition_whole_dataframe("b")
    suite = gx.ExpectationSuite("s")
    for kind, name, more in RULES:
        made = {
            "required": lambda name=name, **_: e.ExpectColumnValuesToNotBeNull(column=name),
            "unique": lambda name=name, **_: e.ExpectColumnValuesToBeUnique(column=name),
            "form": lambda name=name, more=more: e.ExpectColumnValuesToMatchRegex(column=name, regex=more),
            "list": lambda name=name, more=more: e.ExpectColumnValuesToBeInSet(column=name, value_set=more),
            "length": lambda name=name, more=more: e.ExpectColumnValueLengthsToBeBetween(column=name, max_value=more),
            "not_after": lambda name=name, more=more: e.ExpectColumnPairValuesAToBeGreaterThanB(
                column_A=more, column_B=name, or_equal=True, ignore_row_if="either_value_is_missing"
            ),
            "with": lambda name=name, more=more: e.ExpectColumnValuesToNotBeNull(column=more),
        }
        made["uscc"] = made["person"] = made["moment"] = made["form"]
        if kind in made:
            suite.add_expectation(made[kind]())
    result = batch.get_batch({"dataframe": frame.to_pandas()}).validate(suite, result_format="COMPLETE")
    return sum(len(one.result.get("unexpected_index_list") or ()) for one in result.results)


PEERS = {"hand": hand, "ours": ours, "dataframely": dataframely, "pandas": pandas, "ge": ge}
