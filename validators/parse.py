"""Text to types, strictly: what is not written exactly as the spec says becomes null.

polars alone is too kind: it takes a leading blank, 13-digit dates, second 60, "1e2", "inf" and rounds decimals, so
each form is guarded by an anchored pattern first.
"""

import polars as pl

from contracts.model import FieldType

INTEGER_FORM = "^-?[0-9]+$"
DECIMAL_FORM = r"^-?[0-9]+(\.[0-9]+)?$"
DECIMAL_PRECISION = 38
DECIMAL_SCALE = 6
ZONE = "Asia/Shanghai"
_DAY = "(19|20|21)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])"
DATE_FORM = f"^{_DAY}$"
DATETIME_FORM = f"^{_DAY}([01][0-9]|2[0-3])[0-5][0-9][0-5][0-9]$"

DTYPES: dict[FieldType, pl.DataType] = {
    FieldType.STRING: pl.String(),
    FieldType.TEXT: pl.String(),
    FieldType.INTEGER: pl.Int64(),
    FieldType.DECIMAL: pl.Decimal(DECIMAL_PRECISION, DECIMAL_SCALE),
    FieldType.DATETIME: pl.Datetime("us", ZONE),
    FieldType.DATE: pl.Date(),
    FieldType.BOOLEAN: pl.Boolean(),
}


def present(text: pl.Expr) -> pl.Expr:
    """The text as sent; empty text and white space alone become null."""
    return pl.when(text.str.strip_chars().str.len_bytes() > 0).then(text)


def as_integer(text: pl.Expr) -> pl.Expr:
    """Int64; null for anything but digits with an optional minus, and beyond 64 bits."""
    return _guarded(text, INTEGER_FORM).cast(pl.Int64, strict=False)


def as_decimal(text: pl.Expr) -> pl.Expr:
    """Decimal(38, 6); null beyond 32 digits before or 6 after the point, so that nothing is ever rounded."""
    return _guarded(text, r"^-?[0-9]{1,32}(\.[0-9]{1,6})?$").cast(DTYPES[FieldType.DECIMAL], strict=False)


def as_datetime(text: pl.Expr) -> pl.Expr:
    """Moment in Asia/Shanghai from yyyyMMddHHmmss; null for moments that do not exist."""
    naive = _guarded(text, DATETIME_FORM).str.to_datetime("%Y%m%d%H%M%S", time_unit="us", strict=False, cache=False)
    return naive.dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")


def as_date(text: pl.Expr) -> pl.Expr:
    """Day from yyyyMMdd; null for days that do not exist."""
    return _guarded(text, DATE_FORM).str.to_date("%Y%m%d", strict=False, cache=False)


def as_boolean(text: pl.Expr) -> pl.Expr:
    """True for 1, false for 0, else null."""
    return pl.when(text == "1").then(True).when(text == "0").then(False)


def typed(text: pl.Expr, field_type: FieldType) -> pl.Expr:
    """The value in the type that the contract gives the field."""
    parsers = {
        FieldType.INTEGER: as_integer,
        FieldType.DECIMAL: as_decimal,
        FieldType.DATETIME: as_datetime,
        FieldType.DATE: as_date,
        FieldType.BOOLEAN: as_boolean,
    }
    return parsers[field_type](text) if field_type in parsers else text


def _guarded(text: pl.Expr, form: str) -> pl.Expr:
    return pl.when(text.str.contains(form)).then(text)
