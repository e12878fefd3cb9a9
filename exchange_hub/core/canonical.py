"""Canonical text of a typed record and its hash: what evidence is computed over.

One record is the concatenation, for each field in the given order, of a presence mark and the value in the
spec's own form, each part ended by a separator that cannot occur in a value unescaped:

    V<value>\\x1f   a value;  N\\x1f   no value

Values: text as it is, with `\\`, the separators and line ends escaped; integers in decimal; decimals with exactly
six digits after the point; date-times as yyyyMMddHHmmss Beijing time; dates as yyyyMMdd; booleans as 0 or 1.
A change here changes every hash: it needs a new evidence version.
"""

import hashlib
from collections.abc import Sequence
from functools import partial

import polars as pl

VERSION = "1"
SEPARATOR = "\x1f"


def as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    """Expression: the column's values as text in the spec's own form; null stays null."""
    column = pl.col(name)
    if isinstance(dtype, pl.Datetime):
        return column.dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y%m%d%H%M%S")
    if isinstance(dtype, pl.Date):
        return column.dt.strftime("%Y%m%d")
    if isinstance(dtype, pl.Boolean):
        return pl.when(column).then(pl.lit("1")).when(~column).then(pl.lit("0")).otherwise(None)
    if isinstance(dtype, pl.Decimal):
        return column.cast(pl.Decimal(38, 6)).cast(pl.String)
    return column.cast(pl.String)


def canonical_texts(frame: pl.DataFrame, fields: Sequence[str]) -> pl.Series:
    """Canonical text of each record over `fields`, in that order.

    Args:
        frame: typed rows, one a record, with all of `fields`.
    """
    schema = frame.schema
    return joined(frame.select(as_text(name, schema[name]).alias(name) for name in fields))


def joined(texts: pl.DataFrame) -> pl.Series:
    """Canonical text of each record from the texts of its fields (see `as_text`), null where there is no value.

    Hardly any record holds a character that must be escaped: those that do are looked for when all are joined.
    """
    names = texts.columns
    plain = [pl.concat_str(pl.lit("V"), name, pl.lit(SEPARATOR)).fill_null("N" + SEPARATOR) for name in names]
    made = texts.select(pl.concat_str(plain).alias("canonical")).to_series()
    odd = made.str.contains(r"[\\\r\n]") | (made.str.count_matches(SEPARATOR, literal=True) != len(names))
    if not odd.any():
        return made
    escaped = texts.filter(odd).select(pl.concat_str([part(pl.col(name)) for name in names])).to_series()
    return made.scatter(odd.arg_true(), escaped)


def hash_records(frame: pl.DataFrame, fields: Sequence[str], algorithm: str = "sha256") -> pl.Series:
    """Hash (hex) of each record's canonical text over `fields`, in that order.

    Args:
        frame: typed rows, one a record, with all of `fields`.
        algorithm: sha256, or sm3 where OpenSSL has it.

    Returns:
        Series of 64-character lower-case hex strings, in row order.
    """
    return hash_texts(canonical_texts(frame, fields), algorithm)


def hash_texts(texts: pl.Series, algorithm: str = "sha256") -> pl.Series:
    """Hash (hex) of each text, in order."""
    made = hashlib.sha256 if algorithm == "sha256" else partial(hashlib.new, algorithm)
    digests = [made(text).hexdigest() for text in texts.cast(pl.Binary).to_list()]
    return pl.Series("_record_hash", digests, dtype=pl.String)


def part(text: pl.Expr) -> pl.Expr:
    """Expression: what the text of one field adds to the canonical text."""
    text = text.str.replace_all("\\", "\\\\", literal=True).str.replace_all(SEPARATOR, "\\u001f", literal=True)
    text = text.str.replace_all("\r", "\\r", literal=True).str.replace_all("\n", "\\n", literal=True)
    return pl.when(text.is_null()).then(pl.lit("N" + SEPARATOR)).otherwise(pl.lit("V") + text + pl.lit(SEPARATOR))
