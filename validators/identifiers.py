"""Identifiers of the exchange spec as polars expressions over text: true = holds, null = not applicable.

Each function takes an expression of text (null stays null) and never runs Python per row. Patterns are written
with `[0-9]`, since `\\d` also matches full-width digits. `FORMS` maps the names that a contract field may carry in
`identifier` to the pattern of one value; names without a pattern there are checked by a rule of their own.

Source: identifiers of the exchange spec, GB 32100-2015, GB 11714, GB 11643, GB/T 17710.
"""

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from exchange_hub.core.check_digits import DEAL_ALPHABET, PERSON_WEIGHTS, USCC_WEIGHTS

_USCC_CHARS = "[0-9A-HJ-NPQRTUWXY]"
USCC_FORM = f"^{_USCC_CHARS}{{2}}[0-9]{{6}}{_USCC_CHARS}{{10}}$"
ORG_CODE_FORM = "^[0-9A-Z]{8}-?[0-9X]$"
DEAL_FORM = f"^[A-Z][0-9]{{2}}-{_USCC_CHARS}{{18}}-[0-9]{{8}}-[0-9]{{6}}-[0-9A-Z*]$"
PERSON_FORM = "^[1-9][0-9]{5}(18|19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]$"
DATA_KEY_FORM = "^[0-9A-Za-z]{22}$"

# identifier name of a contract field -> anchored pattern of one value
FORMS: dict[str, str] = {
    "project_code": "^[A-Z][0-9]{16}$",
    "tender_project_code": "^[A-Z][0-9]{19}$",
    "section_code": "^[A-Z][0-9]{22}$",
    "unified_deal_code": DEAL_FORM,
    "invest_project_code": "^[0-9]{4}-[0-9]{6}-[0-9]{2}-[0-9]{2}-[0-9]{6}$",
    "region_code": "^[1-9][0-9]{5}$",
    "email": r"^[0-9A-Za-z._%+\-]+@[0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)+$",
    "phone": r"^\+?[0-9][0-9\-\s()（）转]{5,}[0-9)）]$",
    "url": "^(?i:https?|ftp|sftp|s3|rtsp|rtmp|rtsps|rtmps)://[^\\s/?#]+[^\\s]*$",
}
# names that have a rule of their own
SPECIAL = frozenset({"social_credit_code", "person_id", "platform_code", "industry_code"})
IDENTIFIERS = frozenset(FORMS) | SPECIAL


def matches(text: pl.Expr, form: str) -> pl.Expr:
    """Does each value match the anchored pattern?"""
    return text.str.contains(form)


def uscc(text: pl.Expr) -> pl.Expr:
    """Unified social credit code (统一社会信用代码): form and check character."""
    codes = _bytes(text, USCC_FORM, 18)
    total = _weighted(codes, _uscc_value, (*USCC_WEIGHTS, 1))
    return _of_values(text, matches(text, USCC_FORM) & (total % 31 == 0))


def org_code(text: pl.Expr) -> pl.Expr:
    """Old organisation code (组织机构代码), with or without its hyphen: form and check character."""
    plain = text.str.replace("-", "", literal=True)
    codes = _bytes(plain, "^[0-9A-Z]{8}[0-9X]$", 9)
    body = _weighted(codes, _alnum_value, (3, 7, 9, 10, 5, 8, 4, 2, 0))
    last = codes.arr.get(8).cast(pl.Int32)
    check = pl.when(last == 88).then(10).otherwise(last - 48)
    return _of_values(text, matches(text, ORG_CODE_FORM) & ((body + check) % 11 == 0))


def deal_check(text: pl.Expr) -> pl.Expr:
    """Unified trading identifier (统一交易标识码): check character only; null where the form is wrong."""
    good = matches(text, DEAL_FORM)
    plain = text.str.replace_all("-", "", literal=True)
    codes = _bytes(plain, "^[0-9A-Z]{35}[0-9A-Z*]$", 36)
    weights = tuple(pow(2, 35 - position, 37) for position in range(36))
    total = _weighted(codes, _alnum_value, weights)
    return pl.when(good).then(total % 37 == 1)


def person_id(text: pl.Expr) -> pl.Expr:
    """Citizen identity number (公民身份号码): form, a month and day that may be, check character."""
    codes = _bytes(text, PERSON_FORM, 18)
    total = _weighted(codes, _digit_value, (*PERSON_WEIGHTS, 1))
    return _of_values(text, matches(text, PERSON_FORM) & (total % 11 == 1))


def _of_values(text: pl.Expr, holds: pl.Expr) -> pl.Expr:
    """Null where there is no value: "null and false" would be false."""
    return pl.when(text.is_not_null()).then(holds)


def _bytes(text: pl.Expr, form: str, width: int) -> pl.Expr:
    """Each value as an array of its bytes; what does not match the form becomes zeros."""
    safe = pl.when(matches(text, form)).then(text).otherwise(pl.lit("0" * width))
    return safe.cast(pl.Binary).bin.reinterpret(dtype=pl.Array(pl.UInt8, width))


def _weighted(codes: pl.Expr, value: Callable[[pl.Expr], pl.Expr], weights: Sequence[int]) -> pl.Expr:
    """Sum of value x weight over the characters (Int32). The values are found as bytes, a quarter of the memory."""
    literal = pl.lit(pl.Series([list(weights)], dtype=pl.Array(pl.Int32, len(weights))))
    return (codes.arr.eval(value(pl.element()).cast(pl.Int32)) * literal).arr.sum()


def _digit_value(code: pl.Expr) -> pl.Expr:
    return pl.when(code == 88).then(10).otherwise(code - 48)


def _alnum_value(code: pl.Expr) -> pl.Expr:
    star = len(DEAL_ALPHABET) - 1
    return pl.when(code == 42).then(star).when(code <= 57).then(code - 48).otherwise(code - 55)


def _uscc_value(code: pl.Expr) -> pl.Expr:
    """Index in the alphabet, which leaves out I, O, S, V and Z: behind each of them one less."""
    value: Any = pl.when(code <= 57).then(code - 48)
    for left_out, letter in enumerate("IOSV"):
        value = value.when(code <= ord(letter)).then(code - (55 + left_out))
    found: pl.Expr = value.otherwise(code - 59)
    return found
