"""AMT-008: land is granted for more than 70 years, the longest term of any use (RSN-LAND-009)."""

from datetime import date

import polars as pl

from contracts.model import FieldType
from exchange_hub.core.records import Dimension, Severity, Stage
from validators.rule import Rule, Sight

LONGEST = 70  # years, of housing
_YEARS = r"^([0-9]{1,6}(?:\.[0-9]{1,4})?)\s*年?$"  # one term; several uses with several terms are left alone


def _holds(sight: Sight) -> pl.Expr:
    return sight.text("years").str.strip_chars().str.extract(_YEARS).cast(pl.Float64, strict=False) <= LONGEST


RULE = Rule(
    id="AMT-008",
    version=1,
    stage=Stage.REASONABLENESS,
    severity=Severity.REJECT,
    dimension=Dimension.REASONABLENESS,
    message_zh="出让年限“{years}”超过70年",
    message_en='a term of "{years}", more than 70 years',
    expected_zh="居住用地出让年限最长70年，工业50年，科教文卫体50年，商旅娱40年，综合50年，请核对年限",
    legal_source="城镇国有土地使用权出让和转让暂行条例第12条",
    roles={"published": FieldType.DATETIME, "years": FieldType.TEXT},
    bindings=({"published": "PUBLISHING_TIME", "years": "LEND_AGE_LIMIT"},),
    at="years",
    passes=_holds,
    trades=frozenset({"land"}),
    since=date(1990, 5, 19),
    dated_by="published",
    passing=(
        {"published": "20260302090000", "years": "70"},
        {"published": "20260302090000", "years": "70年"},
        {"published": "20260302090000", "years": "住宅70年、商业40年"},
        {"published": "20260302090000", "years": None},
    ),
    failing=(
        {"published": "20260302090000", "years": "70.5年"},
        {"published": "20260302090000", "years": "700"},
    ),
)
