"""AMT: amounts of money, points, ranks and terms of years that can hardly be true."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from contracts.model import DatasetContract, FieldType
from tests.validators.oracle.bound import Bound, Many, Roles
from tests.validators.oracle.values import Looks, Wrong
from tests.validators.oracle.view import View

YUAN_OF = {"CNY": 1, "yuan": 1, "元": 1, "CNY10000": 10_000, "10k_yuan": 10_000, "万元": 10_000}
AWARDS = ("BID_AMOUNT", "CONTRACT_PRICE")


@dataclass(frozen=True)
class Amount:
    """Fields of an amount, of its currency, of its unit, and of the form of its price."""

    amount: str
    currency: str | None
    unit: str | None
    form: str | None

    @property
    def roles(self) -> dict[str, str]:
        """What the rules on amounts read."""
        return {
            role: name for role, name in (("amount", self.amount), ("unit", self.unit), ("form", self.form)) if name
        }


def amounts(contract: DatasetContract) -> Iterator[Amount]:
    """Decimals whose unit is money, or is told by another field; the currency is at most two fields away."""
    names = [field.name for field in contract.fields]
    money = [at for at, field in enumerate(contract.fields) if (field.code_list or "").startswith("CURRENCY")]
    for at, field in enumerate(contract.fields):
        if field.type is FieldType.DECIMAL and (field.unit in names or field.unit in YUAN_OF):
            near = sorted((abs(other - at), names[other]) for other in money if abs(other - at) <= 2)
            unit = field.unit if field.unit in names else None
            form = "PRICE_FORM_CODE" if unit and "PRICE_FORM_CODE" in names else None
            yield Amount(field.name, near[0][1] if near else None, unit, form)


def money(contract: DatasetContract) -> Iterator[Roles]:
    """Every amount."""
    yield from (amount.roles for amount in amounts(contract))


def priced(contract: DatasetContract) -> Iterator[Roles]:
    """Amounts of datasets that tell the form of the price."""
    yield from (amount.roles for amount in amounts(contract) if amount.form)


def _too_large(seen: Bound) -> bool:
    return (_yuan(seen) or 0) > 3_000_000_000


def _not_positive(seen: Bound) -> bool:
    amount = seen.number("amount")
    return seen.text("form") == "1" and amount is not None and amount <= 0


def _negative(seen: Bound) -> bool:
    amount = seen.number("amount")
    return amount is not None and amount < 0


def _other_amounts(contract: DatasetContract) -> Iterator[Roles]:
    yield from ({"amount": one.amount} for one in amounts(contract) if one.amount not in AWARDS)


def _term(dataset: str) -> dict[str, Any]:
    def finds(contract: DatasetContract) -> Iterator[Roles]:
        if contract.dataset.startswith(dataset):
            yield {"published": "PUBLISHING_TIME", "years": "QT_PLAN_YEARS"}

    mining = {"trades": frozenset({"mining"}), "since": date(2025, 7, 1), "dated_by": "published"}
    return {"types": {"published": "moment", "years": "number"}, "at": "years", "finds": finds, **mining}


def _years(seen: Bound) -> Decimal | None:
    return seen.number("years")


def _land_term(seen: Bound) -> bool:
    found = re.fullmatch(r"([0-9]{1,6}(?:\.[0-9]{1,4})?)\s*年?", (seen.text("years") or "").strip())
    return found is not None and Decimal(found[1]) > 70


def _odd_rank(view: View, name: str) -> bool:
    rank = view.number(name)
    return rank is not None and (rank < 0 or rank != int(rank))


def _less_than_nothing(view: View, name: str) -> bool:
    number = view.number(name)
    return number is not None and number < 0


def _yuan(seen: Bound) -> Decimal | None:
    amount = seen.number("amount")
    if amount is None or seen.text("form") not in (None, "1"):
        return None
    unit = seen.view.contract.field(seen.roles["amount"]).unit
    return amount * YUAN_OF.get(unit or "", 10_000 if seen.text("unit") == "1" else 1)


def _listed(dataset: str, least: dict[int, int], short: Callable[[int], bool]) -> Many:
    """Property listed so many days less than its price, in yuan, asks for; the highest price first."""

    def finds(contract: DatasetContract) -> Iterator[Roles]:
        names = {
            "published": "PUBLISH_DATE",
            "days": "PUBLISH_DURATION",
            "amount": "PROJECT_PRICE",
            "unit": "PRICE_UNIT",
        }
        if contract.dataset == dataset:
            yield names | ({"form": "PRICE_FORM_CODE"} if "PRICE_FORM_CODE" in contract.field_names else {})

    def broken(seen: Bound) -> bool:
        price, days = _yuan(seen), seen.integer("days")
        needed = next((least[above] for above in least if price is not None and price > above), None)
        return days is not None and needed is not None and short(needed - days)

    types = {"published": "date", "days": "integer", "amount": "number", "unit": "text", "form": "text"}
    return Many(
        types=types,
        at="days",
        broken=broken,
        finds=finds,
        trades=frozenset({"property"}),
        since=date(2016, 6, 24),
        dated_by="published",
    )


EQUITY, ASSETS = {0: 20}, {10_000_000: 20, 1_000_000: 10}
RULES: dict[str, Many] = {
    "TIM-032": _listed("STOCK_LISTING_PUB_INFO", EQUITY, lambda lacking: lacking > 1),
    "TIM-033": _listed("STOCK_LISTING_PUB_INFO", EQUITY, lambda lacking: lacking == 1),
    "TIM-034": _listed("LISTING_PUB_INFO", ASSETS, lambda lacking: lacking > 1),
    "TIM-035": _listed("LISTING_PUB_INFO", ASSETS, lambda lacking: lacking == 1),
    "AMT-001": Many(
        types={"amount": "number", "unit": "text", "form": "text"}, at="amount", broken=_too_large, finds=money
    ),
    "AMT-002": Many(
        types={"amount": "number", "form": "text"},
        at="amount",
        broken=_not_positive,
        fields=tuple({"amount": name, "form": "PRICE_FORM_CODE"} for name in AWARDS),
    ),
    "AMT-003": Many(types={"amount": "number"}, at="amount", broken=_negative, finds=_other_amounts),
    "AMT-006": Many(broken=lambda seen: (_years(seen) or 0) > 30, **_term("MINING_")),
    "AMT-007": Many(broken=lambda seen: _years(seen) not in (None, 5), **_term("EXPLOR_")),
    "AMT-008": Many(
        types={"published": "moment", "years": "text"},
        at="years",
        broken=_land_term,
        fields=({"published": "PUBLISHING_TIME", "years": "LEND_AGE_LIMIT"},),
        trades=frozenset({"land"}),
        since=date(1990, 5, 19),
        dated_by="published",
    ),
}
OF_A_FIELD: dict[str, tuple[Looks, Wrong]] = {
    "AMT-004": (
        lambda field, _: field.type is FieldType.DECIMAL and field.name.endswith("_POINTS"),
        lambda view, field: _less_than_nothing(view, field.name),
    ),
    "AMT-009": (
        lambda field, _: field.name == "WIN_CANDIDATE_ORDER",
        lambda view, field: (view.integer(field.name) or 0) > 3,
    ),
    "AMT-005": (lambda field, _: field.name == "RANK", lambda view, field: _odd_rank(view, field.name)),
}
