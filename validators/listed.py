"""How long state-owned property is listed (挂牌期间): one law gives an alert, and a query where one day is missing.

Source: 企业国有资产交易监督管理办法（32号令）, in force since 2016-06-24; one day of tolerance as `lawperiod` has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from contracts.model import DatasetContract, FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.amounts import is_amount, yuan
from validators.rule import Rule, Sight

Rows = Sequence[Mapping[str, str | None]]
IN_FORCE = date(2016, 6, 24)
SHORTER: Rows = ({"published": "20260302", "days": "3", "amount": "2000", "unit": "1"},)
_ROLES = {
    "published": FieldType.DATE,
    "days": FieldType.INTEGER,
    "amount": FieldType.DECIMAL,
    "unit": FieldType.STRING,
    "form": FieldType.STRING,
}
_FIELDS = {"published": "PUBLISH_DATE", "days": "PUBLISH_DURATION", "amount": "PROJECT_PRICE", "unit": "PRICE_UNIT"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The period of one kind of property.

    `least` has (price in yuan, working days) from the highest price down: above that price so many days are needed.
    `enough`, `short_by_one` and `shorter` are example rows, the edges among them.
    """

    ids: tuple[str, str]  # of the alert and of the query
    dataset: str
    subject_zh: str
    subject_en: str
    legal_source: str
    least: Sequence[tuple[int, int]]
    enough: Rows
    short_by_one: Rows
    shorter: Rows

    def rules(self) -> tuple[Rule, Rule]:
        """The alert and the query."""
        wanted = "、".join(f"{price // 10_000}万元以上{days}" if price else str(days) for price, days in self.least)
        expected = f"应不少于{wanted}个工作日"
        alert = Rule(
            id=self.ids[0],
            severity=Severity.ALERT,
            message_zh=f"{self.subject_zh}只有 {{days}} 日（挂牌价 {{amount}}，单位代码 {{unit}}）",
            message_en=f"{self.subject_en} lasts only {{days}} days (price {{amount}}, unit code {{unit}})",
            expected_zh=f"{expected}；数据属实的照常入库，并提示监管部门",
            passes=lambda sight: sight["days"] >= _needed(sight, self.least) - 1,
            passing=(*self.enough, *self.short_by_one),
            failing=self.shorter,
            **self._shared(),
        )
        query = Rule(
            id=self.ids[1],
            severity=Severity.QUERY,
            message_zh=f"{self.subject_zh}为 {{days}} 日，差1日（挂牌价 {{amount}}，单位代码 {{unit}}）",
            message_en=f"{self.subject_en} lasts {{days}} days, one short (price {{amount}}, unit code {{unit}})",
            expected_zh=f"{expected}，请核对挂牌期间",
            passes=lambda sight: sight["days"] != _needed(sight, self.least) - 1,
            passing=(*self.enough, *self.shorter),
            failing=self.short_by_one,
            **self._shared(),
        )
        return alert, query

    def _shared(self) -> dict[str, Any]:
        return {
            "version": 1,
            "stage": Stage.REASONABLENESS,
            "dimension": Dimension.LEGALITY,
            "legal_source": self.legal_source,
            "roles": _ROLES,
            "binds": _places(self.dataset),
            "at": "days",
            "since": IN_FORCE,
            "dated_by": "published",
            "trades": frozenset({"property"}),
        }


def _needed(sight: Sight, least: Sequence[tuple[int, int]]) -> pl.Expr:
    """Working days that the price asks for; null where none, or the price is no amount."""
    price = pl.when(is_amount(sight)).then(yuan(sight))
    found = pl.lit(None, dtype=pl.Int64)
    for above, days in reversed(least):
        found = pl.when(price > above).then(days).otherwise(found)
    return found


def _places(dataset: str) -> Callable[[DatasetContract], Iterator[Mapping[str, str]]]:
    def places(contract: DatasetContract) -> Iterator[Mapping[str, str]]:
        """挂牌披露数据集 the dataset of such listings."""
        if contract.dataset == dataset:
            form = {"form": "PRICE_FORM_CODE"} if "PRICE_FORM_CODE" in contract.field_names else {}
            yield {**_FIELDS, **form}

    return places
