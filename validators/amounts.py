"""Amounts of the spec: the field, its currency, its unit, and the form of the price."""

from dataclasses import dataclass

import polars as pl

from validators.rule import Sight

AMOUNT = "1"  # code list PRICE_FORM_CODE
RATE = "2"
TEN_THOUSAND_YUAN = "1"  # code list PRICE_UNIT


@dataclass(frozen=True, slots=True)
class Amount:
    """Field names of one amount; None where the spec has no such field."""

    amount: str
    currency: str | None
    unit: str | None
    form: str | None = None

    def binding(self) -> dict[str, str]:
        """Roles of the amount rules: amount, unit, form."""
        named = {"amount": self.amount, "unit": self.unit, "form": self.form}
        return {role: column for role, column in named.items() if column is not None}


AMOUNTS = (
    Amount("CONTRACT_RECKON_PRICE", "CURRENCY_CODE", "PRICE_UNIT"),
    Amount("DOC_PRICE", "DOC_PRICE_CURRENCY", "DOC_PRICE_UNIT"),
    Amount("BID_PRICE", "PRICE_CURRENCY", "PRICE_UNIT", "PRICE_FORM_CODE"),
    Amount("BID_AMOUNT", "BID_CURRENCY", "PRICE_UNIT", "PRICE_FORM_CODE"),
    Amount("CONTRACT_PRICE", "PRICE_CURRENCY", "PRICE_UNIT", "PRICE_FORM_CODE"),
)


def is_amount(sight: Sight) -> pl.Expr:
    """Is the price given as an amount? Yes where the dataset does not say."""
    return (sight["form"].cast(pl.String) == AMOUNT).fill_null(True)


def yuan(sight: Sight) -> pl.Expr:
    """The amount in yuan (Float64: precise enough to compare with a limit); a missing unit counts as yuan."""
    factor = (
        pl.when((sight["unit"].cast(pl.String) == TEN_THOUSAND_YUAN).fill_null(False)).then(10_000.0).otherwise(1.0)
    )
    return sight["amount"].cast(pl.Float64) * factor
