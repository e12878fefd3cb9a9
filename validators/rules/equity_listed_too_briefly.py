"""TIM-032, TIM-033: state-owned equity is listed for less than 20 working days (RSN-PROP-001).

The contract counts the period in days and does not say which. Below 20 it is too short by either reading, since 20
calendar days hold fewer working days.
"""

from validators.listed import SHORTER, Listing

RULES = Listing(
    ids=("TIM-032", "TIM-033"),
    dataset="STOCK_LISTING_PUB_INFO",
    subject_zh="产权转让正式信息披露",
    subject_en="the disclosure of an equity transfer",
    legal_source="企业国有资产交易监督管理办法（国资委财政部令32号）第13、18条",
    least=((0, 20),),
    enough=(
        {"published": "20260302", "days": "20", "amount": "1", "unit": "1"},
        {"published": "20160623", "days": "5", "amount": "1", "unit": "1"},
        {"published": "20260302", "days": None, "amount": "1", "unit": "1"},
    ),
    short_by_one=({"published": "20260302", "days": "19", "amount": "1", "unit": "1"},),
    shorter=({"published": "20260302", "days": "18", "amount": "1", "unit": "1"}, *SHORTER),
).rules()
