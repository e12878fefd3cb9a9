"""Amounts of the spec (金额): the field, its currency, its unit, and the form of the price, by what the contract says.

An amount is a decimal field whose contract names a unit of money: another field that holds the unit (list PRICE_UNIT),
or the unit itself. Its currency is the nearest field of a currency list, its price form the field of PRICE_FORM_CODE.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from contracts.model import DatasetContract, Field, FieldType
from validators.rule import Sight

AMOUNT = "1"  # code list PRICE_FORM_CODE
RATE = "2"
TEN_THOUSAND_YUAN = "1"  # code list PRICE_UNIT
_FORM = "PRICE_FORM_CODE"
_NEAR = 2  # fields away at most
# Units that a contract may name outright -> yuan.
UNITS = {"CNY": 1.0, "yuan": 1.0, "元": 1.0, "CNY10000": 10_000.0, "10k_yuan": 10_000.0, "万元": 10_000.0}


@dataclass(frozen=True, slots=True)
class Amount:
    """Field names of one amount; None where the dataset has no such field."""

    amount: str
    currency: str | None
    unit: str | None
    form: str | None = None

    def roles(self) -> dict[str, str]:
        """Roles of the amount rules: amount, unit, form."""
        named = {"amount": self.amount, "unit": self.unit, "form": self.form}
        return {role: column for role, column in named.items() if column is not None}


def amounts_of(contract: DatasetContract) -> Iterator[Amount]:
    """The amounts of a dataset."""
    names = contract.field_names
    for place, candidate in enumerate(contract.fields):
        if candidate.type is FieldType.DECIMAL and (candidate.unit in names or candidate.unit in UNITS):
            unit = candidate.unit if candidate.unit in names else None
            form = _FORM if unit is not None and _FORM in names else None
            yield Amount(candidate.name, _currency(contract, place), unit, form)


def money(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """每个金额字段及其单位、价款形式 every amount with its unit and price form."""
    yield from (amount.roles() for amount in amounts_of(contract))


def priced(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """有价款形式代码的金额字段 amounts of datasets that tell the price form."""
    yield from (amount.roles() for amount in amounts_of(contract) if amount.form is not None)


def named(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
    """每个金额字段及其币种、单位字段 every amount with each of the fields that name its currency and its unit."""
    for amount in amounts_of(contract):
        for name in (amount.currency, amount.unit):
            if name is not None:
                yield {"amount": amount.amount, "named": name}


def is_amount(sight: Sight) -> pl.Expr:
    """Is the price given as an amount? Yes where the dataset does not say."""
    return (sight["form"].cast(pl.String) == AMOUNT).fill_null(True)


def yuan(sight: Sight) -> pl.Expr:
    """The amount in yuan (Float64: precise enough to compare with a limit); a missing unit counts as yuan."""
    field = sight.fields["amount"]
    if field.unit in UNITS:
        return sight["amount"].cast(pl.Float64) * UNITS[field.unit]
    return in_yuan(sight["amount"], sight["unit"])


def in_yuan(amount: pl.Expr, unit: pl.Expr) -> pl.Expr:
    """An amount with its unit code in yuan (Float64)."""
    ten_thousand = (unit.cast(pl.String) == TEN_THOUSAND_YUAN).fill_null(False)
    return amount.cast(pl.Float64) * pl.when(ten_thousand).then(10_000.0).otherwise(1.0)


def _currency(contract: DatasetContract, place: int) -> str | None:
    near = [
        (abs(other - place), candidate.name)
        for other, candidate in enumerate(contract.fields)
        if abs(other - place) <= _NEAR and _is_currency(candidate)
    ]
    return min(near)[1] if near else None


def _is_currency(candidate: Field) -> bool:
    return (candidate.code_list or "").startswith("CURRENCY")
