"""The words of findings: templates filled for many records at once."""

from collections.abc import Mapping
from string import Formatter

import polars as pl

from contracts.model import MASKED_IN_FINDINGS, CodeList, Field
from exchange_hub.core.masking import mask_personal
from validators.checks import Check, text_column
from validators.personal import masked
from validators.rule import VALUE
from validators.rules.decimal_digits_exceeded import limits

VALUE_SHOWN = 1000  # characters of a value kept in a finding
MESSAGE_SHOWN = 80  # characters of a value quoted in a message
CODES_SHOWN = 20
_UNSAFE = "[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F\\x7F-\\x9F\\x{FFFE}\\x{FFFF}]"
_EMPTY = "（空）"


def shown(values: pl.Series, field: Field, check: Check) -> pl.Series:
    """Values of a field as a finding may show them: masked where personal, without control characters, cut."""
    texts = harmless(values)
    if field.personal in MASKED_IN_FINDINGS:
        return pl.Series(values.name, [mask_personal(text, field.personal) for text in texts], dtype=pl.String)
    if field.name == check.field.name and field.not_applicable is None:
        showing = check.rule.shows
        texts = pl.Series(values.name, [None if t is None else showing(t) for t in texts], dtype=pl.String)
    return masked(texts)


def harmless(texts: pl.Series) -> pl.Series:
    """Without control characters, which no XML, XLSX or database takes, and cut to a length one can read."""
    return _cut(texts.str.replace_all(_UNSAFE, "\ufffd"), VALUE_SHOWN)


def static_words(check: Check, lists: Mapping[str, CodeList]) -> dict[str, str]:
    """Placeholders that are the same for every record of a check."""
    field = check.field
    found = lists.get(field.code_list or "")
    whole, scale = limits(field)
    codes = [] if found is None else [f"{code.code} {code.label_zh}" for code in found.codes]
    return {
        "label": field.label_zh or field.name,
        "field": harmless(pl.Series([field.name]))[0],
        "example": f"，如 {field.example}" if field.example else "",
        "exact_length": str(field.exact_length),
        "max_length": str(field.max_length),
        "precision": str(whole + scale),
        "scale": str(scale),
        "code_list": field.code_list or "",
        "list_zh": "" if found is None else found.label_zh,
        "codes": "、".join(codes[:CODES_SHOWN]) + (" 等" if len(codes) > CODES_SHOWN else ""),
    }


def placeholders(check: Check) -> set[str]:
    """Names that stand in braces in the texts of the check's rule."""
    texts = (check.rule.message_zh, check.rule.message_en, check.rule.expected_zh)
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}


def fill(template: str, words: Mapping[str, str], columns: Mapping[str, pl.Series], height: int) -> pl.Series:
    """The template filled: static words once, columns per record; a null value reads （空）."""
    parts: list[pl.Expr] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            parts.append(pl.lit(literal))
        if name is not None and name in columns:
            parts.append(pl.lit(_cut(columns[name], MESSAGE_SHOWN).fill_null(_EMPTY)))
        elif name:
            parts.append(pl.lit(words[name]))
    return pl.select(pl.concat_str([pl.repeat("", height, dtype=pl.String), *parts])).to_series()


def role_values(check: Check, rows: pl.DataFrame) -> dict[str, pl.Series]:
    """Shown values by role, and by fact name without its field: `holder`, `stored`.

    Args:
        rows: engine rows that break the check.
    """
    wanted = placeholders(check)
    columns = {
        role: shown(rows[text_column(field.name)], field, check)
        for role, field in check.roles.items()
        if role in wanted or role == VALUE
    }
    for fact in ("holder", "stored"):
        if fact in wanted and f"fact:{fact}:{check.field.name}" in rows.columns:
            columns[fact] = shown(rows[f"fact:{fact}:{check.field.name}"], check.field, check)
    if "length" in wanted:
        columns["length"] = _lengths(rows[text_column(check.field.name)], check.field)
    missing = pl.Series([None] * rows.height, dtype=pl.String)
    return {**{role: missing for role in check.rule.roles if role not in columns}, **columns}


def _lengths(values: pl.Series, field: Field) -> pl.Series:
    """Characters of each value, or of each part of a list: 18、17."""
    if field.separator is None:
        return values.str.len_chars().cast(pl.String)
    return values.str.split(field.separator).list.eval(pl.element().str.len_chars().cast(pl.String)).list.join("、")


def _cut(texts: pl.Series, limit: int) -> pl.Series:
    if (texts.str.len_chars() <= limit).all():
        return texts
    short = pl.when(texts.str.len_chars() > limit).then(texts.str.slice(0, limit) + "…").otherwise(texts)
    return pl.select(short.alias(texts.name)).to_series()
