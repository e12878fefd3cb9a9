"""TIM-023, TIM-024: land is listed for less than 10 days (RSN-LAND-002)."""

from datetime import date

from validators.lawperiod import LegalMinimum

RULES = LegalMinimum(
    alert_id="TIM-023",
    query_id="TIM-024",
    shortest=10,
    period_zh="挂牌时间",
    period_en="the listing",
    legal_source="招标拍卖挂牌出让国有建设用地使用权规定（国土资源部39号令）第18条",
    since=date(2007, 11, 1),
    bindings=({"start": "LISTING_START_TIME", "end": "LISTING_DEADLINE"},),
    trades=frozenset({"land"}),
    enough=(
        {"start": "20260302090000", "end": "20260312090000"},
        {"start": "20260302090000", "end": None},
        {"start": "20071031090000", "end": "20071102090000"},
    ),
    short_by_one=({"start": "20260302090000", "end": "20260311170000"},),
    shorter=({"start": "20260302090000", "end": "20260310170000"},),
).rules()
